// SPDX-License-Identifier: Apache-2.0
// Device memory behind a board's real controller, for the Verilated SoC of one lane: rtl/memory/tern_memory_port.v and
// the generated litedram_core, Verilated apart. They see every burst and say when each beat passes: rows, banks, turns
// of the bus and refreshes are theirs. The bytes are the host's, at device addresses. The model's own memory has few
// rows, so addresses that are equal modulo its size are one row to it.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>

#include "Vtern_memory_ecpix5.h"
#include "sim/lib/axi_memory.hpp"

namespace tern_bench {

class ControllerMemory {
  public:
    ControllerMemory(const AxiPorts &ports, uint64_t base, uint8_t *data, uint64_t bytes)
        : ports_(ports), base_(base), data_(data), bytes_(bytes), model_(new Vtern_memory_ecpix5) {
        start();
        drive();
    }
    ~ControllerMemory() {
        model_->final();
    }

    // Runs one clock of the SoC and of the controller. `settled` is called before the edge.
    template <class Top, class Settled> void tick(Top &top, Settled settled) {
        top.clk = 0;
        top.eval();
        settled();
        take_reads();
        take_writes();
        clock();
        top.clk = 1;
        top.eval();
        drive();
    }

  private:
    static constexpr uint64_t kModelBase = 0x1'0000'0000, kModelBytes = uint64_t{1} << TERN_CONTROLLER_MEMORY_LOG2;
    static constexpr unsigned kBeatBytes = 16, kResetCycles = 16, kRegisterCycles = 16;
    struct Burst {
        uint64_t address;
        unsigned beats;
    };

    void clock() {
        model_->clk = 0;
        model_->eval();
        model_->clk = 1;
        model_->eval();
    }

    // Reset, then the register init_done: the model of the PHY needs no more.
    void start() {
        model_->rst_n = 0;
        for (unsigned i = 0; i < kResetCycles; i++) {
            clock();
        }
        model_->rst_n = 1;
        model_->c_access = model_->c_write = 1;
        model_->c_write_data = 1;
        for (unsigned i = 0; i < kRegisterCycles && !model_->c_ready; i++) {
            clock();
        }
        model_->c_access = 0;
        clock();
    }

    uint64_t model_address(uint64_t address) const {
        return kModelBase + (address - base_) % kModelBytes;
    }
    uint8_t *find(uint64_t address) const {
        return address - base_ < bytes_ ? data_ + (address - base_) : nullptr;
    }

    void take_reads() {
        model_->s_axi_arvalid = ports_.arvalid;
        model_->s_axi_araddr = model_address(ports_.araddr);
        model_->s_axi_arlen = ports_.arlen;
        model_->s_axi_arid = ports_.arid;
        model_->s_axi_rready = ports_.rready;
        if (ports_.rvalid && ports_.rready && step(reads_.front())) {
            reads_.pop_front();
        }
        if (ports_.arvalid && ports_.arready) {
            reads_.push_back({ports_.araddr, ports_.arlen + 1u});
        }
    }

    void take_writes() {
        model_->s_axi_awvalid = ports_.awvalid;
        model_->s_axi_awaddr = model_address(ports_.awaddr);
        model_->s_axi_awlen = ports_.awlen;
        model_->s_axi_awid = ports_.awid;
        model_->s_axi_wvalid = ports_.wvalid;
        model_->s_axi_wlast = ports_.wlast;
        model_->s_axi_bready = ports_.bready;
        std::memcpy(&model_->s_axi_wstrb, ports_.wstrb, sizeof model_->s_axi_wstrb);
        if (ports_.wvalid && ports_.wready) {
            store();
        }
        if (ports_.awvalid && ports_.awready) {
            writes_.push_back({ports_.awaddr, ports_.awlen + 1u});
        }
    }

    // Past a beat; true at the end of the burst.
    static bool step(Burst &burst) {
        burst.address += kBeatBytes;
        return --burst.beats == 0;
    }

    // The port takes data only after their address.
    void store() {
        uint8_t *to = find(writes_.front().address);
        const uint8_t *from = static_cast<const uint8_t *>(ports_.wdata);
        for (unsigned i = 0; to && i < kBeatBytes; i++) {
            if (model_->s_axi_wstrb >> i & 1) {
                to[i] = from[i];
            }
        }
        if (step(writes_.front())) {
            writes_.pop_front();
        }
    }

    // The answers of this cycle come from registers of the port alone.
    void drive() {
        ports_.arready = model_->s_axi_arready;
        ports_.awready = model_->s_axi_awready;
        ports_.wready = model_->s_axi_wready;
        ports_.rvalid = model_->s_axi_rvalid;
        ports_.rid = model_->s_axi_rid;
        ports_.rlast = model_->s_axi_rlast;
        if (ports_.rvalid) {
            const uint8_t *from = find(reads_.front().address);
            ports_.rresp = from ? 0 : 3;
            from ? std::memcpy(ports_.rdata, from, kBeatBytes) : std::memset(ports_.rdata, 0, kBeatBytes);
        }
        ports_.bvalid = model_->s_axi_bvalid;
        ports_.bid = model_->s_axi_bid;
        ports_.bresp = model_->s_axi_bresp;
    }

    AxiPorts ports_;
    uint64_t base_;
    uint8_t *data_;
    uint64_t bytes_;
    std::unique_ptr<Vtern_memory_ecpix5> model_;
    std::deque<Burst> reads_, writes_;
};

} // namespace tern_bench
