// SPDX-License-Identifier: Apache-2.0
// Reset: sets up the stack, zeroes .bss, calls main. Initialized data needs no copy: the host writes it to boot memory.
    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, __stack_top
    la t0, __bss_start
    la t1, __bss_end
1:  bgeu t0, t1, 2f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 1b
2:  call main
    // main does not return; ebreak raises the core's trap, which SYSTEM STATUS shows.
3:  ebreak
    j 3b
