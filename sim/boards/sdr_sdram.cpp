// SPDX-License-Identifier: Apache-2.0
#include "sim/boards/sdr_sdram.hpp"

namespace tern_bench {

namespace {

constexpr double kPowerUpNs = 200000, kTrcd = 21, kTrp = 21, kTras = 42, kTrc = 63, kTrrd = 14, kTrfc = 63;
constexpr double kTwr = 14, kRefreshNs = 64e6, kIntervalNs = kRefreshNs / 8192;
constexpr unsigned kModeCycles = 2, kAllBanks = 1u << 10, kFirstRefreshes = 2;
constexpr unsigned kPostponed = 8; // refreshes may be late by so many intervals
// LiteDRAM rounds the interval up to whole cycles: 313 of 25 ns, so that all rows take 64.1 ms.
constexpr double kRetentionNs = 1.005 * kRefreshNs + kPostponed * kIntervalNs;
constexpr double kLatency2Ns = 10; // the shortest cycle with a latency of 2

} // namespace

SdrSdram::SdrSdram(double cycle_ns)
    : cycle_ns_(cycle_ns), words_(size_t{kBanks} * kRows * kColumns), refresh_times_(kRows) {
    out_.fill(-1);
}

void SdrSdram::expect(bool rule, const char *sentence, unsigned bank) {
    if (!rule && broken_.empty()) {
        broken_ = "SDRAM, clock " + std::to_string(now_) + ", bank " + std::to_string(bank) + ": " + sentence;
    }
}

bool SdrSdram::since(uint64_t edge, double ns) const {
    return static_cast<double>(now_ - edge) * cycle_ns_ >= ns;
}

void SdrSdram::tick(const SdrPins &pins) {
    now_++;
    close_by_itself();
    if (pins.cke && !pins.cs_n) {
        command(pins);
    }
    move_data(pins);
}

void SdrSdram::command(const SdrPins &pins) {
    const unsigned code = pins.ras_n << 2 | pins.cas_n << 1 | pins.we_n;
    if (code == 7) {
        return;
    }
    expect(static_cast<double>(now_) * cycle_ns_ >= kPowerUpNs, "a command within 200 us of power-up");
    expect(mode_set_ == 0 || now_ - mode_set_ >= kModeCycles, "a command within 2 clocks of the mode register");
    expect(refreshes_ == 0 || since(refreshed_, kTrfc), "a command within tRFC of a refresh");
    switch (code) {
    case 0: set_mode(pins); break;
    case 1: refresh(); break;
    case 2: precharge(pins); break;
    case 3: activate(pins); break;
    case 4:
    case 5: access(pins, code == 4); break;
    default: reading_.words = writing_.words = 0;
    }
}

void SdrSdram::set_mode(const SdrPins &pins) {
    for (unsigned i = 0; i < kBanks; i++) {
        expect(!banks_[i].open && since(banks_[i].closed, kTrp), "the mode register is set while a row is open", i);
    }
    latency_ = pins.address >> 4 & 7;
    burst_words_ = 1u << (pins.address & 7);
    mode_set_ = now_;
    mode_refreshes_ = refreshes_; // the set-up does not refresh, and memory has no contents yet
    expect(latency_ == 2 || latency_ == 3, "the mode register has a latency that is neither 2 nor 3");
    expect(latency_ == 3 || cycle_ns_ >= kLatency2Ns, "a latency of 2 needs cycles of 10 ns");
    expect(burst_words_ <= 8, "the mode register has no burst length");
    latency_ = latency_ == 2 ? 2 : 3;
}

void SdrSdram::refresh() {
    for (unsigned i = 0; i < kBanks; i++) {
        expect(!banks_[i].open && since(banks_[i].closed, kTrp), "a refresh while a row is open", i);
    }
    refreshed_ = refresh_times_[refreshes_++ % kRows] = now_;
}

void SdrSdram::activate(const SdrPins &pins) {
    Bank &bank = banks_[pins.bank];
    expect(latency_ != 0 && refreshes_ >= kFirstRefreshes, "a row is opened before the chip is set up", pins.bank);
    expect(!bank.open, "a row is opened while one is open", pins.bank);
    expect(since(bank.closed, kTrp), "a row is opened within tRP of the precharge", pins.bank);
    expect(bank.activated == 0 || since(bank.activated, kTrc), "a row is opened within tRC of the last one", pins.bank);
    expect(activated_ == 0 || since(activated_, kTrrd), "a row is opened within tRRD of another bank's", pins.bank);
    expect(!since(refreshed_, (kPostponed + 1) * kIntervalNs), "no refresh for nine intervals", pins.bank);
    expect(refreshes_ - mode_refreshes_ < kRows || !since(refresh_times_[refreshes_ % kRows], kRetentionNs),
           "a row was not refreshed for 64 ms", pins.bank);
    bank.open = true;
    bank.row = pins.address;
    bank.activated = activated_ = now_;
}

void SdrSdram::access(const SdrPins &pins, bool is_write) {
    Bank &bank = banks_[pins.bank];
    expect(bank.open && bank.close_at == 0, is_write ? "a write to a closed row" : "a read of a closed row", pins.bank);
    expect(since(bank.activated, kTrcd), "a read or write within tRCD of the row's opening", pins.bank);
    reading_.words = writing_.words = 0; // the new burst ends that under way
    Burst &burst = is_write ? writing_ : reading_;
    burst = {burst_words_, pins.bank, pins.address & (kColumns - 1)};
    if (pins.address & kAllBanks) {
        bank.close_at = now_ + burst_words_ + (is_write ? static_cast<uint64_t>(kTwr / cycle_ns_) : 0);
    }
}

void SdrSdram::close(Bank &bank) {
    const unsigned number = static_cast<unsigned>(&bank - banks_.data());
    expect(!bank.open || since(bank.activated, kTras), "a row is closed within tRAS of its opening", number);
    expect(!bank.open || bank.written == 0 || since(bank.written, kTwr), "a row is closed within tWR of a write",
           number);
    bank.open = false;
    bank.close_at = 0;
    bank.closed = now_;
}

void SdrSdram::precharge(const SdrPins &pins) {
    for (unsigned i = 0; i < kBanks; i++) {
        if (pins.address & kAllBanks || pins.bank == i) {
            close(banks_[i]);
        }
    }
}

// Auto precharge waits for tRAS by itself.
void SdrSdram::close_by_itself() {
    for (Bank &bank : banks_) {
        if (bank.close_at && now_ >= bank.close_at && since(bank.activated, kTras) && since(bank.written, kTwr)) {
            close(bank);
        }
    }
}

// The word of a burst, which wraps around within its length.
size_t SdrSdram::next_word(Burst &burst) {
    const size_t word = (size_t{burst.bank} * kRows + banks_[burst.bank].row) * kColumns + burst.column;
    burst.column = (burst.column & ~(burst_words_ - 1)) | ((burst.column + 1) & (burst_words_ - 1));
    burst.words--;
    return word;
}

void SdrSdram::move_data(const SdrPins &pins) {
    if (writing_.words) {
        uint16_t &word = words_[next_word(writing_)];
        const uint16_t kept = static_cast<uint16_t>((pins.mask & 1 ? 0xff : 0) | (pins.mask & 2 ? 0xff00 : 0));
        word = static_cast<uint16_t>((word & kept) | (pins.data & ~kept));
        banks_[writing_.bank].written = now_;
        expect(pins.driven, "a write whose data nobody drives", writing_.bank);
    }
    if (reading_.words) {
        const unsigned bank = reading_.bank;
        out_[(now_ + latency_) % out_.size()] = static_cast<int32_t>(bank << 16 | words_[next_word(reading_)]);
    }
    int32_t &out = out_[now_ % out_.size()];
    const bool is_masked = masks_[now_ % 2] == 3; // two edges ago
    masks_[now_ % 2] = pins.mask;
    drives_ = out >= 0 && !is_masked;
    data_ = static_cast<uint16_t>(out);
    expect(!drives_ || !pins.driven, "board and chip drive the data pins at once", static_cast<unsigned>(out) >> 16);
    out = -1;
}

} // namespace tern_bench
