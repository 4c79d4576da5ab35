# SPDX-License-Identifier: Apache-2.0
"""The save file of GTKWave: every signal that it names exists, and every file of names.

waves.py rtl SOURCE TERN PICORV32_V    in the Verilog, as Icarus elaborates it; the files are those of tools/gen_waves
waves.py fst SOURCE TERN               in a waveform of device rtl, which begins and ends where --waves-from and -cycles say;
                                       markers stand where the commands of a trace begin
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FOLDER = "sim/devices/rtl/waves"
PARTS = ["bus", "dma", "matmul", "attention", "vector", "soc", "core", "float", "cells"]
WRAPPER = "module TOP; tern_soc tern_soc(); initial begin $dumpfile(\"{0}\"); $dumpvars(0, TOP); #1 $finish; end endmodule\n"
CYCLES = 500
LAYER = ["layer", "testvectors/tiny/packed", "--layer", "1", "--device", "rtl"]


def skip(needs):
    print(f"skipped: needs {needs}")
    sys.exit(77)


def run(*words, code=0, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)
    assert done.returncode == code, (words, done.stderr)
    return done


def wanted(source):
    """The signals of the save file. Its files of names must exist."""
    lines = (source / FOLDER / "tern_soc.gtkw").read_text().splitlines()
    for line in lines:
        assert not line.startswith("^1 ") or (source / line[3:]).is_file(), line
    return [line for line in lines if line.startswith("TOP.")]


def signals_of(vcd):
    """Full names, with the range of bits, of the variables of a VCD file."""
    scopes, found = [], set()
    for line in vcd.splitlines():
        words = line.split()
        if words[:1] == ["$scope"]:
            scopes.append(words[2])
        elif words[:1] == ["$upscope"]:
            scopes.pop()
        elif words[:1] == ["$var"]:
            found.add(".".join(scopes + ["".join(words[4:-1]).replace("[0:0]", "")]))
        elif words[:1] == ["$enddefinitions"]:
            break
    return found


def check_names(source, vcd, what):
    missing = [name for name in wanted(source) if name not in signals_of(vcd)]
    assert not missing, f"{what} has no {', '.join(missing)}"


def check_rtl(source, tern, picorv32, scratch):
    if not shutil.which("iverilog"):
        skip("iverilog")
    run(sys.executable, source / "tools/gen_waves", "--check")
    vcd, wrapper = scratch / "x.vcd", scratch / "wrapper.v"
    wrapper.write_text(WRAPPER.format(vcd))
    files = [file for part in PARTS for file in sorted((source / "rtl" / part).glob("*.v"))]
    run("iverilog", "-g2005", "-o", scratch / "x.vvp", "-s", "TOP", f"-I{source}/spec/generated",
        f"-I{source}/rtl/vector", wrapper, *files, picorv32)
    run("vvp", scratch / "x.vvp")
    check_names(source, vcd.read_text(), "the Verilog")
    refused = run(tern, *LAYER, "--waves", scratch / "x.fst", "--waves-from", "0", code=1, cwd=source)
    assert "writes no waveforms: tools/build waves makes build/waves/tern" in refused.stderr, refused
    assert not (scratch / "x.fst").exists()


def values(vcd, name):
    """The values of a register, in order."""
    code = re.search(rf"^\$var \w+ \d+ (\S+) {name} ", vcd, re.M)[1]
    return [int(bits, 2) for bits in re.findall(rf"^b([01]+) {re.escape(code)}$", vcd, re.M)]


def first_value(vcd, name):
    return values(vcd, name)[0]


def times_of(vcd):
    return [int(time) for time in re.findall(r"^#(\d+)$", vcd, re.M)]


def check_fst(source, tern, _, scratch):
    if not shutil.which("fst2vcd"):
        skip("gtkwave")
    if not tern.is_file():
        skip("tools/build waves")
    layer = [tern, *LAYER, "--waves", scratch / "x.fst"]
    run(*layer, "--waves-from", "1.down_proj", "--waves-cycles", CYCLES, cwd=source)
    vcd = run("fst2vcd", scratch / "x.fst").stdout
    check_names(source, vcd, "the waveform")
    times = times_of(vcd)
    assert CYCLES <= times[-1] - times[0] <= 2 * CYCLES, times[:1] + times[-1:]
    assert first_value(vcd, "doorbell") == first_value(vcd, "completed") > 20  # the commands before have ended
    assert set(values(vcd, "doorbell")) > {first_value(vcd, "doorbell")}
    for other, start in (("down_proj", times[0]), ("0", None)):
        run(*layer, "--waves-from", other, "--waves-cycles", CYCLES, cwd=source)
        begins = times_of(run("fst2vcd", scratch / "x.fst").stdout)[0]
        assert begins == start if start else begins < times[0], (other, begins)
    check_markers(source, tern, scratch)
    refused = run(*layer, "--waves-from", "2.down_proj", code=1, cwd=source)
    assert "--waves-from 2.down_proj: no such command ran on a device with waves" in refused.stderr, refused.stderr


def cycles_of(vcd):
    """The step of the waveform at which TIME becomes each cycle."""
    code = re.search(r"^ *\$var \S+ +64 (\S+) time_cycles ", vcd, re.M)[1]
    found, step = {}, None
    for line in re.findall(rf"^(?:#\d+|b[01]+ {re.escape(code)})$", vcd, re.M):
        if line[0] == "#":
            step = int(line[1:])
        else:
            found[int(line[1:].split()[0], 2)] = step
    return found


def check_markers(source, tern, scratch):
    """Commands of a part of a trace: the first marker is at the begin of the waveform, the others where TIME says."""
    files = [scratch / name for name in ("x.json", "x.fst", "x.gtkw")]
    run(tern, *LAYER, "--waves", files[1], "--waves-from", "1.post_norm", "--waves-cycles", "6000", "--trace", files[0],
        cwd=source)
    make = [sys.executable, "-B", source / "tools/gen_waves", "--markers"]
    run(*make, *files)
    vcd, text = run("fst2vcd", files[1]).stdout, files[2].read_text()
    steps = [int(word) for word in re.search(r"^\*-\S+ (.*)$", text, re.M)[1].split()]
    names = re.findall(r"^\[markername\] ([A-Z])(\S+)$", text, re.M)
    commands = [event for event in json.loads(files[0].read_text())["traceEvents"] if event.get("cat") == "command"]
    first = next(i for i, command in enumerate(commands) if command["name"] == "post_norm")
    assert len(steps) == 27 and steps[0] == steps[1] == times_of(vcd)[0], steps
    assert len(names) >= 3 and steps[len(names) + 1:] == [-1] * (26 - len(names)), (names, steps)
    for i, (letter, name) in enumerate(names):
        command = commands[first + i]
        assert (letter, name) == (chr(ord("A") + i), f"1.{command['name']}"), names
        assert i == 0 or steps[1 + i] == cycles_of(vcd)[command["ts"]], (command, steps)
    for words, sentence in (((files[0], files[0], files[2]), "x.json: no waveform of tern"),
                            ((files[1], files[1], files[2]), "x.fst: no trace of tern"),
                            ((scratch / "none", *files[1:]), "none: No such file or directory"),
                            ((*files[:2], scratch / "none/x"), "none/x: No such file or directory")):
        assert sentence in run(*make, *words, code=1).stderr


def main():
    check = {"rtl": check_rtl, "fst": check_fst}[sys.argv[1]]
    source, tern, picorv32 = [pathlib.Path(word) for word in (sys.argv[2:] + [""])[:3]]
    with tempfile.TemporaryDirectory() as scratch:
        check(source, tern, picorv32, pathlib.Path(scratch))


main()
