// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/timing.h"

#include "cmodel/attention/cache.h"
#include "cmodel/layout.h"

// Cycles from the write of CONTROL to the first request, and from the last beat to the end of the run.
enum {
    DMA_START = 6,
    DMA_END = 4,
    MATMUL_START = 20,
    MATMUL_END = 75,
    VECTOR_START = 10,
    VECTOR_END = 40,
    DOT_START = 40,
    DOT_END = 60
};

static uint64_t divide_up(uint64_t value, uint64_t by) {
    return (value + by - 1) / by;
}

// Cycles in which memory moves so many bytes.
static uint64_t stream(const struct tern_vp_memory *memory, uint64_t bytes) {
    return divide_up(divide_up(bytes, TERN_BUS_BYTES) * 100, memory->bandwidth_percent);
}

uint64_t tern_vp_dma_cycles(const struct tern_dma_unit *unit, const struct tern_vp_memory *memory) {
    const struct tern_dma_copy *copy = &unit->copy;
    return DMA_START + memory->latency_cycles + stream(memory, copy->address % TERN_BUS_BYTES + copy->bytes) + DMA_END;
}

// The images come first. The weights are asked for so long before the last beat of the images that memory's latency is
// hidden, as far as the images are long enough.
uint64_t tern_vp_matmul_cycles(const struct tern_matmul_unit *unit, const struct tern_vp_memory *memory) {
    const struct tern_matmul_unit_run *run = &unit->run;
    const uint64_t images = run->vectors * stream(memory, tern_activation_bytes(run->columns));
    const uint64_t strips = tern_strips(run->rows);
    const uint64_t weights = stream(memory, strips * tern_strip_bytes(run->columns, run->depth_used) +
                                                tern_crc_bytes(run->rows, run->depth_stored));
    const uint64_t start = MATMUL_START + memory->latency_cycles + images;
    const uint64_t hidden = memory->latency_cycles < 64 ? memory->latency_cycles : 64;
    return run->is_check ? start : start + memory->latency_cycles - hidden + weights + MATMUL_END;
}

uint64_t tern_vp_vector_cycles(const struct tern_vector_unit *unit, const struct tern_vp_memory *memory) {
    const struct tern_vector_run *run = &unit->run;
    const uint64_t bytes = 4 * (uint64_t)run->rows * run->parts * run->length;
    return VECTOR_START + memory->latency_cycles + 2 * stream(memory, bytes) + VECTOR_END;
}

uint64_t tern_vp_attention_cycles(const struct tern_attention_unit *unit, const struct tern_vp_memory *memory) {
    const struct tern_dot_head *head = &unit->run.head;
    const uint64_t records = divide_up(head->positions, TERN_CACHE_POSITIONS);
    const uint64_t bytes = records * 33 * head->head_size * TERN_CACHE_POSITIONS / 16;
    return DOT_START + memory->latency_cycles + unit->run.kv_heads * stream(memory, bytes) + DOT_END;
}

void tern_vp_dma_count(struct tern_dma_unit *unit, uint64_t cycles) {
    tern_registers_add_pair(&unit->registers, TERN_DMA_REG_CYCLES_LO, cycles);
}

void tern_vp_matmul_count(struct tern_matmul_unit *unit, uint64_t cycles) {
    tern_registers_add_pair(&unit->registers, TERN_MATMUL_REG_CYCLES_LO, cycles);
}

void tern_vp_vector_count(struct tern_vector_unit *unit, uint64_t cycles) {
    tern_registers_add_pair(&unit->registers, TERN_VECTOR_REG_CYCLES_LO, cycles);
}

void tern_vp_attention_count(struct tern_attention_unit *unit, uint64_t cycles) {
    tern_registers_add_pair(&unit->registers, TERN_ATTENTION_REG_CYCLES_LO, cycles);
}
