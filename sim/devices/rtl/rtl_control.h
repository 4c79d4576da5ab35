// SPDX-License-Identifier: Apache-2.0
// What only tests do to the rtl device: how its memory behaves, its resets, and its output `idle`. The back end is one
// opened by tern_backend_open_rtl.
#ifndef TERN_SIM_DEVICES_RTL_RTL_CONTROL_H
#define TERN_SIM_DEVICES_RTL_RTL_CONTROL_H

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

// From now on. NULL: sound memory, which answers whatever hung.
void tern_rtl_set_faults(struct tern_backend *backend, const struct tern_rtl_faults *faults);

// The order in which memory takes address and data of a write, and when it answers: below these counts, as the classes
// of sim/lib/axi_memory_config.hpp are numbered.
#define TERN_RTL_WRITE_ORDERS 5u
#define TERN_RTL_DONE_TIMES 3u
void tern_rtl_set_orders(struct tern_backend *backend, unsigned write_order, unsigned done_time);

// rst_n alone: memory and the AXI4 edge go on.
void tern_rtl_reset(struct tern_backend *backend);

// The SoC's output `idle`, now.
bool tern_rtl_is_idle(struct tern_backend *backend);

#ifdef __cplusplus
}
#endif
#endif
