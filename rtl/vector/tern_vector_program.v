// SPDX-License-Identifier: Apache-2.0
// Made by tools/gen_program from program.txt. Do not edit. The program of the vector unit: its constants, the entries of
// the sections of an operation, and the instructions. Each output comes one cycle after its input.
`default_nettype none

`include "tern_spec.vh"

module tern_vector_program (
    input  wire        clk,
    input  wire [3:0]  operation,     // TERN_OPCODE_* of the command
    output reg         known,         // there is such an operation
    output reg  [4:0]  has,           // its sections: open, pass1, middle, pass2, close
    output reg  [39:0] entries,       // 8 bits each, open lowest
    output reg  [7:0]  open_mask,     // `open` runs before a row whose number AND this is 0
    input  wire [7:0]  counter,
    output reg  [29:0] instruction,
    input  wire [5:0]  k,
    output reg  [31:0] constant
);
    `include "tern_vector_isa.vh"

    always @(posedge clk)
        case (k)
            K_ZERO: constant <= 32'h00000000;
            K_ONE: constant <= 32'h3f800000;
            K_HALF: constant <= 32'h3f000000;
            K_MINUS_ONE: constant <= 32'hbf800000;
            K_LOG2_E: constant <= 32'h3fb8aa3b;
            K_LN2_HIGH: constant <= 32'h3f317200;
            K_LN2_LOW: constant <= 32'h35bfbe8e;
            K_EXP_6: constant <= 32'h3ab68887;
            K_EXP_5: constant <= 32'h3c0905b9;
            K_EXP_4: constant <= 32'h3d2aaa8d;
            K_EXP_3: constant <= 32'h3e2aaa6e;
            K_MINUS_105: constant <= 32'hc2d20000;
            K_MINUS_104: constant <= 32'hc2d00000;
            K_MINUS_ZERO: constant <= 32'h80000000;
            K_LIFT: constant <= 32'h4b800000;
            K_NORMAL: constant <= 32'h00800000;
            K_LIFTED: constant <= 32'h41c00000;
            K_NAN: constant <= 32'h7fc00000;
            K_INFINITY: constant <= 32'h7f800000;
            K_FINITE: constant <= 32'h7f7fffff;
            K_ROOT_LIFT: constant <= 32'h45800000;
            K_ROUND: constant <= 32'h4b400000;
            default: constant <= 32'd0;
        endcase

    always @(posedge clk) begin
        known <= 1'b1;
        case (operation)
            `TERN_OPCODE_ADD: {has, entries, open_mask} <= {5'b01000, 8'd0, 8'd0, 8'd0, 8'd0, 8'd0, 8'd0};
            `TERN_OPCODE_COPY: {has, entries, open_mask} <= {5'b01000, 8'd0, 8'd1, 8'd0, 8'd0, 8'd0, 8'd0};
            `TERN_OPCODE_RMSNORM: {has, entries, open_mask} <= {5'b01111, 8'd0, 8'd48, 8'd6, 8'd3, 8'd2, 8'd0};
            `TERN_OPCODE_ROPE: {has, entries, open_mask} <= {5'b01001, 8'd0, 8'd52, 8'd0, 8'd0, 8'd50, 8'd255};
            `TERN_OPCODE_SWIGLU: {has, entries, open_mask} <= {5'b01000, 8'd0, 8'd60, 8'd0, 8'd0, 8'd0, 8'd0};
            `TERN_OPCODE_QUANTIZE: {has, entries, open_mask} <= {5'b01010, 8'd0, 8'd108, 8'd0, 8'd107, 8'd0, 8'd0};
            `TERN_OPCODE_SOFTMAX: {has, entries, open_mask} <= {5'b11011, 8'd139, 8'd113, 8'd0, 8'd112, 8'd111, 8'd0};
            `TERN_OPCODE_SCALE: {has, entries, open_mask} <= {5'b01101, 8'd0, 8'd176, 8'd175, 8'd0, 8'd143, 8'd15};
            `TERN_OPCODE_STORE: {has, entries, open_mask} <= {5'b01010, 8'd0, 8'd178, 8'd0, 8'd177, 8'd0, 8'd0};
            default: {known, has, entries, open_mask} <= 54'd0;
        endcase
    end

    always @(posedge clk)
        case (counter)
            8'd0: instruction <= {1'b0, DO_ADD, TO_OUTPUT, FROM_LEFT, FROM_RIGHT, K_ZERO, SCAN_NONE, 4'b0000, 1'b1}; // out = left + right
            8'd1: instruction <= {1'b0, DO_KEEP, TO_OUTPUT, FROM_LEFT, 4'd0, K_ZERO, SCAN_NONE, 4'b0000, 1'b1}; // out = left
            8'd2: instruction <= {1'b0, DO_KEEP, 4'd6, FROM_K, 4'd0, K_ZERO, SCAN_NONE, 4'b0001, 1'b1}; // r6 = ZERO
            8'd3: instruction <= {1'b0, DO_KEEP, 4'd1, FROM_LEFT, 4'd0, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r1 = left
            8'd4: instruction <= {1'b1, DO_MULTIPLY, 4'd0, 4'd1, 4'd1, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // join r0 = r1 * r1
            8'd5: instruction <= {1'b0, DO_ADD, 4'd6, 4'd6, 4'd0, K_ZERO, SCAN_NONE, 4'b0100, 1'b1}; // r6 += r0
            8'd6: instruction <= {1'b0, DO_ADD, 4'd6, 4'd6, FROM_FOLD, 6'd8, SCAN_NONE, 4'b0001, 1'b0}; // r6 = r6 + fold 8
            8'd7: instruction <= {1'b0, DO_ADD, 4'd6, 4'd6, FROM_FOLD, 6'd4, SCAN_NONE, 4'b0001, 1'b0}; // r6 = r6 + fold 4
            8'd8: instruction <= {1'b0, DO_ADD, 4'd6, 4'd6, FROM_FOLD, 6'd2, SCAN_NONE, 4'b0001, 1'b0}; // r6 = r6 + fold 2
            8'd9: instruction <= {1'b0, DO_ADD, 4'd6, 4'd6, FROM_FOLD, 6'd1, SCAN_NONE, 4'b0001, 1'b0}; // r6 = r6 + fold 1
            8'd10: instruction <= {1'b0, DO_MULTIPLY, 4'd0, 4'd6, FROM_K, K_SCALAR_1, SCAN_NONE, 4'b0001, 1'b0}; // r0 = r6 * SCALAR_1
            8'd11: instruction <= {1'b0, DO_ADD, 4'd0, 4'd0, FROM_K, K_SCALAR_0, SCAN_NONE, 4'b0001, 1'b0}; // r0 = r0 + SCALAR_0
            8'd12: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd0, FROM_K, K_LIFT, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r0 * LIFT
            8'd13: instruction <= {1'b0, DO_LESS, TO_PREDICATE, 4'd0, FROM_K, K_NORMAL, SCAN_NONE, 4'b0001, 1'b0}; // p = r0 < NORMAL
            8'd14: instruction <= {1'b0, DO_KEEP, 4'd2, 4'd0, 4'd0, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r2 = r0
            8'd15: instruction <= {1'b0, DO_KEEP, 4'd2, 4'd1, 4'd0, K_ZERO, SCAN_NONE, 4'b0011, 1'b0}; // if p r2 = r1
            8'd16: instruction <= {1'b0, DO_BITS, 4'd3, 4'd2, 4'd0, {3'd0, BITS_ROOT_MANTISSA}, SCAN_NONE, 4'b0001, 1'b0}; // r3 = root_mantissa r2
            8'd17: instruction <= {1'b0, DO_BITS, 4'd4, 4'd2, 4'd0, {3'd0, BITS_ROOT_POWER}, SCAN_NONE, 4'b0001, 1'b0}; // r4 = root_power r2
            8'd18: instruction <= {1'b0, DO_MULTIPLY, 4'd5, 4'd4, FROM_K, K_ROOT_LIFT, SCAN_NONE, 4'b0001, 1'b0}; // r5 = r4 * ROOT_LIFT
            8'd19: instruction <= {1'b0, DO_KEEP, 4'd4, 4'd5, 4'd0, K_ZERO, SCAN_NONE, 4'b0011, 1'b0}; // if p r4 = r5
            8'd20: instruction <= {1'b0, DO_MULTIPLY, 4'd5, 4'd3, FROM_K, K_HALF, SCAN_NONE, 4'b0001, 1'b0}; // r5 = r3 * HALF
            8'd21: instruction <= {1'b0, DO_BITS, 4'd7, 4'd3, 4'd0, {3'd0, BITS_ROOT_SEED}, SCAN_NONE, 4'b0001, 1'b0}; // r7 = root_seed r3
            8'd22: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd5, 4'd7, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r5 * r7
            8'd23: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd1, 4'd7, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r1 * r7
            8'd24: instruction <= {1'b0, DO_SUBTRACT, 4'd1, FROM_K, 4'd1, K_HALF, SCAN_NONE, 4'b0001, 1'b0}; // r1 = HALF - r1
            8'd25: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd7, 4'd1, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r7 * r1
            8'd26: instruction <= {1'b0, DO_ADD, 4'd7, 4'd7, 4'd1, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r7 = r7 + r1
            8'd27: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd5, 4'd7, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r5 * r7
            8'd28: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd1, 4'd7, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r1 * r7
            8'd29: instruction <= {1'b0, DO_SUBTRACT, 4'd1, FROM_K, 4'd1, K_HALF, SCAN_NONE, 4'b0001, 1'b0}; // r1 = HALF - r1
            8'd30: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd7, 4'd1, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r7 * r1
            8'd31: instruction <= {1'b0, DO_ADD, 4'd7, 4'd7, 4'd1, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r7 = r7 + r1
            8'd32: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd5, 4'd7, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r5 * r7
            8'd33: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd1, 4'd7, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r1 * r7
            8'd34: instruction <= {1'b0, DO_SUBTRACT, 4'd1, FROM_K, 4'd1, K_HALF, SCAN_NONE, 4'b0001, 1'b0}; // r1 = HALF - r1
            8'd35: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd7, 4'd1, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r7 * r1
            8'd36: instruction <= {1'b0, DO_ADD, 4'd7, 4'd7, 4'd1, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r7 = r7 + r1
            8'd37: instruction <= {1'b0, DO_MULTIPLY, 4'd7, 4'd7, 4'd4, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r7 = r7 * r4
            8'd38: instruction <= {1'b0, DO_LESS, TO_PREDICATE, FROM_K, 4'd0, K_FINITE, SCAN_NONE, 4'b0001, 1'b0}; // p = FINITE < r0
            8'd39: instruction <= {1'b0, DO_KEEP, 4'd7, FROM_K, 4'd0, K_ZERO, SCAN_NONE, 4'b0011, 1'b0}; // if p r7 = ZERO
            8'd40: instruction <= {1'b0, DO_LESS, TO_PREDICATE, 4'd0, FROM_K, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // p = r0 < ZERO
            8'd41: instruction <= {1'b0, DO_KEEP, 4'd7, FROM_K, 4'd0, K_NAN, SCAN_NONE, 4'b0011, 1'b0}; // if p r7 = NAN
            8'd42: instruction <= {1'b0, DO_EQUAL, TO_PREDICATE, 4'd0, FROM_K, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // p = r0 == ZERO
            8'd43: instruction <= {1'b0, DO_KEEP, 4'd7, FROM_K, 4'd0, K_INFINITY, SCAN_NONE, 4'b0011, 1'b0}; // if p r7 = INFINITY
            8'd44: instruction <= {1'b0, DO_KEEP, 4'd1, FROM_K, 4'd0, K_NAN, SCAN_NONE, 4'b0001, 1'b0}; // r1 = NAN
            8'd45: instruction <= {1'b0, DO_EQUAL, TO_PREDICATE, 4'd0, 4'd0, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // p = r0 == r0
            8'd46: instruction <= {1'b0, DO_KEEP, 4'd1, 4'd7, 4'd0, K_ZERO, SCAN_NONE, 4'b0011, 1'b0}; // if p r1 = r7
            8'd47: instruction <= {1'b0, DO_KEEP, TO_SCALAR, 4'd1, 4'd0, K_ZERO, SCAN_NONE, 4'b0001, 1'b1}; // scalar = r1
            8'd48: instruction <= {1'b0, DO_MULTIPLY, 4'd0, FROM_LEFT, FROM_K, K_RESULT, SCAN_NONE, 4'b0000, 1'b0}; // r0 = left * RESULT
            8'd49: instruction <= {1'b0, DO_MULTIPLY, TO_OUTPUT, 4'd0, FROM_RIGHT, K_ZERO, SCAN_NONE, 4'b0000, 1'b1}; // out = r0 * right
            8'd50: instruction <= {1'b0, DO_ADD, 4'd2, FROM_K, FROM_RIGHT, K_MINUS_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // all r2 = MINUS_ZERO + right
            8'd51: instruction <= {1'b0, DO_ADD, 4'd3, FROM_K, FROM_RIGHT, K_MINUS_ZERO, SCAN_NONE, 4'b0000, 1'b1}; // all r3 = MINUS_ZERO + right
            8'd52: instruction <= {1'b0, DO_KEEP, 4'd0, FROM_LEFT, 4'd0, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r0 = left
            8'd53: instruction <= {1'b0, DO_KEEP, 4'd1, FROM_LEFT, 4'd0, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r1 = left
            8'd54: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd0, 4'd2, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r0 * r2
            8'd55: instruction <= {1'b0, DO_MULTIPLY, 4'd5, 4'd1, 4'd3, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r5 = r1 * r3
            8'd56: instruction <= {1'b0, DO_SUBTRACT, TO_OUTPUT, 4'd4, 4'd5, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // out = r4 - r5
            8'd57: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd1, 4'd2, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r1 * r2
            8'd58: instruction <= {1'b0, DO_MULTIPLY, 4'd5, 4'd0, 4'd3, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r5 = r0 * r3
            8'd59: instruction <= {1'b0, DO_ADD, TO_OUTPUT, 4'd4, 4'd5, K_ZERO, SCAN_NONE, 4'b0000, 1'b1}; // out = r4 + r5
            8'd60: instruction <= {1'b0, DO_KEEP, 4'd0, FROM_LEFT, 4'd0, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r0 = left
            8'd61: instruction <= {1'b0, DO_SIGN, 4'd1, 4'd0, FROM_K, K_MINUS_ONE, SCAN_NONE, 4'b0000, 1'b0}; // r1 = sign r0 MINUS_ONE
            8'd62: instruction <= {1'b0, DO_LARGER, 4'd1, 4'd1, FROM_K, K_MINUS_105, SCAN_NONE, 4'b0000, 1'b0}; // r1 = larger r1 MINUS_105
            8'd63: instruction <= {1'b0, DO_MULTIPLY, 4'd2, 4'd1, FROM_K, K_LOG2_E, SCAN_NONE, 4'b0000, 1'b0}; // r2 = r1 * LOG2_E
            8'd64: instruction <= {1'b0, DO_ADD, 4'd2, 4'd2, FROM_K, K_ROUND, SCAN_NONE, 4'b0000, 1'b0}; // r2 = r2 + ROUND
            8'd65: instruction <= {1'b0, DO_SUBTRACT, 4'd3, 4'd2, FROM_K, K_ROUND, SCAN_NONE, 4'b0000, 1'b0}; // r3 = r2 - ROUND
            8'd66: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd3, FROM_K, K_LN2_HIGH, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r3 * LN2_HIGH
            8'd67: instruction <= {1'b0, DO_SUBTRACT, 4'd1, 4'd1, 4'd4, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r1 = r1 - r4
            8'd68: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd3, FROM_K, K_LN2_LOW, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r3 * LN2_LOW
            8'd69: instruction <= {1'b0, DO_SUBTRACT, 4'd1, 4'd1, 4'd4, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r1 = r1 - r4
            8'd70: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd1, FROM_K, K_EXP_6, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r1 * EXP_6
            8'd71: instruction <= {1'b0, DO_ADD, 4'd4, 4'd4, FROM_K, K_EXP_5, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 + EXP_5
            8'd72: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd4, 4'd1, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 * r1
            8'd73: instruction <= {1'b0, DO_ADD, 4'd4, 4'd4, FROM_K, K_EXP_4, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 + EXP_4
            8'd74: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd4, 4'd1, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 * r1
            8'd75: instruction <= {1'b0, DO_ADD, 4'd4, 4'd4, FROM_K, K_EXP_3, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 + EXP_3
            8'd76: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd4, 4'd1, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 * r1
            8'd77: instruction <= {1'b0, DO_ADD, 4'd4, 4'd4, FROM_K, K_HALF, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 + HALF
            8'd78: instruction <= {1'b0, DO_MULTIPLY, 4'd5, 4'd1, 4'd1, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r5 = r1 * r1
            8'd79: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd4, 4'd5, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 * r5
            8'd80: instruction <= {1'b0, DO_ADD, 4'd4, 4'd1, 4'd4, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r1 + r4
            8'd81: instruction <= {1'b0, DO_ADD, 4'd4, 4'd4, FROM_K, K_ONE, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 + ONE
            8'd82: instruction <= {1'b0, DO_SCALED, 4'd4, 4'd4, 4'd2, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = scaled r4 r2
            8'd83: instruction <= {1'b0, DO_ADD, 4'd5, 4'd4, FROM_K, K_ONE, SCAN_NONE, 4'b0000, 1'b0}; // r5 = r4 + ONE
            8'd84: instruction <= {1'b0, DO_BITS, 4'd6, 4'd5, 4'd0, {3'd0, BITS_MANTISSA}, SCAN_NONE, 4'b0000, 1'b0}; // r6 = mantissa r5
            8'd85: instruction <= {1'b0, DO_BITS, 4'd7, 4'd6, 4'd0, {3'd0, BITS_RECIPROCAL_SEED}, SCAN_NONE, 4'b0000, 1'b0}; // r7 = reciprocal_seed r6
            8'd86: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd6, 4'd7, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r3 = r6 * r7
            8'd87: instruction <= {1'b0, DO_SUBTRACT, 4'd3, FROM_K, 4'd3, K_ONE, SCAN_NONE, 4'b0000, 1'b0}; // r3 = ONE - r3
            8'd88: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r3 = r7 * r3
            8'd89: instruction <= {1'b0, DO_ADD, 4'd7, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r7 = r7 + r3
            8'd90: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd6, 4'd7, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r3 = r6 * r7
            8'd91: instruction <= {1'b0, DO_SUBTRACT, 4'd3, FROM_K, 4'd3, K_ONE, SCAN_NONE, 4'b0000, 1'b0}; // r3 = ONE - r3
            8'd92: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r3 = r7 * r3
            8'd93: instruction <= {1'b0, DO_ADD, 4'd7, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r7 = r7 + r3
            8'd94: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd6, 4'd7, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r3 = r6 * r7
            8'd95: instruction <= {1'b0, DO_SUBTRACT, 4'd3, FROM_K, 4'd3, K_ONE, SCAN_NONE, 4'b0000, 1'b0}; // r3 = ONE - r3
            8'd96: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r3 = r7 * r3
            8'd97: instruction <= {1'b0, DO_ADD, 4'd7, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r7 = r7 + r3
            8'd98: instruction <= {1'b0, DO_BITS, 4'd3, 4'd5, 4'd0, {3'd0, BITS_NEGATED_EXPONENT}, SCAN_NONE, 4'b0000, 1'b0}; // r3 = negated_exponent r5
            8'd99: instruction <= {1'b0, DO_SCALED, 4'd7, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r7 = scaled r7 r3
            8'd100: instruction <= {1'b0, DO_LESS, TO_PREDICATE, 4'd0, FROM_K, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // p = r0 < ZERO
            8'd101: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd4, 4'd7, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 * r7
            8'd102: instruction <= {1'b0, DO_KEEP, 4'd7, 4'd4, 4'd0, K_ZERO, SCAN_NONE, 4'b0010, 1'b0}; // if p r7 = r4
            8'd103: instruction <= {1'b0, DO_MULTIPLY, 4'd7, 4'd0, 4'd7, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r7 = r0 * r7
            8'd104: instruction <= {1'b0, DO_LESS, TO_PREDICATE, 4'd0, FROM_K, K_MINUS_104, SCAN_NONE, 4'b0000, 1'b0}; // p = r0 < MINUS_104
            8'd105: instruction <= {1'b0, DO_KEEP, 4'd7, FROM_K, 4'd0, K_MINUS_ZERO, SCAN_NONE, 4'b0010, 1'b0}; // if p r7 = MINUS_ZERO
            8'd106: instruction <= {1'b0, DO_MULTIPLY, TO_OUTPUT, 4'd7, FROM_RIGHT, K_ZERO, SCAN_NONE, 4'b0000, 1'b1}; // out = r7 * right
            8'd107: instruction <= {1'b0, DO_KEEP, 4'd0, FROM_LEFT, 4'd0, K_ZERO, SCAN_GROUPS, 4'b0000, 1'b1}; // scan r0 = left
            8'd108: instruction <= {1'b0, DO_KEEP, 4'd0, FROM_LEFT, 4'd0, K_ZERO, SCAN_GROUPS, 4'b0000, 1'b0}; // scan r0 = left
            8'd109: instruction <= {1'b0, DO_SCALED, 4'd0, 4'd0, FROM_K, K_GROUP, SCAN_NONE, 4'b0000, 1'b0}; // r0 = scaled r0 GROUP
            8'd110: instruction <= {1'b0, DO_ADD, TO_OUTPUT, 4'd0, FROM_K, K_ROUND, SCAN_NONE, 4'b0000, 1'b1}; // out = r0 + ROUND
            8'd111: instruction <= {1'b0, DO_KEEP, 4'd6, FROM_K, 4'd0, K_ZERO, SCAN_NONE, 4'b0001, 1'b1}; // r6 = ZERO
            8'd112: instruction <= {1'b0, DO_KEEP, 4'd0, FROM_LEFT, 4'd0, K_ZERO, SCAN_SIGNED, 4'b0000, 1'b1}; // largest r0 = left
            8'd113: instruction <= {1'b0, DO_SUBTRACT, 4'd1, FROM_LEFT, FROM_K, K_LARGEST, SCAN_NONE, 4'b0000, 1'b0}; // r1 = left - LARGEST
            8'd114: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd1, FROM_K, K_SCALAR_0, SCAN_NONE, 4'b0000, 1'b0}; // r1 = r1 * SCALAR_0
            8'd115: instruction <= {1'b0, DO_LARGER, 4'd1, 4'd1, FROM_K, K_MINUS_105, SCAN_NONE, 4'b0000, 1'b0}; // r1 = larger r1 MINUS_105
            8'd116: instruction <= {1'b0, DO_MULTIPLY, 4'd2, 4'd1, FROM_K, K_LOG2_E, SCAN_NONE, 4'b0000, 1'b0}; // r2 = r1 * LOG2_E
            8'd117: instruction <= {1'b0, DO_ADD, 4'd2, 4'd2, FROM_K, K_ROUND, SCAN_NONE, 4'b0000, 1'b0}; // r2 = r2 + ROUND
            8'd118: instruction <= {1'b0, DO_SUBTRACT, 4'd3, 4'd2, FROM_K, K_ROUND, SCAN_NONE, 4'b0000, 1'b0}; // r3 = r2 - ROUND
            8'd119: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd3, FROM_K, K_LN2_HIGH, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r3 * LN2_HIGH
            8'd120: instruction <= {1'b0, DO_SUBTRACT, 4'd1, 4'd1, 4'd4, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r1 = r1 - r4
            8'd121: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd3, FROM_K, K_LN2_LOW, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r3 * LN2_LOW
            8'd122: instruction <= {1'b0, DO_SUBTRACT, 4'd1, 4'd1, 4'd4, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r1 = r1 - r4
            8'd123: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd1, FROM_K, K_EXP_6, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r1 * EXP_6
            8'd124: instruction <= {1'b0, DO_ADD, 4'd4, 4'd4, FROM_K, K_EXP_5, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 + EXP_5
            8'd125: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd4, 4'd1, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 * r1
            8'd126: instruction <= {1'b0, DO_ADD, 4'd4, 4'd4, FROM_K, K_EXP_4, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 + EXP_4
            8'd127: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd4, 4'd1, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 * r1
            8'd128: instruction <= {1'b0, DO_ADD, 4'd4, 4'd4, FROM_K, K_EXP_3, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 + EXP_3
            8'd129: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd4, 4'd1, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 * r1
            8'd130: instruction <= {1'b0, DO_ADD, 4'd4, 4'd4, FROM_K, K_HALF, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 + HALF
            8'd131: instruction <= {1'b0, DO_MULTIPLY, 4'd5, 4'd1, 4'd1, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r5 = r1 * r1
            8'd132: instruction <= {1'b0, DO_MULTIPLY, 4'd4, 4'd4, 4'd5, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 * r5
            8'd133: instruction <= {1'b0, DO_ADD, 4'd4, 4'd1, 4'd4, K_ZERO, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r1 + r4
            8'd134: instruction <= {1'b0, DO_ADD, 4'd4, 4'd4, FROM_K, K_ONE, SCAN_NONE, 4'b0000, 1'b0}; // r4 = r4 + ONE
            8'd135: instruction <= {1'b1, DO_SCALED, 4'd7, 4'd4, 4'd2, K_ZERO, SCAN_GROUPS, 4'b0000, 1'b0}; // join scan r7 = scaled r4 r2
            8'd136: instruction <= {1'b0, DO_ADD, 4'd6, 4'd6, 4'd7, K_ZERO, SCAN_NONE, 4'b0100, 1'b0}; // r6 += r7
            8'd137: instruction <= {1'b0, DO_SCALED, 4'd0, 4'd7, FROM_K, K_GROUP, SCAN_NONE, 4'b0000, 1'b0}; // r0 = scaled r7 GROUP
            8'd138: instruction <= {1'b0, DO_ADD, TO_OUTPUT, 4'd0, FROM_K, K_ROUND, SCAN_NONE, 4'b0000, 1'b1}; // out = r0 + ROUND
            8'd139: instruction <= {1'b0, DO_ADD, 4'd6, 4'd6, FROM_FOLD, 6'd8, SCAN_NONE, 4'b0001, 1'b0}; // r6 = r6 + fold 8
            8'd140: instruction <= {1'b0, DO_ADD, 4'd6, 4'd6, FROM_FOLD, 6'd4, SCAN_NONE, 4'b0001, 1'b0}; // r6 = r6 + fold 4
            8'd141: instruction <= {1'b0, DO_ADD, 4'd6, 4'd6, FROM_FOLD, 6'd2, SCAN_NONE, 4'b0001, 1'b0}; // r6 = r6 + fold 2
            8'd142: instruction <= {1'b0, DO_ADD, TO_SCALAR, 4'd6, FROM_FOLD, 6'd1, SCAN_NONE, 4'b0001, 1'b1}; // scalar = r6 + fold 1
            8'd143: instruction <= {1'b0, DO_ADD, 4'd0, FROM_K, FROM_RIGHT, K_MINUS_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r0 = MINUS_ZERO + right
            8'd144: instruction <= {1'b0, DO_SIGN, 4'd4, 4'd0, FROM_K, K_ONE, SCAN_NONE, 4'b0001, 1'b0}; // r4 = sign r0 ONE
            8'd145: instruction <= {1'b0, DO_MULTIPLY, 4'd1, 4'd4, FROM_K, K_LIFT, SCAN_NONE, 4'b0001, 1'b0}; // r1 = r4 * LIFT
            8'd146: instruction <= {1'b0, DO_LESS, TO_PREDICATE, 4'd4, FROM_K, K_NORMAL, SCAN_NONE, 4'b0001, 1'b0}; // p = r4 < NORMAL
            8'd147: instruction <= {1'b0, DO_KEEP, 4'd2, 4'd4, 4'd0, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r2 = r4
            8'd148: instruction <= {1'b0, DO_KEEP, 4'd2, 4'd1, 4'd0, K_ZERO, SCAN_NONE, 4'b0011, 1'b0}; // if p r2 = r1
            8'd149: instruction <= {1'b0, DO_BITS, 4'd6, 4'd2, 4'd0, {3'd0, BITS_MANTISSA}, SCAN_NONE, 4'b0001, 1'b0}; // r6 = mantissa r2
            8'd150: instruction <= {1'b0, DO_BITS, 4'd2, 4'd2, 4'd0, {3'd0, BITS_NEGATED_EXPONENT}, SCAN_NONE, 4'b0001, 1'b0}; // r2 = negated_exponent r2
            8'd151: instruction <= {1'b0, DO_ADD, 4'd2, 4'd2, FROM_K, K_LIFTED, SCAN_NONE, 4'b0011, 1'b0}; // if p r2 = r2 + LIFTED
            8'd152: instruction <= {1'b0, DO_BITS, 4'd7, 4'd6, 4'd0, {3'd0, BITS_RECIPROCAL_SEED}, SCAN_NONE, 4'b0001, 1'b0}; // r7 = reciprocal_seed r6
            8'd153: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd6, 4'd7, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r3 = r6 * r7
            8'd154: instruction <= {1'b0, DO_SUBTRACT, 4'd3, FROM_K, 4'd3, K_ONE, SCAN_NONE, 4'b0001, 1'b0}; // r3 = ONE - r3
            8'd155: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r3 = r7 * r3
            8'd156: instruction <= {1'b0, DO_ADD, 4'd7, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r7 = r7 + r3
            8'd157: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd6, 4'd7, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r3 = r6 * r7
            8'd158: instruction <= {1'b0, DO_SUBTRACT, 4'd3, FROM_K, 4'd3, K_ONE, SCAN_NONE, 4'b0001, 1'b0}; // r3 = ONE - r3
            8'd159: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r3 = r7 * r3
            8'd160: instruction <= {1'b0, DO_ADD, 4'd7, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r7 = r7 + r3
            8'd161: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd6, 4'd7, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r3 = r6 * r7
            8'd162: instruction <= {1'b0, DO_SUBTRACT, 4'd3, FROM_K, 4'd3, K_ONE, SCAN_NONE, 4'b0001, 1'b0}; // r3 = ONE - r3
            8'd163: instruction <= {1'b0, DO_MULTIPLY, 4'd3, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r3 = r7 * r3
            8'd164: instruction <= {1'b0, DO_ADD, 4'd7, 4'd7, 4'd3, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r7 = r7 + r3
            8'd165: instruction <= {1'b0, DO_SCALED, 4'd7, 4'd7, 4'd2, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r7 = scaled r7 r2
            8'd166: instruction <= {1'b0, DO_LESS, TO_PREDICATE, FROM_K, 4'd4, K_FINITE, SCAN_NONE, 4'b0001, 1'b0}; // p = FINITE < r4
            8'd167: instruction <= {1'b0, DO_KEEP, 4'd7, FROM_K, 4'd0, K_ZERO, SCAN_NONE, 4'b0011, 1'b0}; // if p r7 = ZERO
            8'd168: instruction <= {1'b0, DO_EQUAL, TO_PREDICATE, 4'd4, FROM_K, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // p = r4 == ZERO
            8'd169: instruction <= {1'b0, DO_KEEP, 4'd7, FROM_K, 4'd0, K_INFINITY, SCAN_NONE, 4'b0011, 1'b0}; // if p r7 = INFINITY
            8'd170: instruction <= {1'b0, DO_SIGN, 4'd7, 4'd7, 4'd0, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // r7 = sign r7 r0
            8'd171: instruction <= {1'b0, DO_KEEP, 4'd1, FROM_K, 4'd0, K_NAN, SCAN_NONE, 4'b0001, 1'b0}; // r1 = NAN
            8'd172: instruction <= {1'b0, DO_EQUAL, TO_PREDICATE, 4'd0, 4'd0, K_ZERO, SCAN_NONE, 4'b0001, 1'b0}; // p = r0 == r0
            8'd173: instruction <= {1'b0, DO_KEEP, 4'd1, 4'd7, 4'd0, K_ZERO, SCAN_NONE, 4'b0011, 1'b0}; // if p r1 = r7
            8'd174: instruction <= {1'b0, DO_KEEP, 4'd7, 4'd1, 4'd0, K_ZERO, SCAN_NONE, 4'b0001, 1'b1}; // r7 = r1
            8'd175: instruction <= {1'b0, DO_KEEP, TO_SCALAR, 4'd7, 4'd0, K_ZERO, SCAN_NONE, 4'b1001, 1'b1}; // scalar = pick r7
            8'd176: instruction <= {1'b0, DO_MULTIPLY, TO_OUTPUT, FROM_LEFT, FROM_K, K_RESULT, SCAN_NONE, 4'b0000, 1'b1}; // out = left * RESULT
            8'd177: instruction <= {1'b0, DO_KEEP, 4'd0, FROM_LEFT, 4'd0, K_ZERO, SCAN_GROUPS, 4'b0000, 1'b1}; // scan r0 = left
            8'd178: instruction <= {1'b0, DO_KEEP, 4'd0, FROM_LEFT, 4'd0, K_ZERO, SCAN_GROUPS, 4'b0000, 1'b0}; // scan r0 = left
            8'd179: instruction <= {1'b0, DO_SCALED, 4'd0, 4'd0, FROM_K, K_GROUP, SCAN_NONE, 4'b0000, 1'b0}; // r0 = scaled r0 GROUP
            8'd180: instruction <= {1'b0, DO_ADD, TO_OUTPUT, 4'd0, FROM_K, K_ROUND, SCAN_NONE, 4'b0000, 1'b1}; // out = r0 + ROUND
            default: instruction <= 30'd1;
        endcase
endmodule

`default_nettype wire
