// SPDX-License-Identifier: Apache-2.0
// Back end `vp`: the SystemC virtual platform in this process. The firmware is the soft core's. The host reads and
// writes device memory directly, as over a separate link. Time passes only in advance().
#include "sim/devices/vp/platform.hpp"

#include <cstdio>
#include <memory>
#include <new>

#include "host_driver/device/backends.h"
#include "host_driver/device/memory.h"
#include "sim/devices/vp/verilated/mixed.hpp"
#include "sim/devices/vp/vp_control.h"

namespace {

using tern_vp::Context;
using tern_vp::Platform;

constexpr uint32_t kDefaultLatency = 60;

bool is_size(uint32_t count) {
    return count == 0 || count == 1 || count == 2 || count == 4;
}

// The SoC of so many lanes and vectors. Its ways are by default those of the build or of the RTL's variant
// (tern_soc.v).
tern_hardware hardware_of(const tern_backend_config &config) {
    const uint32_t lanes = config.lanes ? config.lanes : TERN_LANES;
    const uint32_t usual = lanes == TERN_LANES ? TERN_WAYS : lanes == 4 ? 16 : 8;
    const uint32_t ways = config.lacks_vector ? 0 : config.ways ? config.ways : usual;
    const uint32_t attention = config.lacks_attention ? 0 : 1;
    return {lanes, config.vectors ? config.vectors : TERN_VECTORS, ways, attention, TERN_MAX_GROUPS};
}

class VpDevice {
  public:
    VpDevice(const tern_memory &memory, const tern_backend_config &config)
        : memory_(memory), context_(new sc_core::sc_simcontext) {
        const tern_hardware hardware = hardware_of(config);
        const tern_vp_memory timing = {config.latency_cycles ? config.latency_cycles : kDefaultLatency,
                                       config.bandwidth_percent ? config.bandwidth_percent : 100,
                                       hardware.lanes * TERN_BEAT_BYTES,
                                       hardware.ways,
                                       0,
                                       0};
        const Context current(context_.get());
        platform_.reset(new Platform("vp", memory_.data, memory_.bytes, hardware, timing));
        platform_->matmul.block.engine = config.engine;
        platform_->vector.block.engine = config.engine;
        platform_->attention.block.engine = config.engine;
        // The core, which does a missing unit's work, checks what the others have computed.
        const bool is_whole = !config.lacks_vector && !config.lacks_attention;
        platform_->matmul.block.skips = config.times_only;
        platform_->vector.block.skips = platform_->attention.block.skips = config.times_only && is_whole;
    }
    ~VpDevice() {
        const Context current(context_.get());
        platform_.reset();
        tern_memory_release(&memory_);
    }
    // For what calls SystemC.
    template <class Function> auto with_platform(Function function) {
        const Context current(context_.get());
        return function(*platform_);
    }
    tern_memory &memory() {
        return memory_;
    }

  private:
    tern_memory memory_;
    std::unique_ptr<sc_core::sc_simcontext> context_;
    std::unique_ptr<Platform> platform_;
};

VpDevice &device_of(void *context) {
    return *static_cast<VpDevice *>(context);
}

enum tern_status access_register(void *context, bool is_write, uint32_t address, uint32_t *value,
                                 struct tern_error *error) {
    if (device_of(context).with_platform(
            [&](Platform &platform) { return platform.host_access(is_write, address, value); })) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_BUS_ERROR, "vp: no register at 0x%08x (%s)", address,
                          is_write ? "write" : "read");
}

enum tern_status register_read(void *context, uint32_t address, uint32_t *value, struct tern_error *error) {
    *value = 0;
    return access_register(context, false, address, value, error);
}

enum tern_status register_write(void *context, uint32_t address, uint32_t value, struct tern_error *error) {
    return access_register(context, true, address, &value, error);
}

enum tern_status memory_read(void *context, uint64_t address, void *data, size_t bytes, struct tern_error *) {
    tern_memory_read(&device_of(context).memory(), address, data, bytes);
    return TERN_STATUS_OK;
}

enum tern_status memory_write(void *context, uint64_t address, const void *data, size_t bytes, struct tern_error *) {
    tern_memory_write(&device_of(context).memory(), address, data, bytes);
    return TERN_STATUS_OK;
}

enum tern_status advance(void *context, uint64_t cycles, struct tern_error *error) {
    const std::string broken = device_of(context).with_platform([&](Platform &platform) {
        platform.advance(cycles);
        return platform.broken_rule();
    });
    return broken.empty()
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_DEVICE, "vp: a Verilated unit broke a rule: %s", broken.c_str());
}

uint64_t cycles(void *context) {
    return device_of(context).with_platform([](Platform &platform) { return platform.cycles(); });
}

void observe(void *context, tern_activity_receiver receiver, void *receiver_context) {
    device_of(context).with_platform([&](Platform &platform) { platform.observe({receiver, receiver_context}); });
}

void describe_trap(void *context, char *text, size_t bytes) {
    static const char *const causes[TERN_ISS_CAUSE_COUNT] = {"",
                                                             "an illegal instruction",
                                                             "ecall, argument",
                                                             "ebreak, argument",
                                                             "a misaligned load of",
                                                             "a misaligned store to",
                                                             "a misaligned jump to"};
    const tern_iss_state state =
        device_of(context).with_platform([](Platform &platform) { return platform.core.state(); });
    if (state.trap != TERN_ISS_NO_TRAP) {
        std::snprintf(text, bytes, "at pc 0x%08x, %s 0x%08x", state.pc, causes[state.trap], state.trap_address);
    }
}

void close_device(void *context) {
    delete &device_of(context);
}

} // namespace

extern "C" bool tern_vp_is_idle(struct tern_backend *backend) {
    return device_of(backend->context).with_platform([](Platform &platform) { return platform.is_idle(); });
}

extern "C" void tern_vp_set_fault(struct tern_backend *backend, const struct tern_device_fault *fault) {
    device_of(backend->context).with_platform([&](Platform &platform) { platform.set_fault(*fault); });
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// SystemC's threads switch stacks. AddressSanitizer's copies of stack frames do not follow.
extern "C" const char *__asan_default_options() {
    return "detect_stack_use_after_return=0";
}
#endif
#endif

// SystemC's library wants one, for its own main().
extern "C" int sc_main(int, char *[]) {
    return 0;
}

extern "C" enum tern_status tern_backend_open_vp(const struct tern_backend_config *config, struct tern_backend *backend,
                                                 struct tern_error *error) {
    if (config->waves_path) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "vp: writes no waveforms, rtl does");
    }
    if (!is_size(config->lanes) || !is_size(config->vectors)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "vp: %u lanes, %u vectors: a device has 1, 2 or 4 of each", config->lanes,
                              config->vectors);
    }
    if (config->stall_seed && !config->verilated) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "vp: its memory has no random stalls, those of rtl and of Verilated units have");
    }
    struct tern_memory memory;
    TERN_TRY(tern_memory_reserve("vp", config->memory_bytes, error, &memory));
    std::unique_ptr<VpDevice> device(new VpDevice(memory, *config));
    if (!device->with_platform([](Platform &platform) { return platform.is_good(); })) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "vp: no host memory");
    }
    TERN_TRY(device->with_platform([&](Platform &platform) { return set_verilated(*config, platform, error); }));
    *backend = tern_backend{};
    backend->name = "vp";
    backend->memory_base = TERN_DEVICE_MEMORY_BASE;
    backend->memory_bytes = memory.bytes;
    backend->has_boot_memory = true;
    backend->is_simulated = true;
    backend->has_clock = true;
    backend->times_only = config->times_only;
    backend->context = device.release();
    backend->register_read = register_read;
    backend->register_write = register_write;
    backend->memory_read = memory_read;
    backend->memory_write = memory_write;
    backend->advance = advance;
    backend->cycles = cycles;
    backend->observe = observe;
    backend->describe_trap = describe_trap;
    backend->close = close_device;
    return TERN_STATUS_OK;
}
