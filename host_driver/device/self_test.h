// SPDX-License-Identifier: Apache-2.0
// The self-test of `tern doctor`. Every check reports its finding.
#ifndef TERN_HOST_DRIVER_DEVICE_SELF_TEST_H
#define TERN_HOST_DRIVER_DEVICE_SELF_TEST_H

#include "host_driver/device/device.h"

#ifdef __cplusplus
extern "C" {
#endif

// Called after each check with its name and its finding.
typedef void (*tern_self_test_report)(void *context, const char *check, const char *finding);

// Tests memory through the host and through the DMA engine, and a matmul at each depth against the C model. Flips a bit
// of the weights, which a checksum must find, and then runs a correct command. Stops at the first failure: MISMATCH or
// the status of the device, with a sentence.
enum tern_status tern_device_self_test(struct tern_device *device, tern_self_test_report report, void *context,
                                       struct tern_error *error);

#ifdef __cplusplus
}
#endif
#endif
