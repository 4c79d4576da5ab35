// SPDX-License-Identifier: Apache-2.0
// Runs of the DMA engine and of the matmul unit, and the counters of all units. timing_vector.c and timing_attention.c
// have the others. Constants are cycles unless they say otherwise.
#include "sim/devices/vp/timing.h"

#include "cmodel/layout.h"

enum constant {
    ROOM_BEATS = 256, // of a stream
    ROOM_RETURN = 76, // a burst of 64 beats, and from the request to the port and back to the receiver
    BURST_BEATS = 64,
    DMA_START = 10, // tern_dma: four states to the request, the burst generator, the reader
    DMA_END = 4,
    MATMUL_START = 22,       // tern_matmul_control: CHECK and SIZE, ten cycles; burst generator, reader
    MATMUL_CHECK_END = 20,   // of a CHECK: the last beat is checked
    MATMUL_END = 72,         // last beat: lane 11, finish 8 + 27, round 8, writer 4; the answer's way
    MATMUL_FINISH = 32,      // a strip of a vector in tern_finish
    MATMUL_BANK = 7,         // from a strip's last products to finish, and from finish to products in that bank of bins
    MATMUL_FIRST_WIDE = 20,  // on a bus of several lanes: from the first beat to finish of the first strip, at least
    MATMUL_NEXT_VECTOR = 34, // of the last strip, each vector but the first, when the stream is what a run waits for
    MATMUL_SLOW_WRITE = 12,  // of a strip of a vector: a slow memory writes only when nothing reads
    MATMUL_FINISH_EARLY = 11, // less to the end when finish is what a run waits for: the lanes are ahead
    MATMUL_AHEAD = 64,        // beats of images still to come when the weights are asked for (AHEAD)
    MATMUL_WEIGHTS_ASK = 11,  // from then to the weights' request at the port, and from the answer to the lanes
    MATMUL_QUEUED = 475,      // beats of its 512 that are on their way from memory
    PAGE_BYTES = 4096,        // no burst crosses such a line
    MATMUL_CRC_ROOM = 16,     // beats of checksums that come before the weights (CRC_BEATS)
};

uint64_t tern_vp_stream_256(const struct tern_vp_memory *memory, uint64_t beats) {
    const uint64_t later = beats > ROOM_BEATS ? beats - ROOM_BEATS : 0;
    return tern_vp_max(tern_vp_stream(memory, beats),
                       beats - later + later * (tern_vp_first(memory) + ROOM_RETURN) / ROOM_BEATS);
}

// A copy to the device has a cycle between two bursts: the writer accepts a burst after the data of the one before.
struct tern_vp_run tern_vp_dma_run(const struct tern_dma_unit *unit, const struct tern_vp_memory *memory) {
    const struct tern_dma_copy *copy = &unit->copy;
    const uint64_t beats = tern_vp_beats(memory, copy->address % memory->beat_bytes + copy->bytes);
    const uint64_t moved =
        copy->to_device ? tern_vp_stream(memory, beats) + beats / BURST_BEATS : tern_vp_stream_256(memory, beats);
    const uint64_t first = copy->to_device ? memory->latency_cycles : tern_vp_first(memory);
    return (struct tern_vp_run){.cycles = DMA_START + first + moved + DMA_END,
                                .reads = copy->to_device ? 0 : beats,
                                .writes = copy->to_device ? beats : 0};
}

static uint64_t matmul_steps(const struct tern_vp_memory *memory) {
    return tern_vp_beats(memory, sizeof(uint32_t) * TERN_STEPS);
}

// Beats of steps and images. The last beats of an image's shifts are not read.
static uint64_t matmul_images(const struct tern_matmul_unit_run *run, const struct tern_vp_memory *memory) {
    return matmul_steps(memory) +
           run->vectors * tern_vp_beats(memory, tern_activation_shifts_offset(run->columns) + run->groups);
}

// Cycles without a beat for the lanes, from the first request of weights on: until the images are there, and until the
// weights are.
static uint64_t matmul_wait(bool asks_at_once, uint64_t images, uint64_t latency) {
    return asks_at_once ? latency + images : tern_vp_max(MATMUL_AHEAD, latency + MATMUL_WEIGHTS_ASK);
}

// A strip begins with a new burst.
static uint32_t mean_burst(uint64_t strip_beats, uint32_t beat_bytes) {
    const uint64_t bursts_256 =
        256 * tern_vp_divide_up(strip_beats, BURST_BEATS) + 256 * strip_beats * beat_bytes / PAGE_BYTES;
    return (uint32_t)(256 * strip_beats / bursts_256);
}

// Cycles of two strips in the two banks of bins. Either finish is never idle, or a strip's planes wait for their bank
// and finish waits for them.
static uint64_t matmul_two_strips(uint64_t plane_beats, uint64_t finish) {
    return tern_vp_max(2 * finish, plane_beats + MATMUL_BANK + finish);
}

// Beats of the first strip, or as many more as finish waits.
static uint64_t matmul_first(const struct tern_vp_memory *memory, uint64_t images, uint64_t strip_beats) {
    const uint64_t least = memory->beat_bytes > TERN_BEAT_BYTES ? MATMUL_FIRST_WIDE : 0;
    return tern_vp_max(images + strip_beats, least) - images;
}

// Steps and images come first. Then a strip takes its beats, or its time in finish. The beats of checksums that come
// later take the place of beats of weights.
struct tern_vp_run tern_vp_matmul_run(const struct tern_matmul_unit *unit, const struct tern_vp_memory *memory) {
    const struct tern_matmul_unit_run *run = &unit->run;
    const uint64_t latency = memory->latency_cycles, images = tern_vp_stream(memory, matmul_images(run, memory));
    if (run->is_check) {
        return (struct tern_vp_run){.cycles = MATMUL_START + latency + images + MATMUL_CHECK_END};
    }
    const uint64_t strip_beats = tern_vp_beats(memory, tern_strip_bytes(run->columns, run->depth_used));
    const uint64_t writes = memory->bandwidth_percent < 100 ? run->strips * run->vectors * MATMUL_SLOW_WRITE : 0;
    const uint64_t weights = tern_vp_stream(memory, run->strips * strip_beats);
    const uint64_t checksums =
        tern_vp_stream(memory, tern_vp_beats(memory, tern_crc_bytes(run->rows, run->depth_stored)));
    const uint64_t two_strips = matmul_two_strips(
        tern_vp_beats(memory, run->depth_used * tern_plane_bytes(run->columns)), run->vectors * MATMUL_FINISH);
    const uint64_t first = matmul_first(memory, images, strip_beats);
    const bool is_alone = run->strips == 1 && run->vectors > 1; // its vectors follow its last beat, or finish waits
    const uint64_t early = MATMUL_FINISH_EARLY + (is_alone ? strip_beats : 0);
    const uint64_t finish = 2 * strip_beats < two_strips ? run->strips * two_strips / 2 + first - early : 0;
    const bool asks_at_once = images <= tern_vp_stream(memory, matmul_steps(memory)) + MATMUL_AHEAD;
    const uint64_t wait = matmul_wait(asks_at_once, images, latency), ask = asks_at_once ? 0 : wait - MATMUL_AHEAD;
    const uint64_t last_rows = run->rows - (run->strips - 1) * TERN_STRIP_ROWS;
    const uint64_t vectors = finish && !is_alone ? 0 : (run->vectors - 1) * MATMUL_NEXT_VECTOR;
    const uint64_t streamed = tern_vp_max(weights + checksums + writes + vectors, finish);
    const uint64_t late = checksums > MATMUL_CRC_ROOM ? checksums - MATMUL_CRC_ROOM : 0;
    const uint64_t bubbles = weights - run->strips * strip_beats; // of a slow memory
    return (struct tern_vp_run){.cycles =
                                    MATMUL_START + latency + images + ask + streamed + last_rows + MATMUL_END + latency,
                                .starved = finish > weights + checksums ? wait : wait + late + bubbles,
                                .stalled = finish > weights + checksums ? finish - weights - checksums : 0,
                                .reads = images + weights + checksums,
                                .writes = run->vectors * tern_vp_beats(memory, sizeof(float) * (uint64_t)run->rows),
                                .queued = finish > weights + checksums ? 0 : MATMUL_QUEUED,
                                .burst = mean_burst(strip_beats, memory->beat_bytes)};
}

// A unit's counters, which are at the same offsets in each.
static void count(struct tern_registers *registers, const struct tern_vp_run *run) {
    tern_registers_add_pair(registers, TERN_MATMUL_REG_CYCLES_LO, run->cycles);
    tern_registers_add_pair(registers, TERN_MATMUL_REG_TAKEN_LO, run->worked);
    tern_registers_add_pair(registers, TERN_MATMUL_REG_STARVED_LO, run->starved);
    tern_registers_add_pair(registers, TERN_MATMUL_REG_STALLED_LO, run->stalled);
}

// OFFERED is the sum of three others.
static void offer(struct tern_registers *registers) {
    const uint64_t offered = tern_registers_get_pair(registers, TERN_MATMUL_REG_TAKEN_LO) +
                             tern_registers_get_pair(registers, TERN_MATMUL_REG_STARVED_LO) +
                             tern_registers_get_pair(registers, TERN_MATMUL_REG_STALLED_LO);
    tern_registers_set(registers, TERN_MATMUL_REG_OFFERED_LO, (uint32_t)offered);
    tern_registers_set(registers, TERN_MATMUL_REG_OFFERED_LO + 4, (uint32_t)(offered >> 32));
}

#define SAME_PLACES(unit, worked)                                                                                      \
    _Static_assert(TERN_##unit##_REG_CYCLES_LO == TERN_MATMUL_REG_CYCLES_LO &&                                         \
                       TERN_##unit##_REG_##worked##_LO == TERN_MATMUL_REG_TAKEN_LO &&                                  \
                       TERN_##unit##_REG_STARVED_LO == TERN_MATMUL_REG_STARVED_LO &&                                   \
                       TERN_##unit##_REG_STALLED_LO == TERN_MATMUL_REG_STALLED_LO,                                     \
                   "the frame of a unit")
SAME_PLACES(VECTOR, ISSUED);
SAME_PLACES(ATTENTION, TAKEN);
_Static_assert(TERN_ATTENTION_REG_OFFERED_LO == TERN_MATMUL_REG_OFFERED_LO, "the frame of a unit with a stream");

void tern_vp_dma_count(struct tern_dma_unit *unit, const struct tern_vp_run *run) {
    tern_registers_add_pair(&unit->registers, TERN_DMA_REG_CYCLES_LO, run->cycles);
}

void tern_vp_matmul_count(struct tern_matmul_unit *unit, const struct tern_vp_run *run) {
    count(&unit->registers, run);
    offer(&unit->registers);
}

void tern_vp_vector_count(struct tern_vector_unit *unit, const struct tern_vp_run *run) {
    count(&unit->registers, run);
}

void tern_vp_attention_count(struct tern_attention_unit *unit, const struct tern_vp_run *run) {
    count(&unit->registers, run);
    offer(&unit->registers);
}
