// SPDX-License-Identifier: Apache-2.0
// Ethernet frames of a host: ARP, ping and UDP over IPv4, made and looked at. Without preamble and FCS.
#pragma once

#include <cstdint>
#include <vector>

namespace tern_bench {

using Bytes = std::vector<uint8_t>;

// Numbers of more than a byte have the highest byte first.
inline void put(Bytes &frame, uint64_t value, unsigned bytes) {
    while (bytes--) {
        frame.push_back(value >> 8 * bytes & 0xff);
    }
}
inline uint64_t get(const Bytes &frame, size_t at, unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        value = value << 8 | (at + i < frame.size() ? frame[at + i] : 0);
    }
    return value;
}

// FCS of a frame, the lowest byte first.
inline uint32_t fcs(const uint8_t *bytes, size_t size) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (unsigned k = 0; k < 8; k++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    return ~crc;
}

// Of IP and ICMP. 0 over bytes that hold their own sum.
inline uint16_t checksum(const Bytes &frame, size_t from, size_t to) {
    uint32_t sum = 0;
    for (size_t i = from; i < to; i += 2) {
        sum += static_cast<uint32_t>(i + 1 < to ? get(frame, i, 2) : get(frame, i, 1) << 8);
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(~sum);
}

// The addresses of a datagram, and what may be wrong about its frame.
struct Envelope {
    uint64_t to_mac, from_mac;
    uint32_t to_ip, from_ip;
    uint16_t to_port, from_port;
    uint16_t type = 0x0800;
    uint8_t version = 0x45, protocol = 17;
    uint16_t fragment = 0;      // flags and offset
    uint16_t flip_checksum = 0; // of the IP header
    int longer = 0;             // than it is: the length in the IP header
    bool is_vlan = false;
};

constexpr size_t kMacBytes = 14, kIpBytes = 20, kUdpBytes = 8;

inline Bytes make_ip(const Envelope &to, const Bytes &payload) {
    Bytes frame;
    put(frame, to.to_mac, 6);
    put(frame, to.from_mac, 6);
    if (to.is_vlan) {
        put(frame, 0x81000001, 4);
    }
    put(frame, to.type, 2);
    const size_t ip = frame.size();
    put(frame, to.version, 1);
    put(frame, 0, 1);
    put(frame, static_cast<uint16_t>(kIpBytes + payload.size() + to.longer), 2);
    put(frame, 0x1234, 2);
    put(frame, to.fragment, 2);
    put(frame, 64, 1);
    put(frame, to.protocol, 1);
    put(frame, 0, 2);
    put(frame, to.from_ip, 4);
    put(frame, to.to_ip, 4);
    const uint16_t sum = static_cast<uint16_t>(checksum(frame, ip, ip + kIpBytes) ^ to.flip_checksum);
    frame[ip + 10] = sum >> 8;
    frame[ip + 11] = sum & 0xff;
    frame.insert(frame.end(), payload.begin(), payload.end());
    return frame;
}

inline Bytes make_udp(const Envelope &to, const Bytes &payload, int longer = 0) {
    Bytes datagram;
    put(datagram, to.from_port, 2);
    put(datagram, to.to_port, 2);
    put(datagram, static_cast<uint16_t>(kUdpBytes + payload.size() + longer), 2);
    put(datagram, 0, 2);
    datagram.insert(datagram.end(), payload.begin(), payload.end());
    return make_ip(to, datagram);
}

inline Bytes make_ping(Envelope to, const Bytes &payload) {
    Bytes message;
    put(message, 0x0800, 2);
    put(message, 0, 2);
    put(message, 0x00070001, 4);
    message.insert(message.end(), payload.begin(), payload.end());
    const uint16_t sum = checksum(message, 0, message.size());
    message[2] = sum >> 8;
    message[3] = sum & 0xff;
    to.protocol = 1;
    return make_ip(to, message);
}

constexpr unsigned kArpRequest = 1, kArpReply = 2;

inline Bytes make_arp(unsigned operation, uint64_t to_mac, const Envelope &from) {
    Bytes frame;
    put(frame, to_mac, 6);
    put(frame, from.from_mac, 6);
    put(frame, 0x0806, 2);
    put(frame, 0x000108000604, 6);
    put(frame, operation, 2);
    put(frame, from.from_mac, 6);
    put(frame, from.from_ip, 4);
    put(frame, operation == kArpReply ? to_mac : 0, 6);
    put(frame, from.to_ip, 4);
    return frame;
}

} // namespace tern_bench
