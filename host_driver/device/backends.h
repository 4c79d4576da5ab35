// SPDX-License-Identifier: Apache-2.0
// The back ends there are. A new one is a row here, a line in host_driver/CMakeLists.txt and files of its own.
#ifndef TERN_HOST_DRIVER_DEVICE_BACKENDS_H
#define TERN_HOST_DRIVER_DEVICE_BACKENDS_H

#include "host_driver/device/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

// X(name, help). The first is the default; `tern compare` compares the second with it.
#define TERN_BACKEND_LIST(X)                                                                                           \
    X(model, "the C model under the firmware compiled for the host: fast, without time")                               \
    X(rtl, "the Verilog of the SoC, simulated in this process cycle by cycle")

typedef enum tern_status tern_backend_opener(const struct tern_backend_config *config, struct tern_backend *backend,
                                             struct tern_error *error);

// tern_backend_open_<name>: fills *backend or leaves it alone on error. One that was not built is UNSUPPORTED and says
// what it needs.
#define TERN_BACKEND_OPENER(name, help) tern_backend_opener tern_backend_open_##name;
TERN_BACKEND_LIST(TERN_BACKEND_OPENER)

struct tern_backend_row {
    const char *name, *help;
    tern_backend_opener *open;
};

// NULL behind the last.
const struct tern_backend_row *tern_backend_row(size_t index);
// BAD_ARGUMENT with the names there are.
enum tern_status tern_backend_find(const char *name, struct tern_error *error, const struct tern_backend_row **row);

#ifdef __cplusplus
}
#endif
#endif
