// SPDX-License-Identifier: Apache-2.0
// A variant of the rtl device: the SoC with its lanes and vectors, and the back end around it. One is linked into the
// program. The others are shared objects that the program loads.
#ifndef TERN_SIM_DEVICES_RTL_RTL_VARIANT_H
#define TERN_SIM_DEVICES_RTL_RTL_VARIANT_H

#include "host_driver/system/sources/sources.h"
#include "sim/devices/rtl/rtl_control.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_rtl_variant {
    // Sizes of the structures that pass between the program and a shared object: both must be of one source.
    size_t variant_bytes, backend_bytes, config_bytes;
    uint32_t spec_hash;
    const struct tern_sources *sources; // of the variant
    uint32_t lanes, vectors;
    enum tern_status (*open)(const struct tern_backend_config *config, struct tern_backend *backend,
                             struct tern_error *error);
    // rtl_control.h; context is that of the back end.
    void (*set_faults)(void *context, const struct tern_rtl_faults *faults);
    void (*set_orders)(void *context, unsigned write_order, unsigned done_time);
    void (*reset)(void *context);
    bool (*is_idle)(void *context);
    void (*set_clocks_on)(void *context, bool on);
};

// The context of a back end begins with this member.
struct tern_rtl_context {
    const struct tern_rtl_variant *variant;
};

// The name of the variant in each shared object, and in the program.
#define TERN_RTL_VARIANT_SYMBOL "tern_rtl_variant"
extern const struct tern_rtl_variant tern_rtl_variant;

#ifdef __cplusplus
}
#endif
#endif
