// SPDX-License-Identifier: Apache-2.0
// Datagrams as words at tern_udp_port, in place of LiteEth's core.
#pragma once

#include "sim/link/carrier.hpp"
#include "sim/link/request.hpp"

namespace tern_bench {

class WordCarrier : public Carrier {
  public:
    void eval() {
        const bool rises = clk && !last_clk_;
        last_clk_ = clk;
        if (!rises) {
            Vtern_udp_bench::eval();
            return;
        }
        Bytes datagram;
        if (take_byte(datagram)) {
            send(datagram);
        }
        sample();
        Vtern_udp_bench::eval();
        drive();
        give_byte();
    }

  private:
    static constexpr uint32_t kHost = 0xc0a80164;
    static constexpr uint16_t kPort = 40000;
    struct Word {
        uint32_t data, host;
        uint16_t port;
        uint8_t last_be, error;
        bool last;
    };

    // A datagram that is altered must not get through when the core found it wrong, or when it is no whole words.
    void send(const Bytes &datagram) {
        const Bytes other = altered(datagram);
        if (!other.empty() && chance()) {
            push(other, 1, 8, host_, port_);
        }
        if (!other.empty() && chance()) {
            push(other, 0, 4, host_, port_);
        }
        if (chance()) {
            push(Bytes(4 * (1 + random_.below(2000))), random_.below(2), 8, host_ + 1, 7); // a stranger
        }
        if (chance()) {
            host_ = kHost + random_.below(100);
            port_ = static_cast<uint16_t>(kPort + random_.below(100));
        }
        push(datagram, 0, static_cast<uint8_t>(datagram.size() % 4 ? 1 : 8), host_, port_);
    }

    void push(const Bytes &bytes, uint8_t error, uint8_t last_be, uint32_t host, uint16_t port) {
        for (size_t i = 0; i < bytes.size(); i += 4) {
            Word word{0, host, port, 0, 0, i + 4 >= bytes.size()};
            for (size_t k = i; k < i + 4 && k < bytes.size(); k++) {
                word.data |= static_cast<uint32_t>(bytes[k]) << 8 * (k - i);
            }
            word.last_be = word.last ? last_be : 0;
            word.error = word.last && error;
            words_.push_back(word);
        }
    }

    void sample() {
        if (s_udp_valid) {
            words_.pop_front();
        }
        if (!m_udp_valid || !m_udp_ready) {
            return;
        }
        stir();
        if (answer_.empty()) {
            answer_host_ = m_udp_ip_address;
            answer_port_ = m_udp_dst_port;
            answer_length_ = m_udp_length;
        }
        if (answer_host_ != m_udp_ip_address || answer_port_ != m_udp_dst_port || answer_length_ != m_udp_length) {
            find("the address of an answer changes");
        }
        for (unsigned i = 0; i < 4; i++) {
            answer_.push_back(m_udp_data >> 8 * i & 0xff);
        }
        if (m_udp_last) {
            end_answer();
        }
    }

    void end_answer() {
        if (answer_.size() != answer_length_ || m_udp_last_be != 8) {
            find("the length of an answer is wrong");
        }
        if (answer_host_ == host_ && answer_port_ == port_) { // else of a stranger
            give(answer_.data(), answer_.size());
        }
        answer_.clear();
    }

    // Words come at the pace of a network that is quicker than the link, in bursts.
    void drive() {
        core_rst_n = ++cycles_ > 4;
        m_udp_ready = random_.below(4) != 0;
        s_udp_valid = core_rst_n && !words_.empty() && random_.below(3) != 0;
        if (!words_.empty()) {
            stir();
            s_udp_data = words_.front().data;
            s_udp_last = words_.front().last;
            s_udp_last_be = words_.front().last_be;
            s_udp_error = words_.front().error;
            s_udp_ip_address = words_.front().host;
            s_udp_src_port = words_.front().port;
        }
    }

    uint8_t last_clk_ = 0;
    uint64_t cycles_ = 0;
    uint32_t host_ = kHost, answer_host_ = 0;
    uint16_t port_ = kPort, answer_port_ = 0, answer_length_ = 0;
    std::deque<Word> words_;
    Bytes answer_;
};

} // namespace tern_bench
