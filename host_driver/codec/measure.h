// SPDX-License-Identifier: Apache-2.0
// Size of a packed matrix, and its error against the weights of the source.
#ifndef TERN_HOST_DRIVER_CODEC_MEASURE_H
#define TERN_HOST_DRIVER_CODEC_MEASURE_H

#include "host_driver/formats/matrix.h"
#include "host_driver/formats/safetensors.h"

// Bytes of strips, steps and checksums together.
uint64_t tern_matrix_stored_bytes(const struct tern_matrix *matrix);

struct tern_energy {
    double signal; // sum of squares of the source
    double noise;  // sum of squares of source - packed
};

// depth: planes in use, 1 to the stored depth. The result does not depend on `threads`. Checksums are not verified.
// BAD_FILE unless `source` is F32, F16 or BF16 of the matrix's shape. The sentence names `path`, the packed file.
enum tern_status tern_matrix_energy(const struct tern_matrix *matrix, unsigned depth, const char *path,
                                    const struct tern_safetensors_tensor *source, unsigned threads,
                                    struct tern_error *error, struct tern_energy *energy);
// 10 log10(signal / noise); infinity without noise.
double tern_energy_decibels(const struct tern_energy *energy);

#endif
