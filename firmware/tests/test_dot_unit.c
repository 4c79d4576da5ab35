// SPDX-License-Identifier: Apache-2.0
// DOT on the attention unit and without it: the same completion and the same memory, also for wrong operands. Then a
// unit that hangs.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/attention/dot.h"
#include "firmware/tests/build.h"

#define SEED 20268
#define RUNS 300u

static const struct tern_device_fault healthy = {0};
static const struct tern_device_fault absent = {.attention_absent = 1};

static uint32_t below(struct bench *bench, uint32_t count) {
    return test_random_below(&bench->random, count);
}

static union tern_command draw(struct bench *bench) {
    static const uint32_t head_sizes[] = {1, 8, 24, 40, 64, 128};
    const uint32_t kind = below(bench, 2), kv_heads = 1 + below(bench, 3);
    const uint32_t vectors = 1 + below(bench, below(bench, 4) ? 8 : 20);
    return build_dot(bench, kind, kv_heads, vectors, head_sizes[below(bench, 6)], 1 + below(bench, 90));
}

// Changes a byte of a header, a shift or an exponent byte.
static void spoil(struct bench *bench, const struct tern_command_dot *dot) {
    const enum tern_cache_kind kind = (enum tern_cache_kind)dot->kind;
    const uint32_t length = kind == TERN_CACHE_KEYS ? dot->head_size : dot->positions;
    uint8_t *image = bench_at(bench, dot->images + below(bench, dot->kv_heads * dot->vectors) * dot->image_stride);
    uint8_t *records = bench_at(bench, dot->cache + below(bench, dot->kv_heads) * dot->head_stride);
    switch (below(bench, 3)) {
    case 0: image[below(bench, 16)] ^= (uint8_t)(1u << below(bench, 8)); break;
    case 1: image[tern_activation_shifts_offset(length) + below(bench, (uint32_t)tern_groups(length))] = 0x13; break;
    default:
        records += below(bench, tern_cache_records(dot->positions)) * tern_cache_record_bytes(kind, dot->head_size);
        records[below(bench, tern_cache_groups(kind, dot->head_size))] = 0x35;
        break;
    }
}

static void compare(struct bench *bench, union tern_command *command) {
    uint8_t *before = malloc(bench->memory_bytes), *with_unit = malloc(bench->memory_bytes);
    assert_true(before && with_unit);
    memcpy(before, bench->memory, bench->memory_bytes);
    struct tern_completion unit = bench_run(bench, command);
    memcpy(with_unit, bench->memory, bench->memory_bytes);
    memcpy(bench->memory, before, bench->memory_bytes);
    tern_device_model_set_fault(bench->model, &absent);
    struct tern_completion core = bench_run(bench, command);
    tern_device_model_set_fault(bench->model, &healthy);
    if (unit.status != core.status || unit.detail != core.detail) {
        fail_msg("the unit ends with %u, detail 0x%x; without it %u, detail 0x%x", unit.status, unit.detail,
                 core.status, core.detail);
    }
    memcpy(bench->before, with_unit, bench->memory_bytes);
    bench_check_unchanged(bench, 0, 0, "DOT without the unit");
    free(before);
    free(with_unit);
}

static void test_unit_and_core_agree(void **state) {
    (void)state;
    for (uint32_t i = 0; i < RUNS; i++) {
        struct bench bench;
        bench_open(&bench, 1 << 20, SEED + i);
        union tern_command command = draw(&bench);
        for (uint32_t wrong = i % 2 ? below(&bench, 3) : 0; wrong > 0; wrong--) {
            spoil(&bench, &command.dot);
        }
        compare(&bench, &command);
        bench_close(&bench);
    }
}

static void test_timeouts(void **state) {
    (void)state;
    struct bench bench;
    const struct tern_device_fault hangs = {.attention_hangs = 1};
    const struct tern_device_fault hangs_for_good = {.attention_hangs = 1, .abort_fails = 1};
    bench_open(&bench, 1 << 20, SEED);
    union tern_command command = build_dot(&bench, TERN_CACHE_KEYS, 2, 3, 64, 40);
    union tern_command other = build_add(&bench, 100);
    tern_device_model_set_fault(bench.model, &hangs);
    assert_int_equal(bench_run(&bench, &command).status, TERN_STATUS_TIMEOUT);
    tern_device_model_set_fault(bench.model, &healthy);
    compare(&bench, &command);
    tern_device_model_set_fault(bench.model, &hangs_for_good);
    assert_int_equal(bench_run(&bench, &command).status, TERN_STATUS_TIMEOUT);
    assert_int_equal(bench_run(&bench, &command).status, TERN_STATUS_UNIT_BUSY);
    bench_run_ok(&bench, &other);
    tern_device_model_set_fault(bench.model, &healthy);
    compare(&bench, &command);
    bench_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unit_and_core_agree),
        cmocka_unit_test(test_timeouts),
    };
    return cmocka_run_group_tests_name("fw.dot_unit", tests, NULL, NULL);
}
