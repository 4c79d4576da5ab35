// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/platform.hpp"

#include "sim/devices/vp/word_access.hpp"

namespace tern_vp {

namespace {

constexpr uint64_t kHostAccessCycles = 6; // of the AXI4-Lite port: loading the firmware takes so many a word on rtl

} // namespace

Platform::Platform(sc_core::sc_module_name name, uint8_t *data, uint64_t bytes, const tern_hardware &hardware,
                   const tern_vp_memory &timing)
    : sc_module(name), timing_(timing), memory("memory", TERN_DEVICE_MEMORY_BASE, data, bytes, hardware.lanes),
      system("system", hardware), dma("dma", system, timing_), matmul("matmul", system, timing_),
      vector("vector", system, timing_), attention("attention", system, timing_),
      core("core", system, {&matmul, &vector, &attention, &dma}, bus.boot(), bus.scratch(),
           [this] { stop_if_idle(); }) {
    tern_dma_unit_reset(&dma.block, &memory.bus_memory(), bus.scratch());
    tern_matmul_unit_reset(&matmul.block, &memory.bus_memory());
    tern_vector_unit_reset(&vector.block, &memory.bus_memory());
    tern_attention_unit_reset(&attention.block, &memory.bus_memory());
    matmul.block.most_vectors = hardware.vectors;
    if (hardware.vectors == 1) {
        matmul.set_single();
    }
    core.bus.bind(bus.core);
    host_.bind(bus.host);
    bus.units[0].bind(system.registers);
    for (size_t i = 0; i < units_.size(); i++) {
        bus.units[i + 1].bind(units_[i]->registers);
        units_[i]->memory.bind(memory.ports);
        units_[i]->set_peers(units_);
    }
}

bool Platform::host_access(bool is_write, uint32_t address, uint32_t *value) {
    address &= ~3u; // as in the RTL
    WordAccess access(is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, *value);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    host_->b_transport(access.payload(), delay);
    *value = access.value();
    if (is_write) {
        core.program_changed(address);
        system.changed.notify(sc_core::SC_ZERO_TIME);
    }
    sc_core::sc_start(time_of(kHostAccessCycles));
    return access.is_ok();
}

bool Platform::is_idle() {
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    if (!core.is_idle()) {
        return false;
    }
    for (Unit *unit : units_) {
        if (unit->idle_from(now) > now) {
            return false;
        }
    }
    return true;
}

void Platform::set_fault(const tern_device_fault &fault) {
    memory.set_errors(fault.bus_error_address, fault.bus_error_bytes);
    dma.block.hangs = fault.dma_hangs;
    matmul.block.hangs = fault.matmul_hangs;
    vector.block.hangs = fault.vector_hangs;
    attention.block.hangs = fault.attention_hangs;
    dma.block.ignores_abort = matmul.block.ignores_abort = fault.abort_fails;
    vector.block.ignores_abort = attention.block.ignores_abort = fault.abort_fails;
    for (Unit *unit : units_) {
        unit->set_memory_errors(fault.bus_error_address, fault.bus_error_bytes);
    }
}

std::string Platform::broken_rule() const {
    for (const Unit *unit : units_) {
        if (!unit->broken_rule().empty()) {
            return unit->broken_rule();
        }
    }
    return {};
}

void Platform::observe(const Observer &observer) {
    core.observe(observer);
    for (size_t i = 0; i < units_.size(); i++) {
        units_[i]->observe(tern_part(TERN_PART_DMA + i), observer);
    }
}

void Platform::stop_if_idle() {
    if (may_stop_ && is_idle()) {
        sc_core::sc_pause();
    }
}

void Platform::advance(uint64_t cycles) {
    if (cycles == 0) {
        return; // SystemC would warn
    }
    may_stop_ = true;
    sc_core::sc_start(time_of(cycles));
    may_stop_ = false;
}

} // namespace tern_vp
