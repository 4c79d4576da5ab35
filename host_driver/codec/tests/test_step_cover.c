// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "host_driver/codec/step_cover.h"

static uint32_t next(uint32_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static bool is_served(const struct tern_step_cover *cover, const struct tern_step_interval *intervals, unsigned count) {
    for (unsigned i = 0; i < cover->step_count; i++) {
        for (unsigned j = 0; j < count; j++) {
            if (intervals[j].low <= cover->steps[i] && cover->steps[i] <= intervals[j].high) {
                return true;
            }
        }
    }
    return false;
}

// Groups around `wells` hidden steps. Each has an interval with the step and sometimes others, such as those of half or
// a third of the step. The intervals are so narrow that no two wells share one.
static unsigned make_group(const uint32_t *wells, unsigned count, uint32_t *seed, struct tern_step_interval *out) {
    uint32_t well = wells[next(seed) % count];
    unsigned made = 0, others = next(seed) % 3 ? 0 : 1 + next(seed) % 4;
    for (unsigned i = 0; i < others; i++) {
        uint32_t low = well - 4000000 * (others - i) + next(seed) % 2000;
        out[made++] = (struct tern_step_interval){low, low + 500 + next(seed) % 2000};
    }
    out[made++] = (struct tern_step_interval){well - next(seed) % 2000, well + next(seed) % 2000};
    return made;
}

static void hidden_steps_are_found(void **state) {
    static struct tern_step_interval groups[3000][5];
    unsigned counts[3000];
    struct tern_step_cover cover = {0};
    (void)state;
    for (uint32_t seed = 1; seed <= 30; seed++) {
        uint32_t random = seed, wells[TERN_STEPS];
        unsigned well_count = 1 + seed % TERN_STEPS;
        for (unsigned i = 0; i < well_count; i++) {
            wells[i] = 0x39000000 + i * (5000 + next(&random) % 400000); // 0.06 % apart and more
        }
        tern_step_cover_clear(&cover);
        for (unsigned i = 0; i < 3000; i++) {
            counts[i] = make_group(wells, well_count, &random, groups[i]);
            assert_true(tern_step_cover_add(&cover, i, groups[i], counts[i]));
        }
        if (tern_step_cover_solve(&cover) != 0) {
            fail_msg("seed %u: %u hidden steps are not found", seed, well_count);
        }
        for (unsigned i = 0; i < 3000; i++) {
            if (!is_served(&cover, groups[i], counts[i])) {
                fail_msg("seed %u: group %u is said to be served and is not", seed, i);
            }
        }
    }
    tern_step_cover_free(&cover);
}

// 27 steps serve all groups but one near a step of many. That one is left out, not a single group far from all steps.
static void check_odd_one(unsigned lone) {
    struct tern_step_cover cover = {0};
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        for (unsigned copies = 0; copies < (i == lone ? 1 : 4); copies++) {
            struct tern_step_interval interval = {0x39000000 + i * 1000000, 0x39000000 + i * 1000000 + 3000};
            assert_true(tern_step_cover_add(&cover, i, &interval, 1));
        }
    }
    struct tern_step_interval odd = {0x39000000 + 7 * 1000000 + 3001, 0x39000000 + 7 * 1000000 + 6000};
    assert_true(tern_step_cover_add(&cover, 99, &odd, 1));
    assert_int_equal(tern_step_cover_solve(&cover), 1);
    for (size_t i = 0; i < cover.group_count; i++) {
        if (cover.groups[i].covered == 0) {
            assert_int_equal(cover.groups[i].name, 99);
        }
    }
    tern_step_cover_free(&cover);
}

static void the_odd_one_is_left(void **state) {
    (void)state;
    check_odd_one(3);
    check_odd_one(13);
}

// A first choice between two steps serves most groups of both; the others need it moved.
static void a_step_between_two_is_moved(void **state) {
    struct tern_step_cover cover = {0};
    (void)state;
    for (unsigned i = 0; i + 2 < TERN_STEPS; i++) {
        struct tern_step_interval far = {0x3a000000 + i * 1000000, 0x3a000000 + i * 1000000 + 100};
        assert_true(tern_step_cover_add(&cover, i, &far, 1));
    }
    for (unsigned i = 0; i < 6; i++) {
        struct tern_step_interval left = {0x39000000, 0x39000000 + (i < 4 ? 2000 : 900)};
        struct tern_step_interval right = {0x39000000 + (i < 4 ? 1000 : 2100), 0x39000000 + 3000};
        assert_true(tern_step_cover_add(&cover, 100 + i, &left, 1));
        assert_true(tern_step_cover_add(&cover, 200 + i, &right, 1));
    }
    assert_int_equal(tern_step_cover_solve(&cover), 0);
    tern_step_cover_free(&cover);
}

static void the_simplest_step_is_taken(void **state) {
    struct tern_step_cover cover = {0};
    struct tern_step_interval interval = {0x3c123456, 0x3c124abc};
    (void)state;
    assert_true(tern_step_cover_add(&cover, 0, &interval, 1));
    assert_int_equal(tern_step_cover_solve(&cover), 0);
    assert_int_equal(cover.step_count, 1);
    assert_int_equal(cover.steps[0], 0x3c124000);
    tern_step_cover_free(&cover);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hidden_steps_are_found),
        cmocka_unit_test(the_odd_one_is_left),
        cmocka_unit_test(a_step_between_two_is_moved),
        cmocka_unit_test(the_simplest_step_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
