// SPDX-License-Identifier: Apache-2.0
// Faults of the rtl device's memory, for tests.
#ifndef TERN_SIM_DEVICES_RTL_RTL_FAULTS_H
#define TERN_SIM_DEVICES_RTL_RTL_FAULTS_H

#include "host_driver/device/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_RTL_NEVER UINT64_MAX

struct tern_rtl_faults {
    uint64_t error_base, error_bytes; // accesses of these device addresses answer SLVERR
    uint64_t hang_after_read_beats;   // no answer once so many more beats have moved; TERN_RTL_NEVER: no hang
    uint64_t hang_after_write_beats;
};

// Of a back end opened by tern_backend_open_rtl, from now on. NULL: sound memory, which answers whatever hung.
void tern_rtl_set_faults(struct tern_backend *backend, const struct tern_rtl_faults *faults);

#ifdef __cplusplus
}
#endif
#endif
