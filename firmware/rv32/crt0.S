// SPDX-License-Identifier: Apache-2.0
// Reset: stack, zeroed data, main. Boot memory is loaded as it stands, so initialized data needs no copy.
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
