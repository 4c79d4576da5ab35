// SPDX-License-Identifier: Apache-2.0
// Vectors of sixteen elements: a reduction has sixteen partial sums and a group sixteen columns. The compiler turns
// loops over them into the processor's vector instructions. TERN_BY_WIDTH compiles them for three widths and chooses at
// run time. Each copy does the same single operations on each element, so all copies agree in every bit.
#ifndef TERN_CMODEL_FAST_WIDE_H
#define TERN_CMODEL_FAST_WIDE_H

#include <stdint.h>

#include "cmodel/fast/processor.h"
#include "spec/generated/tern_spec.h"

#define TERN_WIDE 16u
_Static_assert(TERN_REDUCTION_PARTS == TERN_WIDE && TERN_GROUP_COLUMNS == TERN_WIDE, "elements of a wide vector");

// Vectors at any address that an element may have. TERN_F32X16(pointer) is read or assigned. Never pass or return them
// by value: the ABI differs between the copies.
typedef float tern_f32x16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t tern_i32x16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int16_t tern_i16x16 __attribute__((vector_size(32), aligned(2), may_alias));
#define TERN_F32X16(pointer) (*(tern_f32x16 *)(void *)(pointer))
#define TERN_I32X16(pointer) (*(tern_i32x16 *)(void *)(pointer))
#define TERN_I16X16(pointer) (*(tern_i16x16 *)(void *)(pointer))

// The body of a function with copies, and the functions that the body calls.
#define TERN_BODY static inline __attribute__((always_inline))

// Defines `linkage void name parameters`. It calls name_body with `arguments`; the body is a TERN_BODY. Tests set the
// limit to select a copy that this processor would not choose.
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
