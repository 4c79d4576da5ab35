// SPDX-License-Identifier: Apache-2.0
// How many cycles a run of a unit takes in the RTL, and where they go, estimated at its start from its registers.
// Memory has a fixed latency and bandwidth. docs/vp.md says where the constants come from, and has the errors.
#ifndef TERN_SIM_DEVICES_VP_TIMING_H
#define TERN_SIM_DEVICES_VP_TIMING_H

#include "cmodel/device/attention.h"
#include "cmodel/device/dma.h"
#include "cmodel/device/matmul.h"
#include "cmodel/device/vector.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_vp_memory {
    uint32_t latency_cycles;    // from address accepted to first beat, and from last beat of a write to its answer
    uint32_t bandwidth_percent; // beats in 100 cycles
    uint32_t beat_bytes;        // of its bus: 16 a lane
    uint32_t ways;              // of the vector unit on it
    // Another unit streams: its requests are queued before the first of this run, and its bursts take turns with those.
    uint32_t queued_beats, turn_beats; // 0 without one
};

// What a good run adds to the counters. worked: what the C model does not count itself. With what it counts, the sum of
// worked, starved and stalled is at most `cycles`.
struct tern_vp_run {
    uint64_t cycles, worked, starved, stalled;
    uint64_t reads, writes; // beats
    // For a run beside it.
    uint32_t queued; // beats of requests on their way; 0: the run does not take a beat in every cycle
    uint32_t burst;  // beats of a request, on average
};

// Of runs that tern_<unit>_unit_check() does not refuse.
struct tern_vp_run tern_vp_dma_run(const struct tern_dma_unit *unit, const struct tern_vp_memory *memory);
struct tern_vp_run tern_vp_matmul_run(const struct tern_matmul_unit *unit, const struct tern_vp_memory *memory);
struct tern_vp_run tern_vp_vector_run(const struct tern_vector_unit *unit, const struct tern_vp_memory *memory);
struct tern_vp_run tern_vp_attention_run(const struct tern_attention_unit *unit, const struct tern_vp_memory *memory);

// Adds a run that has ended to the counters.
void tern_vp_dma_count(struct tern_dma_unit *unit, const struct tern_vp_run *run);
void tern_vp_matmul_count(struct tern_matmul_unit *unit, const struct tern_vp_run *run);
void tern_vp_vector_count(struct tern_vector_unit *unit, const struct tern_vp_run *run);
void tern_vp_attention_count(struct tern_attention_unit *unit, const struct tern_vp_run *run);

// Cycles of a run that the unit refuses for its registers.
#define TERN_VP_REFUSED_CYCLES 10u

static inline uint64_t tern_vp_divide_up(uint64_t value, uint64_t by) {
    return (value + by - 1) / by;
}

static inline uint64_t tern_vp_max(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static inline uint64_t tern_vp_beats(const struct tern_vp_memory *memory, uint64_t bytes) {
    return tern_vp_divide_up(bytes, memory->beat_bytes);
}

// Cycles in which memory moves so many beats.
static inline uint64_t tern_vp_stream(const struct tern_vp_memory *memory, uint64_t beats) {
    return tern_vp_divide_up(beats * 100, memory->bandwidth_percent);
}

// Cycles from the first request to its beat.
static inline uint64_t tern_vp_first(const struct tern_vp_memory *memory) {
    return tern_vp_max(memory->latency_cycles, memory->queued_beats);
}

// tern_vp_stream() for a unit whose receiver has room for 256 beats (tern_burst_generator CREDITS). The room of a burst
// is free again when its last beat is taken, so a far memory waits for requests.
uint64_t tern_vp_stream_256(const struct tern_vp_memory *memory, uint64_t beats);

#ifdef __cplusplus
}
#endif
#endif
