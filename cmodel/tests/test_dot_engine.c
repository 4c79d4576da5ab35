// SPDX-License-Identifier: Apache-2.0
// DOT over threads, by every path of this processor, against the order of the unit and the reference. Operands end at
// pages that must not be touched.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "cmodel/fast/dot/dot_engine.h"
#include "cmodel/fast/dot/dot_span.h"
#include "cmodel/fast/pool.h"
#include "cmodel/reference/reference.h"
#include "cmodel/tests/dot_case.h"

#define MOST_POSITIONS 4200u // three parts
#define PAGE 4096u
#define MOST_THREADS 3u

#ifdef TERN_EMULATED // the best one, since the processor does not say that it has AVX-512
static const enum tern_kernel kernels[] = {TERN_KERNEL_EXACT, TERN_KERNEL_BEST};
#else
static const enum tern_kernel kernels[] = {TERN_KERNEL_EXACT, TERN_KERNEL_AVX2, TERN_KERNEL_AVX512};
#endif
static struct tern_pool *pools[MOST_THREADS + 1];
static struct tern_wide_sum sums[TERN_MAX_HEADS * TERN_MAX_HEAD_SIZE];

// Memory before a page that must not be touched.
struct guarded {
    uint8_t *start;
    size_t bytes; // pages
};

static struct guarded records, images, outputs, expected;

static struct guarded make_guarded(uint64_t bytes) {
    struct guarded made = {.bytes = (size_t)tern_align_up(bytes, PAGE)};
    made.start = mmap(NULL, made.bytes + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(made.start, MAP_FAILED);
    assert_int_equal(mprotect(made.start + made.bytes, PAGE, PROT_NONE), 0);
    return made;
}

// The last `bytes` bytes, from a multiple of 64.
static uint8_t *last_bytes(const struct guarded *memory, uint64_t bytes) {
    return memory->start + memory->bytes - tern_align_up(bytes, 64);
}

static int set_up(void **state) {
    (void)state;
    records = make_guarded(tern_cache_head_bytes(TERN_CACHE_VALUES, TERN_MAX_HEAD_SIZE, MOST_POSITIONS));
    images = make_guarded(TERN_DOT_VECTORS * tern_activation_bytes(MOST_POSITIONS));
    outputs = make_guarded(TERN_DOT_VECTORS * tern_align_up(4 * MOST_POSITIONS, 64));
    expected = make_guarded(outputs.bytes);
    for (unsigned threads = 1; threads <= MOST_THREADS; threads++) {
        assert_int_equal(tern_pool_create(threads, &pools[threads]), TERN_STATUS_OK);
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= MOST_THREADS; threads++) {
        tern_pool_destroy(pools[threads]);
    }
    return 0;
}

static bool try_head(const struct tern_dot_head *head, const struct tern_engine *engine) {
    const struct tern_dot_heads heads = {.first = *head, .count = 1};
    return tern_dot_try_heads(&heads, &dot_host_memory, engine, sums);
}

// Bytes of the records up to the last key.
static uint64_t used_bytes(const struct tern_dot_head *head) {
    const uint64_t all = tern_cache_head_bytes(head->kind, head->head_size, head->positions);
    const uint32_t groups = tern_cache_head_groups(head->head_size), left = (head->positions - 1) % 16 + 1;
    return head->kind == TERN_CACHE_VALUES
               ? all
               : all - tern_align_up(16 * 32 * groups, 64) + tern_align_up((uint64_t)left * 32 * groups, 64);
}

static struct tern_dot_head make_head(enum tern_cache_kind kind, uint32_t head_size, uint32_t positions,
                                      uint32_t vectors) {
    const bool has_keys = kind == TERN_CACHE_KEYS;
    struct tern_dot_head head = {.kind = kind,
                                 .head_size = head_size,
                                 .positions = positions,
                                 .vectors = vectors,
                                 .image_stride = tern_activation_bytes(has_keys ? head_size : positions),
                                 .output_stride = tern_align_up(4 * (has_keys ? positions : head_size), 64)};
    head.records = (uintptr_t)last_bytes(&records, used_bytes(&head));
    head.images = (uintptr_t)last_bytes(&images, vectors * head.image_stride);
    head.outputs = (uintptr_t)last_bytes(&outputs, vectors * head.output_stride);
    return head;
}

static uint8_t *at(uint64_t address) {
    return (uint8_t *)(uintptr_t)address;
}

static uint8_t *exponents_of(const struct tern_dot_head *head, uint32_t record) {
    return at(head->records) + (size_t)record * tern_cache_record_bytes(head->kind, head->head_size);
}

static uint32_t exponents_in_use(const struct tern_dot_head *head, uint32_t record) {
    const uint32_t left = head->positions - 16 * record;
    return head->kind == TERN_CACHE_VALUES ? head->head_size
                                           : (left < 16 ? left : 16) * tern_cache_head_groups(head->head_size);
}

static void draw(struct test_random *random, enum dot_draw how, const struct tern_dot_head *head) {
    const uint64_t used = used_bytes(head);
    const uint64_t all = tern_cache_head_bytes(head->kind, head->head_size, head->positions);
    uint8_t *drawn = malloc(all);
    assert_non_null(drawn);
    dot_draw_records(random, how, head->kind, head->head_size, head->positions, drawn);
    memcpy(at(head->records), drawn, used);
    free(drawn);
    for (uint32_t vector = 0; vector < head->vectors; vector++) {
        dot_draw_image(random, how, head->kind == TERN_CACHE_KEYS ? head->head_size : head->positions,
                       at(head->images) + vector * head->image_stride);
    }
}

// Shifts whose range lies near the limits of the paths.
static void draw_shifts(struct test_random *random, const struct tern_dot_head *head) {
    const uint32_t wide = test_random_below(random, 32), first = test_random_below(random, 32 - wide);
    const uint32_t image_wide = test_random_below(random, 16);
    for (uint32_t record = 0; record < tern_cache_records(head->positions); record++) {
        for (uint32_t i = 0; i < exponents_in_use(head, record); i++) {
            exponents_of(head, record)[i] = (uint8_t)(first + test_random_below(random, wide + 1));
        }
    }
    const uint32_t length = head->kind == TERN_CACHE_KEYS ? head->head_size : head->positions;
    for (uint32_t vector = 0; vector < head->vectors; vector++) {
        uint8_t *shifts = at(head->images) + vector * head->image_stride + tern_activation_shifts_offset(length);
        for (uint32_t i = 0; i < tern_groups(length); i++) {
            shifts[i] = (uint8_t)(15 - test_random_below(random, image_wide + 1));
        }
    }
}

static void fail_at(const struct tern_dot_head *head, enum tern_kernel kernel, unsigned threads, uint64_t byte) {
    fail_msg("%s, head size %u, %u positions, %u vectors, kernel %s, %u threads: byte %u of the results",
             head->kind == TERN_CACHE_KEYS ? "keys" : "values", head->head_size, head->positions, head->vectors,
             tern_kernel_name(kernel), threads, (unsigned)byte);
}

static void same_by_all(const struct tern_dot_head *head) {
    const uint64_t bytes = head->vectors * head->output_stride;
    uint8_t *expected_bytes = last_bytes(&expected, bytes);
    struct tern_dot_head other = *head;
    struct tern_dot_fault fault;
    other.outputs = (uintptr_t)expected_bytes;
    memset(expected_bytes, 0xcc, bytes);
    assert_int_equal(tern_dot_run_head(&other, &dot_host_memory, sums, &fault), TERN_STATUS_OK);
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
        for (unsigned threads = 1; threads <= MOST_THREADS; threads++) {
            const struct tern_engine engine = {.kernel = kernels[k], .pool = pools[threads]};
            memset(at(head->outputs), 0xcc, bytes);
            assert_true(try_head(head, &engine));
            for (uint64_t i = 0; i < bytes; i++) {
                if (at(head->outputs)[i] != expected_bytes[i]) {
                    fail_at(head, kernels[k], threads, i);
                }
            }
        }
    }
}

// The paths may share a mistake with the order of the unit, but not with the reference.
static void same_as_reference(const struct tern_dot_head *head) {
    const uint32_t results = head->kind == TERN_CACHE_KEYS ? head->positions : head->head_size;
    for (uint32_t vector = 0; vector < head->vectors; vector++) {
        const uint8_t *image = at(head->images) + vector * head->image_stride;
        for (uint32_t index = 0; index < results; index += 1 + results / 7) {
            const uint32_t wanted =
                head->kind == TERN_CACHE_KEYS
                    ? tern_reference_dot_key(at(head->records), head->head_size, index, image)
                    : tern_reference_dot_value(at(head->records), head->head_size, head->positions, index, image);
            uint32_t got;
            memcpy(&got, at(head->outputs) + vector * head->output_stride + 4 * index, sizeof got);
            assert_int_equal(got, wanted);
        }
    }
}

static void check_shape(struct test_random *random, int trial, enum tern_cache_kind kind, uint32_t head_size,
                        uint32_t positions) {
    const uint32_t vectors = 1 + test_random_below(random, TERN_DOT_VECTORS);
    const struct tern_dot_head head = make_head(kind, head_size, positions, vectors);
    draw(random, (enum dot_draw)(trial % DOT_DRAWS), &head);
    if (trial >= DOT_DRAWS) {
        draw_shifts(random, &head);
    }
    same_by_all(&head);
    same_as_reference(&head);
}

static void shapes(void **state) {
    static const uint32_t head_sizes[] = {1, 8, 15, 16, 17, 40, 64, 80, 96, 128, 250, 256};
    static const uint32_t positions[] = {1, 2, 15, 16, 17, 100, 301, 600};
    struct test_random random = test_random_seed(1);
    (void)state;
    for (size_t h = 0; h < sizeof head_sizes / sizeof *head_sizes; h++) {
        for (size_t p = 0; p < sizeof positions / sizeof *positions; p++) {
            for (int trial = 0; trial < 2 * DOT_DRAWS; trial++) {
                check_shape(&random, trial, TERN_CACHE_KEYS, head_sizes[h], positions[p]);
                check_shape(&random, trial, TERN_CACHE_VALUES, head_sizes[h], positions[p]);
            }
        }
    }
    check_shape(&random, 0, TERN_CACHE_VALUES, 16, MOST_POSITIONS);
    check_shape(&random, 1, TERN_CACHE_VALUES, 16, MOST_POSITIONS);
    check_shape(&random, 0, TERN_CACHE_KEYS, TERN_MAX_HEAD_SIZE, MOST_POSITIONS);
}

static void fill_mantissas(uint8_t *to, uint32_t count, int16_t mantissa) {
    for (uint32_t i = 0; i < count; i++) {
        memcpy(to + 2 * i, &mantissa, sizeof mantissa);
    }
}

// Heads of one run: each as if it were alone.
static void heads_of_a_run(void **state) {
    struct test_random random = test_random_seed(4);
    (void)state;
    for (uint32_t trial = 0; trial < 24; trial++) {
        const enum tern_cache_kind kind = trial % 2 ? TERN_CACHE_KEYS : TERN_CACHE_VALUES;
        const uint32_t count = 1 + test_random_below(&random, 5), positions = 1 + test_random_below(&random, 700);
        struct tern_dot_heads heads = {.count = count};
        struct tern_dot_head alone = make_head(kind, 24, positions, 2);
        heads.first = alone;
        heads.head_stride = tern_cache_head_bytes(kind, 24, positions);
        heads.first.records = (uintptr_t)last_bytes(&records, count * heads.head_stride);
        heads.first.images = (uintptr_t)last_bytes(&images, count * 2 * alone.image_stride);
        heads.first.outputs = (uintptr_t)last_bytes(&outputs, count * 2 * alone.output_stride);
        for (uint32_t number = 0; number < count; number++) {
            const struct tern_dot_head head = tern_dot_head_at(&heads, number);
            draw(&random, DOT_ANY, &head);
        }
        const struct tern_engine engine = {.pool = pools[1 + trial % MOST_THREADS]};
        assert_true(tern_dot_try_heads(&heads, &dot_host_memory, &engine, sums));
        for (uint32_t number = 0; number < count; number++) {
            struct tern_dot_head head = tern_dot_head_at(&heads, number);
            struct tern_dot_fault fault;
            const uint8_t *got = at(head.outputs);
            head.outputs = (uintptr_t)expected.start;
            assert_int_equal(tern_dot_run_head(&head, &dot_host_memory, sums, &fault), TERN_STATUS_OK);
            for (uint32_t vector = 0; vector < 2; vector++) {
                assert_memory_equal(got + vector * head.output_stride, expected.start + vector * head.output_stride,
                                    4 * (kind == TERN_CACHE_KEYS ? positions : 24));
            }
        }
    }
}

// Every product has its largest magnitude and every shift but one is `wide` above the least: the bound of a path's
// sums.
static void check_bound(enum tern_cache_kind kind, uint32_t wide, uint32_t image_wide) {
    const struct tern_dot_head head = make_head(kind, kind == TERN_CACHE_KEYS ? 256 : 20, 512, 2);
    const uint32_t length = kind == TERN_CACHE_KEYS ? head.head_size : head.positions;
    const uint32_t groups = tern_cache_groups(kind, head.head_size);
    struct test_random random = test_random_seed(2);
    draw(&random, DOT_ANY, &head);
    for (uint32_t record = 0; record < 32; record++) {
        uint8_t *data = exponents_of(&head, record);
        memset(data, (int)wide, groups);
        fill_mantissas(data + tern_cache_mantissas_offset(kind, head.head_size), 16 * groups, -32768);
        for (uint32_t i = 0; i < groups && (kind == TERN_CACHE_KEYS || record == 0); i += 16) {
            data[i] = 0; // one in each sum
        }
    }
    for (uint32_t vector = 0; vector < 2; vector++) {
        uint8_t *image = at(head.images) + vector * head.image_stride;
        fill_mantissas(image + TERN_ACTIVATION_HEADER_BYTES, length, vector ? 32767 : -32768);
        memset(image + tern_activation_shifts_offset(length), (int)image_wide, tern_groups(length));
        image[tern_activation_shifts_offset(length)] = 0;
    }
    same_by_all(&head);
    same_as_reference(&head);
}

static void bounds(void **state) {
    (void)state;
    for (uint32_t wide = 0; wide <= 31; wide++) {
        for (uint32_t image_wide = 0; image_wide <= 15; image_wide += 5) {
            check_bound(TERN_CACHE_KEYS, wide, image_wide);
            check_bound(TERN_CACHE_VALUES, wide, image_wide);
        }
    }
}

// A score of 57 bits just above the middle of two floats: (45 x 2^19 + 1) x 2^32 + 1. Double precision has the middle.
static void rounded_once(void **state) {
    const struct tern_dot_head head = make_head(TERN_CACHE_KEYS, 32, 20, 2);
    struct test_random random = test_random_seed(7);
    (void)state;
    draw(&random, DOT_ANY, &head);
    for (uint32_t position = 0; position < 20; position++) {
        uint8_t *data = exponents_of(&head, position / 16), *key = data + 64 + position % 16 * 64;
        data[position % 16 * 2] = 22;
        data[position % 16 * 2 + 1] = 0;
        fill_mantissas(key, 32, 0);
        fill_mantissas(key, 15, 16384);
        fill_mantissas(key + 30, 1, 16);
        fill_mantissas(key + 32, 1, position % 2 ? 1 : 0);
    }
    for (uint32_t vector = 0; vector < 2; vector++) {
        uint8_t *image = at(head.images) + vector * head.image_stride;
        uint8_t *mantissas = image + TERN_ACTIVATION_HEADER_BYTES;
        fill_mantissas(mantissas, 15, vector ? 24576 : -24576);
        fill_mantissas(mantissas + 30, 1, vector ? 16 : -16);
        fill_mantissas(mantissas + 32, 16, vector ? 1 : -1);
        image[tern_activation_shifts_offset(32)] = 2;
        image[tern_activation_shifts_offset(32) + 1] = 0;
    }
    same_by_all(&head);
    same_as_reference(&head);
}

// --- sums ---

// Of any number of bits, some of them just beside the middle between two floats.
static struct tern_wide_sum draw_sum(struct test_random *random) {
    const uint32_t bits = test_random_below(random, 94);
    unsigned __int128 sum = (unsigned __int128)(test_random_word(random) >> 8 | 1u << 23) << 1 | 1;
    sum = (bits < 64 ? sum << bits : sum << 63 << (bits - 63)) + test_random_below(random, 3) - 1;
    sum >>= test_random_below(random, 40);
    sum = test_random_below(random, 2) ? sum : -sum;
    return (struct tern_wide_sum){(uint64_t)sum, (int64_t)(sum >> 64)};
}

static void sums_of_paths(void **state) {
    const struct tern_dot_path *paths[] = {tern_dot_avx2(), tern_dot_avx512()};
    struct test_random random = test_random_seed(5);
    (void)state;
    for (uint32_t trial = 0; trial < 20000; trial++) {
        const struct tern_dot_path *path = paths[trial % 2] ? paths[trial % 2] : tern_dot_portable();
        const uint32_t count = 1 + test_random_below(&random, 40);
        const int32_t exponent = test_random_between(&random, trial % 4 == 0 ? -178 : -60, trial % 4 == 0 ? 99 : 0);
        struct tern_wide_sum left[2][41], right[41];
        float results[2][41];
        for (uint32_t i = 0; i < 41; i++) {
            left[0][i] = left[1][i] = draw_sum(&random);
            right[i] = draw_sum(&random);
            results[0][i] = results[1][i] = 7.0f;
        }
        path->finish(right, count, exponent, results[0]);
        tern_dot_portable()->finish(right, count, exponent, results[1]);
        assert_memory_equal(results[0], results[1], sizeof results[0]);
        path->add(left[0], right, count);
        for (uint32_t i = 0; i < count; i++) {
            const unsigned __int128 sum = ((unsigned __int128)left[1][i].high << 64 | left[1][i].low) +
                                          ((unsigned __int128)right[i].high << 64 | right[i].low);
            left[1][i] = (struct tern_wide_sum){(uint64_t)sum, (int64_t)(sum >> 64)};
        }
        assert_memory_equal(left[0], left[1], sizeof left[0]);
    }
}

// --- what is refused ---

static void expect_refused(const struct tern_dot_head *head) {
    for (unsigned threads = 1; threads <= MOST_THREADS; threads++) {
        const struct tern_engine engine = {.pool = pools[threads]};
        memset(at(head->outputs), 0xcc, head->vectors * head->output_stride);
        assert_false(try_head(head, &engine));
        for (uint64_t i = 0; i < head->vectors * head->output_stride; i++) {
            assert_int_equal(at(head->outputs)[i], 0xcc);
        }
    }
}

static void refuses(enum tern_cache_kind kind) {
    struct test_random random = test_random_seed(3);
    const struct tern_dot_head head = make_head(kind, 40, 1038, 3);
    const uint32_t length = kind == TERN_CACHE_KEYS ? 40 : 1038, last = exponents_in_use(&head, 64) - 1;
    uint8_t *image = at(head.images) + 2 * head.image_stride;
    draw(&random, DOT_ANY, &head);
    assert_true(try_head(&head, NULL));
    exponents_of(&head, 64)[last] |= 0x20;
    expect_refused(&head);
    exponents_of(&head, 64)[last] &= 0x1f;
    image[tern_activation_shifts_offset(length) + tern_groups(length) - 1] = 16; // of a group that fills up to four
    expect_refused(&head);
    image[tern_activation_shifts_offset(length) + tern_groups(length) - 1] = 0;
    image[8]++;
    expect_refused(&head);
    image[8]--;
    const uint64_t ends[] = {head.records + used_bytes(&head), head.images + 3 * head.image_stride,
                             head.outputs + 2 * head.output_stride + 4 * (kind == TERN_CACHE_KEYS ? 1038 : 40)};
    for (size_t i = 0; i < 3; i++) {
        dot_refused = ends[i] - 1;
        expect_refused(&head);
        dot_refused = ends[i];
        assert_true(try_head(&head, NULL));
    }
    dot_refused = UINT64_MAX;
}

// So many exponents of keys that the threads check them.
static void refuses_many_keys(void) {
    struct test_random random = test_random_seed(6);
    const struct tern_dot_head head = make_head(TERN_CACHE_KEYS, TERN_MAX_HEAD_SIZE, MOST_POSITIONS, 1);
    const uint32_t record = tern_cache_records(MOST_POSITIONS) - 1;
    draw(&random, DOT_ANY, &head);
    exponents_of(&head, record)[exponents_in_use(&head, record) - 1] |= 0x20;
    expect_refused(&head);
}

static void refuses_what_fails(void **state) {
    (void)state;
    refuses_many_keys();
    refuses(TERN_CACHE_KEYS);
    refuses(TERN_CACHE_VALUES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),       cmocka_unit_test(heads_of_a_run), cmocka_unit_test(bounds),
        cmocka_unit_test(rounded_once), cmocka_unit_test(sums_of_paths),  cmocka_unit_test(refuses_what_fails),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
