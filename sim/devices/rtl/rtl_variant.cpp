// SPDX-License-Identifier: Apache-2.0
// A variant of back end `rtl`: the Verilated SoC in this process. Registers are accessed through its AXI4-Lite port,
// cycle by cycle. Device memory is an AXI memory with set latency and bandwidth. The host reads and writes it directly,
// as over a separate link. Time passes only here.
#include <cstring>
#include <memory>

#include "Vtern_soc.h"
#include "host_driver/device/memory.h"
#include "sim/devices/axi_config.hpp"
#include "sim/lib/axi_memory.hpp"
#include "sim/rules/rules.hpp"
#include "sim/devices/rtl/activity.hpp"
#include "sim/devices/rtl/rtl_variant.h"
#ifdef TERN_RTL_WAVES
#include "verilated_fst_c.h"
#endif
#ifdef TERN_RTL_CONTROLLER
#include "sim/memory/controller/controller_memory.hpp"
#endif

namespace {

#ifdef TERN_RTL_CONTROLLER
constexpr bool kHasController = true;
using ControllerMemory = tern_bench::ControllerMemory;
#else
constexpr bool kHasController = false;
class ControllerMemory { // never made
  public:
    ControllerMemory(const tern_bench::AxiPorts &, uint64_t, uint8_t *, uint64_t) {
    }
    template <class Top, class Settled> void tick(Top &, Settled) {
    }
};
#endif

// A waveform of the whole SoC, two time steps a cycle. A build without TERN_WAVES has none.
class Waves {
  public:
#ifdef TERN_RTL_WAVES
    static constexpr bool kIsBuiltIn = true;
    bool open(Vtern_soc &top, const char *path) {
        Verilated::traceEverOn(true);
        top.trace(&file_, 99);
        file_.open(path);
        return file_.isOpen();
    }
    void dump(uint64_t time) {
        if (file_.isOpen()) {
            file_.dump(time);
        }
    }
    ~Waves() {
        file_.close();
    }

  private:
    VerilatedFstC file_;
#else
    static constexpr bool kIsBuiltIn = false;
    bool open(Vtern_soc &, const char *) {
        return false;
    }
    void dump(uint64_t) {
    }
#endif
};

constexpr unsigned kRegisterLimitCycles = 100000;
constexpr unsigned kIdleCheckCycles = 64;
constexpr unsigned kResetCycles = 8;

// The context of the back end is the base.
class RtlDevice : public tern_rtl_context {
  public:
    RtlDevice(const tern_memory &memory, const tern_backend_config &config)
        : tern_rtl_context{&tern_rtl_variant}, memory_(memory), axi_config_(tern_bench::axi_config_of(config)),
          axi_(TERN_AXI_PORTS(top_, m_axi_)) {
        axi_.map(TERN_DEVICE_MEMORY_BASE, memory_.data, memory_.bytes);
        axi_.configure(axi_config_);
        if (config.memory) {
            controller_.reset(new ControllerMemory(TERN_AXI_PORTS(top_, m_axi_), TERN_DEVICE_MEMORY_BASE, memory_.data,
                                                   memory_.bytes));
        }
    }
    ~RtlDevice() {
        top_.final();
        tern_memory_release(&memory_);
    }

    // The waveform begins at set_waves().
    bool open_waves(const char *path) {
        return waves_.open(top_, path);
    }
    void set_waves(uint64_t cycles) {
        wave_cycles_ = cycles;
    }
    Activity &activity() {
        return activity_;
    }

    void reset(bool with_memory) {
        top_.rst_n = 0;
        top_.m_axi_rst_n = !with_memory;
        top_.s_axil_awvalid = top_.s_axil_wvalid = top_.s_axil_arvalid = 0;
        for (unsigned i = 0; i < kResetCycles; i++) {
            cycle();
        }
        top_.rst_n = top_.m_axi_rst_n = 1;
        cycle();
    }

    void cycle() {
        cycles_++;
        if (controller_) {
            controller_->tick(top_, [this] { settled(); });
        } else {
            axi_.tick(top_, [this] { settled(); });
        }
        if (wave_cycles_) {
            wave_cycles_--;
            waves_.dump(2 * cycles_ + 1);
        }
    }

    // The port's handshakes are combinational, so they are read before the edge.
    bool read(uint32_t address, uint32_t *value) {
        top_.s_axil_araddr = address;
        top_.s_axil_arvalid = 1;
        top_.s_axil_rready = 1;
        for (unsigned i = 0; i < kRegisterLimitCycles; i++) {
            top_.clk = 0;
            top_.eval();
            const bool taken = top_.s_axil_arvalid && top_.s_axil_arready;
            const bool answered = top_.s_axil_rvalid;
            const uint32_t data = top_.s_axil_rdata;
            const unsigned response = top_.s_axil_rresp;
            cycle();
            if (taken) {
                top_.s_axil_arvalid = 0;
            }
            if (answered) {
                *value = data;
                return response == 0;
            }
        }
        return false;
    }

    bool write(uint32_t address, uint32_t value) {
        top_.s_axil_awaddr = address;
        top_.s_axil_wdata = value;
        top_.s_axil_wstrb = 15;
        top_.s_axil_awvalid = top_.s_axil_wvalid = 1;
        top_.s_axil_bready = 1;
        for (unsigned i = 0; i < kRegisterLimitCycles; i++) {
            top_.clk = 0;
            top_.eval();
            const bool taken = top_.s_axil_awvalid && top_.s_axil_awready;
            const bool answered = top_.s_axil_bvalid;
            const unsigned response = top_.s_axil_bresp;
            cycle();
            if (taken) {
                top_.s_axil_awvalid = top_.s_axil_wvalid = 0;
            }
            if (answered) {
                return response == 0;
            }
        }
        return false;
    }

    // The clock of an idle device stops, at most kIdleCheckCycles late.
    void advance(uint64_t cycles) {
        for (uint64_t i = 0; i < cycles; i++) {
            if (i && i % kIdleCheckCycles == 0 && top_.idle) {
                return;
            }
            cycle();
        }
    }

    void set_faults(const tern_rtl_faults *faults) {
        tern_bench::AxiMemoryConfig config = axi_config_;
        if (faults) {
            config.error_base = faults->error_base;
            config.error_bytes = faults->error_bytes;
            config.hang_after_read_beats = faults->hang_after_read_beats;
            config.hang_after_write_beats = faults->hang_after_write_beats;
        }
        axi_.configure(config);
    }

    void set_orders(unsigned write_order, unsigned done_time) {
        axi_config_.write_order = static_cast<tern_bench::WriteOrder>(write_order);
        axi_config_.done_time = static_cast<tern_bench::DoneTime>(done_time);
        axi_.configure(axi_config_);
    }

    uint64_t cycles() const {
        return cycles_;
    }
    bool is_idle() const {
        return top_.idle;
    }
    void set_clocks_on(bool on) {
        top_.clocks_on = on;
    }

    tern_memory *memory() {
        return &memory_;
    }
    // The first rule that the hardware or this memory broke. Empty: none.
    const std::string &violation() const {
        return axi_.violations() ? axi_.first_violation() : tern_bench::first_broken_rule();
    }

  private:
    void settled() {
        activity_.sample(top_);
        if (wave_cycles_) {
            waves_.dump(2 * cycles_);
        }
    }

    tern_memory memory_;
    uint64_t cycles_ = 0, wave_cycles_ = 0;
    Vtern_soc top_;
    Waves waves_;
    Activity activity_;
    tern_bench::AxiMemoryConfig axi_config_;
    tern_bench::AxiMemory<TERN_RTL_LANES * TERN_BEAT_BYTES> axi_;
    std::unique_ptr<ControllerMemory> controller_; // in place of axi_
};

RtlDevice *device_of(void *context) {
    return static_cast<RtlDevice *>(static_cast<tern_rtl_context *>(context));
}

enum tern_status register_read(void *context, uint32_t address, uint32_t *value, struct tern_error *error) {
    if (device_of(context)->read(address, value)) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_BUS_ERROR, "rtl: register 0x%08x cannot be read", address);
}

enum tern_status register_write(void *context, uint32_t address, uint32_t value, struct tern_error *error) {
    if (device_of(context)->write(address, value)) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_BUS_ERROR, "rtl: register 0x%08x cannot be written", address);
}

enum tern_status memory_read(void *context, uint64_t address, void *data, size_t bytes, struct tern_error *) {
    tern_memory_read(device_of(context)->memory(), address, data, bytes);
    return TERN_STATUS_OK;
}

enum tern_status memory_write(void *context, uint64_t address, const void *data, size_t bytes, struct tern_error *) {
    tern_memory_write(device_of(context)->memory(), address, data, bytes);
    return TERN_STATUS_OK;
}

enum tern_status advance(void *context, uint64_t cycles, struct tern_error *error) {
    device_of(context)->advance(cycles);
    if (device_of(context)->violation().empty()) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_BAD_DEVICE, "rtl: a rule of a port was broken: %s",
                          device_of(context)->violation().c_str());
}

uint64_t cycles_of(void *context) {
    return device_of(context)->cycles();
}

void observe(void *context, tern_activity_receiver receiver, void *receiver_context) {
    device_of(context)->activity().observe(receiver, receiver_context);
}

void set_waves(void *context, uint64_t cycles) {
    device_of(context)->set_waves(cycles);
}

void close_device(void *context) {
    delete device_of(context);
}

void set_faults(void *context, const struct tern_rtl_faults *faults) {
    device_of(context)->set_faults(faults);
}

void set_orders(void *context, unsigned write_order, unsigned done_time) {
    device_of(context)->set_orders(write_order, done_time);
}

void reset(void *context) {
    device_of(context)->reset(false);
}

bool is_idle(void *context) {
    return device_of(context)->is_idle();
}

void set_clocks_on(void *context, bool on) {
    device_of(context)->set_clocks_on(on);
}

static_assert(TERN_RTL_WRITE_ORDERS == static_cast<unsigned>(tern_bench::WriteOrder::count) &&
              TERN_RTL_DONE_TIMES == static_cast<unsigned>(tern_bench::DoneTime::count));

enum tern_status open_waves(const struct tern_backend_config *config, RtlDevice *device, struct tern_error *error) {
    if (!device->open_waves(config->waves_path)) {
        return tern_error_set(error, TERN_STATUS_IO, "rtl: waveform %s cannot be written", config->waves_path);
    }
    device->set_waves(config->waves_later ? 0 : UINT64_MAX);
    return TERN_STATUS_OK;
}

enum tern_status check_memory(const struct tern_backend_config *config, struct tern_error *error) {
    if (!config->memory) {
        return TERN_STATUS_OK;
    }
    if (strcmp(config->memory, "litedram") != 0) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "rtl: no memory %.40s; there is litedram",
                              config->memory);
    }
    if (config->latency_cycles || config->bandwidth_percent || config->stall_seed) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "rtl: memory litedram has its own latency and bandwidth: leave those options out");
    }
    if (!kHasController) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "rtl: this device has no memory litedram: a build of one lane has it, if "
                              "tools/make_controller ulx3s works before tools/build");
    }
    return TERN_STATUS_OK;
}

enum tern_status open(const struct tern_backend_config *config, struct tern_backend *backend,
                      struct tern_error *error) {
    TERN_TRY(check_memory(config, error));
    if (config->waves_path && !Waves::kIsBuiltIn) {
        return tern_error_set(
            error, TERN_STATUS_UNSUPPORTED,
            "rtl: this build writes no waveforms: tools/build waves makes build/waves/tern, which does");
    }
    struct tern_memory memory;
    TERN_TRY(tern_memory_reserve("rtl", config->memory_bytes, error, &memory));
    std::unique_ptr<RtlDevice> device(new RtlDevice(memory, *config));
    TERN_TRY(config->waves_path ? open_waves(config, device.get(), error) : TERN_STATUS_OK);
    device->reset(true);
    *backend = tern_backend{};
    backend->name = "rtl";
    backend->memory_base = TERN_DEVICE_MEMORY_BASE;
    backend->memory_bytes = memory.bytes;
    backend->has_boot_memory = true;
    backend->is_simulated = true;
    backend->has_clock = true;
    backend->context = static_cast<tern_rtl_context *>(device.release());
    backend->register_read = register_read;
    backend->register_write = register_write;
    backend->memory_read = memory_read;
    backend->memory_write = memory_write;
    backend->advance = advance;
    backend->cycles = cycles_of;
    backend->observe = observe;
    backend->waves = config->waves_path ? set_waves : nullptr;
    backend->close = close_device;
    return TERN_STATUS_OK;
}

} // namespace

extern "C" const struct tern_sources tern_rtl_sources; // tern_sources() of tools/cmake

extern "C" __attribute__((visibility("default")))
const struct tern_rtl_variant tern_rtl_variant = {sizeof(struct tern_rtl_variant),
                                                  sizeof(struct tern_backend),
                                                  sizeof(struct tern_backend_config),
                                                  TERN_SPEC_HASH,
                                                  &tern_rtl_sources,
                                                  TERN_RTL_LANES,
                                                  TERN_RTL_VECTORS,
                                                  open,
                                                  set_faults,
                                                  set_orders,
                                                  reset,
                                                  is_idle,
                                                  set_clocks_on};
