# SPDX-License-Identifier: Apache-2.0
"""Yosys on the sources of rtl/, for tools/area and tools/fmax: which files, which options, which cells are counted."""
import collections
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "venv" / "bin"
# Resets of block RAM outputs. On an ECP5 a read through one gave 0, with another project's design.
READ_RESETS = "t:DP16KD %x:+[RSTA,RSTB] t:DP16KD %d"
# Area counts these apart; flattened, Yosys would mix them.
UNITS = "*tern_matmul *tern_vector *tern_attention?LANES* *tern_dma *tern_core *tern_axi_master"


class Trouble(Exception):
    """A sentence for the user: the run cannot go on."""


@dataclasses.dataclass(frozen=True)
class Family:
    """`columns` sums kinds of cells; `figure` is the sum of the last line, out of `room` in `device`. `without_dsp` is said of
    a netlist without multipliers."""
    command: str
    flat: str      # option that flattens,
    apart: str     # and the one that does not
    columns: dict
    figure: dict
    figure_name: str
    room: int
    device: str
    without_dsp: str = ""


def lut_sizes(name, most):
    return {f"{name}{inputs}": 1 for inputs in range(1, most + 1)}


FAMILIES = {
    # Without multiplexers of LUTs, LUT4 is the number of slots. Carries and LUT RAM take slots too.
    "ecp5": Family("synth_ecp5 -nowidelut", "", " -noflatten", {
        "LUT4": {"LUT4": 1}, "CCU2C": {"CCU2C": 1}, "DPR16X4": {"TRELLIS_DPR16X4": 1}, "FF": {"TRELLIS_FF": 1},
        "DSP": {"MULT18X18D": 1}, "block RAM": {"DP16KD": 1}},
        {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 4}, "slots", 83640, "LFE5U-85F"),
    "ice40": Family("synth_ice40 -dsp", "", " -noflatten", {
        "LUT4": {"SB_LUT4": 1}, "carry": {"SB_CARRY": 1},
        "FF": {f"SB_DFF{kind}": 1 for kind in ("", "E", "SR", "SS", "ESR", "ESS", "R", "S", "ER", "ES")},
        "DSP": {"SB_MAC16": 1}, "block RAM": {"SB_RAM40_4K": 1, "SB_RAM40_4KNR": 1, "SB_RAM40_4KNW": 1}},
        {"SB_LUT4": 1}, "LUT4", 5280, "iCE40UP5K"),
    "xilinx": Family("synth_xilinx -family xc7 -noiopad", " -flatten", "", {
        "LUT": lut_sizes("LUT", 6), "CARRY4": {"CARRY4": 1},
        "LUT RAM": {"RAM32M": 4, "RAM64M": 4, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4, "SRL16E": 1, "SRLC32E": 1},
        "FF": {"FDRE": 1, "FDSE": 1, "FDCE": 1, "FDPE": 1}, "DSP": {"DSP48E1": 1},
        "RAMB36": {"RAMB36E1": 1}, "RAMB18": {"RAMB18E1": 1}},
        lut_sizes("LUT", 6), "LUT", 63400, "XC7A100T"),
    # An ALU takes the place of a LUT, a LUT RAM that of a tile with eight. Yosys writes the names with B for later families.
    "gowin": Family("synth_gowin -nowidelut -noiopads", "", " -noflatten", {
        "LUT4": lut_sizes("LUT", 4), "ALU": {"ALU": 1}, "LUT RAM": {"RAM16SDP1": 1, "RAM16SDP2": 1, "RAM16SDP4": 1},
        "FF": {f"DFF{kind}": 1 for kind in ("", "E", "S", "SE", "R", "RE")},
        "DSP": {"MULT9X9": 1, "MULT18X18": 1, "MULT36X36": 1},
        "block RAM": {f"{kind}{end}": 1 for kind in ("SP", "SPX9", "SDP", "SDPX9", "DP", "DPX9") for end in ("", "B")}},
        {**lut_sizes("LUT", 4), "ALU": 1, "RAM16SDP1": 8, "RAM16SDP2": 8, "RAM16SDP4": 8}, "LUT", 138240, "GW5AST-138",
        "No multiplier was inferred: products, if there are any, are in LUTs and ALUs."),
}


def yosys():
    """Path and version of the program."""
    path = shutil.which("yosys")
    if not path:
        raise Trouble("needs yosys (tools/install)")
    return path, subprocess.run([path, "-V"], capture_output=True, text=True, check=True).stdout.strip()


def picorv32():
    """The soft core's Verilog: the file of TERN_PICORV32_V, or of the PyPI package in build/venv."""
    if "TERN_PICORV32_V" in os.environ:
        return pathlib.Path(os.environ["TERN_PICORV32_V"])
    try:
        found = subprocess.run(
            [VENV / "python", "-c", "import pythondata_cpu_picorv32 as core; print(core.data_file('picorv32.v'))"],
            capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Trouble("needs pythondata-cpu-picorv32 (tools/install)") from error
    return pathlib.Path(found.stdout.strip())


def sources(family="ecp5"):
    """The Verilog of all units. A file of rtl/cells/FAMILY stands for the portable one of its name."""
    own = {path.name: path for path in (ROOT / "rtl" / "cells" / family).glob("*.v")}
    return [*(own.get(path.name, path) for path in sorted((ROOT / "rtl").glob("*/*.v"))), picorv32()]


def read(files, family="ecp5"):
    includes = [ROOT / "spec" / "generated", ROOT / "rtl" / "vector"]
    own = "read_verilog -sv -defer " + " ".join([*(f"-I{folder}" for folder in includes), *map(str, files)])
    return f"read_verilog -lib +/{family}/cells_sim.v\nblackbox =*\n{own}"


def hierarchy(top, parameters):
    """Also sets the parameters of the top. `hierarchy -chparam` of Yosys 0.23 derives some modules twice and stops."""
    return "\n".join([*(f"chparam -set {name} {value} {top}" for name, value in parameters.items()), f"hierarchy -check -top {top}"])


def synthesize(name, top, flat=True):
    """The family's own script. Yosys 0.23 gives each flip-flop of ECP5 with a reset an inverter of its own, as ECP5 resets
    at 1 and the design at 0. They are merged before LUTs are made."""
    family = FAMILIES[name]
    command = f"{family.command} -top {top}{family.flat if flat else family.apart}"
    if name == "ecp5":
        return [f"{command} -run begin:map_luts", "opt_merge", f"{command} -run map_luts:",
                f"select -assert-none {READ_RESETS}"]
    return [command]


# No latch and no asynchronous flip-flop, in any unit.
CLOCKED = ["proc", "select -assert-none t:$dlatch t:$adff t:$dffsr"]


def run(script, folder, name):
    """Runs the commands in the folder; NAME.ys and NAME.log stay there."""
    path, _ = yosys()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.ys").write_text("\n".join(script) + "\n")
    log = folder / f"{name}.log"
    done = subprocess.run([path, "-q", "-l", log, f"{name}.ys"], cwd=folder, capture_output=True, text=True)
    said = done.stdout + done.stderr
    if READ_RESETS in said:
        raise Trouble(f"a block RAM is read through a reset, which an ECP5 may not do: choose between its data and 0 behind "
                      f"a register; the last lines of {log} name it")
    errors = [line for line in said.splitlines() if line.startswith("ERROR") or "multiple conflicting drivers" in line]
    if done.returncode or errors:
        raise Trouble(f"yosys: {(errors or said.splitlines()[-1:] or ['no message'])[0]}; its log is {log}")


def key(texts):
    """A name for everything that the texts depend on."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(text if isinstance(text, bytes) else str(text).encode())
        whole.update(b"\0")
    return whole.hexdigest()[:16]


def sources_key(files, script):
    headers = sorted([*(ROOT / "spec" / "generated").glob("*.vh"), *(ROOT / "rtl" / "vector").glob("*.vh")])
    return key([yosys()[1], *script, *(path.read_bytes() for path in [*headers, *files])])


def parse_parameters(words):
    """NAME=VALUE words as a dictionary."""
    parameters = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (equals and name.isidentifier() and value.lstrip("-").isdigit()):
            raise Trouble(f"{word}: a parameter is NAME=NUMBER")
        parameters[name] = value
    return parameters


def load(path):
    return json.loads(path.read_text())


def cells(netlist):
    """Modules of a netlist: number of cells by kind, where a module in it counts as a kind."""
    return {name: collections.Counter(cell["type"] for cell in module["cells"].values())
            for name, module in load(netlist)["modules"].items() if "blackbox" not in module["attributes"]}


def work_folder(name):
    return pathlib.Path(os.environ.get("TERN_BINARY_DIR", ROOT / "build")) / name
