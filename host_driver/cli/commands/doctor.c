// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/fast/pool.h"
#include "host_driver/cli/commands/doctor_board.h"
#include "host_driver/cli/session.h"
#include "host_driver/cli/sources/sources.h"
#include "host_driver/cli/terminal/wrap.h"
#include "host_driver/device/self_test.h"

static const char usage[] =
    "usage: tern doctor [--device NAME] [--device-memory BYTES] [--latency CYCLES] [--bandwidth PERCENT] [--stalls "
    "SEED]\n"
    "                   [--lanes N] [--vectors M] [--verilated UNITS] [--waves FILE] [--bitstream HASH] [--no-clock]\n"
    "                   [--allow-stale] [--json]\n"
    "Is this a Tern, of this version, and does it compute right? Identity, versions, memory, matmul, "
    "checksums.\n" TERN_CLI_VARIANT_HELP "  --waves FILE  rtl: FST waveform of the whole SoC (tools/build waves)\n"
    "  --bitstream HASH   fpga: sources that the bitstream must have, 0x and 8 digits (default: what tools/bitstream\n"
    "                wrote beside this program, if it did)\n"
    "  --no-clock    fpga: for a board in simulation, whose time is not the host's\n" TERN_CLI_STALE_HELP;

struct findings {
    bool json;
    const struct tern_cli_sources *sources;
    int count;
    int checks; // of them, for the verdict
};

static void show(void *context, const char *check, const char *finding) {
    struct findings *findings = context;
    if (findings->json) {
        printf("%s\"%s\": \"%s\"", findings->count ? ", " : "{", check, finding);
    } else {
        tern_cli_say(stdout, 11, "%-10s %s", check, finding);
    }
    findings->count++;
}

static void report(void *context, const char *check, const char *finding) {
    show(context, check, finding);
    ((struct findings *)context)->checks++;
}

// The first line, or member.
static void report_sources(struct findings *findings) {
    char text[8192], *json = findings->json ? tern_cli_sources_json(findings->sources) : NULL;
    if (findings->json) {
        printf("{\"sources\": %s", json ? json : "{}");
        findings->count++;
    } else {
        tern_sources_describe(&tern_sources, text, sizeof text);
        show(findings, "sources", text);
    }
    free(json);
}

static enum tern_status report_identity(struct tern_device *device, struct findings *findings,
                                        struct tern_error *error) {
    uint32_t hardware = 0, groups = 0, clock_hz = 0;
    char text[160];
    const struct {
        uint32_t offset, *value;
    } registers[] = {{TERN_SYSTEM_REG_HARDWARE, &hardware},
                     {TERN_SYSTEM_REG_MAX_GROUPS, &groups},
                     {TERN_SYSTEM_REG_CLOCK_HZ, &clock_hz}};
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++) {
        TERN_TRY(tern_device_register(device, TERN_SYSTEM_BASE + registers[i].offset, error, registers[i].value));
    }
    snprintf(text, sizeof text, "Tern, interface %d, spec 0x%08x in hardware, firmware and driver",
             TERN_INTERFACE_VERSION, TERN_SPEC_HASH);
    report(findings, "identity", text);
    snprintf(text, sizeof text,
             "%u lane(s), %u vector(s) a stream, depth to %u, %u columns, %llu bytes of memory, built for %u Hz",
             TERN_FIELD_GET(SYSTEM_HARDWARE_LANES, hardware), TERN_FIELD_GET(SYSTEM_HARDWARE_VECTORS, hardware),
             TERN_FIELD_GET(SYSTEM_HARDWARE_DEPTH, hardware), groups * TERN_GROUP_COLUMNS,
             (unsigned long long)tern_device_memory_bytes(device), clock_hz);
    report(findings, "hardware", text);
    return TERN_STATUS_OK;
}

static enum tern_status report_counters(struct tern_device *device, struct findings *findings,
                                        struct tern_error *error) {
    struct tern_counters counters;
    char text[200];
    TERN_TRY(tern_device_counters(device, error, &counters));
    snprintf(text, sizeof text,
             "matmul unit %llu cycles, beats taken %llu, offered %llu, starved %llu, stalled %llu; DMA %llu beats",
             (unsigned long long)counters.matmul_cycles, (unsigned long long)counters.beats_taken,
             (unsigned long long)counters.beats_offered, (unsigned long long)counters.starved_cycles,
             (unsigned long long)counters.stalled_cycles, (unsigned long long)counters.dma_beats);
    report(findings, "counters", text);
    return TERN_STATUS_OK;
}

static enum tern_status examine(struct tern_device *device, const struct tern_cli_options *options,
                                struct findings *findings, struct tern_error *error) {
    TERN_TRY(report_identity(device, findings, error));
    const struct tern_cli_board_report board_report = {findings, show, report};
    TERN_TRY(tern_cli_examine_board(device, options, &board_report, error));
    TERN_TRY(tern_device_self_test(device, report, findings, error));
    return report_counters(device, findings, error);
}

// The last line: what the findings mean.
static void give_verdict(const struct tern_cli_options *options, struct findings *findings) {
    char verdict[80];
    snprintf(verdict, sizeof verdict, "%.20s is well: %d checks passed", tern_cli_device(options), findings->checks);
    if (findings->json) {
        show(findings, "verdict", verdict);
    } else {
        printf("doctor: %s\n", verdict);
    }
}

static enum tern_status open_and_examine(const struct tern_cli_options *options, struct tern_engine *engine,
                                         struct findings *findings, struct tern_error *error) {
    struct tern_device *device;
    struct tern_backend_config config = tern_cli_backend(options);
    config.engine = engine;
    enum tern_status status = tern_device_open(tern_cli_device(options), &config, error, &device);
    if (status != TERN_STATUS_OK) {
        const struct tern_cli_board_report board_report = {findings, show, report};
        tern_cli_show_failed_board(tern_cli_device(options), &config, status, &board_report);
        return status;
    }
    report_sources(findings);
    status = examine(device, options, findings, error);
    tern_device_close(device);
    return status;
}

int tern_cli_doctor(int argc, char **argv) {
    struct tern_cli_options options = {0};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    struct tern_error error = {{0}};
    struct tern_cli_sources sources;
    struct findings findings = {.json = options.json, .sources = &sources};
    struct tern_engine engine = {0};
    enum tern_status status = tern_cli_sources_open(&options, NULL, 0, true, &error, &sources);
    if (status == TERN_STATUS_OK) {
        status = tern_cli_engine(&options, &error, &engine);
    }
    if (status == TERN_STATUS_OK) {
        status = open_and_examine(&options, &engine, &findings, &error);
    }
    if (status == TERN_STATUS_OK) {
        give_verdict(&options, &findings);
    }
    tern_pool_destroy(engine.pool);
    if (findings.json && findings.count) {
        printf("}\n");
    }
    code = tern_cli_sources_end(&sources, tern_cli_end("doctor", status, &error));
    tern_cli_sources_close(&sources);
    return code;
}
