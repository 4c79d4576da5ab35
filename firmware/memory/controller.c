// SPDX-License-Identifier: Apache-2.0
#include "firmware/memory/controller.h"

#include "firmware/wait.h"

#define PRECHARGE_ALL 0x400u // address bit 10
#define SOFTWARE (TERN_CONTROLLER_CONTROL_CKE | TERN_CONTROLLER_CONTROL_ODT | TERN_CONTROLLER_CONTROL_RESET_N)

void tern_memory_wait(struct tern_context *context, uint32_t cycles) {
    const uint32_t start = tern_time(context);
    for (uint32_t i = 0; i < cycles && tern_time(context) - start < cycles; i++) {
    }
}

void tern_memory_command(struct tern_context *context, uint32_t phase_offset, uint32_t command, uint32_t bank,
                         uint32_t address, uint32_t cycles) {
    tern_controller_write(context, TERN_CONTROLLER_DFII_PI0_ADDRESS + phase_offset, address);
    tern_controller_write(context, TERN_CONTROLLER_DFII_PI0_BADDRESS + phase_offset, bank);
    tern_controller_write(context, TERN_CONTROLLER_DFII_PI0_COMMAND + phase_offset, command);
    tern_controller_write(context, TERN_CONTROLLER_DFII_PI0_COMMAND_ISSUE + phase_offset, 1);
    tern_memory_wait(context, cycles);
}

void tern_memory_initialise(struct tern_context *context, const struct tern_memory_board *board) {
    tern_controller_write(context, TERN_CONTROLLER_INIT_DONE, 0);
    tern_controller_write(context, TERN_CONTROLLER_INIT_ERROR, 0);
    tern_controller_write(context, TERN_CONTROLLER_DFII_CONTROL, SOFTWARE);
    // The controller may have left rows open, and the mode registers need them closed.
    tern_memory_command(context, 0,
                        TERN_CONTROLLER_COMMAND_CS | TERN_CONTROLLER_COMMAND_RAS | TERN_CONTROLLER_COMMAND_WE, 0,
                        PRECHARGE_ALL, TERN_MEMORY_COMMAND_CYCLES);
    for (uint32_t i = 0; i < board->steps; i++) {
        const struct tern_memory_step *step = &board->step[i];
        if (step->control) {
            tern_controller_write(context, TERN_CONTROLLER_DFII_CONTROL, step->control);
            tern_memory_wait(context, step->cycles);
        } else {
            tern_memory_command(context, 0, step->command, step->bank, step->address, step->cycles);
        }
    }
}

void tern_memory_hand_over(struct tern_context *context, bool works) {
    tern_controller_write(context, TERN_CONTROLLER_DFII_CONTROL, TERN_CONTROLLER_CONTROL_HARDWARE);
    tern_controller_write(context, TERN_CONTROLLER_INIT_ERROR, !works);
    tern_controller_write(context, TERN_CONTROLLER_INIT_DONE, 1);
}
