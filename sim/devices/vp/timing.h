// SPDX-License-Identifier: Apache-2.0
// How many cycles a run of a unit takes in the RTL, estimated at its start from its registers. docs/vp.md has the
// constants, where they come from, and the errors.
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
    uint32_t latency_cycles;    // from address accepted to first beat
    uint32_t bandwidth_percent; // beats in 100 cycles
};

#define TERN_VP_REFUSED_CYCLES 10u // of a run whose registers are refused

// Of a run that is not refused.
uint64_t tern_vp_dma_cycles(const struct tern_dma_unit *unit, const struct tern_vp_memory *memory);
uint64_t tern_vp_matmul_cycles(const struct tern_matmul_unit *unit, const struct tern_vp_memory *memory);
uint64_t tern_vp_vector_cycles(const struct tern_vector_unit *unit, const struct tern_vp_memory *memory);
uint64_t tern_vp_attention_cycles(const struct tern_attention_unit *unit, const struct tern_vp_memory *memory);

// Adds a run of so many cycles to the counters that the block of the C model leaves 0.
void tern_vp_dma_count(struct tern_dma_unit *unit, uint64_t cycles);
void tern_vp_matmul_count(struct tern_matmul_unit *unit, uint64_t cycles);
void tern_vp_vector_count(struct tern_vector_unit *unit, uint64_t cycles);
void tern_vp_attention_count(struct tern_attention_unit *unit, uint64_t cycles);

#ifdef __cplusplus
}
#endif
#endif
