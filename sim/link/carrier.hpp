// SPDX-License-Identifier: Apache-2.0
// A Verilated link whose bytes travel in datagrams. To LinkBoard it has the byte ports of tern_link. Carrier<Core>
// takes whole datagrams from them, and gives the board's datagrams to them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "Vtern_udp_bench.h"
#include "sim/lib/random.hpp"

namespace tern_bench {

using Bytes = std::vector<uint8_t>;

class Carrier : public Vtern_udp_bench {
  public:
    // The byte ports.
    uint8_t s_valid = 0, s_data = 0, s_last = 0, m_valid = 0, m_ready = 0, m_data = 0, m_last = 0;

    // Faults of its own, in 1000 datagrams.
    void begin(uint64_t seed, uint32_t faults) {
        random_ = Random(seed);
        faults_ = faults;
    }
    // What the board did wrong; empty: nothing.
    template <class Settle> std::string end(Settle) const {
        return finding_;
    }
    // A datagram is on its way.
    bool is_busy() const {
        return quiet_cycles_ < kQuietCycles;
    }

  protected:
    static constexpr unsigned kQuietCycles = 400;

    bool chance() {
        return faults_ && random_.below(1000) < faults_;
    }
    void find(const char *what) {
        if (finding_.empty()) {
            finding_ = what;
        }
    }
    void stir() {
        quiet_cycles_ = 0;
    }

    // At a rising edge, before it: true when `datagram` is whole.
    bool take_byte(Bytes &datagram) {
        quiet_cycles_ = link_moves ? 0 : quiet_cycles_ + 1;
        if (!rst_n) {
            going_.clear();
            coming_.clear();
        } else if (s_valid) {
            going_.push_back(s_data);
        }
        if (m_valid && m_ready && !coming_.empty()) {
            coming_.pop_front();
        }
        if (!rst_n || !s_valid || !s_last) {
            return false;
        }
        datagram.swap(going_);
        going_.clear();
        return true;
    }
    // After it.
    void give_byte() {
        m_valid = !coming_.empty();
        if (m_valid) {
            m_data = coming_.front() & 0xff;
            m_last = coming_.front() >> 8;
            stir();
        }
    }
    void give(const uint8_t *bytes, size_t size) {
        for (size_t i = 0; i < size; i++) {
            coming_.push_back(static_cast<uint16_t>(bytes[i] | (i + 1 == size) << 8));
        }
    }

    Random random_{1};

  private:
    uint32_t faults_ = 0;
    unsigned quiet_cycles_ = 0;
    std::string finding_;
    Bytes going_;
    std::deque<uint16_t> coming_;
};

} // namespace tern_bench
