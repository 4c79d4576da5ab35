// SPDX-License-Identifier: Apache-2.0
// The units of the hardware as TLM targets around the units of cmodel/device. There is no second model of what a unit
// computes. A run is computed at its end, which timing.h estimates at its start. What asks for the state of a unit says
// when: a run whose end is past by then is done first. So a core that runs ahead of SystemC's time sees the right
// state.
#ifndef TERN_SIM_DEVICES_VP_UNIT_HPP
#define TERN_SIM_DEVICES_VP_UNIT_HPP

#include "sim/devices/vp/clock.hpp"

#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "cmodel/device/attention.h"
#include "cmodel/device/dma.h"
#include "cmodel/device/matmul.h"
#include "cmodel/device/vector.h"
#include "sim/devices/vp/observer.hpp"
#include "sim/devices/vp/system.hpp"
#include "sim/devices/vp/timing.h"
#include "sim/devices/vp/verilated/verilated_unit.hpp"

namespace tern_vp {

class Unit : public sc_core::sc_module {
  public:
    tlm_utils::simple_target_socket<Unit> registers{"registers"};
    tlm_utils::simple_initiator_socket<Unit> memory{"memory"};

    // When the run under way ends; `now` or earlier when there is none, sc_max_time() when it never will. A Verilated
    // unit says of a run whose end is not near only that it goes on so long.
    sc_core::sc_time idle_from(const sc_core::sc_time &now);
    // The units on the memory bus, this one too. A run that begins beside one of theirs changes the ends of both.
    void set_peers(const std::vector<Unit *> &peers) {
        peers_ = peers;
    }
    // Reports each run at its end. part: of this unit.
    void observe(tern_part part, const Observer &observer) {
        part_ = part;
        observer_ = observer;
    }
    // The unit's RTL takes the place of the unit of the C model and of its estimates. Before the simulation starts.
    void set_verilated(std::unique_ptr<VerilatedUnit> verilated);
    // Errors of memory, and whether the unit hangs, have changed.
    void set_memory_errors(uint64_t base, uint64_t bytes);
    // The first rule of a port that the RTL broke. Empty: none.
    std::string broken_rule() const {
        return verilated_ ? verilated_->broken_rule() : std::string();
    }

  protected:
    Unit(sc_core::sc_module_name name, const System &system);
    // The unit of the C model.
    virtual uint32_t read(uint32_t offset) = 0;
    virtual void write(uint32_t offset, uint32_t value, tern_window window) = 0;
    virtual void step() = 0;
    virtual bool is_busy() const = 0;
    virtual bool hangs() const = 0;
    // The run that has just begun. stream: of another unit, beside it; nullptr without one.
    virtual tern_vp_run estimate(const tern_vp_run *stream) const = 0;
    // Adds to the counters what the unit of the C model does not know.
    virtual void count(const tern_vp_run &run) = 0;
    // The counter by which the firmware sees that a run goes on.
    virtual uint32_t progress_offset() const = 0;

  private:
    void start_of_simulation() override;
    void transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    uint32_t read_at(uint32_t offset, const sc_core::sc_time &now);
    void write_at(uint32_t offset, uint32_t value, const sc_core::sc_time &now);
    void catch_up(const sc_core::sc_time &now);
    void begin(const sc_core::sc_time &now);
    bool goes_on(const sc_core::sc_time &now);
    uint64_t left(const sc_core::sc_time &now) const;
    void meet(Unit &peer, const sc_core::sc_time &now);
    void wait_for(const Unit &other, const sc_core::sc_time &now);
    void run_beside(const Unit &stream, const sc_core::sc_time &now);

    const System &system_;
    std::vector<Unit *> peers_;
    tern_part part_ = TERN_PART_DMA;
    Observer observer_;
    std::unique_ptr<VerilatedUnit> verilated_; // nullptr: the unit of the C model
    tern_vp_run run_ = {};
    sc_core::sc_time begun_, ends_;
};

// Whether the spec gives the register to units of several vectors only.
inline bool tern_vp_is_for_vectors(tern_register_block block, uint32_t offset) {
#define TERN_VP_ROW(name, REGISTER, at, access, bits, captured, vectors)                                               \
    if ((vectors) && block == TERN_BLOCK_##name && offset == (at)) {                                                   \
        return true;                                                                                                   \
    }
    TERN_REGISTER_LIST(TERN_VP_ROW)
#undef TERN_VP_ROW
    return false;
}

// What a unit of the C model brings: its functions, its busy bit, its counter of work, the estimate, and the counters
// of a run.
#define TERN_VP_BLOCK(Name, name, NAME, PROGRESS)                                                                      \
    struct Name##Block {                                                                                               \
        using Type = tern_##name##_unit;                                                                               \
        static constexpr uint32_t kProgress = TERN_##NAME##_REG_##PROGRESS##_LO;                                       \
        static uint32_t read(const Type &unit, uint32_t offset) {                                                      \
            return tern_##name##_unit_read(&unit, offset);                                                             \
        }                                                                                                              \
        static void write(Type &unit, uint32_t offset, uint32_t value, tern_window window) {                           \
            tern_##name##_unit_write(&unit, offset, value, window);                                                    \
        }                                                                                                              \
        static void step(Type &unit) {                                                                                 \
            tern_##name##_unit_step(&unit);                                                                            \
        }                                                                                                              \
        static bool is_busy(const Type &unit) {                                                                        \
            return tern_registers_get(&unit.registers, TERN_##NAME##_REG_STATUS) & TERN_##NAME##_STATUS_BUSY_MASK;     \
        }                                                                                                              \
        static tern_vp_run estimate(const Type &unit, const tern_vp_memory &memory) {                                  \
            const tern_vp_run refused = {TERN_VP_REFUSED_CYCLES, 0, 0, 0, 0, 0, 0, 0};                                 \
            return tern_##name##_unit_check(&unit) == TERN_STATUS_OK ? tern_vp_##name##_run(&unit, &memory) : refused; \
        }                                                                                                              \
        static void count(Type &unit, const tern_vp_run &run) {                                                        \
            tern_vp_##name##_count(&unit, &run);                                                                       \
        }                                                                                                              \
    };

TERN_VP_BLOCK(Dma, dma, DMA, BEATS)
TERN_VP_BLOCK(Matmul, matmul, MATMUL, TAKEN)
TERN_VP_BLOCK(Vector, vector, VECTOR, ISSUED)
TERN_VP_BLOCK(Attention, attention, ATTENTION, TAKEN)
#undef TERN_VP_BLOCK

template <class Block> class UnitOf final : public Unit {
  public:
    UnitOf(sc_core::sc_module_name name, const System &system, const tern_vp_memory &timing)
        : Unit(name, system), timing_(timing) {
    }
    // A unit of one vector has no registers for several.
    void set_single() {
        is_single_ = true;
    }
    typename Block::Type block;

  private:
    uint32_t read(uint32_t offset) override {
        return Block::read(block, offset);
    }
    void write(uint32_t offset, uint32_t value, tern_window window) override {
        if (!is_single_ || !tern_vp_is_for_vectors(block.registers.block, offset)) {
            Block::write(block, offset, value, window);
        }
    }
    void step() override {
        Block::step(block);
    }
    bool is_busy() const override {
        return Block::is_busy(block);
    }
    bool hangs() const override {
        return block.hangs;
    }
    tern_vp_run estimate(const tern_vp_run *stream) const override {
        tern_vp_memory memory = timing_;
        if (stream) {
            memory.queued_beats = stream->queued;
            memory.turn_beats = stream->burst;
        }
        return Block::estimate(block, memory);
    }
    void count(const tern_vp_run &run) override {
        Block::count(block, run);
    }
    uint32_t progress_offset() const override {
        return Block::kProgress;
    }

    const tern_vp_memory &timing_;
    bool is_single_ = false;
};

using Dma = UnitOf<DmaBlock>;
using Matmul = UnitOf<MatmulBlock>;
using Vector = UnitOf<VectorBlock>;
using Attention = UnitOf<AttentionBlock>;

} // namespace tern_vp

#endif
