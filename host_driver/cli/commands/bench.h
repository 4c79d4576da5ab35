// SPDX-License-Identifier: Apache-2.0
// The measurements of `tern bench`; bench.c prints them.
#ifndef TERN_HOST_DRIVER_CLI_COMMANDS_BENCH_H
#define TERN_HOST_DRIVER_CLI_COMMANDS_BENCH_H

#include "host_driver/cli/session.h"

// A matrix larger than the caches. A run streams it once.
struct tern_bench_matrix {
    uint32_t rows, columns, depth, vectors;
    uint64_t bytes; // of packed weights
    double seconds; // of the fastest run
};

struct tern_bench_matmul {
    struct tern_engine *engine;
    uint8_t *weights; // [bytes], random: every byte is a legal weight
    uint64_t bytes;
    double read_seconds; // fastest time in which the engine's threads read all weights
};

enum tern_status tern_bench_matmul_open(struct tern_engine *engine, uint64_t bytes, struct tern_error *error,
                                        struct tern_bench_matmul *bench);
void tern_bench_matmul_close(struct tern_bench_matmul *bench);
// The caller sets columns, depth and vectors. rows becomes the number of rows that the weights hold. Also measures
// read_seconds again.
enum tern_status tern_bench_matrix(struct tern_bench_matmul *bench, struct tern_error *error,
                                   struct tern_bench_matrix *matrix);

// A part of a model's run. Times are host seconds; cycles are 0 when the device does not count them.
struct tern_bench_part {
    uint32_t tokens;
    double seconds; // total
    double matmul, vector, head;
    uint64_t cycles, matmul_cycles, weight_bytes;
    uint64_t head_rows;  // logits
    uint64_t exact_rows; // of them, logits computed from the stored head
};

// Feeds `tokens` tokens, `at_once` in a call. It asks for logits after each token, or after the last of a prompt
// (at_once > 1). tern_runner_set_best decides which of them are exact.
enum tern_status tern_bench_tokens(struct tern_session *session, uint32_t tokens, uint32_t at_once,
                                   struct tern_error *error, struct tern_bench_part *part);

#endif
