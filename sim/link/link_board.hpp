// SPDX-License-Identifier: Apache-2.0
// The Verilated link with memory and registers behind it: bytes in, bytes out, cycle by cycle.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/lib/axi_memory.hpp"
#include "sim/lib/random.hpp"

namespace tern_bench {

// What AXI4-Lite leads to. False: the slave answers SLVERR.
class LinkRegisters {
  public:
    virtual ~LinkRegisters() = default;
    virtual bool read(uint32_t address, uint32_t *value) = 0;
    virtual bool write(uint32_t address, uint32_t value) = 0;
};

// Whether what carries the bytes has some under way (carrier.hpp). A link alone has no carrier.
template <class Top> auto carrier_is_busy(const Top &top, int) -> decltype(top.is_busy()) {
    return top.is_busy();
}
template <class Top> bool carrier_is_busy(const Top &, long) {
    return false;
}

template <class Top> class LinkBoard {
  public:
    // stalls: random back-pressure on every channel, in percent of the cycles.
    LinkBoard(LinkRegisters &registers, unsigned stalls, uint64_t seed)
        : registers_(registers), random_(seed), stalls_(stalls), axi_(TERN_AXI_PORTS(top_, m_axi_)) {
        reset(true);
    }
    ~LinkBoard() {
        top_.final();
    }

    Top &top() {
        return top_;
    }
    AxiMemory<16> &memory() {
        return axi_;
    }

    void reset(bool with_memory) {
        top_.rst_n = 0;
        top_.m_axi_rst_n = !with_memory;
        bytes_.clear();
        for (unsigned i = 0; i < 8; i++) {
            cycle();
        }
        if (with_memory) {
            axi_.reset();
        }
        datagrams_.clear();
        datagram_.clear();
        addressed_ = worded_ = answered_ = false;
        top_.rst_n = top_.m_axi_rst_n = 1;
    }

    // Bytes that come in the next cycles. `last` is with the last one.
    void feed(const uint8_t *bytes, size_t size) {
        for (size_t i = 0; i < size; i++) {
            bytes_.push_back({bytes[i], i + 1 == size});
        }
    }

    void cycle() {
        offer_byte();
        offer_registers();
        top_.m_ready = !stall();
        quiet_++;
        axi_.tick(top_, [this] { look(); });
        cycles_++;
    }

    // Nothing happens any more before the next byte.
    void settle() {
        for (quiet_ = 0; quiet_ < kQuietCycles || !bytes_.empty();) {
            cycle();
        }
    }

    // The oldest datagram that is whole; empty for none. All bytes so far of a stream.
    std::vector<uint8_t> take_datagram() {
        std::vector<uint8_t> first;
        if (!datagrams_.empty()) {
            first = datagrams_.front();
            datagrams_.pop_front();
        }
        return first;
    }
    std::vector<uint8_t> take_stream() {
        std::vector<uint8_t> all;
        all.swap(datagram_);
        return all;
    }
    uint64_t cycles() const {
        return cycles_;
    }

  private:
    static constexpr unsigned kQuietCycles = 40;
    struct Byte {
        uint8_t value;
        bool last;
    };

    bool stall() {
        return stalls_ && random_.percent(stalls_);
    }

    void offer_byte() {
        top_.s_valid = !bytes_.empty() && !stall();
        if (top_.s_valid) {
            top_.s_data = bytes_.front().value;
            top_.s_last = bytes_.front().last;
            bytes_.pop_front();
            quiet_ = 0;
        }
    }

    // Address and data of a write are taken in any order, and the answer comes some time after both.
    void offer_registers() {
        top_.m_axil_awready = !addressed_ && !answered_ && !stall();
        top_.m_axil_wready = !worded_ && !answered_ && !stall();
        top_.m_axil_arready = !answered_ && !addressed_ && !stall();
        top_.m_axil_bvalid = answered_ && is_write_;
        top_.m_axil_rvalid = answered_ && !is_write_;
        top_.m_axil_bresp = top_.m_axil_rresp = refused_ ? 2 : 0;
        top_.m_axil_rdata = answered_ && !is_write_ ? word_ : random_.bits32();
    }

    void look() {
        if (top_.m_valid && top_.m_ready) {
            datagram_.push_back(top_.m_data);
            if (top_.m_last) {
                datagrams_.push_back(datagram_);
                datagram_.clear();
            }
        }
        if (top_.m_valid || top_.m_axil_awvalid || top_.m_axil_arvalid || answered_ || addressed_ || !axi_.idle() ||
            carrier_is_busy(top_, 0)) {
            quiet_ = 0;
        }
        look_at_registers();
    }

    void look_at_registers() {
        answered_ = answered_ && !(is_write_ ? top_.m_axil_bready : top_.m_axil_rready);
        if (top_.m_axil_awvalid && top_.m_axil_awready) {
            address_ = top_.m_axil_awaddr;
            addressed_ = true;
        }
        if (top_.m_axil_wvalid && top_.m_axil_wready) {
            word_ = top_.m_axil_wdata;
            worded_ = true;
        }
        if (addressed_ && worded_ && !stall()) {
            refused_ = !registers_.write(address_, word_);
            addressed_ = worded_ = false;
            answered_ = is_write_ = true;
        } else if (top_.m_axil_arvalid && top_.m_axil_arready) {
            refused_ = !registers_.read(top_.m_axil_araddr, &word_);
            answered_ = true;
            is_write_ = false;
        }
    }

    LinkRegisters &registers_;
    Random random_;
    unsigned stalls_;
    Top top_;
    AxiMemory<16> axi_;
    std::deque<Byte> bytes_;
    std::deque<std::vector<uint8_t>> datagrams_;
    std::vector<uint8_t> datagram_;
    bool addressed_ = false, worded_ = false, answered_ = false, is_write_ = false, refused_ = false;
    uint32_t address_ = 0, word_ = 0;
    uint64_t cycles_ = 0;
    unsigned quiet_ = 0;
};

} // namespace tern_bench
