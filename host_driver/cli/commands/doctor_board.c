// SPDX-License-Identifier: Apache-2.0
#define _POSIX_C_SOURCE 200809L // nanosleep
#include "host_driver/cli/commands/doctor_board.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmodel/fast/seconds.h"
#include "host_driver/device/backends.h"
#include "host_driver/system/path.h"

#define SAMPLES 5 // of the clock; the quickest is taken
#define PATH_ROOM 4096

// ---- the bitstream

// "0x" and 8 digits, or the same with a line end.
static bool parse_hash(const char *text, uint32_t *hash) {
    char end = '\n';
    return strncmp(text, "0x", 2) == 0 && strspn(text + 2, "0123456789abcdefABCDEF") == 8 &&
           sscanf(text + 2, "%8" SCNx32 "%c", hash, &end) >= 1 && end == '\n';
}

// What tools/bitstream wrote beside this program. False: there is no such file.
static bool read_hash(const char *board, char path[PATH_ROOM], char text[16]) {
    char *slash = tern_path_of_program(path, PATH_ROOM) ? strrchr(path, '/') : NULL;
    const size_t room = slash ? (size_t)(path + PATH_ROOM - slash) : 0;
    if (!slash || snprintf(slash, room, "/boards/%s/%s.hash", board, board) >= (int)room) {
        return false;
    }
    FILE *file = fopen(path, "r");
    if (!file) {
        return false;
    }
    const bool is_read = fgets(text, 16, file) != NULL;
    fclose(file);
    text[is_read ? 15 : 0] = 0;
    return true;
}

static enum tern_status examine_bitstream(const char *device, const struct tern_cli_options *options,
                                          const struct tern_board *board, const struct tern_cli_board_report *report,
                                          struct tern_error *error) {
    const char *name = tern_board_name(board->number), *from = "--bitstream", *hash = options->bitstream;
    char path[PATH_ROOM], text[16] = "", line[200];
    uint32_t expected;
    snprintf(line, sizeof line, "%s, bitstream of sources 0x%08x", name ? name : "not known", board->sources);
    if (!hash && name && read_hash(name, path, text)) {
        hash = text;
        from = path;
    }
    if (!hash || (board->sources == 0 && !options->bitstream)) {
        report->show(report->context, "board",
                     strcat(line, board->sources ? ", which nothing here says to expect" : ", a simulation"));
        return TERN_STATUS_OK;
    }
    if (!parse_hash(hash, &expected)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: '%.40s' is not 0x and 8 hexadecimal digits", from,
                              hash);
    }
    TERN_TRY(tern_board_check_sources(device, board, expected, from, error));
    report->report(report->context, "board", strcat(line, ", as expected"));
    return TERN_STATUS_OK;
}

// ---- the clock

struct sample {
    uint32_t cycles;
    double seconds, doubt; // when it was read; for how long that was under way
};

static enum tern_status take_sample(struct tern_device *device, struct tern_error *error, struct sample *best) {
    for (int i = 0; i < SAMPLES; i++) {
        uint32_t cycles = 0;
        const double before = tern_seconds();
        TERN_TRY(tern_device_register(device, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_TIME_LO, error, &cycles));
        const double after = tern_seconds();
        if (i == 0 || after - before < best->doubt) {
            *best = (struct sample){cycles, (before + after) / 2, after - before};
        }
    }
    return TERN_STATUS_OK;
}

// A second, or longer on a slow line.
static enum tern_status measure(struct tern_device *device, const struct tern_board *board,
                                const struct tern_cli_board_report *report, struct tern_error *error) {
    const struct timespec second = {.tv_sec = 1};
    struct sample first, last;
    char line[120];
    TERN_TRY(take_sample(device, error, &first));
    do {
        (void)nanosleep(&second, NULL);
        TERN_TRY(take_sample(device, error, &last));
    } while ((first.doubt + last.doubt) * 400 > last.seconds - first.seconds && last.seconds - first.seconds < 20);
    const uint32_t cycles = last.cycles - first.cycles;
    const double seconds = last.seconds - first.seconds;
    TERN_TRY(tern_board_check_clock(tern_device_name(device), board, cycles, seconds, error));
    snprintf(line, sizeof line, "%.2f MHz by the host's clock, built for %.2f MHz", cycles / seconds / 1e6,
             board->clock_hz / 1e6);
    report->report(report->context, "clock", line);
    return TERN_STATUS_OK;
}

// ---- memory

static void show_scan(const struct tern_board *board, const struct tern_cli_board_report *report) {
    for (uint32_t lane = 0; board->has_report && lane < board->report.lanes; lane++) {
        for (uint32_t bitslip = 0; bitslip < board->report.bitslips; bitslip++) {
            char name[24], text[TERN_BOARD_SCAN_CHARS];
            snprintf(name, sizeof name, "lane %u.%u", lane, bitslip);
            tern_board_describe_scan(board, lane, bitslip, text);
            report->show(report->context, name, text);
        }
    }
}

static enum tern_status examine_memory(struct tern_device *device, const struct tern_board *board,
                                       const struct tern_cli_board_report *report, struct tern_error *error) {
    char line[160];
    show_scan(board, report);
    TERN_TRY(tern_board_check_memory(tern_device_name(device), board, error));
    if (!board->has_report) {
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                              "%s: the firmware left no report on memory: run the command again",
                              tern_device_name(device));
    }
    TERN_TRY(tern_board_check_margin(tern_device_name(device), board, tern_device_memory_bytes(device), error));
    snprintf(line, sizeof line, "%u memory lane(s), no address repeats in %u bytes, ready after %u cycles",
             board->report.lanes, board->report.size, board->report.cycles);
    report->report(report->context, "DRAM", line);
    return TERN_STATUS_OK;
}

enum tern_status tern_cli_examine_board(struct tern_device *device, const struct tern_cli_options *options,
                                        const struct tern_cli_board_report *report, struct tern_error *error) {
    struct tern_board board;
    if (tern_device_is_simulated(device)) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_device_board(device, error, &board));
    TERN_TRY(examine_bitstream(tern_device_name(device), options, &board, report, error));
    if (options->no_clock) {
        report->show(report->context, "clock", "not measured");
    } else {
        TERN_TRY(measure(device, &board, report, error));
    }
    return board.has_controller ? examine_memory(device, &board, report, error) : TERN_STATUS_OK;
}

void tern_cli_show_failed_board(const char *device, const struct tern_backend_config *config, enum tern_status status,
                                const struct tern_cli_board_report *report) {
    struct tern_backend backend;
    struct tern_board board;
    struct tern_error ignored;
    if (status != TERN_STATUS_BAD_DEVICE || tern_backend_open(device, config, &ignored, &backend) != TERN_STATUS_OK) {
        return;
    }
    if (tern_board_read(&backend, &ignored, &board) == TERN_STATUS_OK) {
        show_scan(&board, report);
    }
    backend.close(backend.context);
}
