// SPDX-License-Identifier: Apache-2.0
// DOT: passes of DOT_VECTORS images over the cache, head after head, record after record. Everything is in the order of
// cmodel/attention/dot_head.c, so that a failure leaves the same results.
#include "cmodel/attention/dot.h"
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/tile.h"

#define VECTORS TERN_DOT_VECTORS
#define PART TERN_DOT_PART_RECORDS
#define HEAD_GROUPS (TERN_MAX_HEAD_SIZE / TERN_GROUP_COLUMNS)
#define IMAGE_BYTES (2u * TERN_MAX_HEAD_SIZE) // mantissas of a query
#define RECORD_BYTES (TERN_MAX_HEAD_SIZE * (1u + TERN_CACHE_GROUP_BYTES))

#define HEADER_SLOT TERN_LOCAL_WORK
#define RECORD_SLOT (HEADER_SLOT + VECTORS * TERN_ACTIVATION_HEADER_BYTES)
#define SHIFT_SLOT (RECORD_SLOT + RECORD_BYTES)               // u8 [vectors][part]
#define OUTPUT_SLOT (SHIFT_SLOT + VECTORS * PART)             // f32, a head or a record
#define MANTISSA_SLOT (OUTPUT_SLOT + 4u * TERN_MAX_HEAD_SIZE) // i16 [vectors][head size]; values: one group
#define SUM_SLOT (MANTISSA_SLOT + TERN_CACHE_GROUP_BYTES)     // of values: [vectors][head size], as many as fit
#define MOST_SUMS ((TERN_SCRATCH_BYTES - SUM_SLOT) / (uint32_t)sizeof(struct tern_wide_sum))
_Static_assert(MANTISSA_SLOT + VECTORS * IMAGE_BYTES <= TERN_SCRATCH_BYTES, "the images of queries fit scratch memory");
_Static_assert(SUM_SLOT <= TERN_SCRATCH_BYTES && MOST_SUMS >= TERN_MAX_HEAD_SIZE, "the sums of a vector fit");
_Static_assert(SUM_SLOT % 8 == 0, "sums are aligned");
_Static_assert(PART >= HEAD_GROUPS, "the shifts of a query are one part");

// Up to DOT_VECTORS images and the records of one head.
struct job {
    enum tern_cache_kind kind;
    uint32_t head_size, positions, head, first_image, vectors;
    uint32_t length, groups; // of an image
    bool only_checks;        // nothing is summed or written
    uint64_t cache, images, image_stride, output, output_stride;
};

static enum tern_status refuse(struct tern_context *context, uint32_t place) {
    return tern_refuse(context, TERN_STATUS_BAD_ACTIVATION, place);
}

static int32_t base_exponent_of(const struct tern_context *context, uint32_t vector) {
    return *(const int32_t *)(const void *)(context->scratch + HEADER_SLOT + vector * TERN_ACTIVATION_HEADER_BYTES);
}

static uint8_t *shifts_of(const struct tern_context *context, uint32_t vector) {
    return context->scratch + SHIFT_SLOT + vector * PART;
}

static int16_t *mantissas_of(const struct tern_context *context, uint32_t vector) {
    return (void *)(context->scratch + MANTISSA_SLOT + vector * IMAGE_BYTES);
}

static struct tern_wide_sum *sums_of(const struct tern_context *context, const struct job *job, uint32_t vector) {
    return (struct tern_wide_sum *)(void *)(context->scratch + SUM_SLOT) + vector * job->head_size;
}

// Reads and checks the header of an image, and the mantissas of a query.
static enum tern_status read_image(struct tern_context *context, const struct job *job, uint32_t vector) {
    const uint64_t image = job->images + vector * job->image_stride;
    uint32_t word;
    void *data;
    TERN_TRY(tern_dma_read(context, image, HEADER_SLOT + vector * TERN_ACTIVATION_HEADER_BYTES,
                           TERN_ACTIVATION_HEADER_BYTES, &data));
    if (tern_dot_check_header(data, job->length, &word) != TERN_STATUS_OK) {
        return refuse(context, tern_dot_image_place(job->first_image + vector, word));
    }
    return job->kind == TERN_CACHE_VALUES
               ? TERN_STATUS_OK
               : tern_dma_read(context, image + TERN_ACTIVATION_HEADER_BYTES, MANTISSA_SLOT + vector * IMAGE_BYTES,
                               TERN_CACHE_GROUP_BYTES * job->groups, &data);
}

// Reads and checks the shifts of a part of an image.
static enum tern_status read_shifts(struct tern_context *context, const struct job *job, uint32_t vector,
                                    uint32_t first) {
    const uint64_t image = job->images + vector * job->image_stride;
    const uint32_t count = tern_min_u32(job->groups - first, PART);
    void *data;
    TERN_TRY(tern_dma_read(context, image + tern_activation_shifts_offset(job->length) + first,
                           SHIFT_SLOT + vector * PART, count, &data));
    return tern_dot_shifts_are_valid(data, count, TERN_MAX_SHIFT)
               ? TERN_STATUS_OK
               : refuse(context, tern_dot_image_place(job->first_image + vector, TERN_DOT_IMAGE_SHIFT_WORD));
}

static enum tern_status read_part(struct tern_context *context, const struct job *job, uint32_t first) {
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        TERN_TRY(first == 0 ? read_image(context, job, vector) : TERN_STATUS_OK);
        TERN_TRY(read_shifts(context, job, vector, first));
    }
    return TERN_STATUS_OK;
}

static enum tern_status run_keys(struct tern_context *context, const struct job *job, const uint8_t *data,
                                 uint32_t record) {
    const uint32_t start = record * TERN_CACHE_POSITIONS;
    const uint32_t count = tern_min_u32(job->positions - start, TERN_CACHE_POSITIONS);
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        const uint64_t address = job->output + vector * job->output_stride + 4 * (uint64_t)start;
        tern_dot_key_record(data, job->head_size, count, mantissas_of(context, vector), shifts_of(context, vector),
                            base_exponent_of(context, vector), tern_slot(context, OUTPUT_SLOT, address));
        TERN_TRY(tern_dma_write(context, address, OUTPUT_SLOT, 4 * count));
    }
    return TERN_STATUS_OK;
}

static enum tern_status run_values(struct tern_context *context, const struct job *job, const uint8_t *data,
                                   uint32_t record) {
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        void *weights;
        TERN_TRY(tern_dma_read(context,
                               job->images + vector * job->image_stride + TERN_ACTIVATION_HEADER_BYTES +
                                   TERN_CACHE_GROUP_BYTES * (uint64_t)record,
                               MANTISSA_SLOT, TERN_CACHE_GROUP_BYTES, &weights));
        if (!job->only_checks) {
            tern_dot_value_records(data, 1, job->head_size, weights, shifts_of(context, vector) + record % PART,
                                   sums_of(context, job, vector));
        }
    }
    return TERN_STATUS_OK;
}

// The exponent bytes that are used: not those of positions to come.
static uint32_t exponents_of(const struct job *job, uint32_t record) {
    const uint32_t count = tern_min_u32(job->positions - record * TERN_CACHE_POSITIONS, TERN_CACHE_POSITIONS);
    return job->kind == TERN_CACHE_KEYS ? count * tern_cache_head_groups(job->head_size) : job->head_size;
}

static enum tern_status run_records(struct tern_context *context, const struct job *job) {
    const uint32_t records = tern_cache_records(job->positions);
    const uint32_t bytes = tern_cache_record_bytes(job->kind, job->head_size);
    for (uint32_t record = 0; record < records; record++) {
        if (record == 0 || (job->kind == TERN_CACHE_VALUES && record % PART == 0)) {
            TERN_TRY(read_part(context, job, record));
        }
        void *data;
        TERN_TRY(tern_dma_read(context, job->cache + record * (uint64_t)bytes, RECORD_SLOT, bytes, &data));
        if (!tern_dot_shifts_are_valid(data, exponents_of(job, record), TERN_CACHE_MAX_SHIFT)) {
            return refuse(context, tern_dot_record_place(job->head, record));
        }
        TERN_TRY(job->kind == TERN_CACHE_KEYS ? run_keys(context, job, data, record)
                                              : run_values(context, job, data, record));
    }
    return TERN_STATUS_OK;
}

static enum tern_status sum_values(struct tern_context *context, const struct job *job) {
    for (uint32_t i = 0; i < job->vectors * job->head_size; i++) {
        sums_of(context, job, 0)[i] = (struct tern_wide_sum){0, 0};
    }
    TERN_TRY(run_records(context, job));
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        const uint64_t address = job->output + vector * job->output_stride;
        tern_dot_finish(sums_of(context, job, vector), job->head_size, base_exponent_of(context, vector),
                        tern_slot(context, OUTPUT_SLOT, address));
        TERN_TRY(tern_dma_write(context, address, OUTPUT_SLOT, 4 * job->head_size));
    }
    return TERN_STATUS_OK;
}

// When the sums of all vectors do not fit, every vector is checked before the first result is written.
static enum tern_status run_head(struct tern_context *context, const struct job *job) {
    if (job->kind == TERN_CACHE_KEYS) {
        return run_records(context, job);
    }
    const uint32_t fit = MOST_SUMS / job->head_size;
    struct job part = *job;
    if (job->vectors > fit) {
        part.only_checks = true;
        TERN_TRY(run_records(context, &part));
        part.only_checks = false;
    }
    for (uint32_t first = 0; first < job->vectors; first += fit) {
        part.vectors = tern_min_u32(job->vectors - first, fit);
        TERN_TRY(sum_values(context, &part));
        part.first_image += fit;
        part.images += fit * job->image_stride;
        part.output += fit * job->output_stride;
    }
    return TERN_STATUS_OK;
}

// ---- prepare

static enum tern_status check_counts(struct tern_context *context, const struct tern_command_dot *command) {
    if (command->kind > TERN_CACHE_VALUES) {
        return tern_refuse(context, TERN_STATUS_BAD_LENGTH, TERN_WORD(dot, kind));
    }
    TERN_TRY(tern_check_count(context, TERN_WORD(dot, kv_heads), command->kv_heads, TERN_MAX_HEADS));
    TERN_TRY(tern_check_count(context, TERN_WORD(dot, vectors), command->vectors, TERN_MAX_HEADS));
    if (command->kv_heads * command->vectors > TERN_MAX_HEADS) {
        return tern_refuse(context, TERN_STATUS_BAD_LENGTH, TERN_WORD(dot, vectors));
    }
    TERN_TRY(tern_check_count(context, TERN_WORD(dot, head_size), command->head_size, TERN_MAX_HEAD_SIZE));
    return tern_check_count(context, TERN_WORD(dot, positions), command->positions, TERN_MAX_POSITIONS);
}

// As tern_cache_head_bytes, in 32 bits.
static uint32_t head_bytes_of(const struct tern_command_dot *command) {
    const uint32_t groups = tern_cache_groups((enum tern_cache_kind)command->kind, command->head_size);
    return tern_cache_records(command->positions) *
           (tern_align_32(groups) + tern_align_32(TERN_CACHE_GROUP_BYTES * groups));
}

// Bytes of the operands, and of one row of the output.
struct sizes {
    uint64_t images, cache, output;
    uint32_t output_row;
};

static inline struct sizes sizes_of(const struct tern_command_dot *command, bool is_exact) {
    const uint32_t images = command->kv_heads * command->vectors;
    const bool has_keys = command->kind == TERN_CACHE_KEYS;
    const uint32_t output_row = 4 * (has_keys ? command->positions : command->head_size);
    const uint32_t image = tern_image_bytes(has_keys ? command->head_size : command->positions);
    return (struct sizes){
        .images = tern_rows_bytes(command->image_stride, images, image, is_exact),
        .cache = tern_rows_bytes(command->head_stride, command->kv_heads, head_bytes_of(command), is_exact),
        .output = tern_rows_bytes(command->output_stride, images, output_row, is_exact),
        .output_row = output_row};
}

static TERN_RARE enum tern_status check_output(struct tern_context *context, const struct tern_command_dot *command) {
    const struct sizes sizes = sizes_of(command, true);
    return tern_ranges_overlap(command->output, sizes.output, command->images, sizes.images) ||
                   tern_ranges_overlap(command->output, sizes.output, command->cache, sizes.cache)
               ? tern_refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(dot, output))
               : TERN_STATUS_OK;
}

#define STRIDE(stride, rows)                                                                                           \
    TERN_TRY((rows) == 1                                                                                               \
                 ? TERN_STATUS_OK                                                                                      \
                 : tern_check_stride(context, TERN_WORD(dot, stride), command->stride, TERN_SEGMENT_ALIGN, is_exact))
// Devices read ahead by different amounts, so no output may overlap an operand or another output.
TERN_TWICE enum tern_status give_buffers(struct tern_context *context, const struct tern_command_dot *command,
                                         bool is_exact) {
    const uint32_t images = command->kv_heads * command->vectors;
    const struct sizes sizes = sizes_of(command, is_exact);
    STRIDE(image_stride, images);
    TERN_GIVE_BUFFER(dot, images, sizes.images, ATTENTION, IMAGES);
    STRIDE(head_stride, command->kv_heads);
    TERN_GIVE_BUFFER(dot, cache, sizes.cache, ATTENTION, CACHE);
    STRIDE(output_stride, images);
    TERN_GIVE_BUFFER(dot, output, sizes.output, ATTENTION, OUTPUT);
    if (images > 1 && command->output_stride < sizes.output_row) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(dot, output_stride));
    }
    if (is_exact) {
        return check_output(context, command);
    }
    return tern_ranges_may_overlap(command->output, sizes.output, command->images, sizes.images) ||
                   tern_ranges_may_overlap(command->output, sizes.output, command->cache, sizes.cache)
               ? TERN_STATUS_BAD_ADDRESS
               : TERN_STATUS_OK;
}

// The unit wants multiples of TERN_SEGMENT_ALIGN, also of a stride that the command ignores.
#define SET_STRIDE(name, stride, rows) TERN_SET_PAIR(context, ATTENTION, name, (rows) == 1 ? 0 : command->stride)
// The rest of what the unit gets.
static void program(struct tern_context *context, const struct tern_command_dot *command) {
    const uint32_t images = command->kv_heads * command->vectors;
    TERN_SET(context, ATTENTION, KIND, command->kind);
    TERN_SET(context, ATTENTION, KV_HEADS, command->kv_heads);
    TERN_SET(context, ATTENTION, VECTORS, command->vectors);
    TERN_SET(context, ATTENTION, HEAD_SIZE, command->head_size);
    TERN_SET(context, ATTENTION, POSITIONS, command->positions);
    SET_STRIDE(IMAGE_STRIDE, image_stride, images);
    SET_STRIDE(HEAD_STRIDE, head_stride, command->kv_heads);
    SET_STRIDE(OUTPUT_STRIDE, output_stride, images);
    if (command->vectors <= VECTORS) {
        context->unit = context->attention_unit;
    }
}

TERN_TWICE enum tern_status prepare_dot(struct tern_context *context, const struct tern_command_dot *command,
                                        bool is_exact) {
    TERN_TRY(check_counts(context, command));
    program(context, command);
    return give_buffers(context, command, is_exact);
}

TERN_PREPARE(dot)

// ---- run

uint32_t tern_dot_detail(const struct tern_command_dot *command, enum tern_status status, uint32_t error) {
    const uint32_t what = TERN_FIELD_GET(ATTENTION_ERROR_WHAT, error),
                   head = TERN_FIELD_GET(ATTENTION_ERROR_HEAD, error);
    const uint32_t index = TERN_FIELD_GET(ATTENTION_ERROR_INDEX, error);
    if (status != TERN_STATUS_BAD_ACTIVATION) {
        return 0;
    }
    return what == TERN_DOT_AT_EXPONENT ? tern_dot_record_place(head, index)
                                        : tern_dot_image_place(head * command->vectors + index, what);
}

enum tern_status tern_compute_dot(struct tern_context *context, const struct tern_command_dot *command) {
    struct job job = {.kind = (enum tern_cache_kind)command->kind,
                      .head_size = command->head_size,
                      .positions = command->positions,
                      .image_stride = command->image_stride,
                      .output_stride = command->output_stride};
    job.length = job.kind == TERN_CACHE_KEYS ? command->head_size : command->positions;
    job.groups = (uint32_t)tern_groups(job.length);
    for (uint32_t first = 0; first < command->vectors; first += VECTORS) {
        job.vectors = tern_min_u32(command->vectors - first, VECTORS);
        for (job.head = 0; job.head < command->kv_heads; job.head++) {
            job.first_image = job.head * command->vectors + first;
            job.cache = command->cache + job.head * command->head_stride;
            job.images = command->images + job.first_image * command->image_stride;
            job.output = command->output + job.first_image * command->output_stride;
            TERN_TRY(run_head(context, &job));
        }
    }
    return TERN_STATUS_OK;
}
