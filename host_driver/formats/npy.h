// SPDX-License-Identifier: Apache-2.0
// NumPy files.
#ifndef TERN_HOST_DRIVER_FORMATS_NPY_H
#define TERN_HOST_DRIVER_FORMATS_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

// Writes values f32 [rows][columns] as a NumPy file, complete or not at all.
enum tern_status tern_npy_write(const char *path, const float *values, size_t rows, uint32_t columns,
                                struct tern_error *error);

#endif
