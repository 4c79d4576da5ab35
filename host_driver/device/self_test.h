// SPDX-License-Identifier: Apache-2.0
// What `tern doctor` asks of a device before anybody trusts it; every check says what it found.
#ifndef TERN_HOST_DRIVER_DEVICE_SELF_TEST_H
#define TERN_HOST_DRIVER_DEVICE_SELF_TEST_H

#include "host_driver/device/device.h"

#ifdef __cplusplus
extern "C" {
#endif

// Called with each finding: name of the check, what was found.
typedef void (*tern_self_test_report)(void *context, const char *check, const char *finding);

// Memory by the host's own link and by the device's DMA engine, a matmul at each depth against the C model, a flipped
// bit that must be found, the command after it. The first failure ends it: MISMATCH or the device's own status, with a
// sentence.
enum tern_status tern_device_self_test(struct tern_device *device, tern_self_test_report report, void *context,
                                       struct tern_error *error);

#ifdef __cplusplus
}
#endif
#endif
