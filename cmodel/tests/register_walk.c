// SPDX-License-Identifier: Apache-2.0
#include "cmodel/tests/register_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmodel/tests/random.h"
#include "spec/generated/tern_spec.h"

#define ROUNDS 4
#define POLLS 1000
#define JUMP_TO_ITSELF 0x0000006fu // RV32 "j ."
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)
#define DMA(name) (TERN_DMA_BASE + TERN_DMA_REG_##name)
#define MATMUL(name) (TERN_MATMUL_BASE + TERN_MATMUL_REG_##name)
#define ATTENTION(name) (TERN_ATTENTION_BASE + TERN_ATTENTION_REG_##name)

struct word {
    const char *name;
    uint32_t address, bits; // bits: those that hold a value
    enum tern_register_access access;
    bool needs_vectors;
    uint32_t written, expected;
};

#define LISTED(block, name, offset, access, bits, captured, vectors)                                                   \
    {#block " " #name, TERN_##block##_BASE + (offset), bits, TERN_ACCESS_##access, vectors, 0, 0},
static const struct word listed[] = {TERN_REGISTER_LIST(LISTED)};

#define BLOCK_BASE(block) TERN_##block##_BASE,
static const uint32_t bases[] = {TERN_BLOCK_LIST(BLOCK_BASE)};

enum {
    LISTED_COUNT = sizeof listed / sizeof *listed,
    BLOCK_COUNT = sizeof bases / sizeof *bases,
    BLOCK_WORDS = REGISTER_WALK_BLOCK_BYTES / 4,
    WORD_COUNT = BLOCK_COUNT * BLOCK_WORDS
};

static void expect(const struct register_device *device, const char *name, uint32_t address, uint32_t written,
                   uint32_t expected) {
    uint32_t got = device->read(device->context, address);
    if (got != expected) {
        fail_msg("%s, 0x%08x: after a write of 0x%08x it reads 0x%08x, expected 0x%08x", name, address, written, got,
                 expected);
    }
}

static bool has_vectors(const struct register_device *device) {
    return TERN_FIELD_GET(SYSTEM_HARDWARE_VECTORS, device->read(device->context, SYSTEM(HARDWARE))) > 1;
}

// A word that the list does not name behaves like a write-only one without fields: it keeps nothing.
static struct word word_at(uint32_t address) {
    for (size_t i = 0; i < LISTED_COUNT; i++) {
        if (listed[i].address == address) {
            return listed[i];
        }
    }
    return (struct word){.name = "no register", .address = address, .access = TERN_ACCESS_WO};
}

// The words of all register blocks, with the values of the read-only ones.
static struct word *make_words(const struct register_device *device) {
    struct word *words = calloc(WORD_COUNT, sizeof *words);
    const bool vectors = has_vectors(device);
    assert_non_null(words);
    for (uint32_t i = 0; i < WORD_COUNT; i++) {
        struct word *word = &words[i];
        *word = word_at(bases[i / BLOCK_WORDS] + i % BLOCK_WORDS * 4);
        if (word->needs_vectors && !vectors) {
            word->access = TERN_ACCESS_RO;
            word->expected = word->address == MATMUL(VECTORS) ? 1 : 0;
        } else if (word->access == TERN_ACCESS_RO) {
            word->expected = device->read(device->context, word->address);
        }
        if (word->expected & ~word->bits) {
            fail_msg("%s reads 0x%08x: bits that no field names", word->name, word->expected);
        }
    }
    return words;
}

static void write_word(const struct register_device *device, struct word *word, uint32_t value) {
    if (word->access == TERN_ACCESS_WO) {
        value &= ~word->bits;
    } else if (word->address == SYSTEM(CONTROL)) {
        value &= ~TERN_SYSTEM_CONTROL_RUN_MASK;
    }
    device->write(device->context, word->address, value);
    word->written = value;
    if (word->access == TERN_ACCESS_RW) {
        word->expected = value & word->bits;
    }
}

// TIME advances.
static void check_time(const struct register_device *device, const struct word *word) {
    uint32_t passed = device->read(device->context, word->address) - word->expected;
    if (passed >= 1u << 24) {
        fail_msg("SYSTEM TIME_LO jumps by 0x%08x after a write of 0x%08x", passed, word->written);
    }
}

void register_walk(const struct register_device *device, uint64_t seed) {
    struct test_random random = test_random_seed(seed);
    struct word *words = make_words(device);
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < WORD_COUNT; i++) {
            write_word(device, &words[i], test_random_word(&random));
        }
        for (uint32_t i = 0; i < WORD_COUNT; i++) {
            const struct word *word = &words[i];
            if (word->address == SYSTEM(TIME_LO)) {
                check_time(device, word);
            } else {
                expect(device, word->name, word->address, word->written, word->expected);
            }
        }
    }
    free(words);
}

static void put(const struct register_device *device, uint32_t address, uint32_t value) {
    device->write(device->context, address, value);
}

// Writes a control register, which must then read 0. When the unit is no longer busy, STATUS must hold `code`.
static void control(const struct register_device *device, uint32_t address, uint32_t value, uint32_t status_address,
                    enum tern_status code) {
    put(device, address, value);
    for (int i = 0; i < POLLS; i++) {
        if (!TERN_FIELD_GET(DMA_STATUS_BUSY, device->read(device->context, status_address))) {
            break;
        }
    }
    expect(device, "STATUS", status_address, value, TERN_FIELD_PUT(DMA_STATUS_CODE, code));
    expect(device, "CONTROL", address, value, 0);
}

static void walk_dma_control(const struct register_device *device) {
    const uint32_t named =
        TERN_DMA_CONTROL_TO_SCRATCH_MASK | TERN_DMA_CONTROL_TO_DEVICE_MASK | TERN_DMA_CONTROL_ABORT_MASK;
    put(device, DMA(LENGTH), 0);
    control(device, DMA(CONTROL), TERN_DMA_CONTROL_TO_SCRATCH_MASK, DMA(STATUS), TERN_STATUS_BAD_LENGTH);
    put(device, DMA(LENGTH), 4);
    put(device, DMA(LOCAL), 0);
    put(device, DMA(ADDRESS_LO), 2);
    control(device, DMA(CONTROL), ~named, DMA(STATUS), TERN_STATUS_BAD_LENGTH);
    control(device, DMA(CONTROL), TERN_DMA_CONTROL_ABORT_MASK, DMA(STATUS), TERN_STATUS_BAD_LENGTH);
    control(device, DMA(CONTROL), named, DMA(STATUS), TERN_STATUS_BAD_LENGTH);
    control(device, DMA(CONTROL), TERN_DMA_CONTROL_TO_DEVICE_MASK, DMA(STATUS), TERN_STATUS_BAD_ADDRESS);
}

static void walk_matmul_control(const struct register_device *device) {
    const uint32_t named = TERN_MATMUL_CONTROL_START_MASK | TERN_MATMUL_CONTROL_ABORT_MASK;
    put(device, MATMUL(VECTORS), 1);
    put(device, MATMUL(GROUPS), TERN_GROUP_MULTIPLE);
    put(device, MATMUL(DEPTH), 0);
    put(device, MATMUL(ROWS), 0);
    control(device, MATMUL(CONTROL), TERN_MATMUL_CONTROL_START_MASK, MATMUL(STATUS), TERN_STATUS_BAD_LENGTH);
    put(device, MATMUL(ROWS), 1);
    control(device, MATMUL(CONTROL), ~named, MATMUL(STATUS), TERN_STATUS_BAD_LENGTH);
    control(device, MATMUL(CONTROL), TERN_MATMUL_CONTROL_ABORT_MASK, MATMUL(STATUS), TERN_STATUS_BAD_LENGTH);
    control(device, MATMUL(CONTROL), named, MATMUL(STATUS), TERN_STATUS_BAD_LENGTH);
    control(device, MATMUL(CONTROL), TERN_MATMUL_CONTROL_START_MASK, MATMUL(STATUS), TERN_STATUS_BAD_DEPTH);
}

static void walk_attention_control(const struct register_device *device) {
    const uint32_t named = TERN_ATTENTION_CONTROL_START_MASK | TERN_ATTENTION_CONTROL_ABORT_MASK;
    const uint32_t start = TERN_ATTENTION_CONTROL_START_MASK;
    put(device, ATTENTION(KIND), 0);
    put(device, ATTENTION(KV_HEADS), 1);
    put(device, ATTENTION(VECTORS), 1);
    put(device, ATTENTION(HEAD_SIZE), 1);
    put(device, ATTENTION(POSITIONS), 0);
    control(device, ATTENTION(CONTROL), start, ATTENTION(STATUS), TERN_STATUS_BAD_LENGTH);
    put(device, ATTENTION(POSITIONS), 1);
    put(device, ATTENTION(CACHE_LO), 1);
    control(device, ATTENTION(CONTROL), ~named, ATTENTION(STATUS), TERN_STATUS_BAD_LENGTH);
    control(device, ATTENTION(CONTROL), TERN_ATTENTION_CONTROL_ABORT_MASK, ATTENTION(STATUS), TERN_STATUS_BAD_LENGTH);
    control(device, ATTENTION(CONTROL), named, ATTENTION(STATUS), TERN_STATUS_BAD_LENGTH);
    control(device, ATTENTION(CONTROL), start, ATTENTION(STATUS), TERN_STATUS_BAD_ADDRESS);
}

static void walk_system_control(const struct register_device *device) {
    put(device, TERN_BOOT_BASE, JUMP_TO_ITSELF);
    put(device, SYSTEM(CONTROL), UINT32_MAX);
    expect(device, "SYSTEM CONTROL", SYSTEM(CONTROL), UINT32_MAX, TERN_SYSTEM_CONTROL_RUN_MASK);
    expect(device, "SYSTEM STATUS", SYSTEM(STATUS), UINT32_MAX, TERN_SYSTEM_STATUS_RUNS_MASK);
    put(device, SYSTEM(CONTROL), ~TERN_SYSTEM_CONTROL_RUN_MASK);
    expect(device, "SYSTEM CONTROL", SYSTEM(CONTROL), ~TERN_SYSTEM_CONTROL_RUN_MASK, 0);
    expect(device, "SYSTEM STATUS", SYSTEM(STATUS), ~TERN_SYSTEM_CONTROL_RUN_MASK, 0);
}

void register_walk_controls(const struct register_device *device) {
    walk_dma_control(device);
    walk_matmul_control(device);
    walk_attention_control(device);
    walk_system_control(device);
}
