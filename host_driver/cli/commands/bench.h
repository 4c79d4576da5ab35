// SPDX-License-Identifier: Apache-2.0
// What `tern bench` measures; bench.c prints it.
#ifndef TERN_HOST_DRIVER_CLI_COMMANDS_BENCH_H
#define TERN_HOST_DRIVER_CLI_COMMANDS_BENCH_H

#include "host_driver/cli/session.h"

// Packed weights larger than the caches, streamed once a run.
struct tern_bench_matrix {
    uint32_t rows, columns, depth, vectors;
    uint64_t bytes;
    double seconds; // the fastest run
};

struct tern_bench_matmul {
    struct tern_engine *engine;
    uint8_t *weights; // `bytes` random bytes: every byte is a legal weight
    uint64_t bytes;
    double read_seconds; // the fastest reading of all of them by the engine's threads
};

enum tern_status tern_bench_matmul_open(struct tern_engine *engine, uint64_t bytes, struct tern_error *error,
                                        struct tern_bench_matmul *bench);
void tern_bench_matmul_close(struct tern_bench_matmul *bench);
// columns, depth and vectors are given; as many rows as the weights hold. Also reads the weights again.
enum tern_status tern_bench_matrix(struct tern_bench_matmul *bench, struct tern_error *error,
                                   struct tern_bench_matrix *matrix);

// A part of a model's run: host seconds, and cycles where the device counts them.
struct tern_bench_part {
    uint32_t tokens;
    double seconds, matmul, vector, head; // `seconds` is all of it
    uint64_t cycles, matmul_cycles, weight_bytes;
    uint64_t head_rows, exact_rows; // logits; those that the stored head gave
};

// Feeds `tokens` tokens, `at_once` to a call, with logits for the last of each call, as good as
// tern_runner_set_best has been told.
enum tern_status tern_bench_tokens(struct tern_session *session, uint32_t tokens, uint32_t at_once,
                                   struct tern_error *error, struct tern_bench_part *part);

#endif
