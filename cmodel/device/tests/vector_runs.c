// SPDX-License-Identifier: Apache-2.0
// The cases of testvectors/unit/vector.tuv: every operation with odd lengths, alignments and special values, refused
// runs, and seeded random ones.
#include <stdio.h>
#include <string.h>

#include "cmodel/attention/cache.h"
#include "cmodel/device/tests/run_case.h"
#include "cmodel/float/f32.h"
#include "cmodel/float/f32_math.h"

#define RANDOM_CASES_EACH 3u // of an operation

enum values {
    NEAR_ONE,   // exponents around 0
    ANY,        // any finite float
    SUBNORMAL,  // subnormal numbers and the next
    SPECIAL,    // zeros of both signs, infinities, NaN, largest and smallest, among floats near 1
    ZERO,       // zeros of both signs
    TIES,       // mantissas whose rounding to 16 bits is a tie, and significands that carry
    CACHE_SIZED // up to the cache's limit of 65535
};

struct recipe {
    const char *name;
    uint32_t operation, rows, parts, length;
    enum values values;
    uint32_t left_offset, right_offset, output_offset, side_offset; // from a multiple of 64
    uint32_t gap;                                                   // words between the parts of left and output
    uint32_t in_place;                                              // 1: the output is the left operand
    uint32_t scalar_0;
    uint32_t poke, poked;    // element of left and its bits; 0, 0: none
    uint32_t offset, value;  // a register and what it gets instead; 0, 0: none
    uint32_t status, detail; // detail: of NON_FINITE
};

#define ONE 0x3f800000u
#define EPSILON 0x358637bdu // 1e-6
#define SCALE 0x3e000000u   // 1 / 8
#define INFINITE 0x7f800000u
#define BESIDE(left, right, output, side) left, right, output, side
#define ALIGNED BESIDE(0, 0, 0, 0)
#define SOUND 0, 0, 0, 0, TERN_STATUS_OK, 0
#define POKE(element, bits) element, bits, 0, 0, TERN_STATUS_NON_FINITE, element
#define REFUSED(register, value, status) 0, 0, TERN_VECTOR_REG_##register, value, TERN_STATUS_##status, 0
#define OP(name) TERN_OPCODE_##name

static const struct recipe recipes[] = {
    {"add one element", OP(ADD), 1, 1, 1, NEAR_ONE, ALIGNED, 0, 0, 0, SOUND},
    {"add 67, unaligned", OP(ADD), 1, 1, 67, NEAR_ONE, BESIDE(4, 12, 60, 0), 0, 0, 0, SOUND},
    {"add special values", OP(ADD), 1, 1, 64, SPECIAL, ALIGNED, 0, 0, 0, SOUND},
    {"add subnormal numbers", OP(ADD), 1, 1, 33, SUBNORMAL, ALIGNED, 0, 0, 0, SOUND},
    {"add any floats, in place", OP(ADD), 1, 1, 100, ANY, BESIDE(8, 0, 0, 0), 0, 1, 0, SOUND},
    {"swiglu 48", OP(SWIGLU), 1, 1, 48, CACHE_SIZED, ALIGNED, 0, 0, 0, SOUND},
    {"swiglu special values", OP(SWIGLU), 1, 1, 64, SPECIAL, BESIDE(4, 0, 4, 0), 0, 0, 0, SOUND},
    {"swiglu any floats, in place", OP(SWIGLU), 1, 1, 61, ANY, ALIGNED, 0, 1, 0, SOUND},
    {"swiglu subnormal numbers", OP(SWIGLU), 1, 1, 17, SUBNORMAL, ALIGNED, 0, 0, 0, SOUND},
    {"rmsnorm one element", OP(RMSNORM), 1, 1, 1, NEAR_ONE, ALIGNED, 0, 0, EPSILON, SOUND},
    {"rmsnorm 16", OP(RMSNORM), 1, 1, 16, NEAR_ONE, ALIGNED, 0, 0, EPSILON, SOUND},
    {"rmsnorm 97, unaligned", OP(RMSNORM), 1, 1, 97, NEAR_ONE, BESIDE(20, 36, 44, 0), 0, 0, EPSILON, SOUND},
    {"rmsnorm 3 rows, in place", OP(RMSNORM), 3, 1, 24, NEAR_ONE, ALIGNED, 0, 1, EPSILON, SOUND},
    {"rmsnorm zeros", OP(RMSNORM), 1, 1, 32, ZERO, ALIGNED, 0, 0, EPSILON, SOUND},
    {"rmsnorm zeros, epsilon 0", OP(RMSNORM), 1, 1, 18, ZERO, ALIGNED, 0, 0, 0, SOUND},
    {"rmsnorm overflow", OP(RMSNORM), 1, 1, 40, ANY, ALIGNED, 0, 0, EPSILON, SOUND},
    {"rmsnorm special values", OP(RMSNORM), 2, 1, 40, SPECIAL, ALIGNED, 0, 0, EPSILON, SOUND},
    {"rope head of 2", OP(ROPE), 1, 2, 1, NEAR_ONE, ALIGNED, 0, 0, 0, SOUND},
    {"rope 4 heads of 24", OP(ROPE), 4, 2, 12, NEAR_ONE, ALIGNED, 0, 0, 0, SOUND},
    {"rope heads of 34, unaligned", OP(ROPE), 3, 2, 17, NEAR_ONE, BESIDE(8, 4, 12, 0), 1, 0, 0, SOUND},
    {"rope special values", OP(ROPE), 2, 2, 32, SPECIAL, ALIGNED, 0, 0, 0, SOUND},
    {"rope head of 256", OP(ROPE), 1, 2, 128, NEAR_ONE, ALIGNED, 0, 0, 0, SOUND},
    {"copy one word", OP(COPY), 1, 1, 1, SPECIAL, BESIDE(4, 0, 56, 0), 0, 0, 0, SOUND},
    {"copy keeps the bits of NaN", OP(COPY), 1, 1, 64, SPECIAL, ALIGNED, 0, 0, 0, SOUND},
    {"copy 20 words with a pitch", OP(COPY), 1, 20, 1, NEAR_ONE, BESIDE(12, 0, 20, 0), 31, 0, 0, SOUND},
    {"copy 2 x 3 parts of 19", OP(COPY), 2, 3, 19, ANY, BESIDE(0, 0, 8, 0), 5, 0, 0, SOUND},
    {"quantize one element", OP(QUANTIZE), 1, 1, 1, NEAR_ONE, ALIGNED, 0, 0, 0, SOUND},
    {"quantize 20", OP(QUANTIZE), 1, 1, 20, NEAR_ONE, ALIGNED, 0, 0, 0, SOUND},
    {"quantize 77, unaligned", OP(QUANTIZE), 1, 1, 77, NEAR_ONE, BESIDE(28, 0, 0, 0), 0, 0, 0, SOUND},
    {"quantize 4 rows of 24", OP(QUANTIZE), 4, 1, 24, NEAR_ONE, ALIGNED, 3, 0, 0, SOUND},
    {"quantize zeros", OP(QUANTIZE), 1, 1, 40, ZERO, ALIGNED, 0, 0, 0, SOUND},
    {"quantize ties and carries", OP(QUANTIZE), 1, 1, 64, TIES, ALIGNED, 0, 0, 0, SOUND},
    {"quantize any floats", OP(QUANTIZE), 1, 1, 130, ANY, ALIGNED, 0, 0, 0, SOUND},
    {"quantize subnormal numbers", OP(QUANTIZE), 1, 1, 48, SUBNORMAL, ALIGNED, 0, 0, 0, SOUND},
    {"quantize infinity", OP(QUANTIZE), 1, 1, 40, NEAR_ONE, ALIGNED, 0, 0, 0, POKE(17, INFINITE)},
    {"quantize NaN in the third row", OP(QUANTIZE), 3, 1, 24, NEAR_ONE, ALIGNED, 0, 0, 0, POKE(70, 0x7fc00001)},
    {"softmax one score", OP(SOFTMAX), 1, 1, 1, NEAR_ONE, ALIGNED, 0, 0, SCALE, SOUND},
    {"softmax 33, unaligned", OP(SOFTMAX), 1, 1, 33, CACHE_SIZED, BESIDE(4, 0, 0, 12), 0, 0, SCALE, SOUND},
    {"softmax 4 rows of 17", OP(SOFTMAX), 4, 1, 17, CACHE_SIZED, BESIDE(0, 0, 0, 4), 2, 0, SCALE, SOUND},
    {"softmax equal scores", OP(SOFTMAX), 1, 1, 70, ZERO, ALIGNED, 0, 0, SCALE, SOUND},
    {"softmax weights that vanish", OP(SOFTMAX), 1, 1, 100, ANY, ALIGNED, 0, 0, ONE, SOUND},
    {"softmax subnormal scale", OP(SOFTMAX), 1, 1, 20, ANY, ALIGNED, 0, 0, 1, SOUND},
    {"softmax -infinity is no weight", OP(SOFTMAX), 1, 1, 20, CACHE_SIZED, ALIGNED, 0, 0, SCALE, 7, 0xff800000u, 0, 0,
     TERN_STATUS_OK, 0},
    {"softmax NaN", OP(SOFTMAX), 2, 1, 20, NEAR_ONE, ALIGNED, 0, 0, SCALE, POKE(31, 0x7fc00000)},
    {"softmax infinity", OP(SOFTMAX), 1, 1, 20, NEAR_ONE, ALIGNED, 0, 0, SCALE, POKE(19, INFINITE)},
    {"scale 3 rows of 24", OP(SCALE), 3, 1, 24, NEAR_ONE, BESIDE(0, 8, 0, 0), 0, 0, 0, SOUND},
    {"scale in place, unaligned", OP(SCALE), 2, 1, 13, ANY, BESIDE(12, 0, 0, 0), 3, 1, 0, SOUND},
    {"scale special values", OP(SCALE), 5, 1, 20, SPECIAL, ALIGNED, 0, 0, 0, SOUND},
    {"store a key of 24", OP(STORE), 2, 1, 24, CACHE_SIZED, BESIDE(0, 0, 32, 3), 0, 0, 0, SOUND},
    {"store a key of 64", OP(STORE), 1, 1, 64, NEAR_ONE, BESIDE(0, 0, 0, 4), 0, 0, 0, SOUND},
    {"store values of 5 positions", OP(STORE), 2, 24, 5, CACHE_SIZED, BESIDE(4, 0, 0, 0), 27, 0, 0, SOUND},
    {"store values of 16 positions", OP(STORE), 1, 10, 16, NEAR_ONE, BESIDE(0, 0, 32, 1), 16, 0, 0, SOUND},
    {"store zeros", OP(STORE), 1, 1, 20, ZERO, ALIGNED, 0, 0, 0, SOUND},
    {"store ties and carries", OP(STORE), 1, 1, 64, TIES, ALIGNED, 0, 0, 0, SOUND},
    {"store subnormal numbers", OP(STORE), 1, 1, 17, SUBNORMAL, ALIGNED, 0, 0, 0, SOUND},
    {"store the largest magnitude", OP(STORE), 1, 1, 20, NEAR_ONE, ALIGNED, 0, 0, 0, 18, 0x477ffeffu, 0, 0,
     TERN_STATUS_OK, 0},
    {"store a magnitude of 65535", OP(STORE), 2, 1, 20, NEAR_ONE, ALIGNED, 0, 0, 0, POKE(38, 0xc77fff00u)},
    {"store NaN", OP(STORE), 1, 6, 4, NEAR_ONE, ALIGNED, 0, 0, 0, POKE(9, 0x7f800001u)},
    {"no operation NOP", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(OPERATION, OP(NOP), BAD_OPCODE)},
    {"no operation MATMUL", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(OPERATION, OP(MATMUL), BAD_OPCODE)},
    {"no operation DOT", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(OPERATION, OP(DOT), BAD_OPCODE)},
    {"no operation, upper bit", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0,
     REFUSED(OPERATION, 0x80000003u, BAD_OPCODE)},
    {"no rows", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(ROWS, 0, BAD_LENGTH)},
    {"257 rows", OP(COPY), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(ROWS, 257, BAD_LENGTH)},
    {"no parts", OP(COPY), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(PARTS, 0, BAD_LENGTH)},
    {"2 parts of ADD", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(PARTS, 2, BAD_LENGTH)},
    {"one part of ROPE", OP(ROPE), 1, 2, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(PARTS, 1, BAD_LENGTH)},
    {"257 parts of STORE", OP(STORE), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(PARTS, 257, BAD_LENGTH)},
    {"no elements", OP(SWIGLU), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(LENGTH, 0, BAD_LENGTH)},
    {"too many elements", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0,
     REFUSED(LENGTH, TERN_MAX_LENGTH + 1, BAD_LENGTH)},
    {"too many columns", OP(QUANTIZE), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0,
     REFUSED(LENGTH, TERN_MAX_COLUMNS + 1, BAD_LENGTH)},
    {"half a head of 129", OP(ROPE), 1, 2, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(LENGTH, 129, BAD_LENGTH)},
    {"head of 257", OP(STORE), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(LENGTH, 257, BAD_LENGTH)},
    {"left misaligned", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(LEFT_LO, 0x42, BAD_ADDRESS)},
    {"right misaligned", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(RIGHT_LO, 0x41, BAD_ADDRESS)},
    {"left stride misaligned", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(LEFT_STRIDE_LO, 34, BAD_ADDRESS)},
    {"image misaligned", OP(QUANTIZE), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(OUTPUT_LO, 0xe0, BAD_ADDRESS)},
    {"image stride misaligned", OP(SOFTMAX), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, SCALE,
     REFUSED(OUTPUT_STRIDE_LO, 0x120, BAD_ADDRESS)},
    {"totals misaligned", OP(SOFTMAX), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, SCALE, REFUSED(SIDE_LO, 0x42, BAD_ADDRESS)},
    {"left outside the window", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(LEFT_HI, 2, BAD_ADDRESS)},
    {"output outside the window", OP(ADD), 1, 1, 8, NEAR_ONE, ALIGNED, 0, 0, 0, REFUSED(OUTPUT_HI, 4, BAD_ADDRESS)},
};

static const uint32_t operations[] = {OP(ADD),      OP(SWIGLU),  OP(RMSNORM), OP(ROPE), OP(COPY),
                                      OP(QUANTIZE), OP(SOFTMAX), OP(SCALE),   OP(STORE)};

#define DIRECTED_CASES (sizeof recipes / sizeof recipes[0])
#define OPERATIONS (sizeof operations / sizeof operations[0])

// A float with an exponent field of low..high.
static uint32_t draw_float(struct test_random *random, int32_t low, int32_t high) {
    const uint32_t exponent = (uint32_t)test_random_between(random, low, high);
    return (test_random_word(random) & 0x807fffffu) | exponent << 23;
}

static uint32_t draw_special(struct test_random *random) {
    static const uint32_t specials[] = {0,          0x80000000u, INFINITE,    0xff800000u, 0x7fc00000u, 0xffc12345u,
                                        0x7f800001, 0x7f7fffffu, 0xff7fffffu, 1,           0x80000001u, 0x00800000u};
    return test_random_below(random, 3) ? draw_float(random, 118, 134)
                                        : specials[test_random_below(random, sizeof specials / sizeof specials[0])];
}

// Rounding to a 16-bit mantissa drops 9 bits of the significand in a group whose largest element is near 1.
static uint32_t draw_tie(struct test_random *random) {
    static const uint32_t significands[] = {0x7fff00, 0x7ffeff, 0x7fff01, 0x000100, 0x000300, 0x7ffd00};
    const uint32_t significand = significands[test_random_below(random, 6)];
    return (test_random_word(random) & 0x80000000u) | (uint32_t)test_random_between(random, 124, 127) << 23 |
           significand;
}

static uint32_t draw_value(struct test_random *random, enum values values) {
    switch (values) {
    case ANY: return draw_float(random, 0, 254);
    case SUBNORMAL: return draw_float(random, 0, 2);
    case SPECIAL: return draw_special(random);
    case ZERO: return test_random_word(random) & 0x80000000u;
    case TIES: return draw_tie(random);
    case CACHE_SIZED: return draw_float(random, 110, 141);
    default: return draw_float(random, 118, 134);
    }
}

static void fill(struct run_case *c, uint64_t address, uint32_t words, enum values values, struct test_random *random) {
    for (uint32_t i = 0; i < words; i++) {
        const uint32_t value = draw_value(random, values);
        memcpy(run_case_at(c, address + 4 * (uint64_t)i), &value, 4);
    }
}

static uint32_t right_words(const struct recipe *recipe) {
    switch (recipe->operation) {
    case OP(ADD):
    case OP(SWIGLU):
    case OP(RMSNORM): return recipe->length;
    case OP(ROPE): return 2 * recipe->length;
    case OP(SCALE): return recipe->rows;
    default: return 0;
    }
}

// Places of the results of operations that do not write rows of floats.
static void place_groups(struct run_case *c, const struct recipe *recipe) {
    const bool is_store = recipe->operation == OP(STORE);
    const uint64_t groups = (uint64_t)recipe->parts * tern_cache_head_groups(recipe->length);
    const uint64_t stride = is_store ? tern_align_up(33 * groups + 64, 64) : tern_activation_bytes(recipe->length) + 64;
    const uint64_t side_bytes = is_store ? stride * recipe->rows : 4 * (uint64_t)recipe->rows;
    run_case_write_pair(c, TERN_VECTOR_REG_OUTPUT_LO, run_case_place(c, stride * recipe->rows, recipe->output_offset));
    run_case_write_pair(c, TERN_VECTOR_REG_OUTPUT_STRIDE_LO, stride);
    run_case_write_pair(c, TERN_VECTOR_REG_SIDE_LO, run_case_place(c, side_bytes, recipe->side_offset));
}

static void place_operands(struct run_case *c, const struct recipe *recipe, struct test_random *random) {
    const uint32_t count = recipe->rows * recipe->parts;
    const uint64_t stride = 4 * (uint64_t)(recipe->length + recipe->gap);
    const uint64_t left = run_case_place(c, stride * count, recipe->left_offset);
    for (uint32_t part = 0; part < count; part++) {
        fill(c, left + part * stride, recipe->length, recipe->values, random);
    }
    run_case_write_pair(c, TERN_VECTOR_REG_LEFT_LO, left);
    run_case_write_pair(c, TERN_VECTOR_REG_LEFT_STRIDE_LO, stride);
    if (right_words(recipe)) {
        const uint64_t right = run_case_place(c, 4 * (uint64_t)right_words(recipe), recipe->right_offset);
        fill(c, right, right_words(recipe), recipe->values == SPECIAL ? SPECIAL : NEAR_ONE, random);
        run_case_write_pair(c, TERN_VECTOR_REG_RIGHT_LO, right);
    }
    if (recipe->operation == OP(QUANTIZE) || recipe->operation == OP(SOFTMAX) || recipe->operation == OP(STORE)) {
        place_groups(c, recipe);
        return;
    }
    run_case_write_pair(c, TERN_VECTOR_REG_OUTPUT_LO,
                        recipe->in_place ? left : run_case_place(c, stride * count, recipe->output_offset));
    run_case_write_pair(c, TERN_VECTOR_REG_OUTPUT_STRIDE_LO, stride);
}

static void poke(struct run_case *c, const struct recipe *recipe) {
    const uint32_t part = recipe->poke / recipe->length, element = recipe->poke % recipe->length;
    const uint64_t left = c->writes[0][1] | (uint64_t)c->writes[1][1] << 32;
    const uint64_t at = left + 4 * ((uint64_t)part * (recipe->length + recipe->gap) + element);
    memcpy(run_case_at(c, at), &recipe->poked, sizeof recipe->poked);
}

static void make(const struct recipe *recipe, const char *name, struct test_random *random, struct run_case *c) {
    run_case_start(c, TERN_VECTOR_ID, name);
    place_operands(c, recipe, random);
    if (recipe->poked) {
        poke(c, recipe);
    }
    run_case_write(c, TERN_VECTOR_REG_OPERATION, recipe->operation);
    run_case_write(c, TERN_VECTOR_REG_ROWS, recipe->rows);
    run_case_write(c, TERN_VECTOR_REG_PARTS, recipe->parts);
    run_case_write(c, TERN_VECTOR_REG_LENGTH, recipe->length);
    run_case_write(c, TERN_VECTOR_REG_SCALAR_0, recipe->scalar_0);
    run_case_write(c, TERN_VECTOR_REG_SCALAR_1,
                   tern_f32_to_bits(tern_f32_reciprocal(tern_f32_from_i32((int32_t)recipe->length))));
    if (recipe->offset) {
        run_case_write(c, recipe->offset, recipe->value);
    }
    c->record.status = recipe->status;
    c->record.has_detail = recipe->status == TERN_STATUS_NON_FINITE;
    c->record.detail = recipe->detail;
}

static void make_random(uint32_t number, struct test_random *random, struct run_case *c) {
    static const enum values kinds[] = {NEAR_ONE, CACHE_SIZED, TIES, SUBNORMAL};
    const uint32_t operation = operations[number / RANDOM_CASES_EACH];
    const bool is_store = operation == OP(STORE);
    struct recipe recipe = {.operation = operation,
                            .rows = 1 + test_random_below(random, 4),
                            .parts = operation == OP(ROPE) ? 2
                                     : is_store            ? 1 + test_random_below(random, 20)
                                                           : 1,
                            .length = 1 + test_random_below(random, is_store ? 16 : 80),
                            .values = kinds[test_random_below(random, operation == OP(RMSNORM) ? 2 : 4)],
                            .left_offset = 4 * test_random_below(random, 16),
                            .right_offset = 4 * test_random_below(random, 16),
                            .side_offset = is_store ? test_random_below(random, 64) : 4,
                            .gap = test_random_below(random, 12),
                            .scalar_0 = operation == OP(SOFTMAX) ? SCALE : EPSILON,
                            .status = TERN_STATUS_OK};
    if (operation == OP(COPY)) {
        recipe.parts = 1 + test_random_below(random, 12);
        recipe.length = 1 + test_random_below(random, 30);
    }
    if (operation != OP(QUANTIZE) && operation != OP(SOFTMAX)) {
        recipe.output_offset = (is_store ? 32 : 4) * test_random_below(random, is_store ? 2 : 16);
    }
    char name[sizeof c->record.name];
    snprintf(name, sizeof name, "random %u, operation %u", number % RANDOM_CASES_EACH, operation);
    make(&recipe, name, random, c);
}

static void make_directed(uint32_t number, struct test_random *random, struct run_case *c) {
    make(&recipes[number], recipes[number].name, random, c);
}

const struct run_file vector_runs = {TERN_SOURCE_DIR "/testvectors/unit/vector.tuv", DIRECTED_CASES,
                                     RANDOM_CASES_EACH *OPERATIONS, make_directed, make_random};
