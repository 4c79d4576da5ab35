// SPDX-License-Identifier: Apache-2.0
// Compares tern_float_unit with Berkeley SoftFloat, in the operations of the vector unit. Every pair of special
// operands goes through each of them, then random pairs. softfloat_bench.py loads this library and gives it SoftFloat's
// functions.
#include <cinttypes>
#include <cstdio>

#include "sim/float/float_driver.hpp"
#include "verilated.h"

using namespace tern_bench;

namespace {

struct Float32 { // SoftFloat's float32_t
    uint32_t bits;
};

constexpr uint_fast8_t round_near_even = 0;
constexpr Float32 two_to_31 = {0x4f000000u}, minus_two_to_31 = {0xcf000000u};

} // namespace

// Functions of SoftFloat, in the order of softfloat_bench.py.
struct SoftFloat {
    Float32 (*add)(Float32, Float32);
    Float32 (*subtract)(Float32, Float32);
    Float32 (*multiply)(Float32, Float32);
    bool (*equal)(Float32, Float32);
    bool (*less)(Float32, Float32);
    int_fast32_t (*to_int32)(Float32, uint_fast8_t rounding, bool exact);
    Float32 (*from_int32)(int32_t);
};

namespace {

// A computed NaN has one pattern (docs/numerics.md). Which one SoftFloat gives depends on the operands.
uint32_t computed(Float32 value) {
    return is_nan(value.bits) ? 0x7fc00000u : value.bits;
}

// SoftFloat has no maximum; less gives it. -0 is below +0. Of a NaN and a number the result is the number.
uint32_t maximum(const SoftFloat &soft, uint32_t a, uint32_t b) {
    if (is_nan(a) || is_nan(b)) {
        return !is_nan(a) ? a : computed({b});
    }
    if (soft.equal({a}, {b})) {
        return a & b;
    }
    return soft.less({a}, {b}) ? b : a;
}

// Saturates; NaN gives the largest integer. SoftFloat leaves these cases to the machine that it imitates.
uint32_t to_int32(const SoftFloat &soft, uint32_t a) {
    if (is_nan(a) || !soft.less({a}, two_to_31)) {
        return 0x7fffffffu;
    }
    if (soft.less({a}, minus_two_to_31)) {
        return 0x80000000u;
    }
    return static_cast<uint32_t>(soft.to_int32({a}, round_near_even, false));
}

uint32_t expected(const SoftFloat &soft, FloatReference operation, uint32_t a, uint32_t b) {
    switch (operation) {
    case FloatReference::add: return computed(soft.add({a}, {b}));
    case FloatReference::subtract: return computed(soft.subtract({a}, {b}));
    case FloatReference::multiply: return computed(soft.multiply({a}, {b}));
    case FloatReference::maximum: return maximum(soft, a, b);
    case FloatReference::equal: return soft.equal({a}, {b});
    case FloatReference::less: return soft.less({a}, {b});
    case FloatReference::to_signed: return to_int32(soft, a);
    default: return soft.from_int32(static_cast<int32_t>(a)).bits;
    }
}

// The operations of rtl/vector/tern_vector_ways.v that IEEE 754 defines. All have funct3 as it is there.
bool is_of_vector_unit(const FloatOperation &operation) {
    switch (operation.reference) {
    case FloatReference::add:
    case FloatReference::subtract:
    case FloatReference::multiply:
    case FloatReference::to_signed:
    case FloatReference::from_signed: return operation.funct3 == 0;
    case FloatReference::maximum:
    case FloatReference::equal:
    case FloatReference::less: return true;
    default: return false;
    }
}

bool run(FloatDriver &driver, const SoftFloat &soft, const FloatOperation &operation, uint64_t cases) {
    for (uint64_t done = 0; done < cases; done++) {
        driver.draw_rates();
        const bool is_special = done < special_pair_count;
        const OperandPair pair =
            is_special ? special_pair(static_cast<uint32_t>(done)) : random_operands(driver.random());
        if (!driver.send(operation, pair, expected(soft, operation.reference, pair.a, pair.b))) {
            return false;
        }
    }
    return driver.drain();
}

} // namespace

// Runs so many cases of each operation. Prints what differs; returns 0 when nothing does.
extern "C" int tern_softfloat_bench(const SoftFloat *soft, uint64_t cases, uint64_t seed) {
    FloatDriver driver(seed);
    for (const FloatOperation &operation : float_operations) {
        if (!is_of_vector_unit(operation)) {
            continue;
        }
        if (!run(driver, *soft, operation, cases)) {
            return 1;
        }
        std::printf("softfloat: %s: %" PRIu64 " cases, 0 differ\n", operation.name, cases);
    }
    if (driver.is_incomplete()) {
        std::printf("softfloat: a class of results never occurred\n");
        return 1;
    }
    return 0;
}
