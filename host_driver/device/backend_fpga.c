// SPDX-License-Identifier: Apache-2.0
// Back end `fpga`: a board at the end of a link (docs/link.md). The address behind the name says where it is:
// udp:HOST[:PORT] or tty:PATH[:BAUD].
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host_driver/device/backends.h"
#include "host_driver/link/link.h"

#define TRIES 100u       // of 50 ms
#define SLEEP_NS 100000l // in advance(): short against a command, long against a poll of a register

static enum tern_status register_read(void *context, uint32_t address, uint32_t *value, struct tern_error *error) {
    return tern_link_register_read(context, address, value, error);
}

static enum tern_status register_write(void *context, uint32_t address, uint32_t value, struct tern_error *error) {
    return tern_link_register_write(context, address, value, error);
}

static enum tern_status memory_read(void *context, uint64_t address, void *data, size_t bytes,
                                    struct tern_error *error) {
    return tern_link_memory_read(context, address, data, bytes, error);
}

static enum tern_status memory_write(void *context, uint64_t address, const void *data, size_t bytes,
                                     struct tern_error *error) {
    return tern_link_memory_write(context, address, data, bytes, error);
}

static enum tern_status advance(void *context, uint64_t cycles, struct tern_error *error) {
    const struct timespec moment = {.tv_nsec = SLEEP_NS};
    (void)cycles;
    TERN_TRY(tern_link_flush(context, error));
    (void)nanosleep(&moment, NULL);
    return TERN_STATUS_OK;
}

static void close_link(void *context) {
    tern_link_close(context);
}

// The ways to a board.
static const struct {
    const char *prefix;
    enum tern_status (*check)(const char *name, const char *address, struct tern_error *error);
    enum tern_status (*open)(const char *name, const char *address, struct tern_error *error,
                             struct tern_link_transport *transport);
} ways[] = {{"udp:", tern_link_udp_check, tern_link_udp_open}, {"tty:", tern_link_tty_check, tern_link_tty_open}};

#define WAYS (sizeof ways / sizeof *ways)
#define PREFIX_LENGTH 4

static size_t find_way(const char *address) {
    size_t way = 0;
    while (way < WAYS && strncmp(address, ways[way].prefix, PREFIX_LENGTH) != 0) {
        way++;
    }
    return way;
}

enum tern_status tern_backend_check_address(const char *device, const char *address, struct tern_error *error) {
    const size_t way = find_way(address);
    if (way < WAYS) {
        return ways[way].check(device, address + PREFIX_LENGTH, error);
    }
    return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                          "%.100s: a board is fpga:udp:HOST, fpga:udp:HOST:PORT, fpga:tty:PATH or fpga:tty:PATH:BAUD",
                          device);
}

static enum tern_status open_transport(const char *name, const char *address, struct tern_error *error,
                                       struct tern_link_transport *transport) {
    TERN_TRY(tern_backend_check_address(name, address, error));
    return ways[find_way(address)].open(name, address + PREFIX_LENGTH, error, transport);
}

// The memory that is used: all of the board's, or what the user says.
static enum tern_status choose_memory(const struct tern_backend_config *config, uint64_t has, struct tern_error *error,
                                      uint64_t *bytes) {
    if (config->memory_bytes > has) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "fpga:%.100s: the board has %llu bytes of memory, %llu are asked for", config->address,
                              (unsigned long long)has, (unsigned long long)config->memory_bytes);
    }
    *bytes = config->memory_bytes ? config->memory_bytes : has;
    return TERN_STATUS_OK;
}

static enum tern_status check_config(const struct tern_backend_config *config, struct tern_error *error) {
    if (config->waves_path) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "fpga: writes no waveforms, rtl does");
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_backend_open_fpga(const struct tern_backend_config *config, struct tern_backend *backend,
                                        struct tern_error *error) {
    const char *address = config->address ? config->address : "";
    struct tern_link_transport transport;
    struct tern_link *link;
    char name[128];
    uint64_t bytes;
    snprintf(name, sizeof name, "fpga:%s", address);
    TERN_TRY(check_config(config, error));
    TERN_TRY(open_transport(name, address, error, &transport));
    TERN_TRY(tern_link_open(&transport, name, TRIES, error, &link));
    enum tern_status status = choose_memory(config, tern_link_facts(link)->memory_bytes, error, &bytes);
    if (status != TERN_STATUS_OK) {
        tern_link_close(link);
        return status;
    }
    const struct tern_backend opened = {
        .name = "fpga",
        .memory_base = tern_link_facts(link)->memory_base,
        .memory_bytes = bytes,
        .has_boot_memory = true,
        .has_clock = true,
        .context = link,
        .register_read = register_read,
        .register_write = register_write,
        .memory_read = memory_read,
        .memory_write = memory_write,
        .advance = advance,
        .close = close_link,
    };
    *backend = opened;
    return TERN_STATUS_OK;
}
