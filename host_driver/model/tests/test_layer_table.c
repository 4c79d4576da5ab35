// SPDX-License-Identifier: Apache-2.0
// The layer table: its stages in order, the tensors that follow from it, and that nothing is read before it is written.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host_driver/model/layer_table.h"

// Every extent another number.
static const struct tern_model_config config = {.hidden_size = 96,
                                                .intermediate_size = 172,
                                                .layers = 3,
                                                .heads = 5,
                                                .kv_heads = 2,
                                                .head_size = 8,
                                                .vocabulary_size = 300,
                                                .features = TERN_FEATURE_QKV_BIAS | TERN_FEATURE_O_BIAS};

static struct tern_model_config with(uint32_t features) {
    struct tern_model_config other = config;
    other.features = features;
    return other;
}

// Whether a configuration has the stage.
static bool has_stage(uint32_t features, const char *stage) {
    const bool is_head_norm = strcmp(stage, "q_norm") == 0 || strcmp(stage, "k_norm") == 0;
    const uint32_t needed = is_head_norm                   ? TERN_FEATURE_HEAD_NORM
                            : strcmp(stage, "o_bias") == 0 ? TERN_FEATURE_O_BIAS
                            : strstr(stage, "_bias")       ? TERN_FEATURE_QKV_BIAS
                                                           : 0;
    return (needed & ~features) == 0;
}

static void stages_are_in_order(void **state) {
    (void)state;
    static const char *const stages[] = {"input_norm", "input_quantize", "q_proj",
                                         "q_bias",     "k_proj",         "k_bias",
                                         "v_proj",     "v_bias",         "q_norm",
                                         "k_norm",     "q_rope",         "k_rope",
                                         "k_store",    "v_collect",      "v_store",
                                         "q_quantize", "scores",         "softmax",
                                         "values",     "attention",      "attention_quantize",
                                         "o_proj",     "o_bias",         "attention_residual",
                                         "post_norm",  "post_quantize",  "gate_proj",
                                         "up_proj",    "swiglu",         "swiglu_quantize",
                                         "down_proj",  "mlp_residual"};
    enum { STAGES = sizeof stages / sizeof *stages };
    static const uint32_t features[] = {0, TERN_FEATURE_QKV_BIAS, TERN_FEATURE_HEAD_NORM,
                                        TERN_FEATURE_QKV_BIAS | TERN_FEATURE_O_BIAS,
                                        TERN_FEATURE_QKV_BIAS | TERN_FEATURE_O_BIAS | TERN_FEATURE_HEAD_NORM};
    for (size_t f = 0; f < sizeof features / sizeof *features; f++) {
        const struct tern_model_config of = with(features[f]);
        uint32_t rows = 0;
        for (uint32_t i = 0; i < STAGES; i++) {
            if (has_stage(features[f], stages[i])) {
                assert_string_equal(tern_layer_row(&of, rows++)->stage, stages[i]);
            }
        }
        assert_int_equal(tern_layer_rows(&of), rows);
        assert_null(tern_layer_row(&of, rows));
    }
}

// A layer leaves its result where the next one and the final norm read it.
static void what_is_read_was_written(void **state) {
    (void)state;
    const struct tern_layer_row *row = NULL;
    bool is_written[TERN_BUFFERS] = {[TERN_BUFFER_NONE] = true, [TERN_BUFFER_HIDDEN] = true};
    for (uint32_t i = 0; tern_layer_row(&config, i); i++) {
        row = tern_layer_row(&config, i);
        for (int operand = 0; operand < TERN_LAYER_READS; operand++) {
            assert_true(is_written[row->reads[operand]]);
        }
        assert_int_equal(row->writes == TERN_BUFFER_ACTIVATION || row->writes == TERN_BUFFER_QUERIES,
                         row->opcode == TERN_OPCODE_QUANTIZE);
        assert_int_equal(row->reads[0] == TERN_BUFFER_ACTIVATION, row->opcode == TERN_OPCODE_MATMUL);
        assert_int_equal(row->columns != TERN_EXTENT_NONE, row->opcode == TERN_OPCODE_MATMUL);
        is_written[row->writes] = is_written[row->also_writes] = true;
    }
    assert_int_equal(row->writes, tern_layer_row(&config, 0)->reads[0]);
    assert_int_equal(row->writes, tern_final_norm_row.reads[0]);
    for (int buffer = 0; buffer < TERN_BUFFERS; buffer++) {
        assert_true(is_written[buffer]);
    }
}

struct expected {
    const char *name;
    uint64_t rows, columns;
    bool packed;
};

static void expect_tensors(const struct tern_model_config *of, const struct expected *expected, uint64_t count) {
    assert_int_equal(tern_config_tensor_count(of), count);
    for (uint64_t i = 0; i < count; i++) {
        struct tern_needed_tensor needed;
        tern_config_tensor(of, i, &needed);
        assert_string_equal(needed.name, expected[i].name);
        assert_int_equal(needed.rows, expected[i].rows);
        assert_int_equal(needed.columns, expected[i].columns);
        assert_int_equal(needed.packed, expected[i].packed);
    }
}

#define LAYER_0(name) "model.layers.0." name

static void tensors_follow(void **state) {
    (void)state;
    static const struct expected tied[] = {{"model.embed_tokens.weight", 300, 96, false},
                                           {LAYER_0("input_layernorm.weight"), 96, 0, false},
                                           {LAYER_0("self_attn.q_proj.weight"), 40, 96, true},
                                           {LAYER_0("self_attn.q_proj.bias"), 40, 0, false},
                                           {LAYER_0("self_attn.k_proj.weight"), 16, 96, true},
                                           {LAYER_0("self_attn.k_proj.bias"), 16, 0, false},
                                           {LAYER_0("self_attn.v_proj.weight"), 16, 96, true},
                                           {LAYER_0("self_attn.v_proj.bias"), 16, 0, false},
                                           {LAYER_0("self_attn.o_proj.weight"), 96, 40, true},
                                           {LAYER_0("self_attn.o_proj.bias"), 96, 0, false},
                                           {LAYER_0("post_attention_layernorm.weight"), 96, 0, false},
                                           {LAYER_0("mlp.gate_proj.weight"), 172, 96, true},
                                           {LAYER_0("mlp.up_proj.weight"), 172, 96, true},
                                           {LAYER_0("mlp.down_proj.weight"), 96, 172, true},
                                           {"model.norm.weight", 96, 0, false}};
    static const struct expected untied[] = {{"model.embed_tokens.weight", 300, 96, false},
                                             {LAYER_0("input_layernorm.weight"), 96, 0, false},
                                             {LAYER_0("self_attn.q_proj.weight"), 40, 96, true},
                                             {LAYER_0("self_attn.k_proj.weight"), 16, 96, true},
                                             {LAYER_0("self_attn.v_proj.weight"), 16, 96, true},
                                             {LAYER_0("self_attn.o_proj.weight"), 96, 40, true},
                                             {LAYER_0("post_attention_layernorm.weight"), 96, 0, false},
                                             {LAYER_0("mlp.gate_proj.weight"), 172, 96, true},
                                             {LAYER_0("mlp.up_proj.weight"), 172, 96, true},
                                             {LAYER_0("mlp.down_proj.weight"), 96, 172, true},
                                             {"model.norm.weight", 96, 0, false},
                                             {"lm_head.weight", 300, 96, false}};
    struct tern_model_config one = config, plain = with(0);
    one.layers = plain.layers = 1;
    one.tied_embeddings = 1;
    expect_tensors(&one, tied, sizeof tied / sizeof *tied);
    expect_tensors(&plain, untied, sizeof untied / sizeof *untied);
    struct tern_needed_tensor needed;
    assert_int_equal(tern_config_tensor_count(&config), 1 + 3 * 13 + 2);
    tern_config_tensor(&config, 3 * 13, &needed);
    assert_string_equal(needed.name, "model.layers.2.mlp.down_proj.weight");
}

// The norm of a head has the elements of one, and follows the projections.
static void norms_of_heads_follow(void **state) {
    (void)state;
    const struct tern_model_config heads = with(TERN_FEATURE_HEAD_NORM);
    static const char *const names[] = {LAYER_0("self_attn.q_norm.weight"), LAYER_0("self_attn.k_norm.weight")};
    assert_int_equal(tern_config_tensor_count(&heads), 1 + 3 * 11 + 2);
    for (uint64_t i = 0; i < 2; i++) {
        struct tern_needed_tensor needed;
        tern_config_tensor(&heads, 5 + i, &needed);
        assert_string_equal(needed.name, names[i]);
        assert_int_equal(needed.rows, heads.head_size);
        assert_int_equal(needed.columns, 0);
        assert_false(needed.packed);
    }
}

// A tensor without a place would be left out of the results.
static void strangers_are_known(void **state) {
    (void)state;
    const struct tern_model_config plain = with(0), heads = with(TERN_FEATURE_HEAD_NORM);
    static const struct {
        const char *name;
        bool has_place, has_place_in_plain, is_matrix;
    } cases[] = {{LAYER_0("self_attn.q_proj.weight"), true, true, true},
                 {"model.layers.2.mlp.down_proj.weight", true, true, true},
                 {"model.layers.3.mlp.down_proj.weight", false, false, true},
                 {"model.layers.02.mlp.down_proj.weight", false, false, true},
                 {"model.layers.4294967298.mlp.down_proj.weight", false, false, true},
                 {LAYER_0("self_attn.q_proj.bias"), true, false, false},
                 {LAYER_0("input_layernorm.weight"), true, true, false},
                 {LAYER_0("self_attn.o_proj.bias"), true, false, false},
                 {LAYER_0("self_attn.q_norm.weight"), false, false, false},
                 {LAYER_0("self_attn.q_norm.scale"), false, false, false},
                 {LAYER_0("self_attn.q_proj.lora_A.weight"), false, false, false},
                 {LAYER_0("mlp.up_proj.weight_scale"), false, false, false},
                 {LAYER_0("extra_proj.weight"), false, false, false},
                 {"model.layers.self_attn.q_proj.weight", false, false, false},
                 {"layers.0.self_attn.q_proj.weight", false, false, false},
                 {"model.embed_tokens.weight", true, true, false},
                 {"model.norm.weight", true, true, false},
                 {"lm_head.weight", true, true, false},
                 {"lm_head.bias", false, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *name = cases[i].name;
        if (tern_config_has_tensor(&config, name) != cases[i].has_place ||
            tern_config_has_tensor(&plain, name) != cases[i].has_place_in_plain ||
            tern_is_layer_matrix(name) != cases[i].is_matrix) {
            fail_msg("%s is taken for something else", name);
        }
    }
    assert_true(tern_config_has_tensor(&heads, LAYER_0("self_attn.q_norm.weight")));
    assert_true(tern_config_has_tensor(&heads, LAYER_0("self_attn.k_norm.weight")));
    assert_false(tern_config_has_tensor(&heads, LAYER_0("self_attn.q_proj.bias")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_are_in_order), cmocka_unit_test(what_is_read_was_written),
        cmocka_unit_test(tensors_follow),      cmocka_unit_test(norms_of_heads_follow),
        cmocka_unit_test(strangers_are_known),
    };
    return cmocka_run_group_tests_name("driver.model.layer_table", tests, NULL, NULL);
}
