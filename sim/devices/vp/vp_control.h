// SPDX-License-Identifier: Apache-2.0
// Control of the vp device for tests. tern_backend_open_vp() opens the back end.
#ifndef TERN_SIM_DEVICES_VP_VP_CONTROL_H
#define TERN_SIM_DEVICES_VP_VP_CONTROL_H

#include "cmodel/device/device_model.h"
#include "host_driver/device/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

// Nothing works, and the core is held, has trapped, or waits for the doorbell.
bool tern_vp_is_idle(struct tern_backend *backend);

// The faults of the C model's device, from now on.
void tern_vp_set_fault(struct tern_backend *backend, const struct tern_device_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
