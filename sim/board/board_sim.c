// SPDX-License-Identifier: Apache-2.0
// A board in simulation: the rtl device behind the link, at a UDP socket of this host. It prints its port and serves
// until a signal ends it.
//   board_sim [PORT]    without PORT, or with 0, a free one
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmodel/link/board.h"
#include "host_driver/device/backends.h"
#include "sim/devices/rtl/rtl_control.h"

#define CYCLES_A_LOOK 2000u // simulated between two looks at the socket
#define IDLE_WAIT_MS 20

struct board {
    struct tern_backend backend;
    struct tern_link_board link;
    int socket;
};

static volatile sig_atomic_t ended;

static void end(int signal) {
    (void)signal;
    ended = 1;
}

static bool register_read(void *context, uint32_t address, uint32_t *value) {
    const struct tern_backend *backend = &((struct board *)context)->backend;
    return backend->register_read(backend->context, address, value, NULL) == TERN_STATUS_OK;
}

static bool register_write(void *context, uint32_t address, uint32_t value) {
    const struct tern_backend *backend = &((struct board *)context)->backend;
    return backend->register_write(backend->context, address, value, NULL) == TERN_STATUS_OK;
}

static bool is_memory(const struct tern_backend *backend, uint64_t address, size_t bytes) {
    return address >= backend->memory_base && bytes <= backend->memory_bytes &&
           address - backend->memory_base <= backend->memory_bytes - bytes;
}

static bool memory_read(void *context, uint64_t address, void *data, size_t bytes) {
    const struct tern_backend *backend = &((struct board *)context)->backend;
    return is_memory(backend, address, bytes) &&
           backend->memory_read(backend->context, address, data, bytes, NULL) == TERN_STATUS_OK;
}

static bool memory_write(void *context, uint64_t address, const void *data, size_t bytes) {
    const struct tern_backend *backend = &((struct board *)context)->backend;
    return is_memory(backend, address, bytes) &&
           backend->memory_write(backend->context, address, data, bytes, NULL) == TERN_STATUS_OK;
}

// Answers every datagram that is there.
static void serve(struct board *board) {
    uint8_t frame[TERN_LINK_MAX_FRAME_BYTES + 1], answer[TERN_LINK_MAX_FRAME_BYTES];
    struct sockaddr_in host;
    socklen_t host_bytes = sizeof host;
    ssize_t size;
    while ((size = recvfrom(board->socket, frame, sizeof frame, MSG_DONTWAIT, (struct sockaddr *)&host, &host_bytes)) >=
           0) {
        const size_t made = tern_link_board_take(&board->link, frame, (size_t)size, answer);
        if (made) {
            (void)!sendto(board->socket, answer, made, 0, (struct sockaddr *)&host, host_bytes);
        }
        host_bytes = sizeof host;
    }
}

// An idle device waits for the host, without a turn of this loop.
static enum tern_status run(struct board *board, struct tern_error *error) {
    while (!ended) {
        struct pollfd ready = {.fd = board->socket, .events = POLLIN};
        if (poll(&ready, 1, tern_rtl_is_idle(&board->backend) ? IDLE_WAIT_MS : 0) > 0) {
            serve(board);
        }
        TERN_TRY(board->backend.advance(board->backend.context, CYCLES_A_LOOK, error));
    }
    return TERN_STATUS_OK;
}

static bool bind_port(struct board *board, unsigned long port) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t bytes = sizeof own;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    board->socket = socket(AF_INET, SOCK_DGRAM, 0);
    if (board->socket < 0 || bind(board->socket, (struct sockaddr *)&own, sizeof own) ||
        getsockname(board->socket, (struct sockaddr *)&own, &bytes)) {
        return false;
    }
    printf("%u\n", ntohs(own.sin_port));
    return fflush(stdout) == 0;
}

static enum tern_status open_board(struct board *board, struct tern_error *error) {
    const struct tern_backend_config config = {0};
    TERN_TRY(tern_backend_open("rtl", &config, error, &board->backend));
    board->link = (struct tern_link_board){.bus = {board, register_read, register_write, memory_read, memory_write},
                                           .memory_base = board->backend.memory_base,
                                           .memory_bytes = board->backend.memory_bytes};
    return TERN_STATUS_OK;
}

int main(int argc, char **argv) {
    static struct board board;
    struct tern_error error = {{0}};
    const struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    enum tern_status status = open_board(&board, &error);
    if (status == TERN_STATUS_OK && !bind_port(&board, argc > 1 ? strtoul(argv[1], NULL, 10) : 0)) {
        status = tern_error_set(&error, TERN_STATUS_IO, "no socket at port %s", argc > 1 ? argv[1] : "0");
    }
    status = status == TERN_STATUS_OK ? run(&board, &error) : status;
    if (status != TERN_STATUS_OK) {
        fprintf(stderr, "board_sim: %s\n", error.message);
    }
    if (board.backend.close) {
        board.backend.close(board.backend.context);
    }
    return status != TERN_STATUS_OK;
}
