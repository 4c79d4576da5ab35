// SPDX-License-Identifier: Apache-2.0
// The Verilog of a unit behind the AXI4 edge, Verilated, with the memory of the benches. It knows no SystemC: the
// caller says in which cycle of the platform an access comes. The clock of an idle unit stands still, as in
// rtl/soc/tern_soc.v.
#ifndef TERN_SIM_DEVICES_VP_VERILATED_VERILATED_UNIT_HPP
#define TERN_SIM_DEVICES_VP_VERILATED_VERILATED_UNIT_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cmodel/device/memory.h"
#include "sim/lib/axi_memory_config.hpp"

namespace tern_vp {

// X(name) of the units that can be Verilated.
#define TERN_VP_VERILATED_LIST(X) X(matmul) X(vector) X(attention)

// A run from its first cycle to its end, and the beats that memory moved for it.
struct VerilatedRun {
    uint64_t begin, end, read_beats, written_beats;
};

class VerilatedUnit {
  public:
    // name: for sentences.
    explicit VerilatedUnit(std::string name) : name_(std::move(name)) {
    }
    virtual ~VerilatedUnit() = default;

    // Device memory: `data` has the bytes of device addresses [base, base + bytes).
    virtual void map(uint64_t base, uint8_t *data, uint64_t bytes) = 0;
    // Accesses to these addresses end in an error from now on. hangs: memory does not answer, so no run ends.
    virtual void set_faults(uint64_t error_base, uint64_t error_bytes, bool hangs) = 0;
    // The first rule that the unit broke: of a port, or that an access and a run end. Empty: none.
    std::string broken_rule() const;

    // Hears of each run at its end.
    void observe(std::function<void(const VerilatedRun &)> receiver) {
        receiver_ = std::move(receiver);
    }
    // Accesses in cycle `now`. A unit whose time is further does not go back.
    uint32_t read(uint32_t offset, uint64_t now);
    void write(uint32_t offset, uint32_t value, tern_window window, uint64_t now);
    // The cycle in which the last run ended. Of a run under way that does not end soon: a cycle before its end, behind
    // `now`. The unit's time is then up to kAhead cycles behind `now`.
    uint64_t idle_from(uint64_t now);

  protected:
    virtual bool is_idle() const = 0;
    virtual uint64_t read_beats() const = 0; // that memory has moved
    virtual uint64_t written_beats() const = 0;
    virtual std::string broken_port() const = 0;
    // A cycle without and with an access to the registers. Returns whether the access has ended.
    virtual void tick() = 0;
    virtual bool access(bool is_write, uint32_t offset, uint32_t *value) = 0;
    virtual void set_window(tern_window window) = 0;

    const std::string name_;

  private:
    static constexpr uint64_t kAhead = 16;

    void run_to(uint64_t now);
    uint32_t finish_access(bool is_write, uint32_t offset, uint32_t value);
    void count_cycle();
    void follow_run();

    std::function<void(const VerilatedRun &)> receiver_;
    bool is_running_ = false;
    VerilatedRun last_ = {};         // its beats: all up to its end
    uint64_t time_ = 0, ended_ = 0;  // cycles of the platform
    uint64_t moved_ = 0, beats_ = 0; // the last cycle without a run or with a beat, and the beats by then
    unsigned hold_ = 0;              // cycles that the clock goes on
    bool is_deaf_ = false;           // an access did not end
};

// The unit of this name; nullptr when there is none.
std::unique_ptr<VerilatedUnit> make_verilated_unit(const std::string &name, const tern_bench::AxiMemoryConfig &config);

} // namespace tern_vp

#endif
