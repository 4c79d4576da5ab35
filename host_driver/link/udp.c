// SPDX-License-Identifier: Apache-2.0
// Frames as datagrams.
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmodel/link/frame.h"
#include "host_driver/link/transport.h"

#define WAIT_MS 50

struct udp {
    int socket;
};

// A datagram that cannot be sent is one that is lost.
static void send_frame(void *context, const uint8_t *frame, size_t bytes) {
    const struct udp *udp = context;
    (void)!send(udp->socket, frame, bytes, 0);
}

static size_t receive_frame(void *context, uint8_t *frame, bool wait) {
    const struct udp *udp = context;
    struct pollfd ready = {.fd = udp->socket, .events = POLLIN};
    if (poll(&ready, 1, wait ? WAIT_MS : 0) <= 0) {
        return 0;
    }
    const ssize_t size = recv(udp->socket, frame, TERN_LINK_MAX_FRAME_BYTES, MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0 && wait) { // nobody has the port now: a board that starts may have it soon
        (void)poll(NULL, 0, WAIT_MS);
    }
    return size < 0 || size > (ssize_t)TERN_LINK_MAX_FRAME_BYTES ? 0 : (size_t)size;
}

static void close_udp(void *context) {
    struct udp *udp = context;
    close(udp->socket);
    free(udp);
}

// Splits "HOST:PORT" or "HOST" into strings.
static enum tern_status split(const char *name, const char *address, struct tern_error *error, char host[256],
                              char port[8]) {
    const char *colon = strchr(address, ':');
    const size_t length = colon ? (size_t)(colon - address) : strlen(address);
    const unsigned long number = colon ? strtoul(colon + 1, NULL, 10) : TERN_LINK_UDP_PORT;
    const bool is_number = !colon || (strlen(colon + 1) <= 5 && strspn(colon + 1, "0123456789") == strlen(colon + 1));
    if (length == 0 || length >= 256 || !is_number || number < 1 || number > 65535) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "%s: '%.100s' is not HOST or HOST:PORT with a port of 1 to 65535", name, address);
    }
    snprintf(host, 256, "%.*s", (int)length, address);
    snprintf(port, 8, "%lu", number);
    return TERN_STATUS_OK;
}

enum tern_status tern_link_udp_check(const char *name, const char *address, struct tern_error *error) {
    char host[256], port[8];
    return split(name, address, error, host, port);
}

static int connect_first(const struct addrinfo *found) {
    for (; found; found = found->ai_next) {
        const int made = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (made >= 0 && connect(made, found->ai_addr, found->ai_addrlen) == 0) {
            return made;
        }
        if (made >= 0) {
            close(made);
        }
    }
    return -1;
}

enum tern_status tern_link_udp_open(const char *name, const char *address, struct tern_error *error,
                                    struct tern_link_transport *transport) {
    char host[256], port[8];
    TERN_TRY(split(name, address, error, host, port));
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    const int code = getaddrinfo(host, port, &hints, &found);
    if (code != 0) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: no host '%.100s': %s", name, host, gai_strerror(code));
    }
    const int made = connect_first(found);
    freeaddrinfo(found);
    struct udp *udp = made >= 0 ? malloc(sizeof *udp) : NULL;
    if (!udp) {
        if (made >= 0) {
            close(made);
        }
        return tern_error_set(error, TERN_STATUS_IO, "%s: no socket to %.100s port %s: is the network up?", name, host,
                              port);
    }
    udp->socket = made;
    *transport = (struct tern_link_transport){udp, send_frame, receive_frame, close_udp};
    return TERN_STATUS_OK;
}
