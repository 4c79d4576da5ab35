// SPDX-License-Identifier: Apache-2.0
// What a board says of itself: which one it is, its bitstream, its clock, and how the start of its memory went. Each
// check gives one sentence with what to do.
#ifndef TERN_HOST_DRIVER_DEVICE_BOARD_H
#define TERN_HOST_DRIVER_DEVICE_BOARD_H

#include "host_driver/device/backend.h"
#include "spec/generated/tern_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_board {
    uint32_t number;  // SYSTEM BOARD
    uint32_t sources; // 0: a simulation
    uint32_t clock_hz;
    bool has_controller;
    uint32_t state, lane; // of SYSTEM MEMORY_STATE
    bool has_report;
    struct tern_memory_report report;
};

// "ulx3s", as in rtl/boards; "none" for hardware that is no board's, NULL for a number that this driver does not know.
const char *tern_board_name(uint32_t number);

enum tern_status tern_board_read(const struct tern_backend *backend, struct tern_error *error,
                                 struct tern_board *board);

// `device` begins each sentence. BAD_DEVICE: memory does not work. Memory that is not yet initialised is no failure.
enum tern_status tern_board_check_memory(const char *device, const struct tern_board *board, struct tern_error *error);
// BAD_DEVICE: a lane reads right at a single delay, or memory is smaller than `bytes`, those of the link.
enum tern_status tern_board_check_margin(const char *device, const struct tern_board *board, uint64_t bytes,
                                         struct tern_error *error);
// BAD_DEVICE: the bitstream has other sources. file: where `expected` comes from.
enum tern_status tern_board_check_sources(const char *device, const struct tern_board *board, uint32_t expected,
                                          const char *file, struct tern_error *error);
// BAD_DEVICE: so many cycles in these seconds are more than 1 % off.
enum tern_status tern_board_check_clock(const char *device, const struct tern_board *board, uint32_t cycles,
                                        double seconds, struct tern_error *error);

#define TERN_BOARD_SCAN_CHARS 72
// The scan of a lane at a bitslip: a character for each delay, '#' where it reads right, '.' where not, 'o' where the
// PHY saw no burst although it sees some. Then what was taken.
void tern_board_describe_scan(const struct tern_board *board, uint32_t lane, uint32_t bitslip,
                              char text[TERN_BOARD_SCAN_CHARS]);

#ifdef __cplusplus
}
#endif
#endif
