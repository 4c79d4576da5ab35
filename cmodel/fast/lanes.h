// SPDX-License-Identifier: Apache-2.0
// Sixteen elements at a time, as many as a reduction has partial sums and a group columns, for the loops that only the
// host runs. The compiler makes of them what a processor has; which copy of a function runs is found out at run time.
// Each element goes through the same single operations in every copy, so none differs in a bit.
#ifndef TERN_CMODEL_FAST_LANES_H
#define TERN_CMODEL_FAST_LANES_H

#include <stdint.h>

#include "cmodel/fast/processor.h"
#include "spec/generated/tern_spec.h"

#define TERN_LANES 16u
_Static_assert(TERN_REDUCTION_LANES == TERN_LANES && TERN_GROUP_COLUMNS == TERN_LANES, "what a vector holds");

// Vectors at any address that an element may have: TERN_F32X16(pointer) is read or assigned. They are no arguments and
// no results, for which a copy's registers would not do.
typedef float tern_f32x16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t tern_i32x16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int16_t tern_i16x16 __attribute__((vector_size(32), aligned(2), may_alias));
#define TERN_F32X16(pointer) (*(tern_f32x16 *)(void *)(pointer))
#define TERN_I32X16(pointer) (*(tern_i32x16 *)(void *)(pointer))
#define TERN_I16X16(pointer) (*(tern_i16x16 *)(void *)(pointer))

// What TERN_BY_LANES makes copies of; and a pragma for loops that are none of vectors on the soft core.
#if defined(__riscv)
#define TERN_BODY static
#define TERN_CORE_UNROLL _Pragma("GCC unroll 4")
#else
#define TERN_BODY static inline __attribute__((always_inline))
#define TERN_CORE_UNROLL
#endif

// `linkage void name parameters`, which calls name_body with `arguments`; the body is a TERN_BODY. A test that wants a
// copy this processor would not choose sets the limit.
#if defined(__x86_64__)
#ifndef TERN_LANES_BITS
#define TERN_LANES_BITS 512
#endif
#define TERN_BY_LANES(linkage, name, parameters, arguments)                                                            \
    __attribute__((target("avx512f"))) static void name##_512 parameters {                                             \
        name##_body arguments;                                                                                         \
    }                                                                                                                  \
    __attribute__((target("avx2"))) static void name##_256 parameters {                                                \
        name##_body arguments;                                                                                         \
    }                                                                                                                  \
    linkage void name parameters {                                                                                     \
        if (TERN_LANES_BITS >= 512 && tern_processor_has(TERN_PROCESSOR_AVX512)) {                                     \
            name##_512 arguments;                                                                                      \
        } else if (TERN_LANES_BITS >= 256 && tern_processor_has(TERN_PROCESSOR_AVX2)) {                                \
            name##_256 arguments;                                                                                      \
        } else {                                                                                                       \
            name##_body arguments;                                                                                     \
        }                                                                                                              \
    }
#else
#define TERN_BY_LANES(linkage, name, parameters, arguments)                                                            \
    linkage void name parameters {                                                                                     \
        name##_body arguments;                                                                                         \
    }
#endif

#endif
