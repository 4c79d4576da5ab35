// SPDX-License-Identifier: Apache-2.0
// Datagrams in Ethernet frames to LiteEth's core, byte by byte at 125 MHz, with the link at 50 MHz. It is the host's
// side of ARP too. Between the frames it sends others that must have no effect.
#pragma once

#include <algorithm>

#include "sim/link/carrier.hpp"
#include "sim/link/ethernet.hpp"
#include "sim/link/request.hpp"

namespace tern_bench {

class FrameCarrier : public Carrier {
  public:
    void eval() {
        const bool rises = clk && !last_clk_;
        if (clk == last_clk_) {
            Vtern_udp_bench::eval();
            return;
        }
        last_clk_ = clk;
        run_network();
        Bytes datagram;
        if (rises && take_byte(datagram)) {
            send(datagram);
        }
        Vtern_udp_bench::eval();
        if (rises) {
            core_rst_n = ++cycles_ > 20;
            give_byte();
        }
    }

    // After all the faults the board still answers ARP and ping.
    template <class Settle> std::string end(Settle settle) {
        Bytes ping(56, 0x5a);
        for (const uint64_t from = cycles_; cycles_ < from + kForgotten;) { // what ARP took amiss
            settle();
        }
        arp_replies_ = 0;
        for (unsigned i = 0; i < 2; i++) { // a runt before it may swallow the first one
            push(make_arp(kArpRequest, kEveryone, host_));
            settle();
        }
        for (unsigned i = 0; i < 3; i++) {
            ping[0] = static_cast<uint8_t>(i);
            ping_ = make_ping(host_, ping);
            pings_ = 0;
            push(ping_);
            settle();
            if (pings_ != 1) {
                find("a ping has no answer");
            }
        }
        if (arp_replies_ == 0) {
            find("ARP has no answer");
        }
        return Carrier::end(settle);
    }

  private:
    static constexpr uint64_t kBoardMac = 0x025445524e01, kHostMac = 0x0e0000000001, kEveryone = 0xffffffffffff;
    static constexpr uint32_t kBoardIp = 0xc0a80132, kHostIp = 0xc0a80164;
    static constexpr uint16_t kBoardPort = 5005, kHostPort = 40000;
    static constexpr unsigned kHalfClock = 10, kHalfByte = 4; // nanoseconds
    static constexpr unsigned kForgotten = 120000;            // cycles after which ARP has forgotten all
    static constexpr unsigned kGap = 12;                      // bytes between frames
    static constexpr uint8_t kPreamble = 0x55, kSfd = 0xd5;

    void run_network() {
        for (time_ += kHalfClock; time_ >= kHalfByte; time_ -= kHalfByte) {
            gmii_clk = !gmii_clk;
            const bool had = gmii_tx_en;
            const uint8_t byte = gmii_tx_data;
            Vtern_udp_bench::eval();
            if (gmii_clk) {
                receive_byte(had, byte);
                send_byte();
            }
        }
    }

    void send_byte() {
        gmii_rx_dv = !bytes_.empty() && bytes_.front() < 0x100;
        if (!bytes_.empty()) {
            stir();
            gmii_rx_data = bytes_.front() & 0xff;
            bytes_.pop_front();
        }
    }

    void receive_byte(bool is_there, uint8_t byte) {
        if (is_there) {
            stir();
            frame_.push_back(byte);
        } else if (!frame_.empty()) {
            receive(frame_);
            frame_.clear();
        }
    }

    // A frame onto the wire, some with a fault.
    void push(const Bytes &given, bool is_faulty = false) {
        Bytes frame = given;
        frame.resize(frame.size() < 60 && !is_faulty ? 60 : frame.size());
        const uint32_t sum = fcs(frame.data(), frame.size());
        for (unsigned i = 0; i < 4; i++) {
            frame.push_back(sum >> 8 * i & 0xff);
        }
        if (is_faulty && random_.percent(50)) {
            frame[random_.below(static_cast<uint32_t>(frame.size()))] ^= static_cast<uint8_t>(1 << random_.below(8));
        } else if (is_faulty) {
            frame.resize(1 + random_.below(static_cast<uint32_t>(frame.size())));
        }
        const unsigned preamble = chance() ? 3 + random_.below(9) : 7; // a PHY may swallow or add some
        bytes_.insert(bytes_.end(), preamble, kPreamble);
        bytes_.push_back(is_faulty && random_.percent(10) ? kPreamble : kSfd);
        bytes_.insert(bytes_.end(), frame.begin(), frame.end());
        bytes_.insert(bytes_.end(), kGap + (random_.percent(50) ? random_.below(40) : 0), 0x100);
    }

    // The datagram, and before it an altered one in frames that are wrong.
    void send(const Bytes &datagram) {
        const Bytes other = altered(datagram);
        for (unsigned kind = 0; kind < kKinds; kind++) {
            if (!other.empty() && chance()) {
                push_wrong(kind, other);
            }
        }
        push_noise();
        push(make_udp(host_, datagram));
    }

    static constexpr unsigned kKinds = 11;
    void push_wrong(unsigned kind, const Bytes &other) {
        Envelope to = host_;
        const uint64_t bit = 1ull << random_.below(8);
        to.flip_checksum = kind == 0 ? static_cast<uint16_t>(1 << random_.below(16)) : 0;
        to.to_mac ^= kind == 1 ? bit << 8 * random_.below(6) : 0;
        to.to_ip ^= kind == 2 ? static_cast<uint32_t>(bit << 8 * random_.below(4)) : 0;
        to.to_port ^= kind == 3 ? static_cast<uint16_t>(bit << 8 * random_.below(2)) : 0;
        to.type = kind == 4 ? 0x86dd : to.type;
        to.version = kind == 5 ? 0x46 : kind == 6 ? 0x65 : to.version;
        to.protocol = kind == 7 ? 6 : to.protocol;
        to.is_vlan = kind == 8;
        to.fragment = kind == 9 ? 0x0020 : 0; // the second part has no header of UDP
        push(kind == 9 ? make_ip(to, other) : make_udp(to, other), kind == 10);
    }

    // Frames that others send, and frames that are not what their headers say.
    void push_noise() {
        Envelope stranger = host_;
        stranger.from_ip += 7;
        stranger.from_mac += 7;
        const Bytes text(random_.below(400), 0x42);
        const int longer = static_cast<int>(random_.below(60)) - 30;
        for (unsigned kind = 0; kind < 9; kind++) {
            if (!chance()) {
                continue;
            }
            switch (kind) {
            case 0: push(make_udp(stranger, text)); break;
            case 1: push(make_udp(stranger, text, longer)); break;
            case 2:
                stranger.longer = longer;
                push(make_udp(stranger, text));
                break;
            case 3: push(make_ping(host_, text)); break;
            case 4:
                stranger.longer = 40 - static_cast<int>(text.size()); // longer than it says
                push(make_ping(stranger, text));
                break;
            case 5: push(make_arp(kArpRequest, kEveryone, host_)); break;
            case 6: push(Bytes(1 + random_.below(60), 0x55), true); break;
            case 7:
                push(make_udp(stranger, Bytes(9000))); // a jumbo frame
                break;
            default: push(make_arp(1 + random_.below(4), kBoardMac, stranger), random_.percent(50));
            }
        }
    }

    void receive(Bytes &frame) {
        const Bytes start = {kPreamble, kPreamble, kPreamble, kPreamble, kPreamble, kPreamble, kPreamble, kSfd};
        if (frame.size() < start.size() + 64 || !std::equal(start.begin(), start.end(), frame.begin())) {
            find("a frame of the board is too short or has no preamble");
            return;
        }
        frame.erase(frame.begin(), frame.begin() + static_cast<long>(start.size()));
        if (fcs(frame.data(), frame.size()) != 0x2144df1c) {
            find("a frame of the board has a wrong FCS");
        }
        frame.resize(frame.size() - 4);
        if (get(frame, 6, 6) != kBoardMac) {
            find("a frame of the board has a wrong sender");
        }
        const uint64_t type = get(frame, 12, 2);
        if (type == 0x0806) {
            receive_arp(frame);
        } else if (type == 0x0800) {
            receive_ip(frame);
        } else {
            find("a frame of the board has a wrong type");
        }
    }

    // Any host of the network answers ARP.
    void receive_arp(const Bytes &frame) {
        arp_replies_ +=
            get(frame, 20, 2) == kArpReply && get(frame, 0, 6) == kHostMac && get(frame, 22, 6) == kBoardMac;
        if (get(frame, 20, 2) == kArpRequest) {
            Envelope from = host_;
            from.from_ip = static_cast<uint32_t>(get(frame, 38, 4));
            from.from_mac = kHostMac + from.from_ip - kHostIp;
            push(make_arp(kArpReply, kBoardMac, from), chance());
        }
    }

    void receive_ip(const Bytes &frame) {
        const size_t end = kMacBytes + get(frame, 16, 2);
        if (checksum(frame, kMacBytes, kMacBytes + kIpBytes)) {
            return; // the frame after one whose host did not answer ARP; the host drops it
        }
        if (get(frame, 26, 4) != kBoardIp) {
            find("a frame of the board has a wrong sender in its IP header");
        }
        // LiteEth's ARP does not look at the FCS. A changed answer sends frames elsewhere until it is forgotten.
        if (get(frame, 0, 6) != kHostMac + get(frame, 30, 4) - kHostIp) {
            return;
        }
        if (end > frame.size()) { // a ping that says more than it has is answered alike
            if (get(frame, 23, 1) != 1) {
                find("a frame of the board is shorter than its IP header says");
            }
            return;
        }
        if (get(frame, 23, 1) == 1) {
            pings_ += std::equal(frame.begin() + 38, frame.begin() + static_cast<long>(end), ping_.begin() + 38,
                                 ping_.end()) &&
                      checksum(frame, kMacBytes + kIpBytes, end) == 0 && frame[34] == 0;
            return;
        }
        if (get(frame, 23, 1) != 17 || get(frame, 34, 2) != kBoardPort || get(frame, 38, 2) + 34 != end) {
            find("a UDP header of the board is wrong");
        } else if (get(frame, 30, 4) == kHostIp && get(frame, 36, 2) == kHostPort) { // else of a stranger
            give(frame.data() + 42, end - 42);
        }
    }

    const Envelope host_ = {kBoardMac, kHostMac, kBoardIp, kHostIp, kBoardPort, kHostPort};
    uint8_t last_clk_ = 0;
    uint64_t cycles_ = 0;
    unsigned time_ = 0;          // nanoseconds that the network is behind
    std::deque<uint16_t> bytes_; // on the wire to the board; 0x100: none
    Bytes frame_;                // from the board
    Bytes ping_;
    unsigned arp_replies_ = 0, pings_ = 0;
};

} // namespace tern_bench
