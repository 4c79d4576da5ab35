// SPDX-License-Identifier: Apache-2.0
// How fast a model is on hardware that need not exist: a token, a prompt, and what bounds them. One layer runs on the
// device `vp` (layer_time.h). The layers of a model are alike, so the model's times are derived from it.
#ifndef TERN_HOST_DRIVER_EXPLORE_EXPLORE_H
#define TERN_HOST_DRIVER_EXPLORE_EXPLORE_H

#include <stdbool.h>

#include "host_driver/explore/layer_time.h"

// The configuration of a Qwen2.5 by its size, such as "7b", or of a Qwen3, such as "qwen3-8b"; false for an unknown
// one.
bool tern_explore_shape(const char *size, struct tern_model_config *config);
// The sizes, with commas.
const char *tern_explore_sizes(void);

// A model on hardware.
struct tern_explore_point {
    const char *model; // its name, for the reader
    const struct tern_model_config *config;
    uint32_t depth, lanes, vectors, context;
    uint32_t ways;                              // of the vector unit; 0: none
    bool attention;                             // there is an attention unit
    uint32_t latency_cycles, bandwidth_percent; // of memory
    double clock_mhz;
    uint32_t prompt, devices; // tokens; that share the layers
    // Found by tern_explore_run().
    struct tern_explore_answer token; // a layer, for one token at `context`
    struct tern_explore_answer pass;  // a layer, for the first pass of the prompt
    uint32_t pass_tokens;
    double prompt_cycles; // of all layers
};

// Finds the answers of all points. Equal questions are asked once. progress (may be NULL) is called before each point;
// an error of it ends the run.
typedef enum tern_status (*tern_explore_progress)(void *context, size_t done, struct tern_error *error);
enum tern_status tern_explore_run(struct tern_explore_point *points, size_t count, tern_explore_progress progress,
                                  void *context, struct tern_error *error);

// Derived figures.
double tern_explore_token_seconds(const struct tern_explore_point *point);  // of all layers, on one device
double tern_explore_prompt_seconds(const struct tern_explore_point *point); // to the first token, on one device
double tern_explore_memory_bytes(const struct tern_explore_point *point);   // a second
enum tern_explore_cause tern_explore_bound(const struct tern_explore_point *point);
// Multiplications a second of a pass over a layer.
double tern_explore_rate(const struct tern_explore_point *point, const struct tern_explore_answer *answer);
// Those of a matmul unit that takes a beat of weights a cycle for all its vectors.
double tern_explore_peak(const struct tern_explore_point *point);

// The layers of the model on several devices, one part after the other. Projected.
#define TERN_EXPLORE_LINK_BYTES 1e9    // a second, between two devices
#define TERN_EXPLORE_LINK_SECONDS 1e-5 // before the first byte
struct tern_explore_pipeline {
    uint32_t layers;         // of the device with most
    double bytes;            // of its weights, and of the cache of one sequence at `context`
    double link_seconds;     // that a hidden state takes from one device to the next
    double sequence_seconds; // a token of a sequence
    double all_seconds;      // between tokens, of as many sequences as devices
};
struct tern_explore_pipeline tern_explore_pipeline(const struct tern_explore_point *point);

// Writes the roofline of the points to a file, an SVG picture.
enum tern_status tern_explore_roofline(const char *path, const struct tern_explore_point *points, size_t count,
                                       struct tern_error *error);

#endif
