// SPDX-License-Identifier: Apache-2.0
// rtl.dma compares the DMA engine, scratch memory and the AXI4 edge with the C model's unit, one register write at a
// time. It runs copies of any length and alignment, refused ones, memory errors, and aborts. Memory takes the channels
// in each legal order. During half of the copies every register and the window are written. These values are for the
// next copy.
//   dma_bench [COPIES [SEED]]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "Vtern_dma_bench.h"
extern "C" {
#include "cmodel/device/dma.h"
}
#include "sim/lib/axi_memory.hpp"
#include "sim/lib/register_port.hpp"
#include "sim/rules/rules.hpp"

using namespace tern_bench;

namespace {

constexpr unsigned kBeatBytes = 16 * TERN_BENCH_LANES;
constexpr uint64_t kBase = 0x3'0000'0000;
constexpr uint64_t kBytes = 160 * 1024;
constexpr unsigned kHangCycles = 200000;

struct Register {
    uint32_t offset;
    bool captured;
};

// Registers of other units are as if they were not captured.
constexpr Register kRegisters[] = {
#define ROW(block, name, offset, access, bits, captured, vectors)                                                      \
    {offset, captured && TERN_BLOCK_##block == TERN_BLOCK_DMA},
    TERN_REGISTER_LIST(ROW)};

class Bench {
  public:
    explicit Bench(uint64_t seed);
    ~Bench() {
        top_.final();
    }
    void copy();
    void compare_all();
    unsigned failures() const {
        return failures_;
    }

  private:
    void check(bool good, const std::string &what);
    void tick();
    void write(uint32_t offset, uint32_t value);
    uint32_t read(uint32_t offset);
    uint32_t scratch_word(uint32_t word);
    void draw_memory();
    void draw_registers();
    void write_all();
    void start();
    void end(uint32_t control, bool aborts);
    void follow_partial(bool to_device);
    void compare_scratch(uint32_t from, uint32_t to);
    uint64_t pair(uint32_t offset) {
        const uint64_t low = read(offset);
        return low | static_cast<uint64_t>(read(offset + 4)) << 32;
    }

    Random random_;
    Vtern_dma_bench top_;
    AxiMemory<kBeatBytes> memory_;
    std::vector<uint8_t> data_, model_data_, scratch_;
    struct tern_bus_memory model_memory_ = {};
    struct tern_dma_unit model_ = {};
    struct tern_window window_ = {};
    unsigned failures_ = 0, copies_ = 0;
    uint64_t beats_ = 0, busy_cycles_ = 0;
};

Bench::Bench(uint64_t seed)
    : random_(seed), memory_(TERN_AXI_PORTS(top_, m_axi_)), data_(kBytes), scratch_(TERN_SCRATCH_BYTES) {
    for (uint8_t &byte : data_) {
        byte = static_cast<uint8_t>(random_.bits32());
    }
    model_data_ = data_;
    model_memory_.base = kBase;
    model_memory_.bytes = kBytes;
    model_memory_.data = model_data_.data();
    memory_.map(kBase, data_.data(), data_.size());
    tern_dma_unit_reset(&model_, &model_memory_, scratch_.data());
    top_.rst_n = 0;
    tick();
    tick();
    top_.rst_n = 1;
    tick();
    for (uint32_t word = 0; word < TERN_SCRATCH_BYTES / 4; word++) {
        top_.core_strobe = 15;
        top_.core_word = word;
        top_.core_write = random_.bits32();
        std::memcpy(&scratch_[4 * word], &top_.core_write, 4);
        tick();
    }
    top_.core_strobe = 0;
}

void Bench::check(bool good, const std::string &what) {
    if (!good && failures_++ < 5) {
        const AxiMemoryConfig &config = memory_.config();
        std::printf("FAIL dma, %d lanes, copy %u: %s (write order %d, done %d)\n", TERN_BENCH_LANES, copies_,
                    what.c_str(), static_cast<int>(config.write_order), static_cast<int>(config.done_time));
    }
}

void Bench::tick() {
    memory_.tick(top_, [this] { busy_cycles_ += !top_.idle; });
    check(!memory_.violations(), memory_.first_violation());
    check(!broken_rules(), first_broken_rule());
}

// Writes a register of hardware and model at once. The model has no time.
void Bench::write(uint32_t offset, uint32_t value) {
    write_register(top_, offset, value, [this] { tick(); });
    tern_dma_unit_write(&model_, offset, value, window_);
}

uint32_t Bench::read(uint32_t offset) {
    return read_register(top_, offset);
}

uint32_t Bench::scratch_word(uint32_t word) {
    top_.core_word = word;
    tick();
    tick();
    return top_.core_read;
}

void Bench::draw_memory() {
    AxiMemoryConfig config;
    draw_orders(random_, config);
    config.seed = random_.bits64();
    config.latency_cycles = random_.percent(50) ? 0 : random_.below(60);
    config.latency_jitter_cycles = random_.percent(50) ? 0 : random_.below(40);
    config.stall_percent = random_.percent(50) ? 0 : random_.below(70);
    if (random_.percent(20)) {
        // The range has whole beats, because the model compares the bytes of the copy and hardware its beats.
        config.error_base = kBase + random_.below(kBytes / 64) * 64;
        config.error_bytes = 64 * (1 + random_.below(20));
        config.error_response = static_cast<uint8_t>(2 + random_.below(2));
    }
    memory_.configure(config);
    model_memory_.error_base = config.error_base;
    model_memory_.error_bytes = config.error_bytes;
    window_.base = kBase + (random_.percent(50) ? 0 : 64 * random_.below(40));
    window_.bytes = kBytes - (window_.base - kBase) - (random_.percent(50) ? 0 : 64 * random_.below(40));
    top_.window_base = window_.base;
    top_.window_bytes = window_.bytes;
}

// Draws mostly a valid copy, else any values.
void Bench::draw_registers() {
    const uint32_t longest = random_.percent(50) ? 40 : random_.percent(70) ? 3000 : TERN_SCRATCH_BYTES;
    uint32_t bytes = 4 * (1 + random_.below(longest / 4));
    uint32_t local = 4 * random_.below((TERN_SCRATCH_BYTES - bytes) / 4 + 1);
    uint64_t address = window_.base + 16 * random_.below(static_cast<uint32_t>(window_.bytes / 16)) + local % 16;
    if (random_.percent(20)) {
        address = window_.base + window_.bytes - bytes; // to the window's end
        local = (local & ~15u) + address % 16;
    }
    if (random_.percent(10)) {
        local = TERN_SCRATCH_BYTES - bytes; // to the end of scratch memory
        address = (address & ~uint64_t{15}) + local % 16;
    }
    if (random_.percent(3)) {
        bytes += random_.below(70000);
    }
    if (random_.percent(3)) {
        local ^= 1u << random_.below(32);
    }
    if (random_.percent(3)) {
        address ^= uint64_t{1} << random_.below(64);
    }
    write(TERN_DMA_REG_ADDRESS_LO, static_cast<uint32_t>(address));
    write(TERN_DMA_REG_ADDRESS_HI, static_cast<uint32_t>(address >> 32));
    write(TERN_DMA_REG_LOCAL, local);
    write(TERN_DMA_REG_LENGTH, bytes);
}

// The registers that a copy takes at its start, and the window.
void Bench::write_all() {
    window_.base = random_.bits64();
    window_.bytes = random_.bits64();
    top_.window_base = window_.base;
    top_.window_bytes = window_.bytes;
    const size_t count = sizeof kRegisters / sizeof *kRegisters, first = random_.below(count);
    for (size_t i = 0; i < count; i++) {
        const Register &r = kRegisters[(first + i) % count];
        if (r.captured) {
            write(r.offset, random_.percent(50) ? random_.bits32() : 0);
        }
    }
}

void Bench::compare_scratch(uint32_t from, uint32_t to) {
    for (uint32_t word = from / 4; word < (to + 3) / 4 && word < TERN_SCRATCH_BYTES / 4; word++) {
        uint32_t expected;
        std::memcpy(&expected, &scratch_[4 * word], 4);
        check(scratch_word(word) == expected, "scratch memory differs at word " + std::to_string(word));
    }
}

void Bench::compare_all() {
    check(data_ == model_data_, "device memory differs");
    compare_scratch(0, TERN_SCRATCH_BYTES);
}

// A copy that ended early has moved some of its words. Each has its old or its new value.
void Bench::follow_partial(bool to_device) {
    const struct tern_dma_copy &copy = model_.copy;
    for (uint32_t i = 0; i < copy.bytes; i += 4) {
        uint8_t *remote = &data_[copy.address - kBase + i], *model_remote = &model_data_[copy.address - kBase + i];
        uint8_t *local = &scratch_[copy.local + i];
        if (to_device) {
            check(!std::memcmp(remote, model_remote, 4) || !std::memcmp(remote, local, 4), "an ended copy wrote else");
            std::memcpy(model_remote, remote, 4);
            continue;
        }
        const uint32_t word = scratch_word((copy.local + i) / 4);
        check(!std::memcmp(&word, local, 4) || !std::memcmp(&word, remote, 4), "an ended copy brought else");
        std::memcpy(local, &word, 4);
    }
}

// Waits for the end of the copy and compares everything with the model.
void Bench::end(uint32_t control, bool aborts) {
    unsigned cycles = 0;
    const unsigned abort_at = aborts ? random_.below(300) : kHangCycles;
    while (TERN_FIELD_GET(DMA_STATUS_BUSY, read(TERN_DMA_REG_STATUS)) && failures_ == 0) {
        check(!top_.idle, "idle during a copy");
        check(read(TERN_DMA_REG_STATUS) == TERN_DMA_STATUS_BUSY_MASK, "STATUS has a code during a copy");
        if (cycles == abort_at) {
            top_.access = top_.write = 1;
            top_.address = TERN_DMA_REG_CONTROL;
            top_.write_data = TERN_FIELD_PUT(DMA_CONTROL_ABORT, 1);
        }
        tick();
        top_.access = top_.write = 0;
        check(++cycles < kHangCycles, "hangs");
    }
    check(top_.idle, "not idle after a copy");
    const uint32_t status = read(TERN_DMA_REG_STATUS);
    const bool aborted = TERN_FIELD_GET(DMA_STATUS_CODE, status) == TERN_STATUS_TIMEOUT;
    check(!aborted || cycles > abort_at, "ended by an abort that was not asked for");
    if (aborted) {
        tern_dma_unit_write(&model_, TERN_DMA_REG_CONTROL, TERN_FIELD_PUT(DMA_CONTROL_ABORT, 1), window_);
    }
    tern_dma_unit_step(&model_);
    char text[200];
    std::snprintf(text, sizeof text, "status %08x, model's %08x (address %llx, local %x, %u bytes)", status,
                  tern_dma_unit_read(&model_, TERN_DMA_REG_STATUS),
                  static_cast<unsigned long long>(model_.copy.address), model_.copy.local, model_.copy.bytes);
    check(status == tern_dma_unit_read(&model_, TERN_DMA_REG_STATUS), text);
    const struct tern_dma_copy &copy = model_.copy;
    const unsigned code = TERN_FIELD_GET(DMA_STATUS_CODE, status);
    const uint64_t beats = (copy.address % kBeatBytes + copy.bytes + kBeatBytes - 1) / kBeatBytes;
    const uint64_t moved = pair(TERN_DMA_REG_BEATS_LO) - beats_;
    const bool refused = code == TERN_STATUS_BAD_LENGTH || code == TERN_STATUS_BAD_ADDRESS;
    check(refused ? moved == 0 : code == TERN_STATUS_OK ? moved == beats : moved <= beats, "BEATS is wrong");
    beats_ += moved;
    check(pair(TERN_DMA_REG_CYCLES_LO) == busy_cycles_, "CYCLES is wrong");
    const bool inside = tern_range_holds(kBase, kBytes, copy.address, copy.bytes) &&
                        tern_range_holds(0, TERN_SCRATCH_BYTES, copy.local, copy.bytes);
    if (inside && (code == TERN_STATUS_BUS_ERROR || aborted)) {
        follow_partial(control == TERN_FIELD_PUT(DMA_CONTROL_TO_DEVICE, 1));
    }
    if (inside) {
        compare_scratch(copy.local > 64 ? copy.local - 64 : 0, copy.local + copy.bytes + 64);
    }
    check(data_ == model_data_, "device memory differs");
}

void Bench::copy() {
    copies_++;
    draw_memory();
    if (random_.percent(90)) {
        draw_registers(); // else the registers keep their values
    }
    const uint32_t control =
        random_.percent(50) ? TERN_FIELD_PUT(DMA_CONTROL_TO_DEVICE, 1) : TERN_FIELD_PUT(DMA_CONTROL_TO_SCRATCH, 1);
    write(TERN_DMA_REG_CONTROL, control);
    if (random_.percent(10)) {
        write(TERN_DMA_REG_CONTROL, control); // during a copy this has no effect
    }
    if (random_.percent(50)) {
        write_all();
    }
    end(control, random_.percent(10));
}

} // namespace

int main(int argc, char **argv) {
    const unsigned copies = argc > 1 ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 0)) : 1000;
    Bench bench(argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1);
    for (unsigned i = 0; i < copies && bench.failures() == 0; i++) {
        bench.copy();
        if (i % 100 == 99) {
            bench.compare_all();
        }
    }
    std::printf("dma, %d lanes: %u copies, %u failures\n", TERN_BENCH_LANES, copies, bench.failures());
    return bench.failures() != 0;
}
