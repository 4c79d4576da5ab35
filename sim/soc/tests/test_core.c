// SPDX-License-Identifier: Apache-2.0
// Tests a program on the core: its copies, loads and stores of every width, coprocessor, traps. Meanwhile the host
// reads and writes the same buses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/devices/rtl/rtl_control.h"
#include "sim/soc/tests/programs/soc_program.h"
#include "sim/soc/tests/soc_bench.h"

#define SEED 77
#define BASE ((uint64_t)TERN_DEVICE_MEMORY_BASE)
#define MEMORY_BYTES (UINT64_C(1) << 16)
#define JOB_LIMIT_CYCLES 200000u
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)

static void set_job(struct soc_bench *bench, const struct soc_job *job) {
    uint32_t words[sizeof *job / 4];
    memcpy(words, job, sizeof *job);
    for (uint32_t i = 0; i < sizeof *job / 4; i++) {
        soc_write(bench, SOC_JOB_ADDRESS + 4 * i, words[i]);
    }
}

static void get_job(struct soc_bench *bench, struct soc_job *job) {
    uint32_t words[sizeof *job / 4];
    for (uint32_t i = 0; i < sizeof *job / 4; i++) {
        words[i] = soc_read(bench, SOC_JOB_ADDRESS + 4 * i);
    }
    memcpy(job, words, sizeof *job);
}

static void ring(struct soc_bench *bench) {
    soc_write(bench, SYSTEM(DOORBELL), soc_read(bench, SYSTEM(DOORBELL)) + 1);
}

static int is_done(struct soc_bench *bench) {
    return soc_read(bench, SYSTEM(DOORBELL)) == soc_read(bench, SYSTEM(COMPLETED));
}

static void wait_done(struct soc_bench *bench) {
    for (uint32_t cycles = 0; !is_done(bench); cycles += 64) {
        if (cycles > JOB_LIMIT_CYCLES) {
            fail_msg("the job does not end, status %u, seed %u", soc_read(bench, SYSTEM(STATUS)), bench->seed);
        }
        soc_advance(bench, 64);
    }
}

static struct soc_job run_job(struct soc_bench *bench, struct soc_job job) {
    set_job(bench, &job);
    ring(bench);
    wait_done(bench);
    get_job(bench, &job);
    return job;
}

static void boot(struct soc_bench *bench) {
    soc_write(bench, SYSTEM(DOORBELL), 0);
    soc_write(bench, SYSTEM(COMPLETED), 0);
    soc_run_file(bench, TERN_SOC_PROGRAM);
    soc_advance(bench, 4000);
    assert_int_equal(soc_read(bench, SYSTEM(FIRMWARE_STATE)), TERN_SYSTEM_FIRMWARE_STATE_IDLE);
    assert_int_equal(soc_read(bench, SYSTEM(STATUS)), TERN_SYSTEM_STATUS_RUNS_MASK);
}

static struct soc_job copy_job(uint64_t address, uint32_t local, uint32_t bytes, uint32_t direction) {
    struct soc_job job = {
        .kind = SOC_JOB_COPY,
        .arguments = {(uint32_t)address, (uint32_t)(address >> 32), local, bytes, direction},
    };
    return job;
}

static void test_copy(void **state) {
    (void)state;
    static uint8_t data[4096];
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 1);
    boot(&bench);
    for (int trial = 0; trial < 20; trial++) {
        uint32_t skew = 4 * test_random_below(&bench.random, 4);
        uint32_t bytes = 4 * (1 + test_random_below(&bench.random, 1000));
        uint32_t local = 16 * test_random_below(&bench.random, TERN_SCRATCH_BYTES / 16) + skew;
        uint64_t from = BASE + 16 * test_random_below(&bench.random, 1500) + skew;
        uint64_t to = BASE + 0x8000 + 16 * test_random_below(&bench.random, 1500) + skew;
        local = local + bytes > TERN_SCRATCH_BYTES ? skew : local;
        soc_random_memory(&bench, from, data, bytes);
        assert_int_equal(run_job(&bench, copy_job(from, local, bytes, TERN_DMA_CONTROL_TO_SCRATCH_MASK)).results[0],
                         TERN_STATUS_OK);
        struct soc_job sum = {.kind = SOC_JOB_SUM, .arguments = {local, bytes / 4}};
        uint32_t expected = 0;
        for (uint32_t i = 0; i < bytes / 4; i++) {
            uint32_t word;
            memcpy(&word, data + 4 * i, 4);
            expected += word;
        }
        assert_int_equal(run_job(&bench, sum).results[0], expected);
        assert_int_equal(run_job(&bench, copy_job(to, local, bytes, TERN_DMA_CONTROL_TO_DEVICE_MASK)).results[0],
                         TERN_STATUS_OK);
        soc_expect_memory(&bench, to, data, bytes, "copied by the core");
    }
    assert_int_equal(run_job(&bench, copy_job(BASE + MEMORY_BYTES, 0, 16, TERN_DMA_CONTROL_TO_DEVICE_MASK)).results[0],
                     TERN_STATUS_BAD_ADDRESS);
    soc_close(&bench);
}

static void test_loads_and_stores(void **state) {
    (void)state;
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 0);
    boot(&bench);
    for (uint32_t offset = 0; offset < 64; offset += 12) {
        struct soc_job job = run_job(&bench, (struct soc_job){.kind = SOC_JOB_NARROW, .arguments = {offset}});
        assert_int_equal(job.results[0], 0xb4a39281);
        assert_int_equal(job.results[1], 0xf8e7d6c5);
        assert_int_equal(job.results[2], 0xffffffb4u + 0x9abc);
        assert_int_equal(job.results[3], 0xffff9abc);
    }
    // Registers take whole words only.
    soc_write(&bench, SYSTEM(WAIT_LIMIT), 0x12345678);
    run_job(&bench, (struct soc_job){.kind = SOC_JOB_NARROW_WRITE, .arguments = {SYSTEM(WAIT_LIMIT)}});
    assert_int_equal(soc_read(&bench, SYSTEM(WAIT_LIMIT)), 0x12345678);
    // The bus ignores the lowest bits of an address.
    assert_int_equal(soc_read(&bench, TERN_BOOT_BASE + 3), soc_read(&bench, TERN_BOOT_BASE));
    assert_int_equal(soc_read(&bench, SYSTEM(WAIT_LIMIT) + 2), 0x12345678);
    // The core reads the matmul unit and holes. Holes read 0 and never hang.
    struct soc_job job = run_job(&bench, (struct soc_job){.kind = SOC_JOB_READ, .arguments = {TERN_MATMUL_BASE}});
    assert_int_equal(job.results[0], TERN_MATMUL_ID);
    const uint32_t columns = TERN_MATMUL_BASE + TERN_MATMUL_REG_COLUMNS;
    run_job(&bench, (struct soc_job){.kind = SOC_JOB_WRITE, .arguments = {columns, 0xfedcba98}});
    assert_int_equal(soc_read(&bench, columns), 0xfedcba98);
    static const uint32_t holes[] = {
        TERN_BOOT_BYTES,           TERN_BOOT_BYTES + 0x3ffc,  TERN_SCRATCH_BASE + TERN_SCRATCH_BYTES,
        TERN_SYSTEM_BASE + 0x1000, TERN_MATMUL_BASE + 0x1000, 0xfffffffc};
    for (size_t i = 0; i < sizeof holes / sizeof *holes; i++) {
        run_job(&bench, (struct soc_job){.kind = SOC_JOB_WRITE, .arguments = {holes[i], 5}});
        job = run_job(&bench, (struct soc_job){.kind = SOC_JOB_READ, .arguments = {holes[i]}});
        assert_int_equal(job.results[0], 0);
    }
    soc_close(&bench);
}

static void test_coprocessor_and_time(void **state) {
    (void)state;
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 0);
    boot(&bench);
    // 1.5 and -0.75
    struct soc_job job =
        run_job(&bench, (struct soc_job){.kind = SOC_JOB_FLOAT, .arguments = {0x3fc00000, 0xbf400000}});
    assert_int_equal(job.results[0], 0x3f400000);
    assert_int_equal(job.results[1], 0xbf900000);
    job = run_job(&bench, (struct soc_job){.kind = SOC_JOB_COUNTERS});
    printf("soc.core: a loop of 3000 instructions takes %u cycles\n", job.results[1]);
    assert_in_range(job.results[0], job.results[1], job.results[1] + 40);
    assert_in_range(job.results[1], 8000, 20000);
    soc_close(&bench);
}

#define CYCLES(count) TERN_FIELD_PUT(SYSTEM_SLEEP_CYCLES, count)
#define EVENT(name) TERN_SYSTEM_SLEEP_##name##_MASK
#define AT_ONCE 30 // cycles at most of a sleep whose event is there, with instructions that a compiler chooses

static struct soc_job sleep_job(uint32_t first, uint32_t second) {
    return (struct soc_job){.kind = SOC_JOB_SLEEP, .arguments = {first, second}};
}

// Every sleep ends: by its cycles, by a unit that is not busy, by a doorbell since the last one.
static void test_sleep(void **state) {
    (void)state;
    static const uint32_t units[] = {EVENT(MATMUL), EVENT(VECTOR), EVENT(ATTENTION), EVENT(DMA)};
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 0);
    boot(&bench);
    struct soc_job job = run_job(&bench, sleep_job(CYCLES(0), CYCLES(3000)));
    assert_in_range(job.results[0], 1, AT_ONCE);
    assert_in_range(job.results[1], 3000, 3000 + AT_ONCE);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        job = run_job(&bench, sleep_job(units[i] | CYCLES(60000), CYCLES(500)));
        assert_in_range(job.results[0], 1, AT_ONCE);
        assert_in_range(job.results[1], 500, 500 + AT_ONCE);
    }
    // The doorbell that began the job is an event, but of one sleep only.
    set_job(&bench, &(struct soc_job){.kind = SOC_JOB_SLEEP,
                                      .arguments = {EVENT(DOORBELL) | CYCLES(60000), EVENT(DOORBELL) | CYCLES(60000)}});
    ring(&bench);
    soc_advance(&bench, 5000);
    assert_false(is_done(&bench));
    soc_write(&bench, SYSTEM(DOORBELL), soc_read(&bench, SYSTEM(DOORBELL)));
    wait_done(&bench);
    get_job(&bench, &job);
    assert_in_range(job.results[0], 1, AT_ONCE);
    assert_in_range(job.results[1], 4000, 10000);
    soc_close(&bench);
}

// The core sleeps until a copy ends, the host has the bus meanwhile. A core that sleeps can be held and started again.
static void test_sleep_of_a_copy(void **state) {
    (void)state;
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 1);
    boot(&bench);
    struct soc_job job = copy_job(BASE, 0, 32768, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
    job.arguments[5] = EVENT(DMA) | CYCLES(60000);
    job = run_job(&bench, job);
    assert_int_equal(job.results[0], TERN_STATUS_OK);
    assert_int_equal(job.results[1], 0);
    job.arguments[5] = EVENT(DMA) | CYCLES(100); // too short
    assert_int_equal(run_job(&bench, job).results[1], 1);
    set_job(&bench, &(struct soc_job){.kind = SOC_JOB_SLEEP, .arguments = {CYCLES(60000)}});
    ring(&bench);
    soc_advance(&bench, 1000);
    assert_false(is_done(&bench));
    soc_write(&bench, SYSTEM(CONTROL), 0);
    boot(&bench);
    assert_in_range(run_job(&bench, sleep_job(CYCLES(0), CYCLES(0))).results[0], 1, AT_ONCE);
    soc_close(&bench);
}

// A device that can say where and why the core trapped says `words`, and the address of a jump.
static void expect_trap(const struct soc_bench *bench, const struct soc_job *job, const char *words) {
    char text[96] = "", pc[32] = "at pc 0x";
    if (!bench->backend.describe_trap) {
        return;
    }
    bench->backend.describe_trap(bench->backend.context, text, sizeof text);
    if (job->kind == SOC_JOB_JUMP) {
        snprintf(pc, sizeof pc, "at pc 0x%08x,", job->arguments[0]);
    }
    if (strncmp(text, pc, strlen(pc)) != 0 || !strstr(text, words)) {
        fail_msg("'%s' does not say '%s' and '%s'", text, pc, words);
    }
}

// STATUS reports a trap, the host still reaches everything, and a new start has no trap.
static void test_traps(void **state) {
    (void)state;
    static const struct soc_job jobs[] = {
        {.kind = SOC_JOB_ILLEGAL},
        {.kind = SOC_JOB_MISALIGNED},
        {.kind = SOC_JOB_EBREAK},
        {.kind = SOC_JOB_JUMP, .arguments = {TERN_BOOT_BYTES}},
        {.kind = SOC_JOB_JUMP,
         .arguments = {TERN_SCRATCH_BASE + TERN_SCRATCH_BYTES}}, // reads 0, an illegal instruction
    };
    static const char *const words[] = {"an illegal instruction 0x", "a misaligned ", "ebreak",
                                        "an illegal instruction 0x00000000", "an illegal instruction 0x00000000"};
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 0);
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        boot(&bench);
        set_job(&bench, &jobs[i]);
        ring(&bench);
        for (uint32_t n = 0; n < 100 && soc_read(&bench, SYSTEM(STATUS)) == TERN_SYSTEM_STATUS_RUNS_MASK; n++) {
            soc_advance(&bench, 64);
        }
        assert_int_equal(soc_read(&bench, SYSTEM(STATUS)),
                         TERN_SYSTEM_STATUS_RUNS_MASK | TERN_SYSTEM_STATUS_TRAPPED_MASK);
        assert_true(soc_is_idle(&bench)); // nothing will complete the command
        expect_trap(&bench, &jobs[i], words[i]);
        assert_int_equal(soc_read(&bench, SYSTEM(COMPLETED)), 0);
        assert_int_equal(soc_read(&bench, SYSTEM(ID)), TERN_SYSTEM_ID);
        assert_int_equal(soc_read(&bench, SOC_JOB_ADDRESS), jobs[i].kind);
        soc_write(&bench, SYSTEM(CONTROL), 0);
        assert_int_equal(soc_read(&bench, SYSTEM(STATUS)), 0);
    }
    boot(&bench);
    assert_int_equal(run_job(&bench, (struct soc_job){.kind = SOC_JOB_READ, .arguments = {SYSTEM(ID)}}).results[0],
                     TERN_SYSTEM_ID);
    soc_close(&bench);
}

#define ADDI(to, from, value) ((uint32_t)(value) << 20 | (from) << 15 | (to) << 7 | 0x13u)
#define LUI(to, value) ((value) | (to) << 7 | 0x37u)
#define LW(to, base) ((base) << 15 | 2u << 12 | (to) << 7 | 0x03u)
#define SW(value, base) ((value) << 20 | (base) << 15 | 2u << 12 | 0x23u)
#define HALT 0x0000006fu // a jump to itself

static void set_run(struct soc_bench *bench, bool runs) {
    soc_write(bench, SYSTEM(CONTROL), runs ? TERN_SYSTEM_CONTROL_RUN_MASK : 0);
}

// However short the core is held, it begins anew. A word that the host writes into the program that runs is run.
static void test_restarts(void **state) {
    (void)state;
    enum { STARTS = 12, AT_HALT = 4 };
    static const uint32_t image[] = {LUI(5u, TERN_SCRATCH_BASE), LW(6u, 5u), ADDI(6u, 6u, 1), SW(6u, 5u), HALT};
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 0);
    soc_write(&bench, TERN_SCRATCH_BASE, 0);
    soc_run_image(&bench, image, sizeof image / sizeof *image);
    for (uint32_t start = 1; start <= STARTS; start++) {
        soc_advance(&bench, 300 + 7 * start);
        assert_int_equal(soc_read(&bench, TERN_SCRATCH_BASE), start);
        set_run(&bench, false);
        set_run(&bench, true);
    }
    soc_advance(&bench, 300);
    soc_write(&bench, TERN_BOOT_BASE + 4 * (AT_HALT + 2), HALT);
    soc_write(&bench, TERN_BOOT_BASE + 4 * (AT_HALT + 1), SW(5u, 5u));
    soc_write(&bench, TERN_BOOT_BASE + 4 * AT_HALT, ADDI(0u, 0u, 0));
    soc_advance(&bench, 300);
    assert_int_equal(soc_read(&bench, TERN_SCRATCH_BASE), TERN_SCRATCH_BASE);
    soc_close(&bench);
}

// The host reads a counter of a run that the core has begun a few cycles ago.
static void test_counter_of_a_young_run(void **state) {
    (void)state;
    enum { BYTES = TERN_SCRATCH_BYTES, MOST = 100 };
    enum { CONTROL = TERN_DMA_REG_CONTROL };
    static const uint32_t image[] = {LUI(5u, TERN_DMA_BASE), ADDI(5u, 5u, CONTROL),
                                     ADDI(6u, 0u, TERN_DMA_CONTROL_TO_SCRATCH_MASK), SW(6u, 5u), HALT};
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 0);
    soc_dma_start(&bench, BASE, 0, BYTES, 0);
    soc_run_image(&bench, image, sizeof image / sizeof *image);
    assert_in_range(soc_read(&bench, TERN_DMA_BASE + TERN_DMA_REG_BEATS_LO), 0, MOST);
    assert_int_equal(soc_dma_wait(&bench, JOB_LIMIT_CYCLES), TERN_STATUS_OK);
    soc_close(&bench);
}

// A core that is held about when it traps is in reset, and shows no trap. After a trap time may stop, STATUS shows it.
static void test_held_at_a_trap(void **state) {
    (void)state;
    enum { LONGEST = 30 };
    uint32_t image[LONGEST + 1];
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 0);
    for (uint32_t length = 0; length < LONGEST; length++) {
        for (uint32_t i = 0; i <= LONGEST; i++) {
            image[i] = i < length ? ADDI(0u, 0u, 0) : 0;
        }
        soc_run_image(&bench, image, LONGEST + 1);
        soc_advance(&bench, 3);
        set_run(&bench, false);
        soc_advance(&bench, 300);
        assert_int_equal(soc_read(&bench, SYSTEM(STATUS)), 0);
        set_run(&bench, true);
        soc_advance(&bench, 600);
        assert_int_equal(soc_read(&bench, SYSTEM(STATUS)),
                         TERN_SYSTEM_STATUS_RUNS_MASK | TERN_SYSTEM_STATUS_TRAPPED_MASK);
    }
    soc_close(&bench);
}

// The host reads every register block and writes its own part of scratch memory while the core copies and adds.
static void test_host_meanwhile(void **state) {
    (void)state;
    enum { BYTES = 2048, CORNER = 0x7000, CORNER_WORDS = 64 };
    static uint8_t data[BYTES];
    uint32_t corner[CORNER_WORDS];
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 1);
    boot(&bench);
    uint32_t meanwhile = 0;
    for (int trial = 0; trial < 10; trial++) {
        soc_random_memory(&bench, BASE, data, BYTES);
        struct soc_job copy = copy_job(BASE, 0, BYTES, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
        struct soc_job sum = {.kind = SOC_JOB_SUM, .arguments = {0, BYTES / 4}};
        for (int step = 0; step < 2; step++) {
            set_job(&bench, step ? &sum : &copy);
            ring(&bench);
            for (uint32_t i = 0; i < CORNER_WORDS; i++) {
                corner[i] = test_random_word(&bench.random);
                soc_write(&bench, TERN_SCRATCH_BASE + CORNER + 4 * i, corner[i]);
                assert_int_equal(soc_read(&bench, SYSTEM(ID)), TERN_SYSTEM_ID);
                assert_int_equal(soc_read(&bench, TERN_MATMUL_BASE), TERN_MATMUL_ID);
                assert_int_equal(soc_read(&bench, TERN_DMA_BASE + TERN_DMA_REG_LOCAL), 0);
                assert_int_equal(soc_read(&bench, SOC_JOB_ADDRESS), step ? SOC_JOB_SUM : SOC_JOB_COPY);
                meanwhile += !is_done(&bench);
            }
            for (uint32_t i = 0; i < CORNER_WORDS; i++) {
                assert_int_equal(soc_read(&bench, TERN_SCRATCH_BASE + CORNER + 4 * i), corner[i]);
            }
            wait_done(&bench);
        }
        uint32_t expected = 0;
        for (uint32_t i = 0; i < BYTES / 4; i++) {
            uint32_t word;
            memcpy(&word, data + 4 * i, 4);
            expected += word;
        }
        get_job(&bench, &sum);
        assert_int_equal(sum.results[0], expected);
    }
    assert_in_range(meanwhile, 100, 10000);
    soc_close(&bench);
}

// A store that waits when the core is held is not done, at no other address either.
static void test_held_in_a_store(void **state) {
    (void)state;
    enum { STORES = 16, STORE = 0x7c002023, BACK = (int)0xfc1ff06f, HOLDS = 40 }; // sw zero, 0x7c0(zero); j -64
    uint32_t image[STORES + 1];
    for (uint32_t i = 0; i <= STORES; i++) {
        image[i] = i < STORES ? (uint32_t)STORE : (uint32_t)BACK;
    }
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 0);
    for (uint32_t hold = 0; hold < HOLDS; hold++) {
        soc_run_image(&bench, image, STORES + 1);
        soc_advance(&bench, 100 + hold);
        soc_write(&bench, SYSTEM(CONTROL), 0);
        for (uint32_t i = 0; i <= STORES; i++) {
            assert_int_equal(soc_read(&bench, TERN_BOOT_BASE + 4 * i), image[i]);
        }
    }
    soc_close(&bench);
}

// Core and host take turns on the register bus. Neither waits for more than one access of the other.
static void test_turns(void **state) {
    (void)state;
    // Five for the access of the host. Between two of them the core has one, of three to five cycles.
    enum { READS = 200, SHORTEST = 8, LONGEST = 10 };
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED, 0);
    if (!soc_is_rtl(&bench)) {
        soc_close(&bench);
        skip(); // a loosely timed bus has no turns
    }
    boot(&bench);
    uint32_t before = soc_read(&bench, SYSTEM(TIME_LO)), longest = 0;
    const uint32_t first = before;
    for (int i = 0; i < READS; i++) {
        const uint32_t now = soc_read(&bench, SYSTEM(TIME_LO));
        longest = now - before > longest ? now - before : longest;
        before = now;
    }
    assert_in_range(before - first, READS * SHORTEST, READS * LONGEST);
    assert_int_equal(longest, LONGEST);
    soc_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_loads_and_stores),
        cmocka_unit_test(test_coprocessor_and_time),
        cmocka_unit_test(test_sleep),
        cmocka_unit_test(test_sleep_of_a_copy),
        cmocka_unit_test(test_traps),
        cmocka_unit_test(test_restarts),
        cmocka_unit_test(test_held_at_a_trap),
        cmocka_unit_test(test_counter_of_a_young_run),
        cmocka_unit_test(test_host_meanwhile),
        cmocka_unit_test(test_held_in_a_store),
        cmocka_unit_test(test_turns),
    };
    return cmocka_run_group_tests_name("soc.core", tests, NULL, NULL);
}
