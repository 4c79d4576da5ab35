// SPDX-License-Identifier: Apache-2.0
#include "host_driver/device/board.h"

#include <stdio.h>
#include <string.h>

#define ENOUGH_PERCENT 1.0 // that a clock may be off

static const char *const names[] = {
    [TERN_SYSTEM_BOARD_NONE] = "none", [TERN_SYSTEM_BOARD_ULX3S] = "ulx3s", [TERN_SYSTEM_BOARD_ECPIX5] = "ecpix5"};

const char *tern_board_name(uint32_t number) {
    return number < sizeof names / sizeof *names ? names[number] : NULL;
}

// ---- reading

static enum tern_status read_report(const struct tern_backend *backend, struct tern_error *error,
                                    struct tern_board *board) {
    uint32_t words[sizeof board->report / 4], address = 0;
    TERN_TRY(
        backend->register_read(backend->context, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_MEMORY_REPORT, &address, error));
    if (address == 0 || address % 4 || address > TERN_BOOT_BYTES - sizeof words) {
        return TERN_STATUS_OK;
    }
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
        TERN_TRY(backend->register_read(backend->context, TERN_BOOT_BASE + address + 4 * i, &words[i], error));
    }
    struct tern_memory_report report;
    memcpy(&report, words, sizeof report);
    board->has_report = report.magic == TERN_MEMORY_REPORT_MAGIC && report.lanes <= TERN_MEMORY_REPORT_LANES &&
                        report.bitslips <= TERN_MEMORY_REPORT_BITSLIPS && report.delays <= 32;
    if (board->has_report) {
        board->report = report;
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_board_read(const struct tern_backend *backend, struct tern_error *error,
                                 struct tern_board *board) {
    uint32_t hardware = 0, state = 0;
    memset(board, 0, sizeof *board);
    const struct {
        uint32_t offset, *value;
    } registers[] = {{TERN_SYSTEM_REG_BOARD, &board->number},
                     {TERN_SYSTEM_REG_SOURCES, &board->sources},
                     {TERN_SYSTEM_REG_CLOCK_HZ, &board->clock_hz},
                     {TERN_SYSTEM_REG_HARDWARE, &hardware},
                     {TERN_SYSTEM_REG_MEMORY_STATE, &state}};
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++) {
        TERN_TRY(backend->register_read(backend->context, TERN_SYSTEM_BASE + registers[i].offset, registers[i].value,
                                        error));
    }
    board->has_controller = TERN_FIELD_GET(SYSTEM_HARDWARE_CONTROLLER, hardware);
    board->state = TERN_FIELD_GET(SYSTEM_MEMORY_STATE_STATE, state);
    board->lane = TERN_FIELD_GET(SYSTEM_MEMORY_STATE_LANE, state);
    return board->has_controller && board->state != TERN_MEMORY_UNKNOWN ? read_report(backend, error, board)
                                                                        : TERN_STATUS_OK;
}

// ---- checks

static enum tern_status refuse_data(const char *device, const struct tern_board *board, struct tern_error *error) {
    const struct tern_memory_report *report = &board->report;
    if (!board->has_report) {
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                              "%s: the board's memory reads wrong data, and there is no report on it: build driver and "
                              "bitstream from one commit",
                              device);
    }
    if (report->size != report->tested) {
        return tern_error_set(
            error, TERN_STATUS_BAD_DEVICE,
            "%s: addresses of the board's memory repeat after %u bytes, its bitstream is for %u: take "
            "the bitstream of this board, or switch it off and on",
            device, report->size, report->tested);
    }
    return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                          "%s: the board's memory reads 0x%08x at byte 0x%x, 0x%08x was written: switch the board off "
                          "and on; if it stays, build the bitstream for a lower clock",
                          device, report->read, report->address, report->expected);
}

enum tern_status tern_board_check_memory(const char *device, const struct tern_board *board, struct tern_error *error) {
    switch (board->state) {
    case TERN_MEMORY_UNKNOWN:
    case TERN_MEMORY_READY: return TERN_STATUS_OK;
    case TERN_MEMORY_NO_WINDOW:
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                              "%s: memory lane %u of the board's memory reads right data at no delay: switch the board "
                              "off and on; tern doctor shows the scan",
                              device, board->lane);
    case TERN_MEMORY_WRONG_DATA: return refuse_data(device, board, error);
    case TERN_MEMORY_NO_BOARD:
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                              "%s: the firmware does not know the memory of board %u: build driver and bitstream from "
                              "one commit",
                              device, board->number);
    case TERN_MEMORY_NO_ANSWER:
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                              "%s: the board's memory does not answer: switch the board off and on", device);
    default:
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                              "%s: the memory state of the board is %u, which this driver does not know: build driver "
                              "and bitstream from one commit",
                              device, board->state);
    }
}

enum tern_status tern_board_check_margin(const char *device, const struct tern_board *board, uint64_t bytes,
                                         struct tern_error *error) {
    const struct tern_memory_report *report = &board->report;
    for (uint32_t lane = 0; report->bitslips && lane < report->lanes; lane++) {
        if (report->width[lane] < 2) {
            return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                                  "%s: memory lane %u of the board's memory reads right data at a single delay: switch "
                                  "the board off and on; if it stays, build the bitstream for a lower clock",
                                  device, lane);
        }
    }
    if (report->tested < bytes && report->tested < UINT32_C(0x80000000)) {
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                              "%s: %u bytes of the board's memory were tested, the link says %llu: build driver and "
                              "bitstream from one commit",
                              device, report->tested, (unsigned long long)bytes);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_board_check_sources(const char *device, const struct tern_board *board, uint32_t expected,
                                          const char *file, struct tern_error *error) {
    if (board->sources != expected) {
        return tern_error_set(
            error, TERN_STATUS_BAD_DEVICE,
            "%s: the bitstream has sources 0x%08x, %s says 0x%08x: load that bitstream into the board, "
            "or build this one again",
            device, board->sources, file, expected);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_board_check_clock(const char *device, const struct tern_board *board, uint32_t cycles,
                                        double seconds, struct tern_error *error) {
    const double hz = cycles / seconds, off = 100 * (hz / board->clock_hz - 1);
    if (!(off <= ENOUGH_PERCENT && off >= -ENOUGH_PERCENT)) {
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                              "%s: the clock runs at %.2f MHz, the bitstream is built for %.2f MHz: load the bitstream "
                              "of this board; a board in simulation needs --no-clock",
                              device, hz / 1e6, board->clock_hz / 1e6);
    }
    return TERN_STATUS_OK;
}

// ---- the scan

void tern_board_describe_scan(const struct tern_board *board, uint32_t lane, uint32_t bitslip,
                              char text[TERN_BOARD_SCAN_CHARS]) {
    const struct tern_memory_report *report = &board->report;
    uint32_t bursts = 0, length = 0;
    for (uint32_t i = 0; i < report->bitslips; i++) {
        bursts |= report->burst[lane][i];
    }
    for (; length < report->delays; length++) {
        const bool is_right = report->window[lane][bitslip] >> length & 1;
        const bool is_seen = bursts == 0 || report->burst[lane][bitslip] >> length & 1;
        text[length] = !is_right ? '.' : is_seen ? '#' : 'o';
    }
    text[length] = 0;
    if (report->width[lane] && report->bitslip[lane] == bitslip) {
        snprintf(text + length, TERN_BOARD_SCAN_CHARS - length, "  delay %u is taken, %u in a row", report->delay[lane],
                 report->width[lane]);
    }
}
