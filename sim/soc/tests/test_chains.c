// SPDX-License-Identifier: Apache-2.0
// Runs random batches of commands with COMMAND_BESIDE. Commands read results of earlier ones, except of the one they
// may run beside. The model runs one command after the other. Memory and completions must be equal.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "cmodel/attention/cache.h"
#include "cmodel/layout.h"
#include "cmodel/vector/bfp.h"
#include "sim/soc/tests/soc_pair.h"

#define SEED 61
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)

enum { MOST = 80, NOTHING = -1 };

// What a command leaves for later ones; 0: none.
struct result {
    uint64_t f32, image;
    uint32_t length;
};

struct batch {
    struct soc_pair pair;
    union tern_command commands[MOST];
    struct result results[MOST];
    uint32_t count;
    int base; // the last command without COMMAND_BESIDE
};

static uint32_t below(struct batch *batch, uint32_t count) {
    return test_random_below(&batch->pair.model.random, count);
}

static void set_on_both(struct soc_pair *pair, uint32_t address, uint32_t value) {
    bench_set_register(&pair->model, address, value);
    soc_write(&pair->rtl, address, value);
}

static void set_ring(struct soc_pair *pair, uint32_t entries) {
    struct bench *bench = &pair->model;
    bench->entries = entries;
    bench->ring = bench_alloc(bench, entries * (uint64_t)(TERN_COMMAND_BYTES + TERN_COMPLETION_BYTES));
    set_on_both(pair, SYSTEM(RING_ENTRIES), entries);
    set_on_both(pair, SYSTEM(RING_BASE_LO), (uint32_t)bench->ring);
    set_on_both(pair, SYSTEM(RING_BASE_HI), (uint32_t)(bench->ring >> 32));
}

// An earlier command with a result of the kind, often the newest. The next command may depend on it.
static int pick(struct batch *batch, bool is_beside, bool is_image) {
    for (int tries = 0; tries < 4 && batch->count > 0; tries++) {
        const uint32_t back = below(batch, 2) ? 0 : below(batch, batch->count);
        const int index = (int)(batch->count - 1 - back);
        const struct result *result = &batch->results[index];
        if (!(is_beside && index == batch->base) && (is_image ? result->image : result->f32)) {
            return index;
        }
    }
    return NOTHING;
}

// Of an earlier image, or of one of its own with so many columns.
static void make_matmul(struct batch *batch, uint32_t rows, uint32_t own_columns, int image,
                        union tern_command *command) {
    struct bench *bench = &batch->pair.model;
    struct build_matrix matrix;
    size_t bad;
    const uint32_t columns = image == NOTHING ? own_columns : batch->results[image].length;
    build_matrix(bench, rows, columns, 3, 1 + below(batch, 3), &matrix);
    *command = matrix.matmul;
    if (image == NOTHING) {
        const struct tern_command_quantize *quantize = &matrix.quantize.quantize;
        assert_int_equal(
            tern_bfp_quantize(bench_f32(bench, quantize->input), columns, bench_at(bench, quantize->output), &bad),
            TERN_STATUS_OK);
    } else {
        command->matmul.activation = batch->results[image].image;
    }
    build_matrix_free(&matrix);
}

static void make_quantize(struct batch *batch, int input, union tern_command *command) {
    *command = build_quantize(&batch->pair.model, input == NOTHING ? 2048 : batch->results[input].length, 4.0f);
    if (input != NOTHING) {
        command->quantize.input = batch->results[input].f32;
    }
}

static void make_add(struct batch *batch, int input, union tern_command *command) {
    *command = build_add(&batch->pair.model, input == NOTHING ? 16 : batch->results[input].length);
    if (input != NOTHING) {
        command->add.left = batch->results[input].f32;
    } else if (below(batch, 8) == 0) {
        command->add.left = batch->pair.model.window_base - TERN_SEGMENT_ALIGN; // refused
    }
}

static void make_dot(struct batch *batch, int image, union tern_command *command) {
    const bool fits = image != NOTHING && batch->results[image].length <= TERN_MAX_HEAD_SIZE;
    const uint32_t head_size = fits ? batch->results[image].length : 24;
    *command = build_dot(&batch->pair.model, TERN_CACHE_KEYS, 1, 1, head_size, 1 + below(batch, 200));
    if (fits) {
        command->dot.images = batch->results[image].image;
    }
}

static struct result result_of(const union tern_command *command) {
    switch (command->header.opcode) {
    case TERN_OPCODE_MATMUL: return (struct result){command->matmul.output, 0, command->matmul.rows};
    case TERN_OPCODE_QUANTIZE: return (struct result){0, command->quantize.output, command->quantize.length};
    case TERN_OPCODE_ADD: return (struct result){command->add.output, 0, command->add.length};
    case TERN_OPCODE_DOT: return (struct result){command->dot.output, 0, command->dot.positions};
    default: return (struct result){0};
    }
}

// rows: most of a matrix. kind: 0 to 4.
static void append(struct batch *batch, uint32_t kind, uint32_t rows, bool is_beside) {
    union tern_command *command = &batch->commands[batch->count];
    const int earlier = pick(batch, is_beside, kind == 0 || kind == 3);
    switch (kind) {
    case 0: make_matmul(batch, 1 + below(batch, rows), 1 + below(batch, 600), earlier, command); break;
    case 1: make_quantize(batch, earlier, command); break;
    case 2: make_add(batch, earlier, command); break;
    case 3: make_dot(batch, earlier, command); break;
    default: *command = build_nop();
    }
    batch->results[batch->count] = result_of(command);
    batch->base = is_beside ? batch->base : (int)batch->count;
    command->header.opcode |= is_beside ? TERN_COMMAND_BESIDE : 0;
    batch->count++;
}

static void run(struct batch *batch, const char *what) {
    struct tern_completion completions[MOST];
    soc_pair_run_batch(&batch->pair, batch->commands, batch->count, completions, what);
    printf("%-34s %8llu cycles\n", what, (unsigned long long)batch->pair.cycles);
    batch->count = 0;
    batch->base = NOTHING;
}

// In the last ones the firmware computes the commands of a unit itself.
static void test_random_chains(void **state) {
    (void)state;
    static const uint32_t entries[] = {32, 8, 4}, software[] = {2, 1, 2};
    enum { BATCHES = 18 };
    struct batch batch = {.base = NOTHING};
    soc_pair_open(&batch.pair, 1 << 21, SEED, 1);
    const uint64_t start = batch.pair.model.next;
    for (uint32_t i = 0; i < BATCHES; i++) {
        char what[32];
        batch.pair.model.next = start;
        set_ring(&batch.pair, entries[i % 3]);
        soc_write(&batch.pair.rtl, SYSTEM(SOFTWARE), i < BATCHES - 3 ? 0 : software[i % 3]);
        for (uint32_t count = entries[i % 3] / 2 + below(&batch, entries[i % 3] / 2) + 1; batch.count < count;) {
            append(&batch, below(&batch, 5), below(&batch, 3) ? 100 : 500, below(&batch, 4) != 0);
        }
        snprintf(what, sizeof what, "batch %u, %u commands", i, batch.count);
        run(&batch, what);
    }
    soc_pair_close(&batch.pair);
}

// More commands end beside a long one than scratch memory has places for. They read the first result, so that none is
// refused.
static void test_long_command(void **state) {
    (void)state;
    struct batch batch = {.base = NOTHING};
    soc_pair_open(&batch.pair, 1 << 22, SEED, 0);
    set_ring(&batch.pair, 128);
    set_on_both(&batch.pair, SYSTEM(WAIT_LIMIT), 1 << 20); // a longer wait starts nothing
    append(&batch, 2, 0, false);
    make_matmul(&batch, 2000, 2000, NOTHING, &batch.commands[1]);
    batch.base = 1;
    batch.count = 2;
    while (batch.count < MOST) {
        append(&batch, 2, 0, true);
    }
    run(&batch, "78 commands beside a MATMUL");
    soc_pair_close(&batch.pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_chains),
        cmocka_unit_test(test_long_command),
    };
    return cmocka_run_group_tests_name("soc.chains", tests, NULL, NULL);
}
