// SPDX-License-Identifier: Apache-2.0
// The Verilated unit with memory and a register master, and its runs. Random matrices lie at random places of a memory.
// All of it is compared afterwards, so that a stray write is found.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "Vtern_matmul_axi.h"
#include "cmodel/layout.h"
#include "cmodel/matmul/crc32c.h"
#include "sim/lib/axi_memory.hpp"
#include "stream_watch.hpp"
#include "verilated.h"

namespace tern_bench {

constexpr unsigned bus_bytes = TERN_BENCH_LANES * TERN_BEAT_BYTES;
constexpr uint64_t memory_base = 0x7'4000'0000; // above 4 GB: upper address halves are in use
constexpr uint64_t line_bytes = 64;

constexpr unsigned unit_vectors = TERN_BENCH_VECTORS; // that the unit takes at once

struct Shape {
    uint32_t rows, columns;
    uint32_t depth_stored, depth_used;
    uint32_t vectors = 1;
};

// Sets of vectors, a bit each.
using Vectors = unsigned;
constexpr Vectors no_vector = 0, every_vector = ~0u;

// One run of the unit. Addresses are device addresses.
struct Run {
    Shape shape;
    uint32_t groups;
    uint64_t weights, crc, steps, activation, output;
    uint64_t activation_stride, output_stride;

    uint64_t columns() const {
        return uint64_t{groups} * TERN_GROUP_COLUMNS;
    }
    uint64_t strips() const {
        return tern_strips(shape.rows);
    }
    uint64_t strip_bytes() const {
        return tern_strip_bytes(columns(), shape.depth_stored);
    }
    uint64_t prefix_bytes() const {
        return tern_strip_bytes(columns(), shape.depth_used);
    }
    uint64_t image(uint32_t vector) const {
        return activation + vector * activation_stride;
    }
    uint64_t mantissas(uint32_t vector) const {
        return image(vector) + TERN_ACTIVATION_HEADER_BYTES;
    }
    uint64_t shifts(uint32_t vector) const {
        return mantissas(vector) + 2 * columns();
    }
    // Bytes of an image that the unit reads; the rest of its last 64 is padding.
    uint64_t image_bytes() const {
        return shifts(0) + groups - activation;
    }
    uint64_t output_of(uint32_t vector) const {
        return output + vector * output_stride;
    }
    uint64_t output_bytes() const {
        return 4 * uint64_t{shape.rows};
    }
    // All images, and all outputs, with what lies between them.
    uint64_t images_bytes() const {
        return (shape.vectors - 1) * activation_stride + tern_activation_bytes(columns());
    }
    uint64_t outputs_bytes() const {
        return (shape.vectors - 1) * output_stride + output_bytes();
    }
};

constexpr uint64_t steps_bytes = 4 * TERN_STEPS;

inline uint32_t depth_word(uint32_t stored, uint32_t used) {
    return TERN_FIELD_PUT(MATMUL_DEPTH_STORED, stored) | TERN_FIELD_PUT(MATMUL_DEPTH_USED, used);
}

// detail: of the register ERROR_DETAIL.
struct Outcome {
    uint32_t status = 0, detail = 0;
};

struct RegisterValue {
    uint32_t offset, value;
};

struct Counters {
    uint64_t cycles, offered, taken, starved, stalled;
};

class Bench {
  public:
    explicit Bench(uint64_t seed);

    // Register accesses, with random gaps and orders on the five channels.
    void write_register(uint32_t offset, uint32_t value, uint8_t strobe = 15);
    uint32_t read_register(uint32_t offset);
    Counters counters();

    // Makes a memory of `bytes` random bytes, which is also the window. The next runs are laid out in it.
    void new_memory(uint64_t bytes);
    void set_window(uint64_t base, uint64_t bytes);
    Run random_run(const Shape &shape);
    static uint64_t bytes_needed(const Shape &shape);

    static std::vector<RegisterValue> registers_of(const Run &run);
    void program(const Run &run);
    void start() {
        write_register(TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_START_MASK);
    }
    // Starts a run that only checks the activations.
    void start_check() {
        write_register(TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_CHECK_MASK);
    }
    void cancel() {
        write_register(TERN_MATMUL_REG_CONTROL, TERN_FIELD_PUT(MATMUL_CONTROL_ABORT, 1));
    }
    bool is_busy() {
        return TERN_FIELD_GET(MATMUL_STATUS_BUSY, read_register(TERN_MATMUL_REG_STATUS));
    }
    // Returns false when the unit is still busy after `limit_cycles`.
    bool wait_idle(uint64_t limit_cycles);
    Outcome outcome();
    void tick();
    void ticks(uint64_t count) {
        while (count--) {
            tick();
        }
    }

    // Runs the model of the unit on the memory as it is. Its outputs go into `expected`. control: of CONTROL.
    Outcome model(const Run &run, uint32_t control = TERN_MATMUL_CONTROL_START_MASK) {
        return model_on(run, control, 0, 0);
    }
    // The same, with a memory that refuses what `config` says.
    Outcome model_refused(const Run &run, uint32_t control = TERN_MATMUL_CONTROL_START_MASK) {
        return model_on(run, control, config.error_base, config.error_bytes);
    }
    uint8_t *at(uint64_t address) {
        return memory_bytes.data() + (address - memory_base);
    }
    // Compares memory with `expected`. partial: bytes of these outputs may also have their values of snapshot().
    bool memory_is_right(const Run &run, Vectors partial, std::string *why);
    // Expects the rows of a vector from `row` on to be as they were.
    void expect_unwritten(const Run &run, uint32_t vector, uint64_t row);
    void snapshot() {
        expected = before = memory_bytes;
    }

    Random random;
    std::unique_ptr<Vtern_matmul_axi> top;
    AxiMemory<bus_bytes> memory;
    StreamWatch watch;
    AxiMemoryConfig config;
    std::vector<uint8_t> memory_bytes, expected, before;

  private:
    Outcome model_on(const Run &run, uint32_t control, uint64_t error_base, uint64_t error_bytes);
    uint64_t place(uint64_t bytes);
    void fill_activation(const Run &run, uint32_t vector, unsigned kind, int32_t base_exponent);
    void fill_steps(const Run &run, unsigned kind, uint32_t smallest_field);
    void fill_checksums(const Run &run);

    uint64_t next_free_ = 0;
};

} // namespace tern_bench
