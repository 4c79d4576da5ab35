// SPDX-License-Identifier: Apache-2.0
// A run of the vector unit. Each row has the sections of rtl/vector/program.txt, which run as in tern_vector_issue.v.
// Beside them are the streams of memory and the jobs of the store. Constants are cycles unless they say otherwise.
#include "cmodel/attention/cache.h"
#include "cmodel/layout.h"
#include "sim/devices/vp/timing.h"

enum {
    START_AND_END = 43, // to the first request, from the answer to the first instruction; last result to the port
    ROW = 3,            // tern_vector_control: ROW, ROW_END
    SECTION = 7,        // its states, and the fetch of the first instruction
    DEPTH = 10,         // from an instruction to the next one (tern_vector_issue)
    FOLD_DEPTH = 12,
    SCAN_DEPTH = 21,
    SUM_DEPTH = 10, // of a group, in the background
    SUM_END = 2,
    GROUP_BYTES = 4 * TERN_GROUP_COLUMNS,
    TILE_GROUPS = 16,
    BURST_BEATS = 64,
    PART = 8,              // a part has a burst of its own (tern_vector_load, tern_burst_generator), a job of the store
    PART_WIDE = 7,         // on a bus of several lanes
    BURSTS_IN_FLIGHT = 16, // tern_memory_reader
    BURST_RETURN = 10,     // of a burst in flight, besides memory's latency
    SIDE_JOB = 20,         // shifts, header, total of a row, each
    PIECES_END = 10,       // the job of the mantissas, which comes before, besides its beats
    PIECES_BEATS = 16,     // that are not written yet when the row ends, at most
    PIECES_BEATS_WIDE = 1, // on a bus of several lanes, which is faster than the row
    WIDEST = 16,           // ways with which an image has an even number of groups (tern_vector.v)
    TAIL = 20,             // from the last result to these jobs
};

// Instructions of a pass over the tiles of a row. A sum begins after the joined ones, which wait for the one before.
struct pass {
    unsigned streams, scans; // that read a stream; those of them that scan
    unsigned plain;          // others before the joined ones
    unsigned joined, joined_scans;
    unsigned after;
    bool sums;
};

// Instructions of the sections on one group, as cycles and in number.
struct single {
    unsigned sections, instructions, folds;
};

struct program {
    struct single once;  // before the first row, or every 16 rows
    struct single row;   // open, middle and close of each row
    unsigned open_tiled; // before the first row, on all groups
    struct pass pass1, pass2;
    unsigned side_jobs;
    bool opens, closes; // each row has a section before pass1, after pass2
};

static const struct program programs[TERN_OPCODE_COUNT] = {
    [TERN_OPCODE_ADD] = {.pass2 = {.streams = 1}},
    [TERN_OPCODE_COPY] = {.pass2 = {.streams = 1}},
    [TERN_OPCODE_RMSNORM] = {.row = {2, 43, 4},
                             .opens = true,
                             .pass1 = {.streams = 1, .joined = 1, .sums = true},
                             .pass2 = {.streams = 2}},
    [TERN_OPCODE_ROPE] = {.open_tiled = 2, .pass2 = {.streams = 2, .plain = 6}},
    [TERN_OPCODE_SWIGLU] = {.pass2 = {.streams = 2, .plain = 45}},
    [TERN_OPCODE_QUANTIZE] = {.pass1 = {.streams = 1, .scans = 1},
                              .pass2 = {.streams = 1, .scans = 1, .after = 2},
                              .side_jobs = 2},
    [TERN_OPCODE_STORE] = {.pass1 = {.streams = 1, .scans = 1},
                           .pass2 = {.streams = 1, .scans = 1, .after = 2},
                           .side_jobs = 1},
    [TERN_OPCODE_SOFTMAX] = {.row = {2, 5, 4},
                             .pass1 = {.streams = 1, .scans = 1},
                             .pass2 = {.streams = 1, .plain = 21, .joined_scans = 1, .after = 2, .sums = true},
                             .side_jobs = 3,
                             .opens = true,
                             .closes = true},
    [TERN_OPCODE_SCALE] = {.once = {1, 32, 0}, .row = {1, 1, 0}, .pass2 = {.streams = 1}},
};

static uint64_t single_cycles(const struct single *single) {
    return single->sections * SECTION + single->instructions * DEPTH + single->folds * (FOLD_DEPTH - DEPTH);
}

// Tiles of at most 16 groups; the last two are alike.
static uint64_t next_tile(uint64_t groups_left) {
    return groups_left <= TILE_GROUPS      ? groups_left
           : groups_left < 2 * TILE_GROUPS ? (groups_left + 1) / 2
                                           : TILE_GROUPS;
}

// Cycles that a group takes: in an instruction, and from memory.
struct pace {
    uint64_t turns, beats;
};

// Cycles in which an instruction waits for the beats of a tile.
static uint64_t tile_wait(struct pace pace, uint64_t groups) {
    return pace.beats > pace.turns ? (pace.beats - pace.turns) * groups - 1 : 0;
}

// Cycles of a pass, without waits for memory beyond tile_wait(). *issued: its instructions' turns.
static uint64_t pass_cycles(const struct pass *pass, struct pace pace, uint64_t groups, uint64_t *issued) {
    uint64_t cycles = 0, sum_left = 0;
    const unsigned all = pass->streams + pass->plain + pass->joined + pass->joined_scans + pass->after + pass->sums;
    for (uint64_t left = groups; left > 0 && all > 0;) {
        const uint64_t tile = next_tile(left), turns = pace.turns * tile;
        const uint64_t plain = tern_vp_max(turns, DEPTH), scan = tern_vp_max(turns, SCAN_DEPTH);
        const uint64_t before = (pass->streams - pass->scans + pass->plain) * plain + pass->scans * scan +
                                pass->streams * tile_wait(pace, tile);
        // The sum's turns take the place of those after it.
        const uint64_t after = pass->after * plain + (pass->sums ? turns : 0);
        cycles += tern_vp_max(before, sum_left) + pass->joined * plain + pass->joined_scans * scan + after;
        sum_left = pass->sums ? SUM_DEPTH * tile + SUM_END - (after < SUM_DEPTH * tile ? after : SUM_DEPTH * tile) : 0;
        *issued += all * turns;
        left -= tile;
    }
    return cycles + sum_left;
}

// A command in numbers.
struct work {
    const struct tern_vector_run *run;
    const struct program *program;
    struct pace pace;
    uint64_t part_groups, row_groups;
    uint64_t left_beats, right_beats, out_beats; // of a part, of a row, of a part
    uint64_t reads, writes;                      // parts of a row that are read, written
    uint64_t most_pieces;                        // beats that are not written when a row ends
};

static uint64_t part_cycles(const struct tern_vp_memory *memory) {
    return memory->beat_bytes > TERN_BEAT_BYTES ? PART_WIDE : PART;
}

static struct work work_of(const struct tern_vector_run *run, const struct tern_vp_memory *memory) {
    const bool is_rope = run->operation == TERN_OPCODE_ROPE, is_store = run->operation == TERN_OPCODE_STORE;
    const bool is_image = run->operation == TERN_OPCODE_QUANTIZE || run->operation == TERN_OPCODE_SOFTMAX;
    const uint64_t filled = tern_vp_divide_up(run->length, TERN_GROUP_COLUMNS);
    const uint64_t groups = is_image && memory->ways == WIDEST ? tern_align_up(filled, 2) : filled;
    const bool has_right = run->operation == TERN_OPCODE_ADD || run->operation == TERN_OPCODE_SWIGLU ||
                           run->operation == TERN_OPCODE_RMSNORM;
    const struct program *program = &programs[run->operation];
    const uint64_t words = tern_vp_beats(memory, 4 * (uint64_t)run->length);
    const uint64_t row_groups = is_rope ? groups : groups * run->parts;
    return (struct work){.run = run,
                         .program = program,
                         .pace = {TERN_GROUP_COLUMNS / memory->ways, GROUP_BYTES / memory->beat_bytes},
                         .part_groups = groups,
                         .row_groups = row_groups,
                         .left_beats = words,
                         .right_beats = has_right ? words : 0,
                         .out_beats =
                             program->side_jobs ? tern_vp_beats(memory, TERN_CACHE_GROUP_BYTES * row_groups) : words,
                         .reads = run->parts,
                         .writes = program->side_jobs || is_store ? 1 : run->parts,
                         .most_pieces = memory->beat_bytes > TERN_BEAT_BYTES ? PIECES_BEATS_WIDE : PIECES_BEATS};
}

// Cycles in which the beats of a pass over a row come from memory.
static uint64_t pass_stream(const struct work *work, const struct tern_vp_memory *memory, bool has_right) {
    const uint64_t bursts = work->reads * tern_vp_divide_up(work->left_beats, BURST_BEATS);
    const uint64_t in_flight = bursts * (tern_vp_first(memory) + BURST_RETURN) / BURSTS_IN_FLIGHT;
    if (work->reads > 1) {
        const uint64_t part = tern_vp_stream(memory, work->left_beats) + memory->turn_beats;
        return tern_vp_max(work->reads * tern_vp_max(part_cycles(memory), part), in_flight);
    }
    const uint64_t right = has_right ? work->right_beats : 0;
    const uint64_t turns = (bursts + tern_vp_divide_up(right, BURST_BEATS)) * memory->turn_beats;
    return tern_vp_max(tern_vp_stream_256(memory, work->left_beats),
                       tern_vp_stream(memory, work->left_beats + right) + turns);
}

// Cycles of one row after the other, and where they go.
struct rows {
    uint64_t compute, wait; // of a row; more for memory
    uint64_t pending;       // more, when the store still writes the row before
    uint64_t hidden;        // of the first row, while its first beats are on the way
    uint64_t issued;        // of all rows
    uint64_t tile_waits;    // of a row
};

static uint64_t tile_waits(const struct pass *pass, struct pace pace, uint64_t groups) {
    uint64_t cycles = 0;
    for (uint64_t left = groups; left > 0;) {
        const uint64_t tile = next_tile(left);
        cycles += pass->streams * tile_wait(pace, tile);
        left -= tile;
    }
    return cycles;
}

// A pass takes the time of its instructions or that of its beats.
static void add_pass(const struct work *work, const struct tern_vp_memory *memory, const struct pass *pass,
                     bool has_right, struct rows *rows) {
    if (pass->streams == 0) {
        return;
    }
    const uint64_t cycles = pass_cycles(pass, work->pace, work->row_groups, &rows->issued) + SECTION;
    const uint64_t streamed = pass_stream(work, memory, has_right);
    rows->compute += cycles;
    rows->wait += streamed > cycles ? streamed - cycles : 0;
    rows->tile_waits += tile_waits(pass, work->pace, work->row_groups);
}

// The store still writes a row while the next one begins, up to its second pass. A record has all first passes before.
static uint64_t pending(const struct work *work, uint64_t before_pass2) {
    const struct program *program = work->program;
    const uint64_t pieces = work->out_beats < work->most_pieces ? work->out_beats : work->most_pieces;
    const uint64_t jobs = program->side_jobs * SIDE_JOB + (program->closes ? 0 : PIECES_END + pieces);
    return program->side_jobs && jobs > before_pass2 ? jobs - before_pass2 : 0;
}

static struct rows rows_of(const struct work *work, const struct tern_vp_memory *memory) {
    const struct program *program = work->program;
    struct rows first = {.compute = ROW}, rest = {.compute = 0};
    add_pass(work, memory, &program->pass1, false, &first);
    add_pass(work, memory, &program->pass2, true, &rest);
    const uint64_t open = program->opens ? SECTION + DEPTH : 0, single = single_cycles(&program->row);
    return (struct rows){.compute = first.compute + rest.compute + single,
                         .pending = pending(work, work->run->operation == TERN_OPCODE_STORE ? 0 : first.compute + open),
                         .hidden = ROW + SECTION + open,
                         .wait = first.wait + rest.wait,
                         .issued = first.issued + rest.issued + work->pace.turns * program->row.instructions,
                         .tile_waits = first.tile_waits + rest.tile_waits};
}

// Sections that run once or every 16 rows.
static uint64_t opening(const struct work *work, uint64_t *issued) {
    const struct program *program = work->program;
    const uint64_t times = tern_vp_divide_up(work->run->rows, TERN_GROUP_COLUMNS);
    *issued = work->pace.turns * (times * program->once.instructions + program->open_tiled * work->part_groups);
    const uint64_t tiled =
        program->open_tiled ? SECTION + program->open_tiled * (DEPTH + tile_wait(work->pace, work->part_groups)) : 0;
    return times * single_cycles(&program->once) + tiled;
}

// From the last result to the last beat of the store. The last burst waits for all its beats.
static uint64_t tail(const struct work *work, const struct tern_vp_memory *memory) {
    const uint64_t last = work->out_beats % BURST_BEATS ? work->out_beats % BURST_BEATS : BURST_BEATS;
    const uint64_t shifts = tern_vp_beats(memory, work->row_groups), jobs = work->program->side_jobs * SIDE_JOB / 2;
    return work->program->side_jobs == 0 ? last : shifts + jobs + (work->program->closes ? 0 : TAIL + last / 2);
}

// All words of the results, one job a part. The first one waits for its beats.
static uint64_t store_cycles(const struct work *work, const struct tern_vp_memory *memory, uint64_t computed) {
    const uint64_t parts = work->writes * work->run->rows, beats = parts * work->out_beats;
    const uint64_t first = work->out_beats < BURST_BEATS ? work->out_beats : BURST_BEATS;
    return first * computed / beats + (parts - 1) * part_cycles(memory) + tern_vp_stream(memory, beats);
}

static uint64_t reads(const struct work *work) {
    const unsigned passes = work->program->pass1.streams ? 2 : 1;
    return work->run->rows * (passes * work->reads * work->left_beats + work->right_beats);
}

// Words, mantissas and exponents of a record, or a whole image, and with three jobs a total.
static uint64_t writes(const struct work *work, const struct tern_vp_memory *memory) {
    const unsigned jobs = work->program->side_jobs;
    const uint64_t image = tern_vp_beats(memory, tern_activation_bytes(work->run->length)) + (jobs > 2 ? 1 : 0);
    const uint64_t other = work->writes * work->out_beats + (jobs == 1 ? tern_vp_beats(memory, work->row_groups) : 0);
    return work->run->rows * (jobs > 1 ? image : other);
}

struct tern_vp_run tern_vp_vector_run(const struct tern_vector_unit *unit, const struct tern_vp_memory *memory) {
    const struct tern_vector_run *run = &unit->run;
    const struct work work = work_of(run, memory);
    const struct rows rows = rows_of(&work, memory);
    uint64_t issued;
    const uint64_t hidden = rows.wait < rows.hidden ? rows.hidden - rows.wait : 0;
    const uint64_t computed =
        opening(&work, &issued) + run->rows * (rows.compute + rows.wait) - hidden + (run->rows - 1) * rows.pending;
    const uint64_t written = computed + tail(&work, memory);
    const uint64_t stored = work.program->side_jobs ? 0 : store_cycles(&work, memory, computed);
    return (struct tern_vp_run){.cycles = START_AND_END + tern_vp_first(memory) + tern_vp_max(written, stored) +
                                          memory->latency_cycles,
                                .worked = issued + run->rows * rows.issued,
                                .starved = tern_vp_first(memory) + run->rows * (rows.tile_waits + rows.wait),
                                .stalled = stored > written ? stored - written : 0,
                                .reads = reads(&work),
                                .writes = writes(&work, memory)};
}
