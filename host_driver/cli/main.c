// SPDX-License-Identifier: Apache-2.0
// `tern`: one program, a table of subcommands.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "host_driver/cli/cli.h"
#include "host_driver/cli/interrupt.h"
#include "host_driver/system/descriptors.h"
#include "host_driver/system/sources/sources.h"

struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
    const char *interrupted; // what follows "ended by Ctrl-C", NULL for nothing
};

#define GOES_ON "; the same command goes on from there"
#define BEGINS_AGAIN "; OUT.partial is incomplete, begin again"

static const struct subcommand subcommands[] = {
    {"quantize", tern_cli_quantize, "a Hugging Face directory to a packed one", GOES_ON},
    {"import", tern_cli_import, "a dequantized Hugging Face directory to the packed one it came from", GOES_ON},
    {"inspect", tern_cli_inspect, "contents of a packed directory, and its checksums", NULL},
    {"export", tern_cli_export, "a packed directory to a Hugging Face directory", BEGINS_AGAIN},
    {"run", tern_cli_run, "text from a prompt, on a device", NULL},
    {"chat", tern_cli_chat, "a conversation with a model that has a chat template", NULL},
    {"logits", tern_cli_logits, "logits after each of some tokens, as a NumPy file", NULL},
    {"layer", tern_cli_layer, "one layer on a device, stage by stage", NULL},
    {"compare", tern_cli_compare, "up to eight devices, stage by stage", NULL},
    {"bench", tern_cli_bench, "how fast: the matmul of the C model, or a model on a device", NULL},
    {"explore", tern_cli_explore, "how fast models would be on hardware of other sizes, a roofline", NULL},
    {"doctor", tern_cli_doctor, "is this device a Tern that computes right?", NULL},
    {"tokenize", tern_cli_tokenize, "token ids of a text", NULL},
};

int tern_cli_fail(const char *name, const struct tern_error *error) {
    fprintf(stderr, "tern %s: %s\n", name, error->message);
    return TERN_EXIT_FAILED;
}

int tern_cli_end(const char *name, enum tern_status status, const struct tern_error *error) {
    return status == TERN_STATUS_OK ? TERN_EXIT_OK : tern_cli_fail(name, error);
}

static void print_usage(FILE *stream) {
    fprintf(stream, "usage: tern COMMAND ...   (tern COMMAND --help tells the rest)\n\n");
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        fprintf(stream, "  %-10s %s\n", subcommands[i].name, subcommands[i].summary);
    }
}

enum tern_status tern_cli_flush(struct tern_error *error) {
    return fflush(stdout) == 0 && !ferror(stdout)
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_IO, "standard output cannot be written: %s", strerror(errno));
}

// Output that a full disk or a closed pipe did not take is a failure.
static int check_output(const char *name, int code) {
    struct tern_error error;
    return code == TERN_EXIT_OK ? tern_cli_end(name, tern_cli_flush(&error), &error) : code;
}

int main(int argc, char **argv) {
    if (!tern_descriptors_guard()) {
        return TERN_EXIT_FAILED;
    }
    signal(SIGXFSZ, SIG_IGN); // a file size limit is a write error with a sentence, not a signal
    if (argc < 2) {
        print_usage(stderr);
        return TERN_EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_usage(stdout);
        return check_output("help", TERN_EXIT_OK);
    }
    if (!strcmp(argv[1], "--version")) {
        printf("tern " TERN_VERSION " (sources " TERN_SOURCES_HASH_FORMAT ")\n",
               tern_sources_short_hash(&tern_sources));
        return check_output("--version", TERN_EXIT_OK);
    }
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (!strcmp(argv[1], subcommands[i].name)) {
            const char *interrupted = subcommands[i].interrupted;
            tern_cli_answer_interrupt(argv[1], interrupted ? interrupted : "");
            return check_output(argv[1], subcommands[i].run(argc - 1, argv + 1));
        }
    }
    fprintf(stderr, "tern: no command '%s'\n`tern --help` lists the commands\n", argv[1]);
    return TERN_EXIT_USAGE;
}
