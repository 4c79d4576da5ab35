# SPDX-License-Identifier: Apache-2.0
"""Verilog around a module, so that its pins do not limit the clock, and Verilog in place of a module (tools/fmax).

A shift register drives inputs; outputs are registered and folded by exclusive or, four bits a stage.
"""
import re

FOLD = """
module tern_place_fold #(parameter BITS = 4) (input wire clk, input wire [BITS-1:0] bits, output wire folded);
    localparam NEXT = (BITS + 3) / 4;
    reg [BITS-1:0] held;
    wire [4*NEXT-1:0] padded = held;
    wire [NEXT-1:0] next;
    genvar i;
    always @(posedge clk) held <= bits;
    generate
        for (i = 0; i < NEXT; i = i + 1) begin : four
            assign next[i] = ^padded[4*i +: 4];
        end
        if (NEXT > 1) begin : more
            tern_place_fold #(.BITS(NEXT)) fold (.clk, .bits(next), .folded);
        end else begin : last
            reg bit_0;
            always @(posedge clk) bit_0 <= next[0];
            assign folded = bit_0;
        end
    endgenerate
endmodule
"""


def widths(module, direction):
    """Bits of each port of the netlist's module, its clock apart."""
    return {name: len(port["bits"]) for name, port in module["ports"].items()
            if port["direction"] == direction and name != "clk"}


def slices(ports, whole):
    """NAME of each port with its part of the vector `whole`."""
    at = 0
    for name, bits in ports.items():
        yield name, f"{whole}[{at} +: {bits}]"
        at += bits


def wrap(top, module, parameters):
    """tern_place, which holds TOP behind three pins."""
    inputs, outputs = widths(module, "input"), widths(module, "output")
    connections = [".clk(clk)"] if "clk" in module["ports"] else []
    connections += [f".{name}({part})" for name, part in slices(inputs, "stimulus")]
    connections += [f".{name}({part})" for name, part in slices(outputs, "result")]
    values = ", ".join(f".{name}({value})" for name, value in parameters.items())
    return f"""module tern_place (input wire clk, input wire pin_in, output wire pin_out);
    reg [{sum(inputs.values())}:0] stimulus;
    wire [{sum(outputs.values()) - 1}:0] result;
    always @(posedge clk) stimulus <= {{stimulus, pin_in}};
    tern_place_fold #(.BITS({sum(outputs.values())})) fold (.clk(clk), .bits(result), .folded(pin_out));
    {top} {f"#({values}) " if values else ""}dut ({", ".join(connections)});
endmodule
""" + FOLD


def stub(name, module, source):
    """A module with the ports and parameters of NAME. Its inputs end in registers, and its outputs come from registers."""
    inputs, outputs = widths(module, "input"), widths(module, "output")
    parameters = ", ".join(f"parameter {word} = 0" for word in
                           dict.fromkeys(re.findall(r"^ *parameter +(?:\[[^\]]*\] *)?(\w+) *=", source, re.M)))
    ports = [f"input wire [{bits - 1}:0] {port}" for port, bits in inputs.items()]
    ports += [f"output wire [{bits - 1}:0] {port}" for port, bits in outputs.items()]
    return f"""module {name} {f"#({parameters}) " if parameters else ""}(input wire clk, {", ".join(ports)});
    reg [{sum(outputs.values())}:0] held;
    wire folded;
    always @(posedge clk) held <= {{held, folded}};
    assign {{{", ".join(outputs)}}} = held[{sum(outputs.values()) - 1}:0];
    tern_place_fold #(.BITS({sum(inputs.values())})) fold (.clk(clk), .bits({{{", ".join(inputs)}}}), .folded(folded));
endmodule
"""
