// SPDX-License-Identifier: Apache-2.0
// Cycles of one layer of a model, by the device `vp` with units that only take their time. Commands, firmware and
// durations are those of a real run. No weights are needed, as data change no duration.
#ifndef TERN_HOST_DRIVER_EXPLORE_LAYER_TIME_H
#define TERN_HOST_DRIVER_EXPLORE_LAYER_TIME_H

#include "host_driver/model/model.h"

// What a layer's cycles depend on.
struct tern_explore_question {
    const struct tern_model_config *config;
    uint32_t depth, lanes, vectors;
    uint32_t ways;                              // of the vector unit; 0: none
    bool attention;                             // there is an attention unit. The core does the work of a missing unit
    uint32_t latency_cycles, bandwidth_percent; // of memory
    uint32_t context, tokens;                   // positions before this pass; tokens of it, 1..MAX_VECTORS
};

// Where the cycles went. The sum is that of the layer.
enum tern_explore_cause {
    TERN_EXPLORE_WEIGHTS,   // the matmul unit took beats or waited for memory
    TERN_EXPLORE_FINISH,    // it waited for its own results
    TERN_EXPLORE_CACHE,     // the attention unit took beats or waited for memory
    TERN_EXPLORE_ATTENTION, // it waited for its own results, began or ended
    TERN_EXPLORE_VECTOR,    // the vector unit ran, and nothing before it
    TERN_EXPLORE_CORE,      // no unit ran: the firmware
    TERN_EXPLORE_CAUSES
};

const char *tern_explore_cause_name(enum tern_explore_cause cause); // "weights"

struct tern_explore_answer {
    uint64_t cycles, norm_cycles; // of the layer; of its first norm
    int64_t causes[TERN_EXPLORE_CAUSES];
    uint64_t weight_bytes, cache_bytes; // read from memory
    uint64_t multiplications;           // of weights and of attention
};

// UNSUPPORTED without the device vp.
enum tern_status tern_explore_layer(const struct tern_explore_question *question, struct tern_error *error,
                                    struct tern_explore_answer *answer);

#endif
