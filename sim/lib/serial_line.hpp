// SPDX-License-Identifier: Apache-2.0
// The host's end of a serial line at the pins of a model: 8 bits, no parity, one stop bit. Time is in cycles of the
// model's clock; a bit need not be a whole number of them.
#pragma once

#include <cstdint>
#include <deque>

namespace tern_bench {

class SerialLine {
  public:
    explicit SerialLine(double cycles_a_bit) : sent_bit_(cycles_a_bit), received_bit_(cycles_a_bit) {
    }

    // The host's clock is off: its bits are longer by this factor. It still receives by the right one.
    void set_factor(double factor) {
        sent_bit_ = received_bit_ * factor;
    }
    void send(uint8_t byte) {
        to_send_.push_back(byte);
    }
    // The line is low for this many bits.
    void send_break(unsigned bits) {
        break_bits_ = bits;
    }
    // Edges come late by up to this part of a bit, as `draw` says, which gives 0 to 1.
    void set_jitter(double part, double (*draw)()) {
        jitter_ = part;
        draw_ = draw;
    }
    bool sends() const {
        return !to_send_.empty() || bits_left_ || break_bits_;
    }
    size_t waiting() const {
        return to_send_.size();
    }
    std::deque<uint8_t> &received() {
        return received_;
    }
    uint64_t framing_errors() const {
        return framing_errors_;
    }

    // One cycle: takes the level of the board's pin, returns that of the host's.
    bool tick(bool level) {
        receive(level);
        return send_tick();
    }

  private:
    bool send_tick() {
        now_ += 1;
        while (now_ >= next_) {
            begin_bit();
        }
        return now_ >= edge_ ? level_ : level_before_;
    }

    void begin_bit() {
        if (!bits_left_ && break_bits_) {
            bits_left_ = break_bits_ + 1;
            shift_ = ~uint64_t{0} << break_bits_;
            break_bits_ = 0;
        } else if (!bits_left_ && !to_send_.empty()) {
            shift_ = ~uint64_t{0x1ff} | static_cast<uint64_t>(to_send_.front()) << 1;
            to_send_.pop_front();
            bits_left_ = 10;
        }
        level_before_ = level_;
        level_ = !bits_left_ || (shift_ & 1);
        edge_ = next_ + (jitter_ > 0 ? jitter_ * sent_bit_ * draw_() : 0);
        if (!bits_left_) { // the line rests: the next bit may begin at any cycle
            next_ = now_ + 1;
            return;
        }
        shift_ >>= 1;
        bits_left_--;
        next_ += sent_bit_;
    }

    void receive(bool level) {
        if (!takes_) {
            takes_ = was_high_ && !level;
            sample_ = received_bit_ / 2;
            taken_ = 0;
        } else if ((sample_ -= 1) <= 0) {
            sample_ += received_bit_;
            take(level);
        }
        was_high_ = level;
    }

    void take(bool level) {
        bits_ = static_cast<uint16_t>(bits_ | level << taken_);
        if (++taken_ < 10) {
            return;
        }
        if ((bits_ & 0x201) == 0x200) {
            received_.push_back(static_cast<uint8_t>(bits_ >> 1));
        } else {
            framing_errors_++;
        }
        bits_ = 0;
        takes_ = false;
    }

    double sent_bit_, received_bit_;
    std::deque<uint8_t> to_send_, received_;
    double now_ = 0, next_ = 1, edge_ = 0;
    uint64_t shift_ = 0;
    unsigned bits_left_ = 0, break_bits_ = 0;
    bool level_ = true, level_before_ = true;
    double jitter_ = 0;
    double (*draw_)() = nullptr;
    bool takes_ = false, was_high_ = false;
    double sample_ = 0;
    unsigned taken_ = 0;
    uint16_t bits_ = 0;
    uint64_t framing_errors_ = 0;
};

} // namespace tern_bench
