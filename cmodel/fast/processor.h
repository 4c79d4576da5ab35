// SPDX-License-Identifier: Apache-2.0
// Detects the instructions of the processor and chooses kernels accordingly. No other file asks the processor.
#ifndef TERN_CMODEL_FAST_PROCESSOR_H
#define TERN_CMODEL_FAST_PROCESSOR_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// This is defined where kernels of the x86 family are compiled. Each checks its level before its function is returned.
#if defined(__x86_64__) && defined(__GNUC__)
#define TERN_X86 1
#endif

// Levels of instructions. Each includes all levels before it.
enum tern_processor {
    TERN_PROCESSOR_ANY,         // those of every build
    TERN_PROCESSOR_SSE42,       // CRC32
    TERN_PROCESSOR_AVX2,        // with FMA and F16C
    TERN_PROCESSOR_AVX512,      // F, BW, DQ and VL
    TERN_PROCESSOR_AVX512_VNNI, // products of bytes
    TERN_PROCESSOR_AVX512_VBMI  // permutations of bytes, and VPCLMULQDQ
};
bool tern_processor_has(enum tern_processor level);
// From now on this process takes the processor for one of at most this level, to test and measure what others run. It
// cannot be raised again. Call it before anything is computed.
void tern_processor_limit(enum tern_processor most);

// How the host computes. All kernels give the same bits.
enum tern_kernel {
    TERN_KERNEL_BEST,  // the fastest that this processor has
    TERN_KERNEL_EXACT, // portable: the arithmetic of the hardware
    TERN_KERNEL_AVX2,
    TERN_KERNEL_AVX512
};
// Whether this processor has the matmul kernel. The kernels of output head and screen need less.
bool tern_kernel_is_supported(enum tern_kernel kernel);
enum tern_kernel tern_kernel_best(void);
const char *tern_kernel_name(enum tern_kernel kernel);

// The fastest of three implementations that `kernel` allows. NULL marks one that this processor cannot run.
const void *tern_kernel_choose(enum tern_kernel kernel, const void *portable, const void *avx2, const void *avx512);

#ifdef __cplusplus
}
#endif
#endif
