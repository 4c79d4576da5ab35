// SPDX-License-Identifier: Apache-2.0
// Stands in for sim/soc where the Verilated device was not built.
#include "host_driver/device/backend.h"

enum tern_status tern_backend_open_rtl(const struct tern_backend_config *config, struct tern_backend *backend,
                                       struct tern_error *error) {
    (void)config;
    (void)backend;
    return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                          "rtl: needs verilator and pythondata-cpu-picorv32 when Tern is built");
}
