// SPDX-License-Identifier: Apache-2.0
// Fields of an instruction of the vector unit. Included in the modules that make or read instructions.
//
// An instruction computes `to = operation(a, b)` for each element of a tile, or of its first group only.
//   a       r0..r7, the left stream, a constant
//   b       r0..r7, the right stream, a constant, r6 folded (element i + stride)
//   to      r0..r7, the output stream, the predicate, a scalar
//   k       which constant or scalar; of BITS the kind; of a fold the stride
/* verilator lint_off UNUSEDPARAM */
localparam [3:0] DO_ADD = 4'd0, DO_SUBTRACT = 4'd1, DO_MULTIPLY = 4'd2, DO_LESS = 4'd3, DO_EQUAL = 4'd4,
                 DO_LARGER = 4'd5, DO_SCALED = 4'd6, DO_KEEP = 4'd7, DO_SIGN = 4'd8, DO_BITS = 4'd9;
localparam [3:0] FROM_LEFT = 4'd8, FROM_RIGHT = 4'd9, FROM_K = 4'd10, FROM_FOLD = 4'd11;
localparam [3:0] TO_OUTPUT = 4'd8, TO_PREDICATE = 4'd9, TO_SCALAR = 4'd10;
localparam [1:0] SCAN_NONE = 2'd0, SCAN_GROUPS = 2'd1, SCAN_SIGNED = 2'd2;

localparam [2:0] BITS_MANTISSA = 3'd0, BITS_NEGATED_EXPONENT = 3'd1, BITS_RECIPROCAL_SEED = 3'd2,
                 BITS_ROOT_MANTISSA = 3'd3, BITS_ROOT_POWER = 3'd4, BITS_ROOT_SEED = 3'd5, BITS_NONE = 3'd7;

localparam [5:0] K_ZERO = 6'd0, K_ONE = 6'd1, K_HALF = 6'd2, K_MINUS_ONE = 6'd3, K_LOG2_E = 6'd4, K_LN2_HIGH = 6'd5,
                 K_LN2_LOW = 6'd6, K_EXP_6 = 6'd7, K_EXP_5 = 6'd8, K_EXP_4 = 6'd9, K_EXP_3 = 6'd10,
                 K_MINUS_105 = 6'd11, K_MINUS_104 = 6'd12, K_MINUS_ZERO = 6'd13, K_LIFT = 6'd14, K_NORMAL = 6'd15,
                 K_LIFTED = 6'd16, K_NAN = 6'd17, K_INFINITY = 6'd18, K_FINITE = 6'd19, K_ROOT_LIFT = 6'd20, K_ROUND = 6'd21;
// Not constants: the command's scalars, the result of TO_SCALAR, the largest element, the negated exponent of the group.
localparam [5:0] K_SCALAR_0 = 6'd32, K_SCALAR_1 = 6'd33, K_RESULT = 6'd34, K_LARGEST = 6'd35, K_GROUP = 6'd36;

// Bits of an instruction
localparam I_LAST = 0;          // of its section
localparam I_SINGLE = 1;        // the first group of the tile only
localparam I_PREDICATED = 2;    // only elements whose predicate is set
localparam I_ACCUMULATE = 3;    // a and to are of group 0, and each group waits for the one before; a and b are registers
localparam I_PICK = 4;          // TO_SCALAR takes the element of the row's number, not element 0
localparam I_SCAN = 5;          // 2 bits
localparam I_K = 7;             // 6 bits
localparam I_B = 13;            // 4 bits
localparam I_A = 17;
localparam I_TO = 21;
localparam I_DO = 25;
localparam I_JOIN = 29;         // waits for the end of a sum
localparam I_BITS = 30;
/* verilator lint_on UNUSEDPARAM */
