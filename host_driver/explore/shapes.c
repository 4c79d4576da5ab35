// SPDX-License-Identifier: Apache-2.0
// The Qwen2.5 and Qwen3 models. The test driver.cli.explore compares them with testvectors/configs.
#include <string.h>
#include <strings.h>

#include "host_driver/explore/explore.h"
#include "host_driver/model/layer_table.h"

struct shape {
    const char *size;
    uint32_t hidden, intermediate, layers, heads, kv_heads, head, vocabulary, features;
};

#define QWEN2 TERN_FEATURE_QKV_BIAS
#define QWEN3 TERN_FEATURE_HEAD_NORM

static const struct shape shapes[] = {
    {"0.5b", 896, 4864, 24, 14, 2, 64, 151936, QWEN2},
    {"1.5b", 1536, 8960, 28, 12, 2, 128, 151936, QWEN2},
    {"3b", 2048, 11008, 36, 16, 2, 128, 151936, QWEN2},
    {"7b", 3584, 18944, 28, 28, 4, 128, 152064, QWEN2},
    {"14b", 5120, 13824, 48, 40, 8, 128, 152064, QWEN2},
    {"32b", 5120, 27648, 64, 40, 8, 128, 152064, QWEN2},
    {"72b", 8192, 29568, 80, 64, 8, 128, 152064, QWEN2},
    {"qwen3-0.6b", 1024, 3072, 28, 16, 8, 128, 151936, QWEN3},
    {"qwen3-1.7b", 2048, 6144, 28, 16, 8, 128, 151936, QWEN3},
    {"qwen3-4b", 2560, 9728, 36, 32, 8, 128, 151936, QWEN3},
    {"qwen3-8b", 4096, 12288, 36, 32, 8, 128, 151936, QWEN3},
    {"qwen3-14b", 5120, 17408, 40, 40, 8, 128, 151936, QWEN3},
    {"qwen3-32b", 5120, 25600, 64, 64, 8, 128, 151936, QWEN3},
};

const char *tern_explore_sizes(void) {
    return "0.5b, 1.5b, 3b, 7b, 14b, 32b, 72b, qwen3-0.6b, qwen3-1.7b, qwen3-4b, qwen3-8b, qwen3-14b, qwen3-32b";
}

bool tern_explore_shape(const char *size, struct tern_model_config *config) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (strcasecmp(shapes[i].size, size) == 0) {
            *config = (struct tern_model_config){.hidden_size = shapes[i].hidden,
                                                 .intermediate_size = shapes[i].intermediate,
                                                 .layers = shapes[i].layers,
                                                 .heads = shapes[i].heads,
                                                 .kv_heads = shapes[i].kv_heads,
                                                 .head_size = shapes[i].head,
                                                 .vocabulary_size = shapes[i].vocabulary,
                                                 .max_positions = TERN_MAX_POSITIONS,
                                                 .rms_epsilon = 1e-6f,
                                                 .rope_theta = 1e6,
                                                 .features = shapes[i].features};
            return true;
        }
    }
    return false;
}
