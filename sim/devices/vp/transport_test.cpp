// SPDX-License-Identifier: Apache-2.0
// Responses of the TLM targets to payloads that neither core nor host send, and direct memory. The table of docs/vp.md
// has them.
#include <cstdio>

#include <tlm_utils/simple_initiator_socket.h>

#include "sim/devices/vp/memory.hpp"
#include "sim/devices/vp/system.hpp"

namespace {

constexpr uint64_t kBase = 0x1000, kBytes = 256, kErrorsAt = 64, kErrorBytes = 32;

struct Initiator : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<Initiator> registers{"registers"}, memory{"memory"};
    explicit Initiator(sc_core::sc_module_name name) : sc_module(name) {
    }
};

// An access, and what comes of it.
struct Access {
    const char *what;
    uint64_t address;
    unsigned bytes;
    bool has_enables; // of which the last byte is disabled
    tlm::tlm_response_status expected;
};

unsigned char data[16];
unsigned char enables[4] = {TLM_BYTE_ENABLED, TLM_BYTE_ENABLED, TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};

void set_read(tlm::tlm_generic_payload &payload, const Access &access) {
    payload.set_read();
    payload.set_address(access.address);
    payload.set_data_ptr(data);
    payload.set_data_length(access.bytes);
    payload.set_streaming_width(access.bytes);
    payload.set_byte_enable_ptr(access.has_enables ? enables : nullptr);
    payload.set_byte_enable_length(access.has_enables ? sizeof enables : 0);
}

int wrong(const char *what, bool is_right) {
    if (!is_right) {
        std::printf("vp.transport: %s\n", what);
    }
    return !is_right;
}

template <class Socket, size_t count> int check_all(Socket &socket, const Access (&accesses)[count]) {
    int failures = 0;
    for (const Access &access : accesses) {
        tlm::tlm_generic_payload payload;
        set_read(payload, access);
        sc_core::sc_time delay;
        socket->b_transport(payload, delay);
        failures += wrong(access.what, payload.get_response_status() == access.expected);
    }
    return failures;
}

int check_registers(Initiator &initiator) {
    const Access accesses[] = {{"a register", TERN_SYSTEM_REG_ID, 4, false, tlm::TLM_OK_RESPONSE},
                               {"two registers", TERN_SYSTEM_REG_ID, 8, false, tlm::TLM_BURST_ERROR_RESPONSE},
                               {"half a register", TERN_SYSTEM_REG_ID, 2, false, tlm::TLM_BURST_ERROR_RESPONSE},
                               {"beside a register", TERN_SYSTEM_REG_ID + 2, 4, false, tlm::TLM_BURST_ERROR_RESPONSE},
                               {"three bytes", TERN_SYSTEM_REG_ID, 4, true, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE}};
    return check_all(initiator.registers, accesses);
}

int check_memory(Initiator &initiator) {
    const uint64_t end = kBase + kBytes, errors = kBase + kErrorsAt;
    const Access accesses[] = {{"memory", kBase, 16, false, tlm::TLM_OK_RESPONSE},
                               {"its last bytes", end - 16, 16, false, tlm::TLM_OK_RESPONSE},
                               {"across its end", end - 8, 16, false, tlm::TLM_ADDRESS_ERROR_RESPONSE},
                               {"before its begin", kBase - 1, 1, false, tlm::TLM_ADDRESS_ERROR_RESPONSE},
                               {"bytes of a word", kBase, 4, true, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE},
                               {"up to the errors", errors - 16, 16, false, tlm::TLM_OK_RESPONSE},
                               {"into the errors", errors - 15, 16, false, tlm::TLM_GENERIC_ERROR_RESPONSE},
                               {"the errors' end", errors + kErrorBytes - 1, 1, false, tlm::TLM_GENERIC_ERROR_RESPONSE},
                               {"behind the errors", errors + kErrorBytes, 16, false, tlm::TLM_OK_RESPONSE}};
    return check_all(initiator.memory, accesses);
}

// A debugger and direct access reach the range of errors too.
int check_direct(Initiator &initiator, const unsigned char *bytes) {
    tlm::tlm_generic_payload inside, outside;
    set_read(inside, {"", kBase + kErrorsAt, 16, false, tlm::TLM_OK_RESPONSE});
    set_read(outside, {"", kBase + kBytes, 1, false, tlm::TLM_OK_RESPONSE});
    tlm::tlm_dmi dmi;
    int failures =
        wrong("debug inside", initiator.memory->transport_dbg(inside) == 16 && data[3] == bytes[kErrorsAt + 3]);
    failures += wrong("debug outside", initiator.memory->transport_dbg(outside) == 0);
    failures += wrong("direct", initiator.memory->get_direct_mem_ptr(inside, dmi) && dmi.get_dmi_ptr() == bytes &&
                                    dmi.get_start_address() == kBase && dmi.get_end_address() == kBase + kBytes - 1 &&
                                    dmi.is_read_write_allowed());
    return failures;
}

} // namespace

// SystemC's library has main().
int sc_main(int, char *[]) {
    static unsigned char bytes[kBytes];
    for (unsigned i = 0; i < kBytes; i++) {
        bytes[i] = (unsigned char)(i + 1);
    }
    const tern_hardware hardware = {1, 1, 1, 1, 1};
    tern_vp::Memory memory("memory", kBase, bytes, kBytes, 1);
    tern_vp::System system("system", hardware);
    Initiator initiator("initiator");
    initiator.registers.bind(system.registers);
    initiator.memory.bind(memory.ports);
    memory.set_errors(kBase + kErrorsAt, kErrorBytes);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    const int failures = check_registers(initiator) + check_memory(initiator) + check_direct(initiator, bytes);
    std::printf("vp.transport: %d wrong\n", failures);
    return failures != 0;
}
