// SPDX-License-Identifier: Apache-2.0
// What the matmul unit assumes about the packed format. A spec with other constants does not elaborate. The name of the
// missing module is then the broken rule. C has the same rules as assertions in cmodel/matmul and cmodel/fast.
`default_nettype none

`include "tern_spec.vh"

module tern_format_rules;
    localparam LARGEST_GROUP_SUM = (3 ** `TERN_MAX_DEPTH - 1) / 2 * `TERN_GROUP_COLUMNS * `TERN_MANTISSA_MAX;
    localparam BIN_GROUPS_LOG2 = 12; // a bin has room for twice the groups of the widest matrix

    generate
        if (`TERN_GROUP_COLUMNS != 16) begin : wrong_group_columns
            tern_rule_group_columns_is_16 rule ();
        end
        if (`TERN_STRIP_ROWS != 5) begin : wrong_strip_rows
            tern_rule_strip_rows_is_5 rule ();
        end
        if (`TERN_BEAT_BYTES != 16) begin : wrong_beat_bytes
            tern_rule_beat_bytes_is_16 rule ();
        end
        if (`TERN_CODE_BYTES != 3) begin : wrong_code_bytes
            tern_rule_code_bytes_is_3 rule ();
        end
        if (`TERN_GROUP_MULTIPLE != 4) begin : wrong_group_multiple
            tern_rule_group_multiple_is_4 rule ();
        end
        if (`TERN_SEGMENT_ALIGN != 64) begin : wrong_segment_align
            tern_rule_segment_align_is_64 rule ();
        end
        if (`TERN_STEPS != 27) begin : wrong_steps
            tern_rule_steps_is_27 rule ();
        end
        if (`TERN_MAX_DEPTH < 1 || `TERN_MAX_DEPTH > 6) begin : wrong_max_depth
            tern_rule_max_depth_is_1_to_6 rule ();
        end
        if (`TERN_STEP_RATIO_LOG2 != 32) begin : wrong_step_ratio_log2
            tern_rule_step_ratio_log2_is_32 rule ();
        end
        if (`TERN_MANTISSA_BITS != 16) begin : wrong_mantissa_bits
            tern_rule_mantissa_bits_is_16 rule ();
        end
        if (`TERN_MANTISSA_MAX != 32767) begin : wrong_mantissa_max
            tern_rule_mantissa_max_is_32767 rule ();
        end
        if (`TERN_MAX_SHIFT != 15) begin : wrong_max_shift
            tern_rule_max_shift_is_15 rule ();
        end
        if (LARGEST_GROUP_SUM >= 2 ** (`TERN_GROUP_SUM_BITS - 1)) begin : wrong_group_sum_bits_hold_the_deepest_group
            tern_rule_group_sum_bits_hold_the_deepest_group rule ();
        end
        if (LARGEST_GROUP_SUM < 2 ** (`TERN_GROUP_SUM_BITS - 2)) begin : wrong_group_sum_bits
            tern_rule_group_sum_bits_are_all_needed rule ();
        end
        if (`TERN_BIN_BITS != `TERN_GROUP_SUM_BITS + `TERN_MAX_SHIFT + BIN_GROUPS_LOG2) begin : wrong_bin_bits_hold_all_groups
            tern_rule_bin_bits_hold_all_groups_of_a_row rule ();
        end
        if (`TERN_BIN_BITS > 54) begin : wrong_bin_bits
            tern_rule_bin_bits_are_three_limbs_of_18 rule ();
        end
        if (`TERN_MAX_ROWS > 262144) begin : wrong_max_rows
            tern_rule_max_rows_is_up_to_2_to_18 rule ();
        end
        if (`TERN_ACTIVATION_HEADER_BYTES != 64) begin : wrong_activation_header_bytes
            tern_rule_activation_header_bytes_is_64 rule ();
        end
        if (`TERN_LEAST_BASE_EXPONENT < -256 || `TERN_LARGEST_BASE_EXPONENT > 255) begin : wrong_base_exponents
            tern_rule_base_exponents_have_9_bits rule ();
        end
        if (`TERN_SUM_BITS != 128) begin : wrong_sum_bits
            tern_rule_sum_bits_is_128 rule ();
        end
    endgenerate
endmodule

`default_nettype wire
