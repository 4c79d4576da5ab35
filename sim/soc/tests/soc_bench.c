// SPDX-License-Identifier: Apache-2.0
#include "sim/soc/tests/soc_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef TERN_HAS_VP
#include "sim/devices/vp/vp_control.h"
#endif

#define COPY_LIMIT_CYCLES 400000u
#define POLL_CYCLES 64u

const uint32_t soc_directions[2] = {TERN_DMA_CONTROL_TO_SCRATCH_MASK, TERN_DMA_CONTROL_TO_DEVICE_MASK};

static void expect_ok(const struct soc_bench *bench, enum tern_status status, const struct tern_error *error) {
    if (status != TERN_STATUS_OK) {
        fail_msg("status %d: %s (seed %u)", (int)status, error->message, bench->seed);
    }
}

// A number in the environment, 0 without one.
static uint32_t environment(const char *name) {
    const char *text = getenv(name);
    return text ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

void soc_open(struct soc_bench *bench, uint64_t memory_bytes, uint32_t seed, int stalls) {
    const char *name = getenv("TERN_TEST_DEVICE"), *verilated = getenv("TERN_TEST_VERILATED");
    const struct tern_backend_config config = {.memory_bytes = memory_bytes,
                                               .stall_seed =
                                                   stalls && (!name || verilated) ? seed : 0, // only RTL stalls
                                               .lanes = environment("TERN_TEST_LANES"),
                                               .vectors = environment("TERN_TEST_VECTORS"),
                                               .verilated = verilated};
    struct tern_error error = {""};
    memset(bench, 0, sizeof *bench);
    bench->seed = seed;
    bench->random = test_random_seed(seed);
    expect_ok(bench, tern_backend_open(name ? name : "rtl", &config, &error, &bench->backend), &error);
    soc_set_window(bench, bench->backend.memory_base, bench->backend.memory_bytes);
    const uint32_t hardware = soc_read(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_HARDWARE);
    bench->lanes = TERN_FIELD_GET(SYSTEM_HARDWARE_LANES, hardware);
    bench->bus_bytes = bench->lanes * TERN_BEAT_BYTES;
    assert_int_equal(bench->lanes, config.lanes ? config.lanes : TERN_LANES);
    assert_int_equal(TERN_FIELD_GET(SYSTEM_HARDWARE_VECTORS, hardware), config.vectors ? config.vectors : TERN_VECTORS);
}

void soc_close(struct soc_bench *bench) {
    bench->backend.close(bench->backend.context);
}

bool soc_is_rtl(const struct soc_bench *bench) {
    return strcmp(bench->backend.name, "rtl") == 0;
}

bool soc_is_idle(struct soc_bench *bench) {
#ifdef TERN_HAS_VP
    if (!soc_is_rtl(bench)) {
        return tern_vp_is_idle(&bench->backend);
    }
#endif
    return tern_rtl_is_idle(&bench->backend);
}

void soc_set_unit_faults(struct soc_bench *bench, const struct tern_device_fault *fault) {
#ifdef TERN_HAS_VP
    assert_false(soc_is_rtl(bench));
    tern_vp_set_fault(&bench->backend, fault);
#else
    (void)bench;
    (void)fault;
    fail();
#endif
}

void soc_set_faults(struct soc_bench *bench, const struct tern_rtl_faults *faults) {
#ifdef TERN_HAS_VP
    if (!soc_is_rtl(bench)) {
        struct tern_device_fault fault = {0};
        if (faults) {
            assert_true(faults->hang_after_read_beats == TERN_RTL_NEVER);
            assert_true(faults->hang_after_write_beats == TERN_RTL_NEVER);
            fault.bus_error_address = faults->error_base;
            fault.bus_error_bytes = faults->error_bytes;
        }
        soc_set_unit_faults(bench, &fault);
        return;
    }
#endif
    tern_rtl_set_faults(&bench->backend, faults);
}

uint32_t soc_read(struct soc_bench *bench, uint32_t address) {
    struct tern_error error = {""};
    uint32_t value = 0;
    expect_ok(bench, bench->backend.register_read(bench->backend.context, address, &value, &error), &error);
    return value;
}

void soc_write(struct soc_bench *bench, uint32_t address, uint32_t value) {
    struct tern_error error = {""};
    expect_ok(bench, bench->backend.register_write(bench->backend.context, address, value, &error), &error);
}

void soc_write_pair(struct soc_bench *bench, uint32_t address, uint64_t value) {
    soc_write(bench, address, (uint32_t)value);
    soc_write(bench, address + 4, (uint32_t)(value >> 32));
}

void soc_advance(struct soc_bench *bench, uint64_t cycles) {
    struct tern_error error = {""};
    expect_ok(bench, bench->backend.advance(bench->backend.context, cycles, &error), &error);
}

void soc_set_window(struct soc_bench *bench, uint64_t base, uint64_t bytes) {
    soc_write_pair(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WINDOW_BASE_LO, base);
    soc_write_pair(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WINDOW_BYTES_LO, bytes);
}

static void fill(struct soc_bench *bench, uint8_t *data, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) {
        data[i] = (uint8_t)test_random_word(&bench->random);
    }
}

void soc_random_memory(struct soc_bench *bench, uint64_t address, uint8_t *data, uint32_t bytes) {
    struct tern_error error = {""};
    fill(bench, data, bytes);
    expect_ok(bench, bench->backend.memory_write(bench->backend.context, address, data, bytes, &error), &error);
}

void soc_random_scratch(struct soc_bench *bench, uint32_t local, uint8_t *data, uint32_t bytes) {
    fill(bench, data, bytes);
    for (uint32_t i = 0; i < bytes; i += 4) {
        uint32_t word;
        memcpy(&word, data + i, sizeof word);
        soc_write(bench, TERN_SCRATCH_BASE + local + i, word);
    }
}

void soc_expect_memory(struct soc_bench *bench, uint64_t address, const uint8_t *expected, uint32_t bytes,
                       const char *what) {
    struct tern_error error = {""};
    for (uint32_t i = 0; i < bytes; i++) {
        uint8_t got;
        expect_ok(bench, bench->backend.memory_read(bench->backend.context, address + i, &got, 1, &error), &error);
        if (got != expected[i]) {
            fail_msg("%s: device memory 0x%llx is %02x, expected %02x, seed %u", what,
                     (unsigned long long)(address + i), got, expected[i], bench->seed);
        }
    }
}

void soc_expect_scratch(struct soc_bench *bench, uint32_t local, const uint8_t *expected, uint32_t bytes,
                        const char *what) {
    for (uint32_t i = 0; i < bytes; i += 4) {
        uint32_t got = soc_read(bench, TERN_SCRATCH_BASE + local + i);
        uint32_t word;
        memcpy(&word, expected + i, sizeof word);
        if (got != word) {
            fail_msg("%s: scratch word 0x%x is %08x, expected %08x, seed %u", what, local + i, got, word, bench->seed);
        }
    }
}

void soc_dma_start(struct soc_bench *bench, uint64_t address, uint32_t local, uint32_t bytes, uint32_t direction) {
    soc_write_pair(bench, TERN_DMA_BASE + TERN_DMA_REG_ADDRESS_LO, address);
    soc_write(bench, TERN_DMA_BASE + TERN_DMA_REG_LOCAL, local);
    soc_write(bench, TERN_DMA_BASE + TERN_DMA_REG_LENGTH, bytes);
    soc_write(bench, TERN_DMA_BASE + TERN_DMA_REG_CONTROL, direction);
}

uint32_t soc_dma_wait(struct soc_bench *bench, uint64_t limit) {
    for (uint64_t cycles = 0; cycles < limit; cycles += POLL_CYCLES) {
        uint32_t status = soc_read(bench, TERN_DMA_BASE + TERN_DMA_REG_STATUS);
        if (!TERN_FIELD_GET(DMA_STATUS_BUSY, status)) {
            return status >> TERN_DMA_STATUS_CODE_SHIFT;
        }
        soc_advance(bench, POLL_CYCLES);
    }
    return UINT32_MAX;
}

uint32_t soc_dma_copy(struct soc_bench *bench, uint64_t address, uint32_t local, uint32_t bytes, uint32_t direction) {
    soc_dma_start(bench, address, local, bytes, direction);
    return soc_dma_wait(bench, COPY_LIMIT_CYCLES);
}

void soc_run_image(struct soc_bench *bench, const uint32_t *image, uint32_t words) {
    soc_write(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_CONTROL, 0);
    soc_write(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_BOOTING);
    for (uint32_t i = 0; i < words; i++) {
        soc_write(bench, TERN_BOOT_BASE + 4 * i, image[i]);
    }
    soc_write(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_CONTROL, TERN_SYSTEM_CONTROL_RUN_MASK);
}

void soc_run_file(struct soc_bench *bench, const char *path) {
    static uint32_t image[TERN_BOOT_BYTES / 4];
    FILE *file = fopen(path, "rb");
    if (!file) {
        fail_msg("cannot open %s", path);
        return;
    }
    memset(image, 0, sizeof image);
    size_t bytes = fread(image, 1, sizeof image, file);
    fclose(file);
    assert_true(bytes > 0);
    soc_run_image(bench, image, (uint32_t)((bytes + 3) / 4));
}
