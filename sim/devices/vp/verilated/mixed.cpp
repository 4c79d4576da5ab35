// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/verilated/mixed.hpp"

#include <cstring>

#include "sim/devices/axi_config.hpp"

namespace tern_vp {

namespace {

constexpr char kNames[] =
#define TERN_VP_NAME(name) " " #name
    TERN_VP_VERILATED_LIST(TERN_VP_NAME);
#undef TERN_VP_NAME

Unit *find(Platform &platform, const std::string &unit) {
#define TERN_VP_FIND(name)                                                                                             \
    if (unit == #name) {                                                                                               \
        return &platform.name;                                                                                         \
    }
    TERN_VP_VERILATED_LIST(TERN_VP_FIND)
#undef TERN_VP_FIND
    return nullptr;
}

// Puts the RTL of the name in the place of the unit's model.
tern_status verilate(const tern_backend_config &config, const std::string &name, Unit &unit, tern_error *error) {
#ifdef TERN_HAS_VERILATED_UNITS
    if ((config.lanes && config.lanes != TERN_LANES) || (config.vectors && config.vectors != TERN_VECTORS)) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "vp: the Verilated units of this build have %u lane(s) and %u vector(s)", TERN_LANES,
                              TERN_VECTORS);
    }
    unit.set_verilated(make_verilated_unit(name, tern_bench::axi_config_of(config)));
    return TERN_STATUS_OK;
#else
    (void)config;
    (void)unit;
    return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "vp: %s cannot be Verilated: the build needs verilator",
                          name.c_str());
#endif
}

} // namespace

tern_status set_verilated(const tern_backend_config &config, Platform &platform, tern_error *error) {
    for (const char *at = config.verilated, *end; at; at = *end ? end + 1 : nullptr) {
        end = at + std::strcspn(at, ",");
        const std::string name(at, end);
        Unit *unit = find(platform, name);
        if (!unit) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "vp: no unit \"%.40s\" can be Verilated, only%s",
                                  name.c_str(), kNames);
        }
        TERN_TRY(verilate(config, name, *unit, error));
    }
    return TERN_STATUS_OK;
}

} // namespace tern_vp
