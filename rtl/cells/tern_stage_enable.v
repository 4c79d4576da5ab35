// SPDX-License-Identifier: Apache-2.0
// Enables of pipeline stages that may move without an item: nobody looks at what they hold then. A stage that stands
// still costs a simulation nothing. In rtl/cells/ecp5 all stages move.
`default_nettype none

module tern_stage_enable #(
    parameter STAGES = 1
) (
    input  wire [STAGES-1:0] valid,
    output wire [STAGES-1:0] enable
);
    assign enable = valid;
endmodule

`default_nettype wire
