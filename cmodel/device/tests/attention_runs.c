// SPDX-License-Identifier: Apache-2.0
// The cases of testvectors/unit/attention.tuv: DOT with keys and with values, refused runs, and seeded random ones.
#include <stdio.h>
#include <string.h>

#include "cmodel/device/tests/run_case.h"
#include "cmodel/tests/dot_case.h"

#define RANDOM_CASES 8u

struct recipe {
    const char *name;
    enum tern_cache_kind kind;
    uint32_t kv_heads, vectors, head_size, positions;
    enum dot_draw draw;
    uint32_t gap;                // bytes between images, heads and outputs, a multiple of 64
    uint32_t image, byte, wrong; // image number and the byte of it that gets the value `wrong`
    uint32_t head, exponent;     // head and exponent byte of its records that get the value `wrong`
    uint32_t offset, value;      // a register and what it gets instead; 0, 0: none
    uint32_t status, detail;
};

#define KEYS TERN_CACHE_KEYS
#define VALUES TERN_CACHE_VALUES
#define NO_PLACE UINT32_MAX
#define SOUND NO_PLACE, 0, 0, NO_PLACE, 0, 0, 0, TERN_STATUS_OK, 0
#define PLACE(what, head, index)                                                                                       \
    (TERN_FIELD_PUT(ATTENTION_ERROR_WHAT, what) | TERN_FIELD_PUT(ATTENTION_ERROR_HEAD, head) |                         \
     TERN_FIELD_PUT(ATTENTION_ERROR_INDEX, index))
// A byte of the only image.
#define IMAGE(byte, wrong, what) 0, byte, wrong, NO_PLACE, 0, 0, 0, TERN_STATUS_BAD_ACTIVATION, PLACE(what, 0, 0)
#define REFUSED(register, value, status)                                                                               \
    NO_PLACE, 0, 0, NO_PLACE, 0, TERN_ATTENTION_REG_##register, value, TERN_STATUS_##status, 0

static const struct recipe recipes[] = {
    {"one key", KEYS, 1, 1, 16, 1, DOT_ANY, 0, SOUND},
    {"one value", VALUES, 1, 1, 16, 1, DOT_ANY, 0, SOUND},
    {"keys, head of 24", KEYS, 2, 2, 24, 37, DOT_ANY, 0, SOUND},
    {"values, head of 24", VALUES, 2, 2, 24, 37, DOT_ANY, 0, SOUND},
    {"keys, head of 1", KEYS, 1, 1, 1, 17, DOT_ANY, 0, SOUND},
    {"values, head of 1", VALUES, 1, 1, 1, 17, DOT_ANY, 0, SOUND},
    {"keys, head of 80, with gaps", KEYS, 2, 1, 80, 18, DOT_ANY, 128, SOUND},
    {"values, head of 80, with gaps", VALUES, 2, 1, 80, 18, DOT_ANY, 128, SOUND},
    {"keys, 8 vectors", KEYS, 1, 8, 32, 20, DOT_ANY, 64, SOUND},
    {"values, 8 vectors", VALUES, 1, 8, 20, 33, DOT_ANY, 64, SOUND},
    {"keys, whole records", KEYS, 1, 1, 64, 32, DOT_ANY, 0, SOUND},
    {"values, whole records", VALUES, 1, 1, 64, 32, DOT_ANY, 0, SOUND},
    {"keys, head of 256", KEYS, 1, 1, 256, 16, DOT_ANY, 0, SOUND},
    {"values, head of 256", VALUES, 1, 1, 256, 16, DOT_ANY, 0, SOUND},
    {"keys, extreme mantissas", KEYS, 1, 2, 40, 33, DOT_EXTREME, 0, SOUND},
    {"values, extreme mantissas", VALUES, 1, 2, 40, 33, DOT_EXTREME, 0, SOUND},
    {"keys, ties", KEYS, 1, 2, 48, 32, DOT_TIES, 0, SOUND},
    {"values, ties", VALUES, 1, 2, 48, 32, DOT_TIES, 0, SOUND},
    {"values in two parts of 128", VALUES, 1, 1, 3, 2060, DOT_ANY, 0, SOUND},
    {"base exponent too large", KEYS, 1, 1, 16, 4, DOT_ANY, 0, IMAGE(0, 100, 0)},
    {"groups of the image", KEYS, 1, 1, 16, 4, DOT_ANY, 0, IMAGE(4, 8, 1)},
    {"columns of the image", VALUES, 1, 1, 16, 4, DOT_ANY, 0, IMAGE(8, 5, 2)},
    {"magic of the image", KEYS, 1, 1, 16, 4, DOT_ANY, 0, IMAGE(12, 0, 3)},
    {"shift of 16", KEYS, 1, 1, 40, 4, DOT_ANY, 0, IMAGE(64 + 128 + 2, 16, TERN_DOT_AT_SHIFT)},
    {"shift of the second head's image", KEYS, 2, 2, 16, 4, DOT_ANY, 0, 3, 64 + 128, 255, NO_PLACE, 0, 0, 0,
     TERN_STATUS_BAD_ACTIVATION, PLACE(TERN_DOT_AT_SHIFT, 1, 1)},
    {"exponent byte of 32", KEYS, 2, 1, 24, 20, DOT_ANY, 0, NO_PLACE, 0, 32, 1, 7, 0, 0, TERN_STATUS_BAD_ACTIVATION,
     PLACE(TERN_DOT_AT_EXPONENT, 1, 0)},
    {"exponent byte of a value", VALUES, 1, 1, 24, 20, DOT_ANY, 0, NO_PLACE, 0, 200, 0, 23, 0, 0,
     TERN_STATUS_BAD_ACTIVATION, PLACE(TERN_DOT_AT_EXPONENT, 0, 0)},
    {"kind 2", KEYS, 1, 1, 16, 4, DOT_ANY, 0, REFUSED(KIND, 2, BAD_LENGTH)},
    {"no heads", KEYS, 1, 1, 16, 4, DOT_ANY, 0, REFUSED(KV_HEADS, 0, BAD_LENGTH)},
    {"257 heads", KEYS, 1, 1, 16, 4, DOT_ANY, 0, REFUSED(KV_HEADS, 257, BAD_LENGTH)},
    {"9 vectors", KEYS, 1, 1, 16, 4, DOT_ANY, 0, REFUSED(VECTORS, 9, BAD_LENGTH)},
    {"head size of 257", VALUES, 1, 1, 16, 4, DOT_ANY, 0, REFUSED(HEAD_SIZE, 257, BAD_LENGTH)},
    {"no positions", VALUES, 1, 1, 16, 4, DOT_ANY, 0, REFUSED(POSITIONS, 0, BAD_LENGTH)},
    {"too many positions", VALUES, 1, 1, 16, 4, DOT_ANY, 0, REFUSED(POSITIONS, TERN_MAX_POSITIONS + 1, BAD_LENGTH)},
    {"images misaligned", KEYS, 1, 1, 16, 4, DOT_ANY, 0, REFUSED(IMAGES_LO, 0x20, BAD_ADDRESS)},
    {"head stride misaligned", KEYS, 1, 1, 16, 4, DOT_ANY, 0, REFUSED(HEAD_STRIDE_LO, 4, BAD_ADDRESS)},
};

#define DIRECTED_CASES (sizeof recipes / sizeof recipes[0])

static uint32_t image_length(const struct recipe *recipe) {
    return recipe->kind == KEYS ? recipe->head_size : recipe->positions;
}

static void place_images(struct run_case *c, const struct recipe *recipe, struct test_random *random) {
    const uint32_t images = recipe->kv_heads * recipe->vectors;
    const uint64_t stride = tern_activation_bytes(image_length(recipe)) + recipe->gap;
    const uint64_t at = run_case_place(c, stride * images, 0);
    for (uint32_t i = 0; i < images; i++) {
        dot_draw_image(random, recipe->draw, image_length(recipe), run_case_at(c, at + i * stride));
    }
    if (recipe->image != NO_PLACE) {
        *run_case_at(c, at + recipe->image * stride + recipe->byte) = (uint8_t)recipe->wrong;
        if (recipe->byte == 0) {
            memset(run_case_at(c, at + 1), 0, 3); // the base exponent is this byte, and positive
        }
    }
    run_case_write_pair(c, TERN_ATTENTION_REG_IMAGES_LO, at);
    run_case_write_pair(c, TERN_ATTENTION_REG_IMAGE_STRIDE_LO, stride);
}

static void place_records(struct run_case *c, const struct recipe *recipe, struct test_random *random) {
    const uint64_t stride = tern_cache_head_bytes(recipe->kind, recipe->head_size, recipe->positions) + recipe->gap;
    const uint64_t at = run_case_place(c, stride * recipe->kv_heads, 0);
    for (uint32_t i = 0; i < recipe->kv_heads; i++) {
        dot_draw_records(random, recipe->draw, recipe->kind, recipe->head_size, recipe->positions,
                         run_case_at(c, at + i * stride));
    }
    if (recipe->head != NO_PLACE) {
        *run_case_at(c, at + recipe->head * stride + recipe->exponent) = (uint8_t)recipe->wrong;
    }
    run_case_write_pair(c, TERN_ATTENTION_REG_CACHE_LO, at);
    run_case_write_pair(c, TERN_ATTENTION_REG_HEAD_STRIDE_LO, stride);
}

static void make(const struct recipe *recipe, const char *name, struct test_random *random, struct run_case *c) {
    const uint32_t results = recipe->kind == KEYS ? recipe->positions : recipe->head_size;
    const uint64_t stride = tern_align_up(4 * (uint64_t)results, TERN_SEGMENT_ALIGN) + recipe->gap;
    run_case_start(c, TERN_ATTENTION_ID, name);
    place_images(c, recipe, random);
    place_records(c, recipe, random);
    run_case_write_pair(c, TERN_ATTENTION_REG_OUTPUT_LO,
                        run_case_place(c, stride * recipe->kv_heads * recipe->vectors, 0));
    run_case_write_pair(c, TERN_ATTENTION_REG_OUTPUT_STRIDE_LO, stride);
    run_case_write(c, TERN_ATTENTION_REG_KIND, recipe->kind);
    run_case_write(c, TERN_ATTENTION_REG_KV_HEADS, recipe->kv_heads);
    run_case_write(c, TERN_ATTENTION_REG_VECTORS, recipe->vectors);
    run_case_write(c, TERN_ATTENTION_REG_HEAD_SIZE, recipe->head_size);
    run_case_write(c, TERN_ATTENTION_REG_POSITIONS, recipe->positions);
    if (recipe->offset) {
        run_case_write(c, recipe->offset, recipe->value);
    }
    c->record.status = recipe->status;
    c->record.has_detail = 1;
    c->record.detail = recipe->detail;
}

static void make_random(uint32_t number, struct test_random *random, struct run_case *c) {
    const struct recipe recipe = {.kind = number % 2 ? VALUES : KEYS,
                                  .kv_heads = 1 + test_random_below(random, 3),
                                  .vectors = 1 + test_random_below(random, 3),
                                  .head_size = 1 + test_random_below(random, 40),
                                  .positions = 1 + test_random_below(random, 50),
                                  .draw = (enum dot_draw)test_random_below(random, DOT_DRAWS),
                                  .gap = 64 * test_random_below(random, 3),
                                  .image = NO_PLACE,
                                  .head = NO_PLACE,
                                  .status = TERN_STATUS_OK};
    char name[sizeof c->record.name];
    snprintf(name, sizeof name, "random %u", number);
    make(&recipe, name, random, c);
}

static void make_directed(uint32_t number, struct test_random *random, struct run_case *c) {
    make(&recipes[number], recipes[number].name, random, c);
}

const struct run_file attention_runs = {TERN_SOURCE_DIR "/testvectors/unit/attention.tuv", DIRECTED_CASES, RANDOM_CASES,
                                        make_directed, make_random};
