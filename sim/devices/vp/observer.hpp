// SPDX-License-Identifier: Apache-2.0
// Who wants to hear what core and units did (host_driver/device/backend.h).
#ifndef TERN_SIM_DEVICES_VP_OBSERVER_HPP
#define TERN_SIM_DEVICES_VP_OBSERVER_HPP

#include "sim/devices/vp/clock.hpp"

#include "host_driver/device/backend.h"

namespace tern_vp {

struct Observer {
    tern_activity_receiver receiver = nullptr;
    void *context = nullptr;

    void report(tern_part part, const sc_core::sc_time &begin, const sc_core::sc_time &end, uint64_t reads,
                uint64_t writes) const {
        if (receiver) {
            const tern_activity activity = {part, cycles_of(begin), cycles_of(end), reads, writes};
            receiver(context, &activity);
        }
    }
};

} // namespace tern_vp

#endif
