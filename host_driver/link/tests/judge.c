// SPDX-License-Identifier: Apache-2.0
#include "host_driver/link/tests/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES 3000u

static uint32_t register_after(uint32_t old, uint32_t value) {
    return old * 31 + value;
}

bool judge_register_read(void *context, uint32_t address, uint32_t *value) {
    const struct judge *judge = context;
    const uint32_t index = (address - JUDGE_REGISTER_BASE) / 4;
    *value = index < JUDGE_REGISTERS ? judge->registers[index] : 0;
    return index < JUDGE_REGISTERS;
}

bool judge_register_write(void *context, uint32_t address, uint32_t value) {
    struct judge *judge = context;
    const uint32_t index = (address - JUDGE_REGISTER_BASE) / 4;
    if (index < JUDGE_REGISTERS) {
        judge->registers[index] = register_after(judge->registers[index], value);
    }
    return index < JUDGE_REGISTERS;
}

static bool is_memory(uint64_t address, size_t bytes) {
    return address >= JUDGE_MEMORY_BASE && address - JUDGE_MEMORY_BASE + bytes <= JUDGE_MEMORY_BYTES;
}

bool judge_memory_read(void *context, uint64_t address, void *data, size_t bytes) {
    const struct judge *judge = context;
    if (is_memory(address, bytes)) {
        memcpy(data, judge->memory + (address - JUDGE_MEMORY_BASE), bytes);
    }
    return is_memory(address, bytes);
}

bool judge_memory_write(void *context, uint64_t address, const void *data, size_t bytes) {
    struct judge *judge = context;
    if (is_memory(address, bytes)) {
        memcpy(judge->memory + (address - JUDGE_MEMORY_BASE), data, bytes);
    }
    return is_memory(address, bytes);
}

static bool find(struct judge *judge, const char *what, uint64_t at) {
    if (!judge->finding[0]) {
        snprintf(judge->finding, sizeof judge->finding, "access %llu, frame %llu: %s at 0x%llx; %.80s",
                 (unsigned long long)judge->accesses, (unsigned long long)judge->channel.carried, what,
                 (unsigned long long)at, judge->error.message);
    }
    return false;
}

static bool expect_ok(struct judge *judge, enum tern_status status, const char *what, uint64_t at) {
    return status == TERN_STATUS_OK || find(judge, what, at);
}

static bool open_link(struct judge *judge) {
    const struct tern_link_transport transport = channel_transport(&judge->channel);
    return expect_ok(judge, tern_link_open(&transport, "board", JUDGE_TRIES, &judge->error, &judge->link),
                     "a link that does not open", 0);
}

void judge_begin(struct judge *judge, uint64_t seed, uint32_t faults, bool is_stream) {
    judge->channel.random = test_random_seed(seed);
    judge->channel.faults = faults;
    judge->channel.is_stream = is_stream;
    judge->link = NULL;
    (void)open_link(judge);
}

void judge_end(struct judge *judge) {
    tern_link_close(judge->link);
    judge->link = NULL;
}

static bool compare(struct judge *judge, const uint8_t *got, uint32_t first, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) {
        if (got[i] != judge->expected_memory[first + i]) {
            return find(judge, "a byte of memory is wrong", first + i);
        }
    }
    return true;
}

static bool read_memory(struct judge *judge, uint32_t first, uint32_t bytes) {
    uint8_t got[JUDGE_MEMORY_BYTES];
    return expect_ok(judge, tern_link_memory_read(judge->link, JUDGE_MEMORY_BASE + first, got, bytes, &judge->error),
                     "a read of memory failed", first) &&
           compare(judge, got, first, bytes);
}

static bool write_memory(struct judge *judge, uint32_t first, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) {
        judge->expected_memory[first + i] = (uint8_t)test_random_word(&judge->channel.random);
    }
    return expect_ok(judge,
                     tern_link_memory_write(judge->link, JUDGE_MEMORY_BASE + first, judge->expected_memory + first,
                                            bytes, &judge->error),
                     "a write of memory failed", first);
}

static bool read_register(struct judge *judge, uint32_t index) {
    uint32_t got = 0;
    return expect_ok(judge, tern_link_register_read(judge->link, JUDGE_REGISTER_BASE + 4 * index, &got, &judge->error),
                     "a read of a register failed", index) &&
           (got == judge->expected_registers[index] || find(judge, "a register is wrong", index));
}

static bool write_registers(struct judge *judge, uint32_t first, uint32_t count) {
    bool good = true;
    for (uint32_t i = first; good && i < first + count; i++) {
        const uint32_t value = test_random_word(&judge->channel.random);
        judge->expected_registers[i] = register_after(judge->expected_registers[i], value);
        good =
            expect_ok(judge, tern_link_register_write(judge->link, JUDGE_REGISTER_BASE + 4 * i, value, &judge->error),
                      "a write of a register failed", i);
    }
    return good;
}

bool judge_access(struct judge *judge) {
    struct test_random *random = &judge->channel.random;
    const uint32_t first = test_random_below(random, JUDGE_MEMORY_BYTES - MOST_BYTES);
    const uint32_t bytes = 1 + test_random_below(random, test_random_below(random, 2) ? MOST_BYTES : 40);
    const uint32_t index = test_random_below(random, JUDGE_REGISTERS);
    judge->accesses++;
    switch (test_random_below(random, 5)) {
    case 0: return read_memory(judge, first, bytes);
    case 1: return read_register(judge, index);
    case 2: return write_registers(judge, index, 1 + test_random_below(random, JUDGE_REGISTERS - index));
    default: return write_memory(judge, first, bytes);
    }
}

bool judge_everything(struct judge *judge) {
    bool good = read_memory(judge, 0, JUDGE_MEMORY_BYTES);
    for (uint32_t i = 0; good && i < JUDGE_REGISTERS; i++) {
        good = read_register(judge, i);
    }
    return good;
}

// What is there now is right, and stays.
static void accept(struct judge *judge) {
    memcpy(judge->expected_memory, judge->memory, sizeof judge->memory);
    memcpy(judge->expected_registers, judge->registers, sizeof judge->registers);
}

// A write of one frame whose call fails: it was done once or not at all, and a new session ends the matter.
static bool fail_and_resume(struct judge *judge, enum tern_status expected, const char *sentence) {
    uint32_t value = test_random_word(&judge->channel.random), got = 0;
    const uint32_t once = register_after(judge->registers[0], value), never = judge->registers[0];
    enum tern_status status = tern_link_register_write(judge->link, JUDGE_REGISTER_BASE, value, &judge->error);
    status = status == TERN_STATUS_OK ? tern_link_flush(judge->link, &judge->error) : status;
    if (status != expected || !strstr(judge->error.message, sentence)) {
        return find(judge, "another failure was expected", expected);
    }
    judge->channel.is_dead = false;
    if (!expect_ok(judge, tern_link_register_read(judge->link, JUDGE_REGISTER_BASE, &got, &judge->error),
                   "the link does not resume", 0)) {
        return false;
    }
    if (got != once && got != never) {
        return find(judge, "a write of a failed call was doubled", 0);
    }
    accept(judge);
    channel_drain(&judge->channel);
    return judge_everything(judge);
}

bool judge_pull_cable(struct judge *judge) {
    if (!expect_ok(judge, tern_link_flush(judge->link, &judge->error), "a flush failed", 0)) {
        return false;
    }
    judge->channel.is_dead = true;
    return fail_and_resume(judge, TERN_STATUS_TIMEOUT, "board: no answer after 60 tries: is the board on");
}

bool judge_reset_board(struct judge *judge) {
    if (!expect_ok(judge, tern_link_flush(judge->link, &judge->error), "a flush failed", 0)) {
        return false;
    }
    judge->reset_board(judge->channel.board_context);
    return fail_and_resume(judge, TERN_STATUS_BAD_DEVICE, "board: the board was reset");
}

// The host forgets its link while writes are under way. Once the next link is open, they have no effect any more.
bool judge_reset_host(struct judge *judge) {
    uint32_t got = 0;
    (void)(write_memory(judge, 0, MOST_BYTES) && write_registers(judge, 0, JUDGE_REGISTERS) &&
           write_memory(judge, 100, MOST_BYTES));
    free(judge->link); // without the flush of tern_link_close()
    judge->link = NULL;
    if (!open_link(judge) ||
        !expect_ok(judge, tern_link_register_read(judge->link, JUDGE_REGISTER_BASE, &got, &judge->error),
                   "the new link does not work", 0)) {
        return false;
    }
    accept(judge);
    channel_drain(&judge->channel);
    return judge_everything(judge);
}

static bool run_event(struct judge *judge) {
    switch (test_random_below(&judge->channel.random, 3)) {
    case 0: return judge_pull_cable(judge);
    case 1: return judge_reset_board(judge);
    default: return judge_reset_host(judge);
    }
}

bool judge_run(struct judge *judge, uint64_t chunks) {
    bool good = judge->link != NULL;
    for (const uint64_t end = judge->channel.carried + chunks; good && judge->channel.carried < end;) {
        good = judge_access(judge) && (judge->accesses % 100 || run_event(judge));
    }
    return good && judge_everything(judge);
}

static size_t take(void *context, const uint8_t *bytes, size_t size, uint8_t *answer) {
    struct judge_model *model = context;
    uint8_t frame[TERN_LINK_MAX_FRAME_BYTES];
    size_t count = 0;
    if (!model->judge->channel.is_stream) {
        return tern_link_board_take(&model->board, bytes, size, answer);
    }
    for (size_t i = 0; i < size; i++) {
        if (tern_link_unstuff(&model->unstuffer, bytes[i])) {
            const size_t made =
                tern_link_board_take(&model->board, model->unstuffer.frame, model->unstuffer.size, frame);
            count += made ? tern_link_stuff(frame, made, answer + count) : 0;
        }
    }
    return count;
}

static void reset(void *context) {
    tern_link_board_reset(&((struct judge_model *)context)->board);
}

void judge_use_model(struct judge *judge, struct judge_model *model) {
    model->judge = judge;
    model->board = (struct tern_link_board){
        .bus = {judge, judge_register_read, judge_register_write, judge_memory_read, judge_memory_write},
        .memory_base = JUDGE_MEMORY_BASE,
        .memory_bytes = JUDGE_MEMORY_BYTES};
    judge->channel.board = take;
    judge->channel.board_context = model;
    judge->reset_board = reset;
}
