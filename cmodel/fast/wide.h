// SPDX-License-Identifier: Apache-2.0
// Sixteen elements at a time, as many as a reduction has partial sums and a group columns. The compiler turns such
// loops into the processor's vector instructions; TERN_BY_WIDTH compiles them for three widths and asks at run time.
// Each element goes through the same single operations in every copy, so the copies agree in every bit.
#ifndef TERN_CMODEL_FAST_WIDE_H
#define TERN_CMODEL_FAST_WIDE_H

#include <stdint.h>

#include "cmodel/fast/processor.h"
#include "spec/generated/tern_spec.h"

#define TERN_WIDE 16u
_Static_assert(TERN_REDUCTION_PARTS == TERN_WIDE && TERN_GROUP_COLUMNS == TERN_WIDE, "elements of a wide vector");

// Vectors at any address that an element may have: TERN_F32X16(pointer) is read or assigned. Never pass or return them
// by value: the ABI differs between the copies.
typedef float tern_f32x16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t tern_i32x16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int16_t tern_i16x16 __attribute__((vector_size(32), aligned(2), may_alias));
#define TERN_F32X16(pointer) (*(tern_f32x16 *)(void *)(pointer))
#define TERN_I16X16(pointer) (*(tern_i16x16 *)(void *)(pointer))

// The body of a function with copies, and the functions it calls.
#define TERN_BODY static inline __attribute__((always_inline))

// `linkage void name parameters`, which calls name_body with `arguments`; the body is a TERN_BODY. A test that wants a
// copy this processor would not choose sets the limit.
#if defined(TERN_X86)
#ifndef TERN_WIDE_BITS
#define TERN_WIDE_BITS 512
#endif
#define TERN_BY_WIDTH(linkage, name, parameters, arguments)                                                            \
    __attribute__((target("avx512f"))) static void name##_512 parameters {                                             \
        name##_body arguments;                                                                                         \
    }                                                                                                                  \
    __attribute__((target("avx2"))) static void name##_256 parameters {                                                \
        name##_body arguments;                                                                                         \
    }                                                                                                                  \
    linkage void name parameters {                                                                                     \
        if (TERN_WIDE_BITS >= 512 && tern_processor_has(TERN_PROCESSOR_AVX512)) {                                      \
            name##_512 arguments;                                                                                      \
        } else if (TERN_WIDE_BITS >= 256 && tern_processor_has(TERN_PROCESSOR_AVX2)) {                                 \
            name##_256 arguments;                                                                                      \
        } else {                                                                                                       \
            name##_body arguments;                                                                                     \
        }                                                                                                              \
    }
#else
#define TERN_BY_WIDTH(linkage, name, parameters, arguments)                                                            \
    linkage void name parameters {                                                                                     \
        name##_body arguments;                                                                                         \
    }
#endif

#endif
