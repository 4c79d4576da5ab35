// SPDX-License-Identifier: Apache-2.0
// What the parts of the SoC do, read from its signals cycle by cycle (tern_rtl.vlt names them). For the trace of the
// driver.
#pragma once

#include "Vtern_soc.h"
#include "Vtern_soc___024root.h"
#include "host_driver/device/backend.h"

namespace {

// By number of the master in tern_soc.
constexpr tern_part kMasters[] = {TERN_PART_MATMUL, TERN_PART_DMA, TERN_PART_VECTOR, TERN_PART_ATTENTION};

} // namespace

class Activity {
  public:
    void observe(tern_activity_receiver receiver, void *context) {
        receiver_ = receiver;
        context_ = context;
        busy_ = 0;
    }
    // In each cycle, when the outputs of this cycle are stable.
    void sample(const Vtern_soc &top) {
        if (receiver_) {
            look(*top.rootp);
        }
    }

  private:
    void look(const Vtern_soc___024root &soc) {
        // A part's number is that of its unit in tern_soc. That of the system registers stands for the core.
        const unsigned units = ~soc.tern_soc__DOT__unit_idle & ((1u << TERN_PARTS) - 2);
        const unsigned busy = units | (soc.tern_soc__DOT__core_sleeps ? 1u << TERN_PART_CORE : 0);
        count_beats(soc.tern_soc__DOT__s_answer_valid,
                    soc.tern_soc__DOT__s_data_valid & soc.tern_soc__DOT__s_data_ready);
        if (busy != busy_) {
            change(busy, soc.tern_soc__DOT__system_registers__DOT__time_cycles);
        }
    }

    void count_beats(unsigned read, unsigned written) {
        for (unsigned master = 0; (read | written) >> master; master++) {
            tern_activity &now = now_[kMasters[master]];
            now.read_beats += read >> master & 1;
            now.written_beats += written >> master & 1;
        }
    }

    void change(unsigned busy, uint64_t time) {
        for (unsigned part = 0; part < TERN_PARTS; part++) {
            const bool is_busy = busy >> part & 1;
            if (is_busy == bool(busy_ >> part & 1)) {
                continue;
            }
            if (is_busy) {
                now_[part] = {tern_part(part), time, 0, 0, 0};
            } else {
                now_[part].end = time;
                receiver_(context_, &now_[part]);
            }
        }
        busy_ = busy;
    }

    tern_activity_receiver receiver_ = nullptr;
    void *context_ = nullptr;
    unsigned busy_ = 0;                  // a bit a part
    tern_activity now_[TERN_PARTS] = {}; // of the parts that are busy
};
