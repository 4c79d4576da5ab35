// SPDX-License-Identifier: Apache-2.0
// rtl.link: the host's link over a faulty channel to the Verilated board's side (host_driver/link/tests/judge.h).
// rtl.link_rate: bytes of payload a cycle, without faults. One program for datagrams, one for a stream of bytes, one
// for words of datagrams (rtl.link_udp), one for Ethernet frames (rtl.link_ethernet).
//   link_bench [FRAMES [SEED]] | rate
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>

#include "host_driver/link/tests/judge.h"
#include "sim/link/link_board.hpp"
#include "sim/link/link_top.hpp"
#include "sim/rules/rules.hpp"

using namespace tern_bench;

namespace {

class JudgeRegisters : public LinkRegisters {
  public:
    explicit JudgeRegisters(judge &of) : judge_(of) {
    }
    bool read(uint32_t address, uint32_t *value) override {
        return judge_register_read(&judge_, address, value);
    }
    bool write(uint32_t address, uint32_t value) override {
        return judge_register_write(&judge_, address, value);
    }

  private:
    judge &judge_;
};

struct Bench {
    Bench(unsigned stalls, uint64_t seed) : random(seed), board(registers, stalls, seed) {
        board.memory().map(JUDGE_MEMORY_BASE, given.memory, JUDGE_MEMORY_BYTES);
        AxiMemoryConfig config;
        config.latency_cycles = 60;
        config.stall_percent = stalls;
        config.seed = seed;
        if (stalls) {
            draw_orders(random, config);
        }
        board.memory().configure(config);
    }
    judge given{};
    JudgeRegisters registers{given};
    Random random;
    LinkBoard<LinkTop> board;
};

// Often the answer is still under way when the next frame comes.
size_t take(void *context, const uint8_t *bytes, size_t size, uint8_t *answer) {
    Bench &bench = *static_cast<Bench *>(context);
    bench.board.feed(bytes, size);
    if (size == 0 || bench.random.percent(50)) {
        bench.board.settle();
    } else {
        for (unsigned i = bench.random.below(2000); i > 0; i--) {
            bench.board.cycle();
        }
    }
    const std::vector<uint8_t> made = TERN_LINK_STREAM ? bench.board.take_stream() : bench.board.take_datagram();
    const size_t count = made.size() < CHANNEL_CHUNK_BYTES ? made.size() : CHANNEL_CHUNK_BYTES;
    std::memcpy(answer, made.data(), count);
    return count;
}

void reset(void *context) {
    Bench &bench = *static_cast<Bench *>(context);
    bench.board.reset(bench.random.percent(50));
}

// What carries the bytes (carrier.hpp) has faults and findings of its own. A link alone has none.
template <class Top>
auto begin_carrier(Top &top, uint64_t seed, uint32_t faults, int) -> decltype(top.begin(seed, faults)) {
    return top.begin(seed, faults);
}
template <class Top> void begin_carrier(Top &, uint64_t, uint32_t, long) {
}
template <class Top>
auto end_carrier(LinkBoard<Top> &board, int) -> decltype(board.top().end(static_cast<void (*)()>(nullptr))) {
    return board.top().end([&board] { board.settle(); });
}
template <class Top> std::string end_carrier(LinkBoard<Top> &, long) {
    return "";
}

bool run(uint64_t seed, unsigned stalls, uint32_t faults, uint64_t frames) {
    static Bench *bench;
    delete bench;
    bench = new Bench(stalls, seed);
    bench->given.channel.board = take;
    bench->given.channel.board_context = bench;
    bench->given.reset_board = reset;
    judge_begin(&bench->given, seed, faults, TERN_LINK_STREAM);
    begin_carrier(bench->board.top(), seed, faults, 0);
    const bool judged = judge_run(&bench->given, frames);
    const std::string carrier = end_carrier(bench->board, 0);
    const bool good = judged && carrier.empty() && !broken_rules() && !bench->board.memory().violations();
    judge_end(&bench->given);
    std::printf("link: seed %llu, %llu accesses in %llu frames, %llu cycles\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(bench->given.accesses),
                static_cast<unsigned long long>(bench->given.channel.carried),
                static_cast<unsigned long long>(bench->board.cycles()));
    if (!good) {
        std::printf("FAIL link: %s %s %s %s\n", bench->given.finding, carrier.c_str(), first_broken_rule().c_str(),
                    bench->board.memory().first_violation().c_str());
    }
    return good;
}

// Requests and answers frame by frame, without a channel.
class Requests {
  public:
    Requests() : bench_(0, 1), random_(1) {
        ask(TERN_LINK_HELLO, 0);
        settle();
        request_.session = answer_.session;
        ask(TERN_LINK_OPEN, 0);
        settle();
    }

    // Memory requests of whole payloads, so close together that the receiver is never empty. Returns bytes a cycle.
    double rate(uint8_t kind) {
        request_.length = TERN_LINK_MAX_PAYLOAD;
        request_.payload_bytes = kind == TERN_LINK_MEMORY_WRITE ? TERN_LINK_MAX_PAYLOAD : 0;
        const uint64_t begin = bench_.board.cycles();
        for (uint32_t i = 0; i < kRequests; i++) {
            std::generate(std::begin(request_.payload), std::end(request_.payload),
                          [this] { return random_.bits32(); });
            request_.address = JUDGE_MEMORY_BASE + i % 16 * TERN_LINK_MAX_PAYLOAD;
            ask(kind, i);
            if (kind == TERN_LINK_MEMORY_READ && i % kReads == kReads - 1) {
                settle(); // the receiver has room for so many
            }
        }
        settle();
        const bool is_right = answer_.status == TERN_STATUS_OK && answer_.sequence == kRequests - 1 &&
                              (kind == TERN_LINK_MEMORY_READ || answer_.expected == kRequests);
        const double bytes = 1.0 * kRequests * TERN_LINK_MAX_PAYLOAD / (bench_.board.cycles() - begin);
        std::printf("link: %u %s of %u bytes, %.3f bytes of payload a cycle%s\n", kRequests,
                    kind == TERN_LINK_MEMORY_READ ? "reads" : "writes", TERN_LINK_MAX_PAYLOAD, bytes,
                    is_right ? "" : ", wrong");
        return is_right ? bytes : 0;
    }

  private:
    static constexpr unsigned kRequests = 256, kReads = 128;

    void ask(uint8_t kind, uint32_t sequence) {
        uint8_t bytes[TERN_LINK_MAX_FRAME_BYTES], stuffed[TERN_LINK_MAX_STUFFED_BYTES];
        request_.kind = kind;
        request_.sequence = sequence;
        const size_t size = tern_link_encode(&request_, bytes);
        if (TERN_LINK_STREAM) {
            bench_.board.feed(stuffed, tern_link_stuff(bytes, size, stuffed));
        } else {
            bench_.board.feed(bytes, size);
        }
    }

    // Takes the answers; the last one stays.
    void settle() {
        tern_link_unstuffer unstuffer{};
        bench_.board.settle();
        for (auto one = bench_.board.take_datagram(); !one.empty(); one = bench_.board.take_datagram()) {
            tern_link_decode(one.data(), one.size(), &answer_);
        }
        for (const uint8_t byte : bench_.board.take_stream()) {
            if (tern_link_unstuff(&unstuffer, byte)) {
                tern_link_decode(unstuffer.frame, unstuffer.size, &answer_);
            }
        }
    }

    Bench bench_;
    Random random_;
    tern_link_frame request_{}, answer_{};
};

} // namespace

int main(int argc, char **argv) {
    if (argc > 1 && std::string(argv[1]) == "rate") {
        static Requests requests;
        return !(requests.rate(TERN_LINK_MEMORY_WRITE) > 0.9 && requests.rate(TERN_LINK_MEMORY_READ) > 0.8);
    }
    const uint64_t frames = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 10000;
    const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1;
    const bool good =
        run(seed, 0, 0, frames / 10) && run(seed + 1, 30, 10, frames / 2) && run(seed + 2, 10, 100, frames * 2 / 5);
    return !good;
}
