// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/verilated/verilated_unit.hpp"

#include "Vtern_attention_unit.h"
#include "Vtern_matmul_unit.h"
#include "Vtern_vector_unit.h"
#include "sim/lib/axi_memory.hpp"
#include "sim/rules/rules.hpp"

namespace tern_vp {

namespace {

constexpr unsigned kResetCycles = 8;

template <class Top> class VerilatedModel final : public VerilatedUnit {
  public:
    VerilatedModel(const std::string &name, const tern_bench::AxiMemoryConfig &config)
        : VerilatedUnit(name), config_(config), top_(name.c_str()), axi_(TERN_AXI_PORTS(top_, m_axi_)) {
        axi_.configure(config);
        top_.rst_n = 0;
        for (unsigned i = 0; i < kResetCycles; i++) {
            tick();
        }
        top_.rst_n = 1;
        tick();
    }
    ~VerilatedModel() override {
        top_.final();
    }
    void map(uint64_t base, uint8_t *data, uint64_t bytes) override {
        axi_.map(base, data, bytes);
    }
    void set_faults(uint64_t error_base, uint64_t error_bytes, bool hangs) override {
        tern_bench::AxiMemoryConfig config = config_;
        config.error_base = error_base;
        config.error_bytes = error_bytes;
        config.hang_after_read_beats = hangs ? 0 : config.hang_after_read_beats;
        axi_.configure(config);
    }
    uint64_t read_beats() const override {
        return axi_.read_beats();
    }
    uint64_t written_beats() const override {
        return axi_.write_beats();
    }
    std::string broken_port() const override {
        return axi_.violations() ? name_ + ": " + axi_.first_violation() : tern_bench::first_broken_rule();
    }

  private:
    bool is_idle() const override {
        return top_.idle;
    }
    void tick() override {
        axi_.tick(top_);
    }
    bool access(bool is_write, uint32_t offset, uint32_t *value) override {
        top_.access = 1;
        top_.write = is_write;
        top_.address = offset;
        top_.write_data = *value;
        top_.eval();
        const bool is_ready = top_.ready;
        *value = top_.read_data;
        tick();
        top_.access = top_.write = 0;
        return is_ready;
    }
    void set_window(tern_window window) override {
        top_.window_base = window.base;
        top_.window_bytes = window.bytes;
    }

    tern_bench::AxiMemoryConfig config_;
    Top top_;
    tern_bench::AxiMemory<TERN_LANES * TERN_BEAT_BYTES> axi_;
};

} // namespace

std::unique_ptr<VerilatedUnit> make_verilated_unit(const std::string &name, const tern_bench::AxiMemoryConfig &config) {
#define TERN_VP_MAKE(unit)                                                                                             \
    if (name == #unit) {                                                                                               \
        return std::make_unique<VerilatedModel<Vtern_##unit##_unit>>(name, config);                                    \
    }
    TERN_VP_VERILATED_LIST(TERN_VP_MAKE)
#undef TERN_VP_MAKE
    return nullptr;
}

} // namespace tern_vp
