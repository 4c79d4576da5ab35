// SPDX-License-Identifier: Apache-2.0
// Entry at address 0. The stack pointer is the core's STACKADDR. The program passes it on, and the bench checks it.
    .section .text.start
    .globl _start
_start:
    mv a0, sp
    call core_main
    li a0, 0x80000000
    li a1, 0x600d600d
    sw a1, 0(a0)
1:  j 1b
