// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/timing_table/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/attention/cache.h"
#include "cmodel/float/f32.h"
#include "cmodel/matmul/crc32c.h"
#include "cmodel/vector/bfp.h"
#include "firmware/unit.h"

// Places in device memory, from its start. ZEROS is never written.
#define IMAGES_AT 0u
#define CRC_AT (8u << 20)
#define OUTPUT_AT (16u << 20)
#define SIDE_AT (24u << 20)
#define ZEROS_AT (32u << 20)
#define MEMORY_BYTES (UINT64_C(128) << 20)

#define POLL_CYCLES 2000u
#define MOST_CYCLES 100000000u

static const uint32_t bases[] = {[TIMING_DMA] = TERN_DMA_BASE,
                                 [TIMING_MATMUL] = TERN_MATMUL_BASE,
                                 [TIMING_VECTOR] = TERN_VECTOR_BASE,
                                 [TIMING_ATTENTION] = TERN_ATTENTION_BASE};

static const char *opcode_name(uint32_t opcode) {
#define OPCODE_NAME(name, member, what)                                                                                \
    if (opcode == TERN_OPCODE_##name) {                                                                                \
        return #name;                                                                                                  \
    }
    TERN_OPCODE_LIST(OPCODE_NAME)
    return "?";
}

void timing_name(const struct timing_case *given, char *name, size_t bytes) {
    switch (given->unit) {
    case TIMING_DMA:
        snprintf(name, bytes, "DMA %s, %u bytes at %u", given->dma.to_device ? "to device" : "to scratch",
                 given->dma.bytes, given->dma.skew);
        break;
    case TIMING_MATMUL:
        snprintf(name, bytes, "MATMUL %u x %u, planes %u of %u, vectors %u%s", given->matmul.rows,
                 given->matmul.columns, given->matmul.used, given->matmul.stored, given->matmul.vectors,
                 given->matmul.is_check ? ", CHECK" : "");
        break;
    case TIMING_VECTOR:
        snprintf(name, bytes, "%s, rows %u, parts %u, length %u", opcode_name(given->vector.operation),
                 given->vector.rows, given->vector.parts, given->vector.length);
        break;
    case TIMING_ATTENTION:
        snprintf(name, bytes, "DOT %s, %u heads of %u, vectors %u, positions %u",
                 given->attention.kind == TERN_CACHE_KEYS ? "keys" : "values", given->attention.kv_heads,
                 given->attention.head_size, given->attention.vectors, given->attention.positions);
        break;
    }
}

// The first failure stays; after it nothing happens.
struct access {
    struct tern_backend *backend;
    struct tern_error *error;
    enum tern_status status;
    uint32_t base;   // of the unit
    uint64_t memory; // of device memory
};

static void put(struct access *access, uint32_t offset, uint32_t value) {
    if (access->status == TERN_STATUS_OK) {
        access->status =
            access->backend->register_write(access->backend->context, access->base + offset, value, access->error);
    }
}

static void put_pair(struct access *access, uint32_t offset, uint64_t value) {
    put(access, offset, (uint32_t)value);
    put(access, offset + 4, (uint32_t)(value >> 32));
}

// Address of a place in device memory.
static void put_place(struct access *access, uint32_t offset, uint64_t place) {
    put_pair(access, offset, access->memory + place);
}

static uint32_t get(struct access *access, uint32_t offset) {
    uint32_t value = 0;
    if (access->status == TERN_STATUS_OK) {
        access->status =
            access->backend->register_read(access->backend->context, access->base + offset, &value, access->error);
    }
    return value;
}

static uint64_t get_pair(struct access *access, uint32_t offset) {
    const uint32_t low = get(access, offset);
    return (uint64_t)get(access, offset + 4) << 32 | low;
}

static void store(struct access *access, uint64_t place, const void *data, size_t bytes) {
    if (access->status == TERN_STATUS_OK) {
        access->status =
            access->backend->memory_write(access->backend->context, access->memory + place, data, bytes, access->error);
    }
}

static void *allocate(struct access *access, size_t count, size_t bytes) {
    void *data = access->status == TERN_STATUS_OK ? calloc(count, bytes) : NULL;
    if (!data && access->status == TERN_STATUS_OK) {
        access->status = tern_error_set(access->error, TERN_STATUS_OUT_OF_MEMORY, "no host memory");
    }
    return data;
}

// Images of zeros, one after the other. Returns the bytes of each.
static uint64_t store_images(struct access *access, uint32_t count, uint32_t columns) {
    const uint64_t bytes = tern_activation_bytes(columns);
    float *x = allocate(access, columns, sizeof *x);
    uint8_t *image = allocate(access, bytes, 1);
    size_t bad_index;
    if (x && image && tern_bfp_quantize(x, columns, image, &bad_index) == TERN_STATUS_OK) {
        for (uint32_t i = 0; i < count; i++) {
            store(access, IMAGES_AT + i * bytes, image, bytes);
        }
    }
    free(x);
    free(image);
    return bytes;
}

// Checksums of strips of zeros.
static void store_checksums(struct access *access, uint32_t rows, uint32_t columns, uint32_t depth) {
    const size_t codes_bytes = tern_codes_bytes(columns), plane_bytes = tern_plane_bytes(columns);
    uint8_t *zeros = allocate(access, codes_bytes + plane_bytes, 1);
    uint32_t *crc = allocate(access, tern_crc_bytes(rows, depth), 1);
    if (zeros && crc) {
        const uint32_t of_codes = tern_crc32c(zeros, codes_bytes), of_plane = tern_crc32c(zeros, plane_bytes);
        for (uint64_t i = 0; i < tern_crc_bytes(rows, depth) / sizeof *crc; i++) {
            crc[i] = i % (depth + 1) == 0 ? of_codes : of_plane;
        }
        store(access, CRC_AT, crc, tern_crc_bytes(rows, depth));
    }
    free(zeros);
    free(crc);
}

static uint32_t prepare_dma(struct access *access, const struct timing_case *given) {
    put_place(access, TERN_DMA_REG_ADDRESS_LO, OUTPUT_AT + given->dma.skew);
    put(access, TERN_DMA_REG_LOCAL, given->dma.skew);
    put(access, TERN_DMA_REG_LENGTH, given->dma.bytes);
    return given->dma.to_device ? TERN_DMA_CONTROL_TO_DEVICE_MASK : TERN_DMA_CONTROL_TO_SCRATCH_MASK;
}

static uint32_t prepare_matmul(struct access *access, const struct timing_case *given) {
    const uint64_t stride = store_images(access, given->matmul.vectors, given->matmul.columns);
    store_checksums(access, given->matmul.rows, given->matmul.columns, given->matmul.stored);
    put_place(access, TERN_MATMUL_REG_WEIGHTS_LO, ZEROS_AT);
    put_place(access, TERN_MATMUL_REG_CRC_LO, CRC_AT);
    put_place(access, TERN_MATMUL_REG_STEPS_LO, ZEROS_AT);
    put_place(access, TERN_MATMUL_REG_ACTIVATION_LO, IMAGES_AT);
    put_place(access, TERN_MATMUL_REG_OUTPUT_LO, OUTPUT_AT);
    put(access, TERN_MATMUL_REG_ROWS, given->matmul.rows);
    put(access, TERN_MATMUL_REG_COLUMNS, given->matmul.columns);
    put(access, TERN_MATMUL_REG_DEPTH,
        TERN_FIELD_PUT(MATMUL_DEPTH_STORED, given->matmul.stored) |
            TERN_FIELD_PUT(MATMUL_DEPTH_USED, given->matmul.used));
    put(access, TERN_MATMUL_REG_VECTORS, given->matmul.vectors);
    put_pair(access, TERN_MATMUL_REG_ACTIVATION_STRIDE_LO, stride);
    put_pair(access, TERN_MATMUL_REG_OUTPUT_STRIDE_LO,
             tern_align_up(4 * (uint64_t)given->matmul.rows, TERN_SEGMENT_ALIGN));
    return given->matmul.is_check ? TERN_MATMUL_CONTROL_CHECK_MASK : TERN_MATMUL_CONTROL_START_MASK;
}

// Bytes from one row of results to the next.
static uint64_t output_stride(uint32_t operation, uint32_t length) {
    switch (operation) {
    case TERN_OPCODE_QUANTIZE:
    case TERN_OPCODE_SOFTMAX: return tern_activation_bytes(length);
    case TERN_OPCODE_STORE: return tern_cache_record_bytes(TERN_CACHE_VALUES, TERN_MAX_HEAD_SIZE);
    case TERN_OPCODE_COPY: return tern_align_up(4 * (uint64_t)length, TERN_SEGMENT_ALIGN);
    default: return 4 * (uint64_t)length;
    }
}

// A record of values is stored from the history of each element, 16 words apart.
static uint64_t left_stride(uint32_t operation, uint32_t length) {
    return operation == TERN_OPCODE_STORE ? tern_align_up(4 * (uint64_t)length, TERN_SEGMENT_ALIGN)
                                          : 4 * (uint64_t)length;
}

static uint32_t prepare_vector(struct access *access, const struct timing_case *given) {
    const uint32_t length = given->vector.length;
    put(access, TERN_VECTOR_REG_OPERATION, given->vector.operation);
    put(access, TERN_VECTOR_REG_ROWS, given->vector.rows);
    put(access, TERN_VECTOR_REG_PARTS, given->vector.parts);
    put(access, TERN_VECTOR_REG_LENGTH, length);
    put_place(access, TERN_VECTOR_REG_LEFT_LO, ZEROS_AT);
    put_pair(access, TERN_VECTOR_REG_LEFT_STRIDE_LO, left_stride(given->vector.operation, length));
    put_place(access, TERN_VECTOR_REG_RIGHT_LO, ZEROS_AT + (1u << 20));
    put_place(access, TERN_VECTOR_REG_OUTPUT_LO, OUTPUT_AT);
    put_pair(access, TERN_VECTOR_REG_OUTPUT_STRIDE_LO, output_stride(given->vector.operation, length));
    put_place(access, TERN_VECTOR_REG_SIDE_LO, SIDE_AT);
    put(access, TERN_VECTOR_REG_SCALAR_0, tern_f32_to_bits(1.0f));
    put(access, TERN_VECTOR_REG_SCALAR_1, tern_f32_to_bits(1.0f));
    return TERN_VECTOR_CONTROL_START_MASK;
}

static uint32_t prepare_attention(struct access *access, const struct timing_case *given) {
    const bool has_values = given->attention.kind == TERN_CACHE_VALUES;
    const uint32_t positions = given->attention.positions, head_size = given->attention.head_size;
    const uint32_t count = given->attention.kv_heads * given->attention.vectors;
    const uint64_t stride = store_images(access, count, has_values ? positions : head_size);
    const uint64_t head_stride =
        tern_cache_head_bytes((enum tern_cache_kind)given->attention.kind, head_size, positions);
    put_place(access, TERN_ATTENTION_REG_IMAGES_LO, IMAGES_AT);
    put_place(access, TERN_ATTENTION_REG_CACHE_LO, ZEROS_AT);
    put_place(access, TERN_ATTENTION_REG_OUTPUT_LO, OUTPUT_AT);
    put_pair(access, TERN_ATTENTION_REG_IMAGE_STRIDE_LO, stride);
    put_pair(access, TERN_ATTENTION_REG_HEAD_STRIDE_LO, head_stride);
    put_pair(access, TERN_ATTENTION_REG_OUTPUT_STRIDE_LO,
             tern_align_up(4 * (uint64_t)(has_values ? head_size : positions), TERN_SEGMENT_ALIGN));
    put(access, TERN_ATTENTION_REG_KIND, given->attention.kind);
    put(access, TERN_ATTENTION_REG_KV_HEADS, given->attention.kv_heads);
    put(access, TERN_ATTENTION_REG_VECTORS, given->attention.vectors);
    put(access, TERN_ATTENTION_REG_HEAD_SIZE, head_size);
    put(access, TERN_ATTENTION_REG_POSITIONS, positions);
    return TERN_ATTENTION_CONTROL_START_MASK;
}

// Operands and registers. Returns the word for CONTROL.
static uint32_t prepare(struct access *access, const struct timing_case *given) {
    switch (given->unit) {
    case TIMING_DMA: return prepare_dma(access, given);
    case TIMING_MATMUL: return prepare_matmul(access, given);
    case TIMING_VECTOR: return prepare_vector(access, given);
    default: return prepare_attention(access, given);
    }
}

static struct timing_counts read_counts(struct access *access, enum timing_unit unit) {
    if (unit == TIMING_DMA) {
        return (struct timing_counts){get_pair(access, TERN_DMA_REG_CYCLES_LO), get_pair(access, TERN_DMA_REG_BEATS_LO),
                                      0, 0};
    }
    return (struct timing_counts){get_pair(access, TERN_UNIT_REG_RUN), get_pair(access, TERN_UNIT_REG_WORKED),
                                  get_pair(access, TERN_UNIT_REG_STARVED), get_pair(access, TERN_UNIT_REG_STALLED)};
}

static void wait_end(struct access *access, uint32_t status_offset) {
    for (uint32_t cycles = 0; access->status == TERN_STATUS_OK; cycles += POLL_CYCLES) {
        const uint32_t word = get(access, status_offset);
        if (!TERN_FIELD_GET(MATMUL_STATUS_BUSY, word) || cycles > MOST_CYCLES) {
            const uint32_t code = TERN_FIELD_GET(MATMUL_STATUS_CODE, word);
            if (access->status == TERN_STATUS_OK && (code != TERN_STATUS_OK || cycles > MOST_CYCLES)) {
                access->status = tern_error_set(access->error, TERN_STATUS_BAD_DEVICE,
                                                "%s: the run ended with status %u", access->backend->name, code);
            }
            return;
        }
        access->status = access->backend->advance(access->backend->context, POLL_CYCLES, access->error);
    }
}

static enum tern_status open_device(struct timing_bench *bench, const char *name, const struct timing_case *given,
                                    struct tern_error *error) {
    if (bench->is_open && bench->latency == given->latency && bench->bandwidth == given->bandwidth) {
        return TERN_STATUS_OK;
    }
    timing_close(bench);
    const struct tern_backend_config config = {.memory_bytes = MEMORY_BYTES,
                                               .latency_cycles = given->latency,
                                               .bandwidth_percent = given->bandwidth,
                                               .lanes = bench->lanes,
                                               .vectors = bench->vectors};
    TERN_TRY(tern_backend_open(name, &config, error, &bench->backend));
    bench->latency = given->latency;
    bench->bandwidth = given->bandwidth;
    bench->is_open = true;
    struct access access = {&bench->backend, error, TERN_STATUS_OK, TERN_SYSTEM_BASE, bench->backend.memory_base};
    put_pair(&access, TERN_SYSTEM_REG_WINDOW_BASE_LO, bench->backend.memory_base);
    put_pair(&access, TERN_SYSTEM_REG_WINDOW_BYTES_LO, bench->backend.memory_bytes);
    return access.status;
}

enum tern_status timing_run(struct timing_bench *bench, const char *name, const struct timing_case *given,
                            struct timing_counts *counts, struct tern_error *error) {
    TERN_TRY(open_device(bench, name, given, error));
    struct access access = {&bench->backend, error, TERN_STATUS_OK, bases[given->unit], bench->backend.memory_base};
    const uint32_t control = prepare(&access, given);
    const struct timing_counts before = read_counts(&access, given->unit);
    put(&access, given->unit == TIMING_DMA ? TERN_DMA_REG_CONTROL : TERN_UNIT_REG_CONTROL, control);
    wait_end(&access, given->unit == TIMING_DMA ? TERN_DMA_REG_STATUS : TERN_UNIT_REG_STATUS);
    const struct timing_counts after = read_counts(&access, given->unit);
    *counts = (struct timing_counts){after.run - before.run, after.worked - before.worked,
                                     after.starved - before.starved, after.stalled - before.stalled};
    return access.status;
}

void timing_close(struct timing_bench *bench) {
    if (bench->is_open) {
        bench->backend.close(bench->backend.context);
        bench->is_open = false;
    }
}
