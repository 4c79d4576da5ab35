// SPDX-License-Identifier: Apache-2.0
#include "cmodel/device/device_model.h"

#include <stdlib.h>
#include <string.h>

#include "cmodel/layout.h"
#include "cmodel/matmul/matmul.h"

#define BLOCK_BYTES 0x200u // register space of a block the model keeps
#define BUSY 1u
#define MAX_GROUPS (TERN_MAX_COLUMNS / TERN_GROUP_COLUMNS)
#define LANES 1u
#define STRIDE_LIMIT_LOG2 44 // keeps every vector of a run within 64 bits
#define CLOCK_HZ 100000000u

struct tern_device_model {
    uint64_t memory_base, memory_bytes;
    uint8_t *memory;
    uint8_t *scratch;
    uint64_t time;
    uint32_t system[BLOCK_BYTES / 4], dma[BLOCK_BYTES / 4], matmul[BLOCK_BYTES / 4];
    struct tern_device_fault fault;
    struct tern_engine *engine;
};

static uint32_t get(const uint32_t *block, uint32_t offset) {
    return block[offset / 4];
}

static void set(uint32_t *block, uint32_t offset, uint32_t value) {
    block[offset / 4] = value;
}

// A pair of registers, low half at `offset`.
static uint64_t get_pair(const uint32_t *block, uint32_t offset) {
    return (uint64_t)block[offset / 4 + 1] << 32 | block[offset / 4];
}

static void add_pair(uint32_t *block, uint32_t offset, uint64_t amount) {
    uint64_t sum = get_pair(block, offset) + amount;
    block[offset / 4] = (uint32_t)sum;
    block[offset / 4 + 1] = (uint32_t)(sum >> 32);
}

static int range_inside(uint64_t address, uint64_t bytes, uint64_t base, uint64_t limit) {
    return address >= base && bytes <= limit && address - base <= limit - bytes;
}

static int inside_window(const struct tern_device_model *model, uint64_t address, uint64_t bytes) {
    return range_inside(address, bytes, get_pair(model->system, TERN_SYSTEM_REG_WINDOW_BASE_LO),
                        get_pair(model->system, TERN_SYSTEM_REG_WINDOW_BYTES_LO));
}

// Whether memory answers with an error: beyond what is there, or in the range set by a fault.
static int is_bus_error(const struct tern_device_model *model, uint64_t address, uint64_t bytes) {
    if (!range_inside(address, bytes, model->memory_base, model->memory_bytes)) {
        return 1;
    }
    const struct tern_device_fault *fault = &model->fault;
    if (fault->bus_error_bytes == 0 || bytes == 0) {
        return 0;
    }
    return address < fault->bus_error_address ? fault->bus_error_address - address < bytes
                                              : address - fault->bus_error_address < fault->bus_error_bytes;
}

static uint8_t *memory_at(const struct tern_device_model *model, uint64_t address) {
    return model->memory + (address - model->memory_base);
}

static enum tern_status dma_check(const struct tern_device_model *model, uint64_t address, uint32_t local,
                                  uint32_t bytes) {
    if (bytes == 0 || bytes % 4 != 0 || local > TERN_SCRATCH_BYTES || bytes > TERN_SCRATCH_BYTES - local) {
        return TERN_STATUS_BAD_LENGTH;
    }
    if (address % 4 != 0 || (address ^ local) % TERN_BEAT_BYTES != 0 || !inside_window(model, address, bytes)) {
        return TERN_STATUS_BAD_ADDRESS;
    }
    return is_bus_error(model, address, bytes) ? TERN_STATUS_BUS_ERROR : TERN_STATUS_OK;
}

static void count_beats(struct tern_device_model *model, uint64_t address, uint32_t bytes) {
    add_pair(model->dma, TERN_DMA_REG_BEATS_LO,
             (address % TERN_BEAT_BYTES + bytes + TERN_BEAT_BYTES - 1) / TERN_BEAT_BYTES);
}

void *tern_device_model_view(struct tern_device_model *model, uint64_t address, uint32_t bytes) {
    if (get(model->dma, TERN_DMA_REG_STATUS) & BUSY || model->fault.dma_hangs ||
        dma_check(model, address, (uint32_t)address % TERN_BEAT_BYTES, bytes) != TERN_STATUS_OK) {
        return NULL;
    }
    count_beats(model, address, bytes);
    return memory_at(model, address);
}

static void dma_start(struct tern_device_model *model, int to_device) {
    uint64_t address = get_pair(model->dma, TERN_DMA_REG_ADDRESS_LO);
    uint32_t local = get(model->dma, TERN_DMA_REG_LOCAL);
    uint32_t bytes = get(model->dma, TERN_DMA_REG_LENGTH);
    if (get(model->dma, TERN_DMA_REG_STATUS) & BUSY) {
        return;
    }
    if (model->fault.dma_hangs) {
        set(model->dma, TERN_DMA_REG_STATUS, BUSY);
        return;
    }
    enum tern_status status = dma_check(model, address, local, bytes);
    if (status == TERN_STATUS_OK) {
        uint8_t *remote = memory_at(model, address);
        memcpy(to_device ? remote : model->scratch + local, to_device ? model->scratch + local : remote, bytes);
        count_beats(model, address, bytes);
    }
    set(model->dma, TERN_DMA_REG_STATUS, (uint32_t)status << 8);
}

static void dma_control(struct tern_device_model *model, uint32_t value) {
    if (value & 4u) {
        if (get(model->dma, TERN_DMA_REG_STATUS) & BUSY && !model->fault.abort_fails) {
            set(model->dma, TERN_DMA_REG_STATUS, (uint32_t)TERN_STATUS_TIMEOUT << 8);
        }
    } else if (value & 3u) {
        dma_start(model, (value & 2u) != 0);
    }
}

// What a run of the unit reads and writes, by device address.
struct unit_run {
    uint64_t weights, crc, activation, output;
    uint64_t activation_stride, output_stride;
    uint32_t rows, groups, depth_stored, depth_used, first_vector, vectors;
    uint64_t columns, strips, strip_bytes;
};

static void unit_run_read(const uint32_t *block, struct unit_run *run) {
    run->weights = get_pair(block, TERN_MATMUL_REG_WEIGHTS_LO);
    run->crc = get_pair(block, TERN_MATMUL_REG_CRC_LO);
    run->activation = get_pair(block, TERN_MATMUL_REG_ACTIVATION_LO);
    run->output = get_pair(block, TERN_MATMUL_REG_OUTPUT_LO);
    run->activation_stride = get_pair(block, TERN_MATMUL_REG_ACTIVATION_STRIDE_LO);
    run->output_stride = get_pair(block, TERN_MATMUL_REG_OUTPUT_STRIDE_LO);
    run->first_vector = 0;
    run->vectors = get(block, TERN_MATMUL_REG_VECTORS);
    run->rows = get(block, TERN_MATMUL_REG_ROWS);
    run->groups = get(block, TERN_MATMUL_REG_GROUPS);
    run->depth_stored = get(block, TERN_MATMUL_REG_DEPTH) & 15u;
    run->depth_used = get(block, TERN_MATMUL_REG_DEPTH) >> 4 & 15u;
    run->columns = (uint64_t)run->groups * TERN_GROUP_COLUMNS;
    run->strips = tern_strips(run->rows);
    run->strip_bytes = tern_strip_bytes(run->columns, run->depth_stored);
}

static uint64_t activation_at(const struct unit_run *run, uint32_t vector) {
    return vector == 0 ? run->activation : run->activation + vector * run->activation_stride;
}

static uint64_t output_at(const struct unit_run *run, uint32_t vector) {
    return vector == 0 ? run->output : run->output + vector * run->output_stride;
}

static int is_buffer(const struct tern_device_model *model, uint64_t address, uint64_t bytes) {
    return address % TERN_SEGMENT_ALIGN == 0 && inside_window(model, address, bytes);
}

static uint64_t activation_body_bytes(const struct unit_run *run) {
    return tern_activation_bytes(run->columns) - TERN_ACTIVATION_HEADER_BYTES;
}

static int vectors_are_buffers(const struct tern_device_model *model, const struct unit_run *run) {
    if (run->vectors > 1 && (run->activation_stride >> STRIDE_LIMIT_LOG2 || run->output_stride >> STRIDE_LIMIT_LOG2)) {
        return 0;
    }
    for (uint32_t vector = 0; vector < run->vectors; vector++) {
        if (!is_buffer(model, activation_at(run, vector), activation_body_bytes(run)) ||
            !is_buffer(model, output_at(run, vector), 4 * (uint64_t)run->rows)) {
            return 0;
        }
    }
    return 1;
}

static int has_bad_step(const struct tern_device_model *model) {
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        if ((get(model->matmul, TERN_MATMUL_REG_STEP_0 + 4 * i) >> 24 & 63u) > TERN_STEP_RATIO_LOG2) {
            return 1;
        }
    }
    return 0;
}

static enum tern_status unit_check(const struct tern_device_model *model, const struct unit_run *run) {
    if (run->rows == 0 || run->rows > TERN_MAX_ROWS || run->groups == 0 || run->groups > MAX_GROUPS ||
        run->groups % TERN_GROUP_MULTIPLE != 0 || run->vectors == 0 || run->vectors > TERN_MAX_VECTORS) {
        return TERN_STATUS_BAD_LENGTH;
    }
    if (run->depth_stored == 0 || run->depth_stored > TERN_MAX_DEPTH || run->depth_used == 0 ||
        run->depth_used > run->depth_stored) {
        return TERN_STATUS_BAD_DEPTH;
    }
    if (!is_buffer(model, run->weights, run->strips * run->strip_bytes) ||
        !is_buffer(model, run->crc, tern_crc_bytes(run->rows, run->depth_stored)) || !vectors_are_buffers(model, run)) {
        return TERN_STATUS_BAD_ADDRESS;
    }
    return has_bad_step(model) ? TERN_STATUS_BAD_STEPS : TERN_STATUS_OK;
}

static int activation_is_refused(const struct tern_device_model *model, const struct unit_run *run) {
    for (uint32_t i = run->first_vector; i < run->first_vector + run->vectors; i++) {
        if (is_bus_error(model, activation_at(run, i), activation_body_bytes(run))) {
            return 1;
        }
    }
    return 0;
}

static int output_is_refused(const struct tern_device_model *model, const struct unit_run *run, uint64_t row,
                             uint64_t rows) {
    for (uint32_t i = run->first_vector; i < run->first_vector + run->vectors; i++) {
        if (is_bus_error(model, output_at(run, i) + 4 * row, 4 * rows)) {
            return 1;
        }
    }
    return 0;
}

// The first strip whose reads or writes memory refuses; run->strips when there is none. The stream leaves out the
// planes not in use.
static uint64_t first_refused_strip(const struct tern_device_model *model, const struct unit_run *run) {
    if (model->fault.bus_error_bytes == 0) {
        return run->strips;
    }
    if (activation_is_refused(model, run)) {
        return 0;
    }
    uint64_t stream_bytes = tern_strip_bytes(run->columns, run->depth_used);
    uint64_t crc_bytes = (run->depth_stored + 1) * sizeof(uint32_t);
    uint64_t strip = 0;
    while (strip < run->strips) {
        uint64_t row = strip * TERN_STRIP_ROWS;
        uint64_t rows = run->rows - row < TERN_STRIP_ROWS ? run->rows - row : TERN_STRIP_ROWS;
        if (is_bus_error(model, run->weights + strip * run->strip_bytes, stream_bytes) ||
            is_bus_error(model, run->crc + strip * crc_bytes, crc_bytes) || output_is_refused(model, run, row, rows)) {
            break;
        }
        strip++;
    }
    return strip;
}

// `shifts` are masked to the four bits the unit has.
static void unit_vector(const struct tern_device_model *model, const struct unit_run *run, uint32_t vector,
                        uint8_t shifts[MAX_GROUPS], struct tern_matmul_vector *result) {
    const uint8_t *mantissas = memory_at(model, activation_at(run, vector));
    for (uint32_t group = 0; group < run->groups; group++) {
        shifts[group] = mantissas[2 * run->columns + group] & TERN_MAX_SHIFT;
    }
    result->mantissas = (const int16_t *)(const void *)mantissas;
    result->shifts = shifts;
    result->exponent = (int32_t)get(model->matmul, TERN_MATMUL_REG_EXPONENT_0 + 4 * vector);
    result->output = (float *)(void *)memory_at(model, output_at(run, vector));
}

static void unit_job(const struct tern_device_model *model, const struct unit_run *run,
                     uint8_t shifts[TERN_MAX_VECTORS][MAX_GROUPS], struct tern_matmul_job *job) {
    memset(job, 0, sizeof *job);
    job->groups = run->groups;
    job->depth_stored = run->depth_stored;
    job->depth_used = run->depth_used;
    job->weights = memory_at(model, run->weights);
    job->crc = (const uint32_t *)(const void *)memory_at(model, run->crc);
    job->vectors = run->vectors;
    for (uint32_t i = 0; i < run->vectors; i++) {
        unit_vector(model, run, run->first_vector + i, shifts[i], &job->vector[i]);
    }
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        uint32_t step = get(model->matmul, TERN_MATMUL_REG_STEP_0 + 4 * i);
        job->steps.mantissa[i] = step & 0xffffffu;
        job->steps.shift[i] = step >> 24 & 63u;
    }
}

// Strips before the first refused one are computed and written.
static enum tern_status unit_run_strips(struct tern_device_model *model, const struct unit_run *run,
                                        uint32_t *error_strip) {
    uint64_t good_strips = first_refused_strip(model, run);
    enum tern_status status = TERN_STATUS_OK;
    uint64_t streamed = good_strips;
    if (good_strips > 0) {
        uint8_t shifts[TERN_MAX_VECTORS][MAX_GROUPS];
        struct tern_matmul_job job;
        unit_job(model, run, shifts, &job);
        uint64_t rows = good_strips * TERN_STRIP_ROWS;
        job.rows = rows < run->rows ? (uint32_t)rows : run->rows;
        status = tern_matmul_run(&job, model->engine, error_strip);
        streamed = status == TERN_STATUS_OK ? good_strips : *error_strip + 1;
    }
    if (status == TERN_STATUS_OK && good_strips < run->strips) {
        *error_strip = (uint32_t)good_strips;
        status = TERN_STATUS_BUS_ERROR;
    }
    add_pair(model->matmul, TERN_MATMUL_REG_TAKEN_LO,
             streamed * tern_strip_bytes(run->columns, run->depth_used) / TERN_BEAT_BYTES);
    return status;
}

// All vectors in one stream; vector by vector where memory refuses something, since one vector's refused access leaves
// the others right on a unit of one vector.
static enum tern_status unit_run_vectors(struct tern_device_model *model, const struct unit_run *run,
                                         uint32_t *error_strip) {
    if (first_refused_strip(model, run) == run->strips) {
        return unit_run_strips(model, run, error_strip);
    }
    enum tern_status first_status = TERN_STATUS_OK;
    for (uint32_t vector = 0; vector < run->vectors; vector++) {
        struct unit_run single = *run;
        uint32_t strip = 0;
        single.first_vector = vector;
        single.vectors = 1;
        enum tern_status status = unit_run_strips(model, &single, &strip);
        if (first_status == TERN_STATUS_OK) {
            first_status = status;
            *error_strip = strip;
        }
    }
    return first_status;
}

static void unit_start(struct tern_device_model *model) {
    if (get(model->matmul, TERN_MATMUL_REG_STATUS) & BUSY) {
        return;
    }
    if (model->fault.matmul_hangs) {
        set(model->matmul, TERN_MATMUL_REG_STATUS, BUSY);
        return;
    }
    struct unit_run run;
    unit_run_read(model->matmul, &run);
    enum tern_status status = unit_check(model, &run);
    uint32_t error_strip = 0;
    if (status == TERN_STATUS_OK) {
        status = unit_run_vectors(model, &run, &error_strip);
    }
    set(model->matmul, TERN_MATMUL_REG_ERROR_STRIP, status == TERN_STATUS_OK ? 0 : error_strip);
    set(model->matmul, TERN_MATMUL_REG_STATUS, (uint32_t)status << 8);
}

static void unit_control(struct tern_device_model *model, uint32_t value) {
    if (value & 2u) {
        if (get(model->matmul, TERN_MATMUL_REG_STATUS) & BUSY && !model->fault.abort_fails) {
            set(model->matmul, TERN_MATMUL_REG_STATUS, (uint32_t)TERN_STATUS_TIMEOUT << 8);
        }
    } else if (value & 1u) {
        unit_start(model);
    }
}

enum tern_status tern_device_model_create(uint64_t memory_base, uint64_t memory_bytes, void *memory,
                                          struct tern_device_model **model) {
    if ((uintptr_t)memory % TERN_SEGMENT_ALIGN != 0 || memory_base % TERN_SEGMENT_ALIGN != 0 || memory_bytes == 0 ||
        memory_bytes > UINT64_MAX - memory_base) {
        return TERN_STATUS_BAD_ARGUMENT;
    }
    struct tern_device_model *created = calloc(1, sizeof *created);
    uint8_t *scratch = aligned_alloc(TERN_SEGMENT_ALIGN, TERN_SCRATCH_BYTES);
    if (!created || !scratch) {
        free(created);
        free(scratch);
        return TERN_STATUS_OUT_OF_MEMORY;
    }
    memset(scratch, 0, TERN_SCRATCH_BYTES);
    created->memory_base = memory_base;
    created->memory_bytes = memory_bytes;
    created->memory = memory;
    created->scratch = scratch;
    set(created->system, TERN_SYSTEM_REG_ID, TERN_SYSTEM_ID);
    set(created->system, TERN_SYSTEM_REG_INTERFACE, TERN_INTERFACE_VERSION);
    set(created->system, TERN_SYSTEM_REG_SPEC_HASH, TERN_SPEC_HASH);
    set(created->system, TERN_SYSTEM_REG_HARDWARE, LANES | TERN_MAX_DEPTH << 8 | TERN_MAX_VECTORS << 16);
    set(created->system, TERN_SYSTEM_REG_MAX_GROUPS, MAX_GROUPS);
    set(created->system, TERN_SYSTEM_REG_CLOCK_HZ, CLOCK_HZ);
    set(created->matmul, TERN_MATMUL_REG_ID, TERN_MATMUL_ID);
    set(created->matmul, TERN_MATMUL_REG_VECTORS, 1);
    *model = created;
    return TERN_STATUS_OK;
}

void tern_device_model_destroy(struct tern_device_model *model) {
    if (model) {
        free(model->scratch);
        free(model);
    }
}

static uint32_t system_read(struct tern_device_model *model, uint32_t offset) {
    switch (offset) {
    case TERN_SYSTEM_REG_STATUS: return get(model->system, TERN_SYSTEM_REG_CONTROL) & 1u;
    case TERN_SYSTEM_REG_TIME_LO: return (uint32_t)++model->time;
    case TERN_SYSTEM_REG_TIME_HI: return (uint32_t)(model->time >> 32);
    default: return get(model->system, offset);
    }
}

uint32_t tern_device_model_read(struct tern_device_model *model, uint32_t address) {
    if (address % 4 != 0) {
        return 0;
    }
    if (address - TERN_SYSTEM_BASE < BLOCK_BYTES) {
        return system_read(model, address - TERN_SYSTEM_BASE);
    }
    if (address - TERN_DMA_BASE < BLOCK_BYTES) {
        return get(model->dma, address - TERN_DMA_BASE);
    }
    if (address - TERN_MATMUL_BASE < BLOCK_BYTES) {
        return get(model->matmul, address - TERN_MATMUL_BASE);
    }
    if (address - TERN_SCRATCH_BASE < TERN_SCRATCH_BYTES) {
        uint32_t value;
        memcpy(&value, model->scratch + (address - TERN_SCRATCH_BASE), sizeof value);
        return value;
    }
    return 0;
}

static void system_write(struct tern_device_model *model, uint32_t offset, uint32_t value) {
    int is_writable = offset == TERN_SYSTEM_REG_CONTROL ||
                      (offset >= TERN_SYSTEM_REG_WINDOW_BASE_LO && offset <= TERN_SYSTEM_REG_FIRMWARE_STATE);
    if (is_writable) {
        set(model->system, offset, value);
    }
}

static void dma_write(struct tern_device_model *model, uint32_t offset, uint32_t value) {
    if (offset == TERN_DMA_REG_CONTROL) {
        dma_control(model, value);
    } else if (offset <= TERN_DMA_REG_LENGTH) {
        set(model->dma, offset, value);
    }
}

static void matmul_write(struct tern_device_model *model, uint32_t offset, uint32_t value) {
    int is_writable = (offset >= TERN_MATMUL_REG_WEIGHTS_LO && offset <= TERN_MATMUL_REG_VECTORS) ||
                      (offset >= TERN_MATMUL_REG_STEP_0 && offset < TERN_MATMUL_REG_STEP_0 + 4 * TERN_STEPS) ||
                      (offset >= TERN_MATMUL_REG_ACTIVATION_STRIDE_LO && offset <= TERN_MATMUL_REG_OUTPUT_STRIDE_HI);
    if (offset == TERN_MATMUL_REG_CONTROL) {
        unit_control(model, value);
    } else if (is_writable) {
        set(model->matmul, offset, value);
    }
}

void tern_device_model_write(struct tern_device_model *model, uint32_t address, uint32_t value) {
    if (address % 4 != 0) {
        return;
    }
    if (address - TERN_SYSTEM_BASE < BLOCK_BYTES) {
        system_write(model, address - TERN_SYSTEM_BASE, value);
    } else if (address - TERN_DMA_BASE < BLOCK_BYTES) {
        dma_write(model, address - TERN_DMA_BASE, value);
    } else if (address - TERN_MATMUL_BASE < BLOCK_BYTES) {
        matmul_write(model, address - TERN_MATMUL_BASE, value);
    } else if (address - TERN_SCRATCH_BASE < TERN_SCRATCH_BYTES) {
        memcpy(model->scratch + (address - TERN_SCRATCH_BASE), &value, sizeof value);
    }
}

uint8_t *tern_device_model_scratch(struct tern_device_model *model) {
    return model->scratch;
}

void tern_device_model_set_engine(struct tern_device_model *model, struct tern_engine *engine) {
    model->engine = engine;
}

void tern_device_model_set_fault(struct tern_device_model *model, const struct tern_device_fault *fault) {
    model->fault = *fault;
}
