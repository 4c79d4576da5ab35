// SPDX-License-Identifier: Apache-2.0
// A Verilated device for the tests of the SoC. They access its registers through its back end.
#ifndef TERN_SIM_SOC_TESTS_SOC_BENCH_H
#define TERN_SIM_SOC_TESTS_SOC_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "cmodel/device/device_model.h"
#include "cmodel/tests/random.h"
#include "host_driver/device/backends.h"
#include "sim/devices/rtl/rtl_control.h"

struct soc_bench {
    struct tern_backend backend;
    struct test_random random;
    uint32_t seed, lanes, bus_bytes;
};

// Opens the device of the environment's TERN_TEST_DEVICE, else rtl; the variant of TERN_TEST_LANES and
// TERN_TEST_VECTORS, else the one of the build. TERN_TEST_VERILATED: units of vp that are Verilated. seed: start of the
// bench's random numbers. stalls: random stalls on every AXI channel. The window is all memory.
void soc_open(struct soc_bench *bench, uint64_t memory_bytes, uint32_t seed, int stalls);
void soc_close(struct soc_bench *bench);
// Whether the device is rtl, whose cycles are exact.
bool soc_is_rtl(const struct soc_bench *bench);
bool soc_is_idle(struct soc_bench *bench);
// NULL: memory without faults. On vp memory does not hang.
void soc_set_faults(struct soc_bench *bench, const struct tern_rtl_faults *faults);
// Faults that only vp can have.
void soc_set_unit_faults(struct soc_bench *bench, const struct tern_device_fault *fault);

// Any failure of the back end fails the test, a broken AXI rule too.
uint32_t soc_read(struct soc_bench *bench, uint32_t address);
void soc_write(struct soc_bench *bench, uint32_t address, uint32_t value);
void soc_write_pair(struct soc_bench *bench, uint32_t address, uint64_t value);
void soc_advance(struct soc_bench *bench, uint64_t cycles);
void soc_set_window(struct soc_bench *bench, uint64_t base, uint64_t bytes);

// Fills `bytes` of `data` and of device memory or of scratch memory with random numbers.
void soc_random_memory(struct soc_bench *bench, uint64_t address, uint8_t *data, uint32_t bytes);
void soc_random_scratch(struct soc_bench *bench, uint32_t local, uint8_t *data, uint32_t bytes);
// The first byte that differs from `expected` fails the test with `what`.
void soc_expect_memory(struct soc_bench *bench, uint64_t address, const uint8_t *expected, uint32_t bytes,
                       const char *what);
void soc_expect_scratch(struct soc_bench *bench, uint32_t local, const uint8_t *expected, uint32_t bytes,
                        const char *what);

// The directions of a copy as values of DMA CONTROL: to scratch memory, to device memory.
extern const uint32_t soc_directions[2];
// Starts a copy while the core is held.
void soc_dma_start(struct soc_bench *bench, uint64_t address, uint32_t local, uint32_t bytes, uint32_t direction);
// Waits until the engine is idle. Returns its status code, or ~0 when it is still busy after `limit` cycles.
uint32_t soc_dma_wait(struct soc_bench *bench, uint64_t limit);
uint32_t soc_dma_copy(struct soc_bench *bench, uint64_t address, uint32_t local, uint32_t bytes, uint32_t direction);

// Holds the core, loads words at BOOT_BASE and lets it run.
void soc_run_image(struct soc_bench *bench, const uint32_t *image, uint32_t words);
// Runs a flat binary in the same way (path of a file).
void soc_run_file(struct soc_bench *bench, const char *path);

#endif
