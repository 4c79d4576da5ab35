// SPDX-License-Identifier: Apache-2.0
// What a packed matrix costs and how near it is to the weights it was made from.
#ifndef TERN_HOST_DRIVER_CODEC_MEASURE_H
#define TERN_HOST_DRIVER_CODEC_MEASURE_H

#include "host_driver/formats/matrix.h"
#include "host_driver/formats/safetensors.h"

// Strips, steps and checksums together.
uint64_t tern_matrix_stored_bytes(const struct tern_matrix *matrix);

struct tern_energy {
    double signal, noise; // sums of squares of the source and of source - packed
};

// source: F32, F16 or BF16 of the matrix's shape, or TERN_STATUS_BAD_FILE. depth: planes in use, 1 to what is stored.
// Same result for any number of threads. path names the packed file; checksums are not looked at.
enum tern_status tern_matrix_energy(const struct tern_matrix *matrix, unsigned depth, const char *path,
                                    const struct tern_safetensors_tensor *source, unsigned threads,
                                    struct tern_error *error, struct tern_energy *energy);
// 10 log10(signal / noise); infinity without noise.
double tern_energy_decibels(const struct tern_energy *energy);

#endif
