// SPDX-License-Identifier: Apache-2.0
// The link over a faulty channel to the C model of a board.
//   driver.link.faults [FRAMES]
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/link/tests/judge.h"

static void run(uint64_t seed, uint32_t faults, bool is_stream, uint64_t frames) {
    static struct judge judge;
    static struct judge_model model;
    memset(&judge, 0, sizeof judge);
    memset(&model, 0, sizeof model);
    judge_use_model(&judge, &model);
    judge_begin(&judge, seed, faults, is_stream);
    const bool good = judge_run(&judge, frames);
    judge_end(&judge);
    if (!good) {
        fail_msg("seed %llu: %s", (unsigned long long)seed, judge.finding);
    }
    print_message("%llu accesses in %llu frames\n", (unsigned long long)judge.accesses,
                  (unsigned long long)judge.channel.carried);
}

static void datagrams(void **state) {
    const uint64_t frames = *(const uint64_t *)*state;
    run(1, 0, false, frames / 4);
    run(2, 10, false, frames / 2);
    run(3, 100, false, frames / 4);
}

static void streams(void **state) {
    const uint64_t frames = *(const uint64_t *)*state;
    run(4, 0, true, frames / 4);
    run(5, 10, true, frames / 2);
    run(6, 100, true, frames / 4);
}

int main(int argc, char **argv) {
    uint64_t frames = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000;
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(datagrams, &frames),
                                       cmocka_unit_test_prestate(streams, &frames)};
    return cmocka_run_group_tests_name("driver.link.faults", tests, NULL, NULL);
}
