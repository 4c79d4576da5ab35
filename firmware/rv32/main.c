// SPDX-License-Identifier: Apache-2.0
#include "firmware/firmware.h"
#include "firmware/memory/memory.h"

extern volatile uint32_t __stack_guard; // the lowest word of the stack

static struct tern_memory_report memory_report; // the host reads it

// The state stays BOOTING when memory does not work, and the host finds the reason in the report.
static void start_memory(void) {
    tern_port_write(0, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_MEMORY_REPORT, (uint32_t)&memory_report);
    if (!tern_memory_start(0, &memory_report)) {
        for (;;) {
        }
    }
}

int main(void) {
    __stack_guard = TERN_STACK_GUARD;
    start_memory();
    tern_firmware_start(0);
    for (;;) {
        (void)tern_firmware_poll(0);
        if (__stack_guard != TERN_STACK_GUARD) {
            __asm__ volatile("ebreak"); // the core traps, which SYSTEM STATUS shows
        }
    }
}
