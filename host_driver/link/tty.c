// SPDX-License-Identifier: Apache-2.0
// Frames on a serial line.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cmodel/link/stuffing.h"
#include "host_driver/link/transport.h"

#define WAIT_MS 50
// Requests fill the board before the first answer of use. A slow line takes longer for them than WAIT_MS. A byte has
// 10 bits.
#define WINDOW_BITS (2ul * 10 * TERN_LINK_RECEIVE_BYTES)
#define SEND_TRIES 100u // waits for room; then the rest of the frame is lost

struct tty {
    int file;
    int wait_ms; // of a try
    struct tern_link_unstuffer unstuffer;
    uint8_t bytes[4096]; // read and not yet looked at
    size_t at, count;
};

static const struct {
    unsigned long baud;
    speed_t speed;
} rates[] = {{115200, B115200},   {230400, B230400},   {460800, B460800},   {921600, B921600},
             {1000000, B1000000}, {2000000, B2000000}, {3000000, B3000000}, {4000000, B4000000}};

static void send_frame(void *context, const uint8_t *frame, size_t bytes) {
    const struct tty *tty = context;
    uint8_t stuffed[TERN_LINK_MAX_STUFFED_BYTES];
    const size_t size = tern_link_stuff(frame, bytes, stuffed);
    size_t sent = 0;
    for (unsigned i = 0; sent < size && i < SEND_TRIES; i++) {
        const ssize_t written = write(tty->file, stuffed + sent, size - sent);
        if (written > 0) {
            sent += (size_t)written;
            i = 0;
        } else {
            struct pollfd room = {.fd = tty->file, .events = POLLOUT};
            (void)poll(&room, 1, WAIT_MS);
        }
    }
}

// False: nothing came.
static bool fill(struct tty *tty, bool wait) {
    struct pollfd ready = {.fd = tty->file, .events = POLLIN};
    const int count = poll(&ready, 1, wait ? tty->wait_ms : 0);
    const ssize_t size = count > 0 ? read(tty->file, tty->bytes, sizeof tty->bytes) : 0;
    if (count > 0 && size <= 0 && wait) { // the adapter is gone: no busy waiting
        (void)poll(NULL, 0, WAIT_MS);
    }
    tty->at = 0;
    tty->count = size > 0 ? (size_t)size : 0;
    return size > 0;
}

static size_t receive_frame(void *context, uint8_t *frame, bool wait) {
    struct tty *tty = context;
    do {
        while (tty->at < tty->count) {
            if (tern_link_unstuff(&tty->unstuffer, tty->bytes[tty->at++])) {
                memcpy(frame, tty->unstuffer.frame, tty->unstuffer.size);
                return tty->unstuffer.size;
            }
        }
    } while (fill(tty, wait));
    return 0;
}

static void close_tty(void *context) {
    struct tty *tty = context;
    close(tty->file);
    free(tty);
}

// Splits "PATH:BAUD" or "PATH"; digits after the last colon are a rate.
static enum tern_status split(const char *name, const char *address, struct tern_error *error, char path[256],
                              speed_t *speed) {
    const char *colon = strrchr(address, ':');
    const bool has_rate = colon && colon[1] && strspn(colon + 1, "0123456789") == strlen(colon + 1);
    const size_t length = has_rate ? (size_t)(colon - address) : strlen(address);
    const unsigned long baud = has_rate ? strtoul(colon + 1, NULL, 10) : TERN_LINK_BAUD;
    if (length == 0 || length >= 256) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: '%.100s' is not PATH or PATH:BAUD", name, address);
    }
    memcpy(path, address, length);
    path[length] = 0;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        if (rates[i].baud == baud) {
            *speed = rates[i].speed;
            return TERN_STATUS_OK;
        }
    }
    return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                          "%s: no rate of %lu baud: there are 115200, 230400, 460800, 921600 and 1, 2, 3, 4 million",
                          name, baud);
}

static int window_ms(speed_t speed) {
    unsigned i = 0;
    while (rates[i].speed != speed) {
        i++;
    }
    return (int)(WINDOW_BITS * 1000 / rates[i].baud);
}

enum tern_status tern_link_tty_check(const char *name, const char *address, struct tern_error *error) {
    char path[256];
    speed_t speed;
    return split(name, address, error, path, &speed);
}

static bool set_up(int file, speed_t speed) {
    struct termios line;
    if (tcgetattr(file, &line)) {
        return false;
    }
    cfmakeraw(&line);
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
    return cfsetspeed(&line, speed) == 0 && tcsetattr(file, TCSANOW, &line) == 0 && tcflush(file, TCIOFLUSH) == 0;
}

enum tern_status tern_link_tty_open(const char *name, const char *address, struct tern_error *error,
                                    struct tern_link_transport *transport) {
    char path[256];
    speed_t speed;
    TERN_TRY(split(name, address, error, path, &speed));
    const int file = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: cannot open %.200s: %s", name, path, strerror(errno));
    }
    if (!set_up(file, speed)) {
        close(file);
        return tern_error_set(error, TERN_STATUS_IO, "%s: %.200s is no serial line of that rate", name, path);
    }
    struct tty *tty = calloc(1, sizeof *tty);
    if (!tty) {
        close(file);
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", name);
    }
    tty->file = file;
    tty->wait_ms = WAIT_MS + window_ms(speed);
    *transport = (struct tern_link_transport){tty, send_frame, receive_frame, close_tty};
    return TERN_STATUS_OK;
}
