// SPDX-License-Identifier: Apache-2.0
// A run of the attention unit: batches, each streamed and then finished beside the stream of the next one. A batch is a
// record of keys or a head of values. There are two banks of sums, so a batch waits until the one before the last is
// finished. Constants are cycles unless they say otherwise.
#include "cmodel/attention/cache.h"
#include "sim/devices/vp/timing.h"

enum {
    START = 10,              // tern_attention_control: CHECK to LAUNCH; burst generator, reader
    FIRST_ITEM = 23,         // from the first answer to a pair that is all there
    FIRST_PAIR_OF_KEYS = 12, // more, as the images before it are short
    FINISH_DELAY = 27,       // last item of a batch to its first result
    LINE_RESULTS = 16,       // results of a line, which takes a cycle more
    SHORTEST_LINE = 7,       // a burst of its own
    FINISH_END = 4,          // to the next batch
    BANK_READ = 20,          // a bank is read so long before its last result
    END = 36,                // DRAIN, writer; the answer's way
    QUEUED = 233,            // beats of its 256 that are on their way from memory
    BURST = 60,              // beats, of at most 64
    IMAGE = 14,              // an image is a request of its own
    IMAGES_IN_FLIGHT = 16,   // tern_memory_reader
    IMAGE_RETURN = 110,      // of an image in flight, besides memory's latency
    ITEM_BYTES = 32,         // of a bus of several lanes; a wider beat takes two cycles
    SLOW_WRITE = 15,         // of a line of keys: a slow memory writes only when nothing reads
    // Of the beats of records of values after the first one, those that hold `finish` of the head before.
    BEGUN_BEATS_PERCENT = 45,
    BEGUN_BEATS_PERCENT_WIDE = 96, // items of 32 bytes, which need the sums in every cycle
};

// The sizes of a batch, in beats, and of what finish does for it.
struct shape {
    uint64_t images;       // of a head
    uint64_t requests;     // cycles in which they are asked for
    uint64_t record, last; // beats of a record, of a head's last one
    uint64_t records;      // of a head
    uint64_t batches;      // of a head
    uint64_t writes;       // cycles of a record's results, in which nothing is read
    uint64_t finish;       // of a batch
    uint64_t last_finish;  // of a head's last batch
    uint64_t held;         // cycles of the stream that hold finish
};

// Cycles in which the unit takes so many beats.
static uint64_t stream(const struct tern_vp_memory *memory, uint64_t beats) {
    return tern_vp_max(tern_vp_stream(memory, beats), beats * tern_vp_divide_up(memory->beat_bytes, ITEM_BYTES));
}

static uint64_t lines(uint64_t vectors, uint64_t results) {
    const uint64_t cycles = results + tern_vp_divide_up(results, LINE_RESULTS);
    return vectors * tern_vp_max(cycles, SHORTEST_LINE) + FINISH_END;
}

static uint64_t image_cycles(const struct tern_vp_memory *memory) {
    return tern_vp_max(IMAGE, (memory->latency_cycles + IMAGE_RETURN) / IMAGES_IN_FLIGHT);
}

static struct shape shape_of_keys(const struct tern_dot_head *head, const struct tern_vp_memory *memory) {
    const uint64_t records = tern_cache_records(head->positions);
    const uint32_t left = head->positions - TERN_CACHE_POSITIONS * (uint32_t)(records - 1);
    const uint64_t position = tern_cache_head_groups(head->head_size) * TERN_CACHE_GROUP_BYTES;
    const uint64_t exponents = tern_vp_beats(memory, tern_cache_mantissas_offset(TERN_CACHE_KEYS, head->head_size));
    // The last of odd positions waits every other cycle.
    return (struct shape){.images = head->vectors * tern_vp_beats(memory, tern_activation_bytes(head->head_size)),
                          .requests = head->vectors * image_cycles(memory),
                          .record = exponents + tern_vp_beats(memory, TERN_CACHE_POSITIONS * position),
                          .last = exponents + tern_vp_beats(memory, (left + left % 2) * position),
                          .records = records,
                          .batches = records,
                          .writes = memory->bandwidth_percent < 100 ? head->vectors * SLOW_WRITE : 0,
                          .finish = lines(head->vectors, TERN_CACHE_POSITIONS),
                          .last_finish = lines(head->vectors, left)};
}

static struct shape shape_of_values(const struct tern_dot_head *head, const struct tern_vp_memory *memory) {
    const uint64_t records = tern_cache_records(head->positions);
    const uint64_t record = tern_vp_beats(memory, tern_cache_record_bytes(TERN_CACHE_VALUES, head->head_size));
    const uint64_t finish = lines(head->vectors, head->head_size);
    const uint64_t percent = memory->beat_bytes < ITEM_BYTES ? BEGUN_BEATS_PERCENT : BEGUN_BEATS_PERCENT_WIDE;
    return (struct shape){.images = head->vectors * tern_vp_beats(memory, tern_activation_bytes(head->positions)),
                          .requests = head->vectors * image_cycles(memory),
                          .record = record,
                          .last = record,
                          .records = records,
                          .batches = 1,
                          .finish = finish,
                          .last_finish = finish,
                          .held = stream(memory, (records - 1) * record) * percent / 100};
}

// Of a head.
static uint64_t beats_of(const struct shape *shape) {
    return shape->images + (shape->records - 1) * shape->record + shape->last;
}

// Where stream and finish are, in cycles since the first item.
struct progress {
    uint64_t streamed, stalled;
    uint64_t finished, finished_before; // the last batch, the one before
};

static void batch(struct progress *progress, uint64_t beats, uint64_t finish) {
    if (progress->finished_before > progress->streamed + BANK_READ) {
        progress->stalled += progress->finished_before - BANK_READ - progress->streamed;
        progress->streamed = progress->finished_before - BANK_READ;
    }
    progress->streamed += beats;
    progress->finished_before = progress->finished;
    progress->finished = tern_vp_max(progress->streamed + FINISH_DELAY, progress->finished) + finish;
}

// A head whose finish runs beside the records of the next one takes longer.
static void head(struct progress *progress, const struct shape *shape, const struct tern_vp_memory *memory,
                 bool is_last) {
    progress->streamed += tern_vp_max(stream(memory, shape->images), shape->requests);
    if (shape->batches == 1) {
        batch(progress, stream(memory, beats_of(shape) - shape->images),
              shape->last_finish + (is_last ? 0 : shape->held));
        return;
    }
    for (uint64_t i = 1; i < shape->batches; i++) {
        batch(progress, stream(memory, shape->record) + shape->writes, shape->finish);
    }
    batch(progress, stream(memory, shape->last), shape->last_finish);
}

struct tern_vp_run tern_vp_attention_run(const struct tern_attention_unit *unit, const struct tern_vp_memory *memory) {
    const struct tern_attention_unit_run *run = &unit->run;
    const bool has_keys = run->kind == TERN_CACHE_KEYS;
    const struct shape shape = has_keys ? shape_of_keys(&run->head, memory) : shape_of_values(&run->head, memory);
    const uint64_t results = has_keys ? run->head.positions : run->head.head_size;
    struct progress progress = {0, 0, 0, 0};
    for (uint32_t i = 0; i < run->kv_heads; i++) {
        head(&progress, &shape, memory, i + 1 == run->kv_heads);
    }
    const uint64_t first = memory->latency_cycles + FIRST_ITEM + (has_keys ? FIRST_PAIR_OF_KEYS : 0);
    return (struct tern_vp_run){.cycles = START + first + progress.finished + END + memory->latency_cycles,
                                .starved = first,
                                .stalled = progress.stalled,
                                .reads = beats_of(&shape) * run->kv_heads,
                                .writes =
                                    run->kv_heads * run->head.vectors * tern_vp_beats(memory, sizeof(float) * results),
                                .queued = QUEUED,
                                .burst = BURST};
}
