// SPDX-License-Identifier: Apache-2.0
// An SDR SDRAM chip of 4 banks, 8192 rows, 1024 columns and 16 bits, at its pins. It keeps the rules of its data sheet
// and says in a sentence which one was broken first. Times are those of speed grade 7.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace tern_bench {

struct SdrPins {
    bool cke, cs_n, ras_n, cas_n, we_n;
    unsigned bank, address, mask;
    uint16_t data;
    bool driven; // the board drives the data pins
};

class SdrSdram {
  public:
    explicit SdrSdram(double cycle_ns);

    // A rising edge of the chip's clock.
    void tick(const SdrPins &pins);
    // What the chip has on the data pins until the next edge; `drives` is false when it leaves them alone.
    bool drives() const {
        return drives_;
    }
    uint16_t data() const {
        return data_;
    }
    // The first rule that was broken; empty: none.
    const std::string &broken() const {
        return broken_;
    }
    uint64_t refreshes() const {
        return refreshes_;
    }

  private:
    struct Bank {
        bool open = false;
        unsigned row = 0;
        uint64_t activated = 0; // edges
        uint64_t written = 0;   // last word
        uint64_t closed = 0;    // precharge began
        uint64_t close_at = 0;  // auto precharge; 0: none
    };
    struct Burst {
        unsigned words = 0; // left
        unsigned bank = 0;
        unsigned column = 0;
    };

    void command(const SdrPins &pins);
    void activate(const SdrPins &pins);
    void access(const SdrPins &pins, bool is_write);
    void precharge(const SdrPins &pins);
    void close(Bank &bank);
    void refresh();
    void set_mode(const SdrPins &pins);
    void move_data(const SdrPins &pins);
    void close_by_itself();
    void expect(bool rule, const char *sentence, unsigned bank = 0);
    bool since(uint64_t edge, double ns) const;
    size_t next_word(Burst &burst);

    static constexpr unsigned kBanks = 4, kRows = 8192, kColumns = 1024, kMostLatency = 3;

    double cycle_ns_;
    uint64_t now_ = 0; // edges
    std::array<Bank, kBanks> banks_;
    std::vector<uint16_t> words_;
    unsigned latency_ = 0, burst_words_ = 0; // of the mode register; 0: not set
    uint64_t mode_set_ = 0, activated_ = 0, refreshed_ = 0, refreshes_ = 0, mode_refreshes_ = 0;
    std::vector<uint64_t> refresh_times_;
    Burst reading_, writing_;
    // What comes out at the edges to come, and the masks of the last edges.
    std::array<int32_t, kMostLatency + 1> out_;
    std::array<unsigned, 2> masks_{};
    bool drives_ = false;
    uint16_t data_ = 0;
    std::string broken_;
};

} // namespace tern_bench
