// SPDX-License-Identifier: Apache-2.0
// The table of back ends. A new back end is a row here, a line in host_driver/CMakeLists.txt and its own files.
#ifndef TERN_HOST_DRIVER_DEVICE_BACKENDS_H
#define TERN_HOST_DRIVER_DEVICE_BACKENDS_H

#include "host_driver/device/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

// X(name, has_address, help). A name with an address is "name:address". The first row is the default device. `tern
// compare` compares the first two.
#define TERN_BACKEND_LIST(X)                                                                                           \
    X(model, false, "the C model under the firmware compiled for the host: fast, without time")                        \
    X(rtl, false, "the Verilog of the SoC, simulated in this process cycle by cycle")                                  \
    X(vp, false, "the SystemC platform: rtl's firmware on a simulated core, the C model's units, time estimated")      \
    X(fpga, true, "a board at the end of a link: fpga:udp:HOST[:PORT] or fpga:tty:PATH[:BAUD]")

typedef enum tern_status tern_backend_opener(const struct tern_backend_config *config, struct tern_backend *backend,
                                             struct tern_error *error);

// tern_backend_open_<name> fills *backend and leaves it unchanged on error. UNSUPPORTED when the back end was not
// built; the sentence names the missing requirement.
#define TERN_BACKEND_OPENER(name, has_address, help) tern_backend_opener tern_backend_open_##name;
TERN_BACKEND_LIST(TERN_BACKEND_OPENER)

// BAD_ARGUMENT for an address that is none of a board. device: the name with it.
enum tern_status tern_backend_check_address(const char *device, const char *address, struct tern_error *error);

struct tern_backend_row {
    const char *name, *help;
    bool has_address;
    tern_backend_opener *open;
};

// NULL after the last row.
const struct tern_backend_row *tern_backend_row(size_t index);
// device: a name, with an address behind a colon where the row has one. BAD_ARGUMENT for an unknown name, of which the
// sentence lists the known ones, or for an address of another form.
enum tern_status tern_backend_find(const char *device, struct tern_error *error, const struct tern_backend_row **row);
// Finds and opens it. The address takes the place of that in the configuration.
enum tern_status tern_backend_open(const char *device, const struct tern_backend_config *config,
                                   struct tern_error *error, struct tern_backend *backend);

#ifdef __cplusplus
}
#endif
#endif
