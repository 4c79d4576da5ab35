// SPDX-License-Identifier: Apache-2.0
#include "firmware/firmware.h"

extern volatile uint32_t __stack_guard; // the lowest word of the stack

int main(void) {
    __stack_guard = TERN_STACK_GUARD;
    tern_firmware_start(0);
    for (;;) {
        (void)tern_firmware_poll(0);
        if (__stack_guard != TERN_STACK_GUARD) {
            __asm__ volatile("ebreak"); // the core traps, which SYSTEM STATUS shows
        }
    }
}
