// SPDX-License-Identifier: Apache-2.0
#include "sim/firmware/firmware_core.h"

#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "Vtern_core.h"
#include "verilated.h"

namespace {
constexpr uint32_t stack_fill = 0xdeadbeef;
constexpr uint64_t boot_cycle_limit = 1000000;
constexpr uint64_t poll_cycle_limit = uint64_t(1) << 32;
} // namespace

struct firmware_core {
    std::unique_ptr<Vtern_core> core{new Vtern_core};
    std::vector<uint32_t> boot = std::vector<uint32_t>(TERN_BOOT_BYTES / 4, stack_fill);
    tern_device_model *model = nullptr;
    uint32_t image_words = 0;
    uint64_t cycles = 0, instructions = 0;
    bool waited = false;

    void tick() {
        core->clk = 0;
        core->eval();
        core->clk = 1;
        core->eval();
        cycles++;
    }

    uint32_t system(uint32_t offset) {
        return tern_device_model_read(model, TERN_SYSTEM_BASE + offset);
    }

    static uint32_t merge(uint32_t stored, uint32_t data, uint32_t strobes) {
        for (uint32_t lane = 0; lane < 4; lane++) {
            if (strobes >> lane & 1u) {
                uint32_t mask = 0xffu << (8 * lane);
                stored = (stored & ~mask) | (data & mask);
            }
        }
        return stored;
    }

    bool access() {
        uint32_t address = core->mem_addr, strobes = core->mem_wstrb;
        bool is_scratch = address - TERN_SCRATCH_BASE < TERN_SCRATCH_BYTES;
        instructions += core->mem_instr;
        if (address < TERN_BOOT_BYTES) {
            uint32_t &stored = boot[address / 4];
            core->mem_rdata = stored;
            stored = merge(stored, core->mem_wdata, strobes);
            // The program must not write its text.
            return strobes == 0 || address / 4 >= image_words;
        }
        if (!is_scratch && strobes != 0 && strobes != 15) {
            return false;
        }
        if (strobes == 0) {
            core->mem_rdata = tern_device_model_read(model, address);
        } else {
            uint32_t stored = is_scratch ? tern_device_model_read(model, address) : 0;
            tern_device_model_write(model, address, merge(stored, core->mem_wdata, strobes));
        }
        return is_scratch || address >= TERN_SYSTEM_BASE;
    }

    bool step() {
        core->mem_ready = 0;
        if (core->mem_valid) {
            if (waited) {
                if (!access()) {
                    std::printf("firmware: bad access to %08x, strobes %x\n", core->mem_addr, core->mem_wstrb);
                    return false;
                }
                core->mem_ready = 1;
            }
            waited = !waited;
        }
        tick();
        if (core->trap) {
            std::printf("firmware: trap\n");
        }
        return !core->trap;
    }
};

firmware_core *firmware_core_open(const uint32_t *image, uint32_t words, tern_device_model *model) {
    std::unique_ptr<firmware_core> core(new firmware_core);
    core->model = model;
    core->image_words = words;
    std::memcpy(core->boot.data(), image, 4 * size_t(words));
    tern_device_model_write(model, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_FIRMWARE_STATE,
                            TERN_SYSTEM_FIRMWARE_STATE_BOOTING);
    core->core->rst_n = 0;
    core->core->mem_ready = 0;
    for (int i = 0; i < 4; i++) {
        core->tick();
    }
    core->core->rst_n = 1;
    while (core->system(TERN_SYSTEM_REG_FIRMWARE_STATE) != TERN_SYSTEM_FIRMWARE_STATE_IDLE) {
        if (core->cycles > boot_cycle_limit || !core->step()) {
            return nullptr;
        }
    }
    return core.release();
}

void firmware_core_close(firmware_core *core) {
    if (core) {
        core->core->final();
    }
    delete core;
}

uint32_t firmware_core_poll(void *context) {
    firmware_core *core = static_cast<firmware_core *>(context);
    uint32_t before = core->system(TERN_SYSTEM_REG_COMPLETED);
    core->cycles = core->instructions = 0;
    while (core->system(TERN_SYSTEM_REG_COMPLETED) != core->system(TERN_SYSTEM_REG_DOORBELL)) {
        if (core->cycles > poll_cycle_limit || !core->step()) {
            return 0;
        }
    }
    return core->system(TERN_SYSTEM_REG_COMPLETED) - before;
}

uint64_t firmware_core_cycles(const firmware_core *core) {
    return core->cycles;
}

uint64_t firmware_core_instructions(const firmware_core *core) {
    return core->instructions;
}

uint32_t firmware_core_stack_bytes(const firmware_core *core) {
    // Above the image lie the guard word, fill, the part that the stack has used, and fill again.
    const std::vector<uint32_t> &boot = core->boot;
    size_t bottom = core->image_words, top = boot.size();
    while (bottom < top && boot[bottom] != TERN_STACK_GUARD) {
        bottom++;
    }
    bottom++;
    while (bottom < top && boot[bottom] == stack_fill) {
        bottom++;
    }
    while (top > bottom && boot[top - 1] == stack_fill) {
        top--;
    }
    return 4 * uint32_t(top - bottom);
}
