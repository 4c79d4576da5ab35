// SPDX-License-Identifier: Apache-2.0
#include "host_driver/formats/packed_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmodel/layout.h"
#include "host_driver/formats/packed_matrix.h"
#include "host_driver/system/path.h"

enum rank { RANK_TRITS, RANK_STEPS, RANK_CRC, RANK_REST };

enum tern_status tern_packed_output_start(struct tern_output *output, unsigned depth, struct tern_error *error) {
    char depth_text[12], version[12];
    snprintf(version, sizeof version, "%d", TERN_FORMAT_VERSION);
    snprintf(depth_text, sizeof depth_text, "%u", depth);
    TERN_TRY(tern_output_note(output, TERN_OUTPUT_EVERY_SHARD, "tern.format", version, error));
    return tern_output_note(output, TERN_OUTPUT_EVERY_SHARD, "tern.depth", depth_text, error);
}

static enum tern_status add_part(struct tern_output *output, const char *name, const char *suffix,
                                 struct tern_output_tensor part, struct tern_error *error, size_t *index) {
    part.name = tern_text_format("%s%s", name, suffix);
    if (!part.name) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", name);
    }
    enum tern_status status = tern_output_add(output, &part, error, index);
    free(part.name);
    return status;
}

static enum tern_status note_shape(struct tern_output *output, const char *name, uint64_t rows, uint64_t columns,
                                   unsigned depth, size_t bundle, struct tern_error *error) {
    char *key = tern_text_format(TERN_MATRIX_KEY "%s", name);
    char *value = tern_text_format("%" PRIu64 " %" PRIu64 " %u", rows, columns, depth);
    enum tern_status status = key && value ? tern_output_note(output, bundle, key, value, error)
                                           : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", name);
    free(key);
    free(value);
    return status;
}

enum tern_status tern_packed_output_matrix(struct tern_output *output, const char *name, uint64_t rows,
                                           uint64_t columns, unsigned depth, size_t bundle, struct tern_error *error,
                                           size_t *first) {
    uint64_t bytes = tern_matrix_bytes(rows, columns, depth);
    struct tern_output_tensor trits = {
        .dtype_name = "U8", .dimensions = 1, .shape = {bytes}, .bytes = bytes, .bundle = bundle, .rank = RANK_TRITS};
    struct tern_output_tensor steps = {.dtype_name = "F32",
                                       .dimensions = 1,
                                       .shape = {TERN_STEPS},
                                       .bytes = TERN_STEPS * sizeof(float),
                                       .bundle = bundle,
                                       .rank = RANK_STEPS};
    struct tern_output_tensor crc = {.dtype_name = "U32",
                                     .dimensions = 2,
                                     .shape = {tern_strips(rows), depth + 1},
                                     .bytes = tern_crc_bytes(rows, depth),
                                     .bundle = bundle,
                                     .rank = RANK_CRC};
    size_t later;
    TERN_TRY(note_shape(output, name, rows, columns, depth, bundle, error));
    TERN_TRY(add_part(output, name, ".trits", trits, error, first));
    TERN_TRY(add_part(output, name, ".steps", steps, error, &later));
    return add_part(output, name, ".crc", crc, error, &later);
}

enum tern_status tern_packed_output_rest(struct tern_output *output, const struct tern_output_tensor *tensor,
                                         uint32_t element_bytes, size_t bundle, struct tern_error *error,
                                         size_t *index) {
    // Large elements come first, so that every tensor starts at a multiple of its element's size.
    static const unsigned rank_of_bytes[9] = {
        [8] = RANK_REST, [4] = RANK_REST + 1, [2] = RANK_REST + 2, [1] = RANK_REST + 3};
    struct tern_output_tensor part = *tensor;
    part.bundle = bundle;
    part.rank = rank_of_bytes[element_bytes];
    return tern_output_add(output, &part, error, index);
}
