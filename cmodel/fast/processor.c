// SPDX-License-Identifier: Apache-2.0
#include "cmodel/fast/processor.h"

#include <stdatomic.h>

#if defined(TERN_X86)
#include <cpuid.h>

// Some compilers' __builtin_cpu_supports() do not know F16C.
static bool has_f16c(void) {
    unsigned eax, ebx, ecx = 0, edx;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C);
}

static enum tern_processor ask(void) {
    if (!__builtin_cpu_supports("sse4.2")) {
        return TERN_PROCESSOR_ANY;
    }
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !has_f16c()) {
        return TERN_PROCESSOR_SSE42;
    }
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl")) {
        return TERN_PROCESSOR_AVX2;
    }
    if (!__builtin_cpu_supports("avx512vnni")) {
        return TERN_PROCESSOR_AVX512;
    }
    return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("vpclmulqdq") ? TERN_PROCESSOR_AVX512_VBMI
                                                                                        : TERN_PROCESSOR_AVX512_VNNI;
}
#else
static enum tern_processor ask(void) {
    return TERN_PROCESSOR_ANY;
}
#endif

static atomic_int answer; // level + 1; 0 before the first question

bool tern_processor_has(enum tern_processor level) {
    int known = atomic_load_explicit(&answer, memory_order_relaxed);
    if (known == 0) {
        known = (int)ask() + 1;
        atomic_store_explicit(&answer, known, memory_order_relaxed);
    }
    return (int)level < known;
}

void tern_processor_limit(enum tern_processor most) {
    if (tern_processor_has(most)) {
        atomic_store_explicit(&answer, (int)most + 1, memory_order_relaxed);
    }
}

bool tern_kernel_is_supported(enum tern_kernel kernel) {
    switch (kernel) {
    case TERN_KERNEL_BEST:
    case TERN_KERNEL_EXACT: return true;
    case TERN_KERNEL_AVX2: return tern_processor_has(TERN_PROCESSOR_AVX2);
    case TERN_KERNEL_AVX512: return tern_processor_has(TERN_PROCESSOR_AVX512_VBMI);
    }
    return false;
}

enum tern_kernel tern_kernel_best(void) {
    return tern_kernel_is_supported(TERN_KERNEL_AVX512) ? TERN_KERNEL_AVX512
           : tern_kernel_is_supported(TERN_KERNEL_AVX2) ? TERN_KERNEL_AVX2
                                                        : TERN_KERNEL_EXACT;
}

const char *tern_kernel_name(enum tern_kernel kernel) {
    static const char *const names[] = {"best", "exact", "avx2", "avx512"};
    return names[kernel];
}

const void *tern_kernel_choose(enum tern_kernel kernel, const void *portable, const void *avx2, const void *avx512) {
    if (avx512 && (kernel == TERN_KERNEL_AVX512 || kernel == TERN_KERNEL_BEST)) {
        return avx512;
    }
    return avx2 && kernel != TERN_KERNEL_EXACT ? avx2 : portable;
}
