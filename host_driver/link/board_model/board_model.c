// SPDX-License-Identifier: Apache-2.0
// For tests: a board at a UDP socket, made of the C models of link and device. It is a ULX3S whose memory works, unless
// the command line says what a register or a word of the report reads. It prints the name of the device for --device,
// and serves until a signal ends it.
//   board_model [quiet=FROM:COUNT] [ADDRESS=VALUE]...    the cable is out for COUNT frames of the host
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmodel/link/board.h"
#include "host_driver/device/backends.h"

#define MEMORY_BYTES 0x1000000u
#define REPORT 0x8000u // in boot memory
#define MOST_CHANGES 32
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)

struct model {
    struct tern_backend backend;
    struct tern_memory_report report;
    uint32_t quiet_from, quiet_count;
    uint32_t changes;
    struct {
        uint32_t address, value;
    } change[MOST_CHANGES];
};

// Two lanes, one with the window of each bitslip that a good board has.
static void fill_report(struct tern_memory_report *report) {
    *report = (struct tern_memory_report){.magic = TERN_MEMORY_REPORT_MAGIC,
                                          .state = TERN_MEMORY_READY,
                                          .lanes = 2,
                                          .bitslips = 4,
                                          .delays = 8,
                                          .tested = MEMORY_BYTES,
                                          .size = MEMORY_BYTES,
                                          .cycles = 300000,
                                          .bitslip = {1, 1},
                                          .delay = {3, 4},
                                          .width = {4, 5}};
    report->window[0][1] = 0x3c;
    report->window[1][1] = 0x7e;
    report->burst[1][1] = 0x7c;
}

static uint32_t word_of(const struct model *model, uint32_t address, uint32_t value) {
    if (address >= REPORT && address < REPORT + sizeof model->report) {
        memcpy(&value, (const uint8_t *)&model->report + (address - REPORT), sizeof value);
    }
    switch (address) {
    case SYSTEM(HARDWARE): value |= TERN_SYSTEM_HARDWARE_CONTROLLER_MASK; break;
    case SYSTEM(BOARD): value = TERN_SYSTEM_BOARD_ULX3S; break;
    case SYSTEM(SOURCES): value = 0x1234abcd; break;
    case SYSTEM(MEMORY_STATE): value = TERN_MEMORY_READY; break;
    case SYSTEM(MEMORY_REPORT): value = REPORT; break;
    default: break;
    }
    for (uint32_t i = 0; i < model->changes; i++) {
        value = model->change[i].address == address ? model->change[i].value : value;
    }
    return value;
}

static bool register_read(void *context, uint32_t address, uint32_t *value) {
    const struct model *model = context;
    const bool is_read = model->backend.register_read(model->backend.context, address, value, NULL) == TERN_STATUS_OK;
    *value = word_of(model, address, *value);
    return is_read;
}

static bool register_write(void *context, uint32_t address, uint32_t value) {
    const struct model *model = context;
    return model->backend.register_write(model->backend.context, address, value, NULL) == TERN_STATUS_OK &&
           model->backend.advance(model->backend.context, 0, NULL) == TERN_STATUS_OK;
}

static bool memory_read(void *context, uint64_t address, void *data, size_t bytes) {
    const struct model *model = context;
    return address - TERN_DEVICE_MEMORY_BASE <= MEMORY_BYTES - bytes &&
           model->backend.memory_read(model->backend.context, address, data, bytes, NULL) == TERN_STATUS_OK;
}

static bool memory_write(void *context, uint64_t address, const void *data, size_t bytes) {
    const struct model *model = context;
    return address - TERN_DEVICE_MEMORY_BASE <= MEMORY_BYTES - bytes &&
           model->backend.memory_write(model->backend.context, address, data, bytes, NULL) == TERN_STATUS_OK;
}

// A socket at a free port, whose name is printed.
static int open_socket(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int made = socket(AF_INET, SOCK_DGRAM, 0);
    if (made < 0 || bind(made, (const struct sockaddr *)(const void *)&address, size) ||
        getsockname(made, (struct sockaddr *)(void *)&address, &size)) {
        return -1;
    }
    printf("fpga:udp:127.0.0.1:%u\n", ntohs(address.sin_port));
    return fflush(stdout) == 0 ? made : -1;
}

static void serve(int board_socket, struct model *model) {
    struct tern_link_board board = {.bus = {model, register_read, register_write, memory_read, memory_write},
                                    .memory_base = TERN_DEVICE_MEMORY_BASE,
                                    .memory_bytes = MEMORY_BYTES};
    uint8_t request[TERN_LINK_MAX_FRAME_BYTES], answer[TERN_LINK_MAX_FRAME_BYTES];
    tern_link_board_reset(&board);
    for (uint32_t frame = 0;; frame++) {
        struct sockaddr_in host;
        socklen_t room = sizeof host;
        struct sockaddr *from = (struct sockaddr *)(void *)&host;
        const ssize_t got = recvfrom(board_socket, request, sizeof request, 0, from, &room);
        const bool is_out = frame - model->quiet_from < model->quiet_count;
        const size_t size = got > 0 && !is_out ? tern_link_board_take(&board, request, (size_t)got, answer) : 0;
        if (size) {
            (void)sendto(board_socket, answer, size, 0, from, room);
        }
    }
}

static bool parse(struct model *model, int argc, char **argv) {
    for (int i = 1; i < argc && i <= MOST_CHANGES; i++) {
        char *end;
        if (sscanf(argv[i], "quiet=%u:%u", &model->quiet_from, &model->quiet_count) == 2) {
            continue;
        }
        model->change[model->changes].address = (uint32_t)strtoul(argv[i], &end, 0);
        if (*end != '=') {
            return false;
        }
        model->change[model->changes++].value = (uint32_t)strtoul(end + 1, NULL, 0);
    }
    return argc <= MOST_CHANGES;
}

int main(int argc, char **argv) {
    struct model model = {.changes = 0};
    const struct tern_backend_config config = {.memory_bytes = MEMORY_BYTES};
    struct tern_error error = {{0}};
    fill_report(&model.report);
    if (!parse(&model, argc, argv)) {
        fprintf(stderr, "usage: board_model [quiet=FROM:COUNT] [ADDRESS=VALUE]...\n");
        return 2;
    }
    if (tern_backend_open_model(&config, &model.backend, &error) != TERN_STATUS_OK) {
        fprintf(stderr, "board_model: %s\n", error.message);
        return 1;
    }
    const int board_socket = open_socket();
    if (board_socket < 0) {
        perror("board_model: no socket");
        return 1;
    }
    serve(board_socket, &model);
}
