// SPDX-License-Identifier: Apache-2.0
// Registers of a unit of several vectors (spec/tern.toml, block MATMUL, "vectors true"): their number and the distances
// of images and outputs. As in tern_matmul_registers, a run takes them at its start. A unit of one vector has none of
// them.
`default_nettype none

`include "tern_spec.vh"

module tern_matmul_vectors #(
    parameter VECTORS = 1
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        write_word,
    input  wire [11:0] address,
    input  wire [31:0] write_data,
    output wire [31:0] read_data,
    input  wire        start,
    output wire [31:0] run_vectors,
    output wire [63:0] run_activation_stride,
    output wire [63:0] run_output_stride,
    output wire        bad_stride
);
    generate
        if (VECTORS == 1) begin : one
            assign read_data = address == `TERN_MATMUL_REG_VECTORS ? 32'd1 : 32'd0;
            assign run_vectors = 32'd1;
            assign run_activation_stride = 64'd0;
            assign run_output_stride = 64'd0;
            assign bad_stride = 1'b0;

            wire unused = &{1'b0, clk, rst_n, write_word, write_data, start};
        end else begin : several
            reg [31:0] vectors;
            reg [63:0] activation_stride;
            reg [63:0] output_stride;
            reg [31:0] word;
            reg [31:0] taken_vectors;
            reg [63:0] taken_activation_stride;
            reg [63:0] taken_output_stride;

            always @(posedge clk)
                if (!rst_n) begin
                    vectors <= 32'd1;
                    activation_stride <= 64'd0;
                    output_stride <= 64'd0;
                end else if (write_word)
                    case (address)
                        `TERN_MATMUL_REG_VECTORS: vectors <= write_data;
                        `TERN_MATMUL_REG_ACTIVATION_STRIDE_LO: activation_stride[31:0] <= write_data;
                        `TERN_MATMUL_REG_ACTIVATION_STRIDE_HI: activation_stride[63:32] <= write_data;
                        `TERN_MATMUL_REG_OUTPUT_STRIDE_LO: output_stride[31:0] <= write_data;
                        `TERN_MATMUL_REG_OUTPUT_STRIDE_HI: output_stride[63:32] <= write_data;
                        default: ;
                    endcase

            always @(posedge clk)
                if (start) begin
                    taken_vectors <= vectors;
                    taken_activation_stride <= activation_stride;
                    taken_output_stride <= output_stride;
                end

            always @*
                case (address)
                    `TERN_MATMUL_REG_VECTORS: word = vectors;
                    `TERN_MATMUL_REG_ACTIVATION_STRIDE_LO: word = activation_stride[31:0];
                    `TERN_MATMUL_REG_ACTIVATION_STRIDE_HI: word = activation_stride[63:32];
                    `TERN_MATMUL_REG_OUTPUT_STRIDE_LO: word = output_stride[31:0];
                    `TERN_MATMUL_REG_OUTPUT_STRIDE_HI: word = output_stride[63:32];
                    default: word = 32'd0;
                endcase

            assign read_data = word;
            assign run_vectors = taken_vectors;
            assign run_activation_stride = taken_activation_stride;
            assign run_output_stride = taken_output_stride;
            // Misaligned, or too large.
            wire [63:0] strides = taken_activation_stride | taken_output_stride;
            wire        unused = &{1'b0, strides};

            assign bad_stride = taken_vectors > 32'd1
                              && (strides[5:0] != 6'd0 || strides[63:`TERN_STRIDE_LIMIT_LOG2] != 0);
        end
    endgenerate
endmodule

`default_nettype wire
