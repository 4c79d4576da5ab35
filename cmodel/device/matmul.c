// SPDX-License-Identifier: Apache-2.0
#include "cmodel/device/matmul.h"

#include <string.h>

#include "cmodel/layout.h"
#include "cmodel/matmul/activation_check.h"

static bool is_busy(const struct tern_matmul_unit *unit) {
    return TERN_FIELD_GET(MATMUL_STATUS_BUSY, tern_registers_get(&unit->registers, TERN_MATMUL_REG_STATUS));
}

static void end(struct tern_matmul_unit *unit, enum tern_status status) {
    tern_registers_set(&unit->registers, TERN_MATMUL_REG_STATUS, TERN_FIELD_PUT(MATMUL_STATUS_CODE, status));
}

// Takes the registers and the window.
static void capture(const struct tern_registers *registers, struct tern_window window, bool is_check,
                    struct tern_matmul_unit_run *run) {
    const uint32_t depth = tern_registers_get(registers, TERN_MATMUL_REG_DEPTH);
    *run = (struct tern_matmul_unit_run){
        .window = window,
        .is_check = is_check,
        .weights = tern_registers_get_pair(registers, TERN_MATMUL_REG_WEIGHTS_LO),
        .crc = tern_registers_get_pair(registers, TERN_MATMUL_REG_CRC_LO),
        .steps = tern_registers_get_pair(registers, TERN_MATMUL_REG_STEPS_LO),
        .activation = tern_registers_get_pair(registers, TERN_MATMUL_REG_ACTIVATION_LO),
        .output = tern_registers_get_pair(registers, TERN_MATMUL_REG_OUTPUT_LO),
        .activation_stride = tern_registers_get_pair(registers, TERN_MATMUL_REG_ACTIVATION_STRIDE_LO),
        .output_stride = tern_registers_get_pair(registers, TERN_MATMUL_REG_OUTPUT_STRIDE_LO),
        .rows = tern_registers_get(registers, TERN_MATMUL_REG_ROWS),
        .columns = tern_registers_get(registers, TERN_MATMUL_REG_COLUMNS),
        .depth_stored = TERN_FIELD_GET(MATMUL_DEPTH_STORED, depth),
        .depth_used = TERN_FIELD_GET(MATMUL_DEPTH_USED, depth),
        .vectors = tern_registers_get(registers, TERN_MATMUL_REG_VECTORS)};
    run->groups = tern_groups(run->columns);
    run->strips = tern_strips(run->rows);
    run->strip_bytes = tern_strip_bytes(run->columns, run->depth_stored);
}

static uint64_t activation_at(const struct tern_matmul_unit_run *run, uint32_t vector) {
    return vector == 0 ? run->activation : run->activation + vector * run->activation_stride;
}

static uint64_t output_at(const struct tern_matmul_unit_run *run, uint32_t vector) {
    return vector == 0 ? run->output : run->output + vector * run->output_stride;
}

static bool is_buffer(const struct tern_matmul_unit_run *run, uint64_t address, uint64_t bytes) {
    return address % TERN_SEGMENT_ALIGN == 0 && tern_window_holds(&run->window, address, bytes);
}

static bool vectors_are_buffers(const struct tern_matmul_unit_run *run) {
    if (run->vectors > 1 &&
        (run->activation_stride >> TERN_STRIDE_LIMIT_LOG2 || run->output_stride >> TERN_STRIDE_LIMIT_LOG2)) {
        return false;
    }
    for (uint32_t vector = 0; vector < run->vectors; vector++) {
        if (!is_buffer(run, activation_at(run, vector), tern_activation_bytes(run->columns)) ||
            !is_buffer(run, output_at(run, vector), 4 * (uint64_t)run->rows)) {
            return false;
        }
    }
    return true;
}

static enum tern_status check(const struct tern_matmul_unit_run *run, uint32_t most_vectors) {
    if (run->rows == 0 || run->rows > TERN_MAX_ROWS || run->columns == 0 || run->columns > TERN_MAX_COLUMNS ||
        run->vectors == 0 || run->vectors > most_vectors) {
        return TERN_STATUS_BAD_LENGTH;
    }
    if (run->depth_stored == 0 || run->depth_stored > TERN_MAX_DEPTH || run->depth_used == 0 ||
        run->depth_used > run->depth_stored) {
        return TERN_STATUS_BAD_DEPTH;
    }
    if (!is_buffer(run, run->weights, run->strips * run->strip_bytes) ||
        !is_buffer(run, run->crc, tern_crc_bytes(run->rows, run->depth_stored)) ||
        !is_buffer(run, run->steps, sizeof(uint32_t) * TERN_STEPS) || !vectors_are_buffers(run)) {
        return TERN_STATUS_BAD_ADDRESS;
    }
    return TERN_STATUS_OK;
}

// The number of the first beat that memory refuses; that of all beats when there is none.
static uint64_t first_refused_beat(const struct tern_bus_memory *memory, uint64_t address, uint64_t bytes) {
    const uint32_t beat_bytes = tern_bus_beat_bytes(memory);
    const uint64_t beats = (bytes + beat_bytes - 1) / beat_bytes;
    uint64_t beat = tern_bus_errs(memory, address, beats * beat_bytes) ? 0 : beats;
    while (beat < beats && !tern_bus_errs(memory, address + beat * beat_bytes, beat_bytes)) {
        beat++;
    }
    return beat;
}

// The first fault of an image, in the order in which its beats are read. BAD_ACTIVATION: *detail as in ERROR_DETAIL.
static enum tern_status check_image(const struct tern_bus_memory *memory, const struct tern_matmul_unit_run *run,
                                    uint32_t vector, uint32_t *detail) {
    const uint64_t address = activation_at(run, vector), shifts = tern_activation_shifts_offset(run->columns);
    const uint64_t bytes = shifts + run->groups;
    const uint64_t sound = first_refused_beat(memory, address, bytes) * tern_bus_beat_bytes(memory);
    enum tern_status status = TERN_STATUS_OK;
    if (sound > 0) {
        status = tern_activation_check_header((const uint32_t *)(const void *)tern_bus_at(memory, address),
                                              run->columns, detail);
    }
    if (sound > shifts && status == TERN_STATUS_OK) {
        const uint64_t count = sound - shifts < run->groups ? sound - shifts : run->groups;
        status = tern_activation_check_shifts(tern_bus_at(memory, address + shifts), count, detail);
    }
    if (status != TERN_STATUS_OK) {
        *detail |= vector << 8;
        return status;
    }
    return sound < bytes ? TERN_STATUS_BUS_ERROR : TERN_STATUS_OK;
}

// A vector that does not fit refuses the run. Bus errors are for the pass that meets them.
static enum tern_status check_images(const struct tern_bus_memory *memory, const struct tern_matmul_unit_run *run,
                                     uint32_t *detail) {
    enum tern_status first_status = TERN_STATUS_OK;
    for (uint32_t vector = 0; vector < run->vectors; vector++) {
        const enum tern_status status = check_image(memory, run, vector, detail);
        if (status == TERN_STATUS_BAD_ACTIVATION) {
            return status;
        }
        first_status = first_status == TERN_STATUS_OK ? status : first_status;
    }
    return first_status;
}

static enum tern_status read_steps(const struct tern_bus_memory *memory, const struct tern_matmul_unit_run *run,
                                   struct tern_step_table *steps, uint32_t *detail) {
    const uint64_t bytes = tern_align_up(sizeof(uint32_t) * TERN_STEPS, tern_bus_beat_bytes(memory));
    if (tern_bus_errs(memory, run->steps, bytes)) {
        return TERN_STATUS_BUS_ERROR;
    }
    return tern_step_table_make((const uint32_t *)(const void *)tern_bus_at(memory, run->steps), steps, detail);
}

static bool outputs_err(const struct tern_bus_memory *memory, const struct tern_matmul_unit_run *run, uint64_t row,
                        uint64_t rows) {
    for (uint32_t i = run->first_vector; i < run->first_vector + run->vectors; i++) {
        if (tern_bus_errs(memory, output_at(run, i) + 4 * row, 4 * rows)) {
            return true;
        }
    }
    return false;
}

// The number of the first strip for which memory refuses a read or a write; run->strips when there is none. The stream
// leaves out the planes not in use.
static uint64_t first_refused_strip(const struct tern_bus_memory *memory, const struct tern_matmul_unit_run *run) {
    if (memory->error_bytes == 0) {
        return run->strips;
    }
    uint64_t stream_bytes = tern_strip_bytes(run->columns, run->depth_used);
    uint64_t crc_bytes = (run->depth_stored + 1) * sizeof(uint32_t);
    uint64_t strip = 0;
    while (strip < run->strips) {
        uint64_t row = strip * TERN_STRIP_ROWS;
        uint64_t rows = run->rows - row < TERN_STRIP_ROWS ? run->rows - row : TERN_STRIP_ROWS;
        if (tern_bus_errs(memory, run->weights + strip * run->strip_bytes, stream_bytes) ||
            tern_bus_errs(memory, run->crc + strip * crc_bytes, crc_bytes) || outputs_err(memory, run, row, rows)) {
            break;
        }
        strip++;
    }
    return strip;
}

static void make_vector(const struct tern_bus_memory *memory, const struct tern_matmul_unit_run *run, uint32_t vector,
                        int32_t step_exponent, struct tern_matmul_vector *result) {
    const uint8_t *image = tern_bus_at(memory, activation_at(run, vector));
    result->mantissas = (const int16_t *)(const void *)(image + TERN_ACTIVATION_HEADER_BYTES);
    result->shifts = image + tern_activation_shifts_offset(run->columns);
    result->exponent = *(const int32_t *)(const void *)image + step_exponent;
    result->output = (float *)(void *)tern_bus_at(memory, output_at(run, vector));
}

static void make_job(const struct tern_bus_memory *memory, const struct tern_matmul_unit_run *run,
                     const struct tern_step_table *steps, struct tern_matmul_job *job) {
    *job = (struct tern_matmul_job){.groups = (uint32_t)run->groups,
                                    .depth_stored = run->depth_stored,
                                    .depth_used = run->depth_used,
                                    .weights = tern_bus_at(memory, run->weights),
                                    .crc = (const uint32_t *)(const void *)tern_bus_at(memory, run->crc),
                                    .steps = *steps,
                                    .vectors = run->vectors};
    for (uint32_t i = 0; i < run->vectors; i++) {
        make_vector(memory, run, run->first_vector + i, steps->base_exponent, &job->vector[i]);
    }
}

static void count_strips(struct tern_matmul_unit *unit, uint64_t strips) {
    const uint64_t bytes = strips * tern_strip_bytes(unit->run.columns, unit->run.depth_used);
    tern_registers_add_pair(&unit->registers, TERN_MATMUL_REG_TAKEN_LO, bytes / tern_bus_beat_bytes(unit->memory));
}

// Strips before the first refused one are computed and written.
static enum tern_status run_strips(struct tern_matmul_unit *unit, const struct tern_matmul_unit_run *run,
                                   const struct tern_step_table *steps, uint32_t *error_strip) {
    uint64_t good_strips = first_refused_strip(unit->memory, run);
    enum tern_status status = TERN_STATUS_OK;
    uint64_t streamed = good_strips;
    if (good_strips > 0) {
        struct tern_matmul_job job;
        make_job(unit->memory, run, steps, &job);
        uint64_t rows = good_strips * TERN_STRIP_ROWS;
        job.rows = rows < run->rows ? (uint32_t)rows : run->rows;
        status = tern_matmul_run(&job, unit->engine, error_strip);
        streamed = status == TERN_STATUS_OK ? good_strips : *error_strip + 1;
    }
    if (status == TERN_STATUS_OK && good_strips < run->strips) {
        *error_strip = (uint32_t)good_strips;
        status = TERN_STATUS_BUS_ERROR;
    }
    count_strips(unit, streamed);
    return status;
}

// One pass over the weights, for vectors whose images are sound.
static enum tern_status run_pass(struct tern_matmul_unit *unit, const struct tern_matmul_unit_run *run,
                                 uint32_t *detail) {
    struct tern_step_table steps;
    TERN_TRY(read_steps(unit->memory, run, &steps, detail));
    return run_strips(unit, run, &steps, detail);
}

// Computes all vectors in one pass. If memory refuses an access, vectors are computed one by one: a unit of one
// vector computes the others correctly.
static enum tern_status run_vectors(struct tern_matmul_unit *unit, const struct tern_matmul_unit_run *run,
                                    uint32_t *detail) {
    const enum tern_status images = check_images(unit->memory, run, detail);
    if (images == TERN_STATUS_BAD_ACTIVATION || run->is_check) {
        return images;
    }
    if (images == TERN_STATUS_OK && first_refused_strip(unit->memory, run) == run->strips) {
        return run_pass(unit, run, detail);
    }
    enum tern_status first_status = TERN_STATUS_OK;
    for (uint32_t vector = 0; vector < run->vectors; vector++) {
        struct tern_matmul_unit_run single = *run;
        uint32_t own_detail = 0;
        single.first_vector = vector;
        single.vectors = 1;
        enum tern_status status = check_image(unit->memory, run, vector, &own_detail);
        if (status == TERN_STATUS_OK) {
            status = run_pass(unit, &single, &own_detail);
        }
        if (first_status == TERN_STATUS_OK) {
            first_status = status;
            *detail = own_detail;
        }
    }
    return first_status;
}

static void control(struct tern_matmul_unit *unit, uint32_t value, struct tern_window window) {
    if (TERN_FIELD_GET(MATMUL_CONTROL_ABORT, value)) {
        if (is_busy(unit) && !unit->ignores_abort) {
            end(unit, TERN_STATUS_TIMEOUT);
        }
    } else if ((value & (TERN_MATMUL_CONTROL_START_MASK | TERN_MATMUL_CONTROL_CHECK_MASK)) && !is_busy(unit)) {
        capture(&unit->registers, window, !TERN_FIELD_GET(MATMUL_CONTROL_START, value), &unit->run);
        tern_registers_set(&unit->registers, TERN_MATMUL_REG_STATUS, TERN_FIELD_PUT(MATMUL_STATUS_BUSY, 1));
    }
}

enum tern_status tern_matmul_unit_check(const struct tern_matmul_unit *unit) {
    return check(&unit->run, unit->most_vectors);
}

void tern_matmul_unit_reset(struct tern_matmul_unit *unit, struct tern_bus_memory *memory) {
    memset(unit, 0, sizeof *unit);
    unit->registers.block = TERN_BLOCK_MATMUL;
    unit->memory = memory;
    unit->most_vectors = TERN_MAX_VECTORS;
    tern_registers_set(&unit->registers, TERN_MATMUL_REG_ID, TERN_MATMUL_ID);
    tern_registers_set(&unit->registers, TERN_MATMUL_REG_VECTORS, 1);
}

uint32_t tern_matmul_unit_read(const struct tern_matmul_unit *unit, uint32_t offset) {
    return tern_registers_read(&unit->registers, offset);
}

void tern_matmul_unit_write(struct tern_matmul_unit *unit, uint32_t offset, uint32_t value, struct tern_window window) {
    if (offset == TERN_MATMUL_REG_CONTROL) {
        control(unit, value, window);
    } else {
        tern_registers_write(&unit->registers, offset, value);
    }
}

void tern_matmul_unit_step(struct tern_matmul_unit *unit) {
    if (!is_busy(unit) || unit->hangs) {
        return;
    }
    uint32_t detail = 0;
    enum tern_status status = tern_matmul_unit_check(unit);
    if (status == TERN_STATUS_OK && unit->skips) {
        count_strips(unit, unit->run.is_check ? 0 : unit->run.strips);
    } else if (status == TERN_STATUS_OK) {
        status = run_vectors(unit, &unit->run, &detail);
    }
    tern_registers_set(&unit->registers, TERN_MATMUL_REG_ERROR_DETAIL, status == TERN_STATUS_OK ? 0 : detail);
    end(unit, status);
}
