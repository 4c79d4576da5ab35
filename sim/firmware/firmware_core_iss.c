// SPDX-License-Identifier: Apache-2.0
// firmware_core.h on the interpreter of the core (sim/devices/vp/iss/iss.h). Cycles are those of the SoC.
#include "sim/firmware/firmware_core.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/devices/vp/iss/iss.h"

#define STACK_FILL 0xdeadbeefu
#define BOOT_WORDS (TERN_BOOT_BYTES / 4)
#define BOOT_CYCLE_LIMIT UINT64_C(1000000)
#define POLL_CYCLE_LIMIT (UINT64_C(1) << 32)
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)

struct firmware_core {
    struct tern_iss *iss;
    struct tern_device_model *model;
    const uint32_t *image;
    uint32_t image_words;
    uint32_t boot[BOOT_WORDS];
    uint64_t cycles, instructions; // of the last poll
    bool failed;
};

// A bad access stops the core: a narrow one to a register, any one between the memories. So does each register that
// firmware_core_open() and firmware_core_poll() look at.
static enum tern_iss_answer use_device(void *context, uint32_t address, uint32_t strobes, uint32_t *word,
                                       uint32_t *wait) {
    struct firmware_core *core = context;
    (void)wait;
    if (address < TERN_SYSTEM_BASE || (strobes != 0 && strobes != 15)) {
        printf("firmware: bad access to %08" PRIx32 ", strobes %" PRIx32 "\n", address, strobes);
        core->failed = true;
        return TERN_ISS_STALL;
    }
    if (strobes == 0) {
        *word = tern_device_model_read(core->model, address);
        return TERN_ISS_OK;
    }
    tern_device_model_write(core->model, address, *word);
    return address == SYSTEM(COMPLETED) || address == SYSTEM(FIRMWARE_STATE) ? TERN_ISS_STALL : TERN_ISS_OK;
}

// Runs to the next stop. false: after a trap, a bad access, a write to the program's text, or at the limit.
static bool run(struct firmware_core *core, uint64_t cycle_limit) {
    const enum tern_iss_stop stop = tern_iss_run(core->iss, cycle_limit);
    if (stop == TERN_ISS_TRAPPED) {
        const struct tern_iss_state *state = tern_iss_state_of(core->iss);
        printf("firmware: trap %d at %08" PRIx32 ", address %08" PRIx32 "\n", (int)state->trap, state->pc,
               state->trap_address);
    }
    return stop == TERN_ISS_BUS_STOPPED && !core->failed;
}

struct firmware_core *firmware_core_open(const uint32_t *image, uint32_t words, struct tern_device_model *model) {
    struct firmware_core *core = calloc(1, sizeof *core);
    if (!core) {
        return NULL;
    }
    core->model = model;
    core->image = image;
    core->image_words = words;
    for (uint32_t i = 0; i < BOOT_WORDS; i++) {
        core->boot[i] = i < words ? image[i] : STACK_FILL;
    }
    tern_device_model_write(model, SYSTEM(FIRMWARE_STATE), TERN_SYSTEM_FIRMWARE_STATE_BOOTING);
    const struct tern_iss_machine machine = {(uint8_t *)core->boot, tern_device_model_scratch(model), use_device, core};
    core->iss = tern_iss_create(&machine);
    bool runs = core->iss;
    while (runs && tern_device_model_read(model, SYSTEM(FIRMWARE_STATE)) != TERN_SYSTEM_FIRMWARE_STATE_IDLE) {
        runs = run(core, BOOT_CYCLE_LIMIT);
    }
    if (!runs) {
        firmware_core_close(core);
        return NULL;
    }
    return core;
}

void firmware_core_close(struct firmware_core *core) {
    if (core) {
        tern_iss_destroy(core->iss);
    }
    free(core);
}

uint32_t firmware_core_poll(void *context) {
    struct firmware_core *core = context;
    const struct tern_iss_state *state = tern_iss_state_of(core->iss);
    const uint32_t before = tern_device_model_read(core->model, SYSTEM(COMPLETED));
    const uint64_t cycles = state->cycles, instructions = state->instructions;
    bool runs = true;
    while (runs && tern_device_model_read(core->model, SYSTEM(COMPLETED)) !=
                       tern_device_model_read(core->model, SYSTEM(DOORBELL))) {
        runs = run(core, cycles + POLL_CYCLE_LIMIT);
    }
    core->cycles = state->cycles - cycles;
    core->instructions = state->instructions - instructions;
    if (!runs || memcmp(core->boot, core->image, 4 * (size_t)core->image_words) != 0) {
        printf("firmware: stopped, or the program's text has changed\n");
        return 0;
    }
    return tern_device_model_read(core->model, SYSTEM(COMPLETED)) - before;
}

uint64_t firmware_core_cycles(const struct firmware_core *core) {
    return core->cycles;
}

uint64_t firmware_core_instructions(const struct firmware_core *core) {
    return core->instructions;
}

// As in firmware_core.cpp.
uint32_t firmware_core_stack_bytes(const struct firmware_core *core) {
    uint32_t bottom = core->image_words, top = BOOT_WORDS;
    while (bottom < top && core->boot[bottom] != TERN_STACK_GUARD) {
        bottom++;
    }
    bottom++;
    while (bottom < top && core->boot[bottom] == STACK_FILL) {
        bottom++;
    }
    while (top > bottom && core->boot[top - 1] == STACK_FILL) {
        top--;
    }
    return 4 * (top - bottom);
}
