// SPDX-License-Identifier: Apache-2.0
// rtl.matmul_parts tests small parts of the unit over all or many inputs. Inputs are every byte of the trit decoder,
// checksums of random segments, and the rounding of 128-bit sums.
#include <cstdio>
#include <cstring>
#include <deque>
#include <vector>

#include "Vtern_crc32c.h"
#include "Vtern_round.h"
#include "Vtern_trit_decode.h"
#include "cmodel/matmul/round.h"
#include "cmodel/matmul/crc32c.h"
#include "cmodel/matmul/trit_code.h"
#include "sim/lib/random.hpp"

namespace {

using tern_bench::Random;

unsigned failures = 0;

void test_trit_decode() {
    Vtern_trit_decode decode;
    for (unsigned byte = 0; byte < 256; byte++) {
        decode.code = static_cast<uint8_t>(byte);
        decode.eval();
        const unsigned wanted = tern_digits_decode(static_cast<uint8_t>(byte));
        if (decode.digits != wanted && failures++ < 5) {
            std::printf("FAIL trit decode: byte 0x%02x gives 0x%03x, expected 0x%03x\n", byte, decode.digits, wanted);
        }
    }
}

template <class Top> void cycle(Top &top) {
    top.clk = 0;
    top.eval();
    top.clk = 1;
    top.eval();
}

void test_crc(Random &random, unsigned segments) {
    Vtern_crc32c crc;
    for (unsigned i = 0; i < segments; i++) {
        std::vector<uint8_t> data(16 * (1 + random.below(i % 10 ? 8 : 300)));
        for (uint8_t &byte : data) {
            byte = static_cast<uint8_t>(i == 0 ? 0 : i == 1 ? 255 : random.bits32());
        }
        for (size_t at = 0; at < data.size(); at += 16) {
            while (random.percent(30)) {
                crc.s_valid = 0;
                cycle(crc);
            }
            crc.s_valid = 1;
            crc.s_first = at == 0;
            std::memcpy(&crc.s_data, &data[at], 16);
            cycle(crc);
        }
        crc.s_valid = 0;
        cycle(crc);
        const uint32_t wanted = tern_crc32c(data.data(), data.size());
        if (crc.m_crc != wanted && failures++ < 5) {
            std::printf("FAIL crc: %zu bytes give 0x%08x, expected 0x%08x (segment %u)\n", data.size(), crc.m_crc,
                        wanted, i);
        }
    }
}

// The sum has its leading bit anywhere and a tail that makes ties and near-ties likely.
__int128 random_sum(Random &random) {
    unsigned __int128 value = static_cast<unsigned __int128>(random.bits64()) << 64 | random.bits64();
    const unsigned length = random.below(121);
    value = length ? (value | static_cast<unsigned __int128>(1) << 127) >> (128 - length) : 0;
    const unsigned cut = random.below(121);
    const unsigned __int128 unit = static_cast<unsigned __int128>(1) << cut;
    switch (random.below(6)) {
    case 0: value = value / unit * unit; break;                // few bits: ties
    case 1: value = value / unit * unit + unit / 2; break;     // exactly half
    case 2: value = value / unit * unit + unit / 2 + 1; break; // just over
    case 3: value = value / unit * unit + (unit / 2 ? unit / 2 - 1 : 0); break;
    case 4: value = length ? (static_cast<unsigned __int128>(1) << length) - 1 - random.below(3) : 0; break;
    default: break;
    }
    value &= (static_cast<unsigned __int128>(1) << 120) - 1;
    return random.percent(50) ? static_cast<__int128>(value) : -static_cast<__int128>(value);
}

int32_t random_exponent(Random &random) {
    switch (random.below(4)) {
    case 0: return random.between(-280, 140);
    case 1: return random.between(-160, -140);
    case 2: return random.between(-512, 511);
    default: return random.between(-60, 0);
    }
}

// The exponent belongs to a run, so it changes only while the pipeline is empty.
void test_round(Random &random, unsigned batches) {
    Vtern_round round;
    round.rst_n = 0;
    cycle(round);
    round.rst_n = 1;
    for (unsigned i = 0; i < batches; i++) {
        const int32_t exponent = random_exponent(random);
        round.s_exponent = exponent & 0x3ff; // signed, 10 bits
        std::deque<__int128> waiting;
        for (unsigned step = 0, sent = 0; sent < 16 || !waiting.empty(); step++) {
            round.s_valid = sent < 16 && random.percent(70);
            if (round.s_valid) {
                const __int128 sum = random_sum(random);
                std::memcpy(&round.s_sum, &sum, 16);
                waiting.push_back(sum);
                sent++;
            }
            cycle(round);
            if (round.m_valid) {
                const __int128 sum = waiting.front();
                waiting.pop_front();
                const uint32_t wanted = tern_round_sum(sum, exponent);
                if (round.m_result != wanted && failures++ < 5) {
                    std::printf("FAIL round: 0x%016llx%016llx x 2^%d gives 0x%08x, expected 0x%08x\n",
                                (unsigned long long)(static_cast<unsigned __int128>(sum) >> 64),
                                (unsigned long long)sum, exponent, round.m_result, wanted);
                }
            }
            if (step > 1000) {
                failures++;
                std::printf("FAIL round: results missing\n");
                return;
            }
        }
    }
}

} // namespace

int main() {
    Random random(1);
    test_trit_decode();
    test_crc(random, 2000);
    test_round(random, 60000);
    std::printf("parts: %u failures\n", failures);
    return failures != 0;
}
