// SPDX-License-Identifier: Apache-2.0
// The attention unit beside its C model: both get every register write, and each has its own copy of device memory.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "Vtern_attention_unit.h"
extern "C" {
#include "cmodel/device/attention.h"
#include "cmodel/error.h"
}
#include "cmodel/tests/dot_case.h"
#include "sim/lib/axi_memory.hpp"
#include "stream_watch.hpp"

namespace tern_bench {

constexpr unsigned bus_bytes = 16 * TERN_BENCH_LANES;
constexpr uint64_t memory_base = 0x3'0000'0000;
constexpr uint64_t memory_bytes = 8u << 20;

struct Shape {
    tern_cache_kind kind;
    uint32_t kv_heads, vectors, head_size, positions;

    uint32_t length() const { // of an image
        return kind == TERN_CACHE_KEYS ? head_size : positions;
    }
    uint32_t results() const { // of an image
        return kind == TERN_CACHE_KEYS ? positions : head_size;
    }
    uint32_t images() const {
        return kv_heads * vectors;
    }
};

// Operands in device memory.
struct Run {
    Shape shape;
    uint64_t images, image_stride, cache, head_stride, output, output_stride;
    uint64_t end; // of all of them

    // Beats of the bus that a good run reads.
    uint64_t beats() const;
};

class Bench {
  public:
    explicit Bench(uint64_t seed);
    ~Bench();

    Random random;
    unsigned failures = 0, runs = 0;
    std::map<unsigned, unsigned> endings; // runs by status code
    uint64_t stalled = 0;                 // cycles, of the runs whose counters were checked

    // Puts a run's operands into memory, with gaps. Draws from small ones to large.
    Run make_run(const Shape &shape, dot_draw draw);
    // Writes a byte of device memory for both units.
    void poke(uint64_t address, uint8_t byte);
    // Behaviour of memory, and the window, for both units.
    void set_memory(const AxiMemoryConfig &config);
    void set_window(uint64_t base, uint64_t bytes);

    void program(const Run &run);
    void start();
    // Writes random values to every captured register and to the window. They are for the next run.
    void write_all();
    // Waits for the end of the run, and compares it with the model. abort_after: cycles; ~0 is never.
    void finish(const Run &run, unsigned abort_after = ~0u);

    void write(uint32_t offset, uint32_t value); // to both units
    uint32_t read(uint32_t offset);
    uint64_t pair(uint32_t offset);
    void tick();
    void check(bool good, const std::string &what);
    // Holds both units in reset for a cycle.
    void reset();

    struct tern_attention_unit model = {};
    Vtern_attention_unit top;
    AxiMemory<bus_bytes> memory;
    struct tern_window window = {};
    uint64_t busy_cycles = 0;
    const Run *current = nullptr;
    StreamWatch watch;

  private:
    void compare(const Run &run, unsigned status, bool was_aborted);
    void compare_partial(const Run &run);
    void compare_counters(const Run &run, bool good);

    std::vector<uint8_t> data_, model_data_;
    struct tern_bus_memory model_memory_ = {};
    uint64_t last_taken_ = 0;
};

} // namespace tern_bench
