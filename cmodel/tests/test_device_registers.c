// SPDX-License-Identifier: Apache-2.0
// Compares the register blocks of the device model with the list of spec/. Then tests for each unit that a run takes
// its registers when it starts.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/device/attention.h"
#include "cmodel/device/device_model.h"
#include "cmodel/device/dma.h"
#include "cmodel/device/matmul.h"
#include "cmodel/device/system.h"
#include "cmodel/layout.h"
#include "cmodel/reference/reference.h"
#include "cmodel/tests/dot_case.h"
#include "cmodel/tests/random.h"
#include "cmodel/tests/register_walk.h"

#define SEED 20267

static uint32_t model_read(void *context, uint32_t address) {
    return tern_device_model_read(context, address);
}

static void model_write(void *context, uint32_t address, uint32_t value) {
    tern_device_model_write(context, address, value);
}

static void test_every_word(void **state) {
    (void)state;
    uint64_t memory[64 / sizeof(uint64_t)] __attribute__((aligned(64))) = {0};
    struct tern_device_model *model;
    assert_int_equal(tern_device_model_create(TERN_DEVICE_MEMORY_BASE, sizeof memory, memory, &model), TERN_STATUS_OK);
    const struct register_device device = {model, model_read, model_write};
    register_walk(&device, SEED);
    register_walk_controls(&device);
    register_walk(&device, SEED + 1);
    tern_device_model_destroy(model);
}

#define ROWS 12u
#define GROUPS 4u
#define COLUMNS (GROUPS * TERN_GROUP_COLUMNS)
#define DEPTH 2u

// The first USED bytes of memory are in the window. The last buffer of each run ends in the last 64 of them. The window
// begins far below memory, so that each of its four words matters.
#define BASE (UINT64_C(1) << 40)
#define WEIGHTS 0u
#define CRC 0x2000u
#define STEPS_AT 0x2300u
#define ACTIVATION 0x2400u
#define ACTIVATION_STRIDE 0x140u
#define OUTPUT (ACTIVATION + TERN_MAX_VECTORS * ACTIVATION_STRIDE)
#define OUTPUT_STRIDE 0x40u
#define USED (OUTPUT + TERN_MAX_VECTORS * OUTPUT_STRIDE)
#define BYTES 0x5c00u

// DOT on a memory of its own: two heads of two images, of 20 positions. Strides have gaps of 64 bytes.
#define DOT_HEADS 2u
#define DOT_IMAGES 2u
#define DOT_HEAD_SIZE 72u
#define DOT_POSITIONS 20u
#define DOT_IMAGE_STRIDE 0x240u
#define DOT_CACHE 0x0980u
#define DOT_HEAD_STRIDE 0x17c0u
#define DOT_OUTPUT_STRIDE 0x80u
#define DOT_OUTPUT (USED - DOT_HEADS * DOT_IMAGES * DOT_OUTPUT_STRIDE)
#define BEFORE ((UINT64_C(1) << 38) - FLIP) // bytes of the window before memory
#define FLIP 0x40u                          // the bit of a captured register that a test changes; it matters in each

// The units alone: a write does no step.
struct rig {
    struct tern_bus_memory memory;
    struct tern_system_unit system;
    struct tern_dma_unit dma;
    struct tern_matmul_unit matmul;
    struct tern_attention_unit attention;
    uint8_t data[BYTES] __attribute__((aligned(64)));
    uint8_t scratch[TERN_SCRATCH_BYTES] __attribute__((aligned(64)));
};

// The results of a run.
struct outcome {
    uint32_t status;
    uint8_t data[BYTES], scratch[TERN_SCRATCH_BYTES];
};

static void put(struct rig *rig, enum tern_register_block block, uint32_t offset, uint32_t value) {
    const struct tern_window window = tern_system_unit_window(&rig->system);
    switch (block) {
    case TERN_BLOCK_SYSTEM: tern_system_unit_write(&rig->system, offset, value); break;
    case TERN_BLOCK_DMA: tern_dma_unit_write(&rig->dma, offset, value, window); break;
    case TERN_BLOCK_ATTENTION: tern_attention_unit_write(&rig->attention, offset, value, window); break;
    default: tern_matmul_unit_write(&rig->matmul, offset, value, window); break;
    }
}

static uint32_t get(struct rig *rig, enum tern_register_block block, uint32_t offset) {
    switch (block) {
    case TERN_BLOCK_SYSTEM: return tern_system_unit_read(&rig->system, offset);
    case TERN_BLOCK_DMA: return tern_dma_unit_read(&rig->dma, offset);
    case TERN_BLOCK_ATTENTION: return tern_attention_unit_read(&rig->attention, offset);
    default: return tern_matmul_unit_read(&rig->matmul, offset);
    }
}

static void put_pair(struct rig *rig, enum tern_register_block block, uint32_t offset, uint64_t value) {
    put(rig, block, offset, (uint32_t)value);
    put(rig, block, offset + 4, (uint32_t)(value >> 32));
}

// Weights with every scale code, and an activation image for each vector that the unit takes.
static void fill_memory(struct rig *rig) {
    struct test_random random = test_random_seed(SEED);
    int32_t levels[ROWS * COLUMNS];
    uint8_t codes[ROWS * GROUPS];
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        levels[i] = test_random_between(&random, -4, 4);
    }
    for (size_t i = 0; i < sizeof codes; i++) {
        codes[i] = (uint8_t)(i % TERN_STEPS);
    }
    for (uint32_t i = 0; i < TERN_MAX_VECTORS; i++) {
        uint8_t *image = rig->data + ACTIVATION + i * ACTIVATION_STRIDE;
        const uint32_t header[4] = {0u - i, GROUPS, COLUMNS, TERN_ACTIVATION_MAGIC};
        memcpy(image, header, sizeof header);
        for (uint32_t j = TERN_ACTIVATION_HEADER_BYTES; j < tern_activation_shifts_offset(COLUMNS); j++) {
            image[j] = (uint8_t)test_random_word(&random);
        }
        for (uint32_t j = 0; j < GROUPS; j++) {
            image[tern_activation_shifts_offset(COLUMNS) + j] = (uint8_t)test_random_below(&random, 16);
        }
    }
    for (uint32_t i = 0; i < 3 * TERN_SEGMENT_ALIGN; i += 4) {
        const uint32_t step = (0x3f8u + i % 3) << 20 | i;
        memcpy(rig->data + STEPS_AT + i, &step, sizeof step);
    }
    tern_reference_pack(levels, codes, ROWS, GROUPS, DEPTH, rig->data + WEIGHTS, (uint32_t *)(void *)(rig->data + CRC));
}

static void program_dma(struct rig *rig) {
    const uint32_t bytes = 0x1000;
    put_pair(rig, TERN_BLOCK_DMA, TERN_DMA_REG_ADDRESS_LO, BASE + USED - bytes);
    put(rig, TERN_BLOCK_DMA, TERN_DMA_REG_LOCAL, 0x100);
    put(rig, TERN_BLOCK_DMA, TERN_DMA_REG_LENGTH, bytes);
}

static void program_matmul(struct rig *rig) {
    put_pair(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_WEIGHTS_LO, BASE + WEIGHTS);
    put_pair(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_CRC_LO, BASE + CRC);
    put_pair(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_STEPS_LO, BASE + STEPS_AT);
    put_pair(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_ACTIVATION_LO, BASE + ACTIVATION);
    put_pair(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_ACTIVATION_STRIDE_LO, ACTIVATION_STRIDE);
    put_pair(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_OUTPUT_LO, BASE + OUTPUT);
    put_pair(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_OUTPUT_STRIDE_LO, OUTPUT_STRIDE);
    put(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_ROWS, ROWS);
    put(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_COLUMNS, COLUMNS);
    put(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_DEPTH,
        TERN_FIELD_PUT(MATMUL_DEPTH_STORED, DEPTH) | TERN_FIELD_PUT(MATMUL_DEPTH_USED, DEPTH));
    put(rig, TERN_BLOCK_MATMUL, TERN_MATMUL_REG_VECTORS, TERN_MAX_VECTORS);
}

static void program_attention(struct rig *rig) {
    put_pair(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_IMAGES_LO, BASE);
    put_pair(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_CACHE_LO, BASE + DOT_CACHE);
    put_pair(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_OUTPUT_LO, BASE + DOT_OUTPUT);
    put_pair(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_IMAGE_STRIDE_LO, DOT_IMAGE_STRIDE);
    put_pair(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_HEAD_STRIDE_LO, DOT_HEAD_STRIDE);
    put_pair(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_OUTPUT_STRIDE_LO, DOT_OUTPUT_STRIDE);
    put(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_KIND, TERN_CACHE_KEYS);
    put(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_KV_HEADS, DOT_HEADS);
    put(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_VECTORS, DOT_IMAGES);
    put(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_HEAD_SIZE, DOT_HEAD_SIZE);
    put(rig, TERN_BLOCK_ATTENTION, TERN_ATTENTION_REG_POSITIONS, DOT_POSITIONS);
}

// Images and keys in the place of the matmul's operands.
static void fill_memory_for_attention(struct rig *rig) {
    struct test_random random = test_random_seed(SEED);
    for (uint32_t i = 0; i < DOT_HEADS * DOT_IMAGES; i++) {
        dot_draw_image(&random, DOT_ANY, DOT_HEAD_SIZE, rig->data + i * DOT_IMAGE_STRIDE);
    }
    for (uint32_t i = 0; i < DOT_HEADS; i++) {
        dot_draw_records(&random, DOT_ANY, TERN_CACHE_KEYS, DOT_HEAD_SIZE, DOT_POSITIONS,
                         rig->data + DOT_CACHE + i * DOT_HEAD_STRIDE);
    }
}

static struct rig *open_rig(enum tern_register_block unit) {
    struct rig *rig = aligned_alloc(64, sizeof *rig);
    assert_non_null(rig);
    memset(rig, 0, sizeof *rig);
    rig->memory = (struct tern_bus_memory){.base = BASE, .bytes = BYTES, .data = rig->data};
    tern_system_unit_reset(&rig->system, &(struct tern_hardware){1, TERN_MAX_VECTORS, 8, 1, TERN_MAX_GROUPS});
    tern_dma_unit_reset(&rig->dma, &rig->memory, rig->scratch);
    tern_matmul_unit_reset(&rig->matmul, &rig->memory);
    tern_attention_unit_reset(&rig->attention, &rig->memory);
    put_pair(rig, TERN_BLOCK_SYSTEM, TERN_SYSTEM_REG_WINDOW_BASE_LO, BASE - BEFORE);
    put_pair(rig, TERN_BLOCK_SYSTEM, TERN_SYSTEM_REG_WINDOW_BYTES_LO, BEFORE + USED);
    if (unit == TERN_BLOCK_ATTENTION) {
        fill_memory_for_attention(rig);
    } else {
        fill_memory(rig);
    }
    program_dma(rig);
    program_matmul(rig);
    program_attention(rig);
    return rig;
}

// A unit's registers and what starts it. BUSY is the same bit in each.
struct unit {
    uint32_t control, start, status;
};

static const struct unit units[TERN_BLOCK_COUNT] = {
    [TERN_BLOCK_DMA] = {TERN_DMA_REG_CONTROL, TERN_DMA_CONTROL_TO_SCRATCH_MASK, TERN_DMA_REG_STATUS},
    [TERN_BLOCK_MATMUL] = {TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_START_MASK, TERN_MATMUL_REG_STATUS},
    [TERN_BLOCK_ATTENTION] = {TERN_ATTENTION_REG_CONTROL, TERN_ATTENTION_CONTROL_START_MASK, TERN_ATTENTION_REG_STATUS},
};

static void start(struct rig *rig, enum tern_register_block unit) {
    put(rig, unit, units[unit].control, units[unit].start);
}

// A write without effect shows the unit the window as it is now. Then the run is done.
static void finish(struct rig *rig, enum tern_register_block unit, struct outcome *outcome) {
    put(rig, unit, units[unit].status, 0);
    assert_int_equal(get(rig, unit, units[unit].status), TERN_FIELD_PUT(DMA_STATUS_BUSY, 1));
    tern_dma_unit_step(&rig->dma);
    tern_matmul_unit_step(&rig->matmul);
    tern_attention_unit_step(&rig->attention);
    outcome->status = get(rig, unit, units[unit].status);
    memcpy(outcome->data, rig->data, sizeof outcome->data);
    memcpy(outcome->scratch, rig->scratch, sizeof outcome->scratch);
}

struct captured {
    enum tern_register_block block;
    const char *name;
    uint32_t offset;
    bool is_captured;
};

#define CAPTURED(block, name, offset, access, bits, captured, vectors)                                                 \
    {TERN_BLOCK_##block, #block " " #name, offset, captured},
static const struct captured registers[] = {TERN_REGISTER_LIST(CAPTURED)};

// Two devices make the same run and then the next one. One changes a register during the first run, the other after it.
static void check_captured(enum tern_register_block unit, const struct captured *word) {
    static struct outcome during[2], after[2];
    struct rig *early = open_rig(unit), *late = open_rig(unit);
    const uint32_t flipped = get(early, word->block, word->offset) ^ FLIP;
    start(early, unit);
    put(early, word->block, word->offset, flipped);
    finish(early, unit, &during[0]);
    start(late, unit);
    finish(late, unit, &after[0]);
    put(late, word->block, word->offset, flipped);
    assert_int_equal(after[0].status, TERN_STATUS_OK);
    if (memcmp(&during[0], &after[0], sizeof *during) != 0) {
        fail_msg("%s: a write during a run changes it", word->name);
    }
    assert_int_equal(get(early, word->block, word->offset), flipped);
    start(early, unit);
    finish(early, unit, &during[1]);
    start(late, unit);
    finish(late, unit, &after[1]);
    if (memcmp(&during[1], &after[1], sizeof *during) != 0) {
        fail_msg("%s: a write during a run is lost for the next", word->name);
    }
    if (memcmp(&after[0], &after[1], sizeof *after) == 0) {
        fail_msg("%s: the run does not depend on it, so this test shows nothing", word->name);
    }
    free(early);
    free(late);
}

static uint32_t check_unit(enum tern_register_block unit) {
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++) {
        const struct captured *word = &registers[i];
        if (word->is_captured && (word->block == unit || word->block == TERN_BLOCK_SYSTEM)) {
            check_captured(unit, word);
            count++;
        }
    }
    return count;
}

static void test_dma_captures(void **state) {
    (void)state;
    // The registers are ADDRESS, LOCAL, LENGTH and the window.
    assert_int_equal(check_unit(TERN_BLOCK_DMA), 4 + 4);
}

static void test_matmul_captures(void **state) {
    (void)state;
    // The registers are seven addresses and strides, four counts and the window.
    assert_int_equal(check_unit(TERN_BLOCK_MATMUL), 14 + 4 + 4);
}

static void test_attention_captures(void **state) {
    (void)state;
    // The registers are six addresses and strides, five counts and the window.
    assert_int_equal(check_unit(TERN_BLOCK_ATTENTION), 12 + 5 + 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_word),
        cmocka_unit_test(test_dma_captures),
        cmocka_unit_test(test_matmul_captures),
        cmocka_unit_test(test_attention_captures),
    };
    return cmocka_run_group_tests_name("cmodel.device_registers", tests, NULL, NULL);
}
