// SPDX-License-Identifier: Apache-2.0
// The test of memory in the window. It writes data at both ends, single words between others, and a word at each power
// of two, which shows whether addresses repeat. It takes the DMA engine's way, as every command does.
#include "firmware/dma.h"
#include "firmware/memory/memory.h"

#define WORDS 64u
#define BYTES (4u * WORDS)
#define MOST_BYTES 0x80000000u // of the window that are tested
#define LEAST_POWER 2u         // of the addresses: a word
#define STEP 7u                // from one single word that is written to the next

struct test {
    struct tern_context *context;
    struct tern_memory_report *report;
    uint32_t power; // the window tested has 1 << power bytes
};

static uint32_t *scratch_words(const struct test *test) {
    return (uint32_t *)(void *)(test->context->scratch + TERN_LOCAL_WORK);
}

static bool write(const struct test *test, uint32_t offset, uint32_t bytes) {
    return tern_dma_write(test->context, test->context->window_base + offset, TERN_LOCAL_WORK, bytes) == TERN_STATUS_OK;
}

static bool read(const struct test *test, uint32_t offset, uint32_t bytes) {
    void *data;
    return tern_dma_read(test->context, test->context->window_base + offset, TERN_LOCAL_WORK, bytes, &data) ==
           TERN_STATUS_OK;
}

static bool write_word(const struct test *test, uint32_t offset, uint32_t value) {
    scratch_words(test)[offset % TERN_BEAT_BYTES / 4] = value;
    return write(test, offset, 4);
}

static bool read_word(const struct test *test, uint32_t offset, uint32_t *value) {
    uint32_t *place = &scratch_words(test)[offset % TERN_BEAT_BYTES / 4];
    *place = 0;
    const bool is_done = read(test, offset, 4);
    *value = *place;
    return is_done;
}

static uint32_t differs(const struct test *test, uint32_t offset, uint32_t expected, uint32_t got) {
    test->report->address = offset;
    test->report->expected = expected;
    test->report->read = got;
    return TERN_MEMORY_WRONG_DATA;
}

// A word of the pattern: of another place and another round it is another one.
static uint32_t pattern(uint32_t place, uint32_t round) {
    const uint32_t word = (place + 1) * 0x9e3779b9u;
    return (word ^ word >> 15) ^ (round ? UINT32_MAX : 0);
}

static uint32_t compare(const struct test *test, uint32_t offset, uint32_t round, uint32_t changed) {
    for (uint32_t i = 0; i < WORDS; i++) {
        scratch_words(test)[i] = 0;
    }
    if (!read(test, offset, BYTES)) {
        return TERN_MEMORY_NO_ANSWER;
    }
    for (uint32_t i = 0; i < WORDS; i++) {
        const uint32_t expected = pattern(offset + i, i % STEP == 0 ? changed : round), got = scratch_words(test)[i];
        if (got != expected) {
            return differs(test, offset + 4 * i, expected, got);
        }
    }
    return TERN_MEMORY_READY;
}

// A pattern and its complement, so that each bit was 0 and 1. Then single words of it.
static uint32_t test_data(const struct test *test, uint32_t offset) {
    for (uint32_t round = 2; round-- > 0;) {
        for (uint32_t i = 0; i < WORDS; i++) {
            scratch_words(test)[i] = pattern(offset + i, round);
        }
        const bool is_done = write(test, offset, BYTES);
        const uint32_t state = is_done ? compare(test, offset, round, round) : TERN_MEMORY_NO_ANSWER;
        if (state != TERN_MEMORY_READY) {
            return state;
        }
    }
    for (uint32_t i = 0; i < WORDS; i += STEP) {
        if (!write_word(test, offset + 4 * i, pattern(offset + i, 1))) {
            return TERN_MEMORY_NO_ANSWER;
        }
    }
    return compare(test, offset, 0, 1);
}

// The highest address is written first: where addresses repeat, the word at 0 is the one that the lowest such power
// wrote.
static uint32_t test_addresses(const struct test *test) {
    uint32_t got;
    bool is_done = write_word(test, 0, pattern(0, 0));
    for (uint32_t power = test->power; is_done && power-- > LEAST_POWER;) {
        is_done = write_word(test, 1u << power, pattern(power, 0));
    }
    is_done = is_done && read_word(test, 0, &got);
    for (uint32_t power = LEAST_POWER; is_done && power < test->power; power++) {
        if (got == pattern(power, 0)) {
            test->report->size = 1u << power;
            return differs(test, 0, pattern(0, 0), got);
        }
    }
    if (is_done && got != pattern(0, 0)) {
        return differs(test, 0, pattern(0, 0), got);
    }
    for (uint32_t power = LEAST_POWER; is_done && power < test->power; power++) {
        is_done = read_word(test, 1u << power, &got);
        if (is_done && got != pattern(power, 0)) {
            return differs(test, 1u << power, pattern(power, 0), got);
        }
    }
    return is_done ? TERN_MEMORY_READY : TERN_MEMORY_NO_ANSWER;
}

uint32_t tern_memory_test(struct tern_context *context, struct tern_memory_report *report) {
    struct test test = {context, report, 0};
    const uint32_t most = context->window_bytes > MOST_BYTES ? MOST_BYTES : (uint32_t)context->window_bytes;
    while (test.power < 31 && 1u << (test.power + 1) <= most) {
        test.power++;
    }
    report->tested = report->size = 1u << test.power;
    if (report->tested < BYTES) {
        return TERN_MEMORY_NO_ANSWER;
    }
    uint32_t state = test_data(&test, 0);
    if (state == TERN_MEMORY_READY) {
        state = test_addresses(&test);
    }
    return state == TERN_MEMORY_READY ? test_data(&test, report->tested - BYTES) : state;
}
