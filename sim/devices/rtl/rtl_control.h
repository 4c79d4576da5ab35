// SPDX-License-Identifier: Apache-2.0
// Control of the rtl device for tests: the behaviour of its memory, its resets, its clocks, and its output `idle`.
// tern_backend_open_rtl() opens the back end.
#ifndef TERN_SIM_DEVICES_RTL_RTL_CONTROL_H
#define TERN_SIM_DEVICES_RTL_RTL_CONTROL_H

#include "host_driver/device/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_RTL_NEVER UINT64_MAX

struct tern_rtl_faults {
    uint64_t error_base, error_bytes; // accesses to these device addresses answer SLVERR
    uint64_t hang_after_read_beats;   // memory stops answering after so many more beats; TERN_RTL_NEVER: no hang
    uint64_t hang_after_write_beats;
};

// Sets faults from now on. NULL: memory without faults. It answers requests that hung.
void tern_rtl_set_faults(struct tern_backend *backend, const struct tern_rtl_faults *faults);

// Sets the order in which memory takes address and data of a write, and when it answers. The numbers are those of the
// classes of sim/lib/axi_memory_config.hpp, below these counts.
#define TERN_RTL_WRITE_ORDERS 5u
#define TERN_RTL_DONE_TIMES 3u
void tern_rtl_set_orders(struct tern_backend *backend, unsigned write_order, unsigned done_time);

// Resets with rst_n alone. Memory and the AXI4 edge continue.
void tern_rtl_reset(struct tern_backend *backend);

// Returns the SoC's output `idle` of this cycle.
bool tern_rtl_is_idle(struct tern_backend *backend);

// With `on` no unit's clock stands still. Only the speed of the simulation may differ.
void tern_rtl_set_clocks_on(struct tern_backend *backend, bool on);

#ifdef __cplusplus
}
#endif
#endif
