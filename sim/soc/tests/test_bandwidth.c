// SPDX-License-Identifier: Apache-2.0
// Measures the share of memory bandwidth that the matmul unit uses inside the SoC. Memory is 60 cycles away. The share
// is beats taken divided by cycles in which a beat could come. It is in cycles, so every host gives the same. The test
// also prints cycles a second of this host.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "sim/soc/tests/soc_pair.h"

#define SEED 4242
#define ROWS 150u
#define LEAST_SHARE 0.95
#define SYSTEM_TIME (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_TIME_LO)

static uint64_t pair_at(struct soc_pair *pair, uint32_t address) {
    return (uint64_t)soc_read(&pair->rtl, address + 4) << 32 | soc_read(&pair->rtl, address);
}

static double share_of(struct soc_pair *pair, uint32_t columns, uint32_t stored, uint32_t used) {
    struct build_matrix matrix;
    uint64_t start = pair->model.next;
    build_matrix(&pair->model, ROWS, columns, stored, used, &matrix);
    soc_pair_run_model(pair, matrix.quantize, "QUANTIZE");
    uint64_t taken = pair_at(pair, TERN_MATMUL_BASE + TERN_MATMUL_REG_TAKEN_LO);
    uint64_t offered = pair_at(pair, TERN_MATMUL_BASE + TERN_MATMUL_REG_OFFERED_LO);
    struct tern_completion completion = soc_pair_run(pair, matrix.matmul, "MATMUL");
    assert_int_equal(completion.status, TERN_STATUS_OK);
    taken = pair_at(pair, TERN_MATMUL_BASE + TERN_MATMUL_REG_TAKEN_LO) - taken;
    offered = pair_at(pair, TERN_MATMUL_BASE + TERN_MATMUL_REG_OFFERED_LO) - offered;
    double result = (double)taken / (double)offered;
    printf("soc.bandwidth: %u x %u, %u of %u planes: taken %llu of %llu = %.4f\n", ROWS, columns, used, stored,
           (unsigned long long)taken, (unsigned long long)offered, result);
    build_matrix_free(&matrix);
    pair->model.next = start;
    return result;
}

static void test_share(void **state) {
    (void)state;
    static const struct {
        uint32_t columns, stored, used;
    } shapes[] = {{2048, 1, 1}, {2048, 2, 2}, {2048, 3, 3}, {2048, 4, 4}, {2048, 4, 1}, {4864, 1, 1},
                  {4864, 3, 3}, {4864, 3, 2}, {8192, 1, 1}, {8192, 3, 3}, {8192, 4, 4}, {8192, 4, 3}};
    struct soc_pair pair;
    soc_pair_open(&pair, 1 << 21, SEED, 0);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        double got = share_of(&pair, shapes[i].columns, shapes[i].stored, shapes[i].used);
        if (got < LEAST_SHARE) {
            fail_msg("%u columns, %u of %u planes: %.4f is below %.2f", shapes[i].columns, shapes[i].used,
                     shapes[i].stored, got, LEAST_SHARE);
        }
    }
    soc_pair_close(&pair);
}

// A figure for the documents. It depends on the host's clock, so no test compares it.
static void print_rate(struct soc_pair *pair, union tern_command command, const char *what) {
    struct timespec before, after;
    uint64_t start = pair_at(pair, SYSTEM_TIME);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    assert_int_equal(soc_pair_run(pair, command, what).status, TERN_STATUS_OK);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    double seconds = (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
    uint64_t cycles = pair_at(pair, SYSTEM_TIME) - start;
    printf("soc.bandwidth: %s simulates %.2f million cycles in a second of this host\n", what,
           1e-6 * (double)cycles / seconds);
}

static void test_rate(void **state) {
    (void)state;
    struct soc_pair pair;
    struct build_matrix matrix;
    soc_pair_open(&pair, 1 << 21, SEED, 0);
    build_matrix(&pair.model, ROWS, 4096, 3, 3, &matrix);
    print_rate(&pair, matrix.quantize, "QUANTIZE (core)");
    print_rate(&pair, matrix.matmul, "MATMUL (unit)");
    build_matrix_free(&matrix);
    soc_pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_share), cmocka_unit_test(test_rate)};
    return cmocka_run_group_tests_name("soc.bandwidth", tests, NULL, NULL);
}
