# SPDX-License-Identifier: Apache-2.0
"""The files of --trace: the events of each device add up to the profile, without gaps, and spans nest. rtl and vp write
the same events. A window is a part of the whole trace. A run that is interrupted leaves a whole file, one that is refused leaves none.
"""
import collections
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

TERN, TINY = sys.argv[1:]
PACKED = os.path.join(TINY, "packed")
RUN = ["run", PACKED, "--prompt", "The cat", "--max-tokens", "2"]
LAYER = ["layer", PACKED, "--layer", "1", "--context", "120"]  # long enough for a softmax beside the next scores
PARTS = ["busy", "starved", "blocked", "other", "core", "beside"]
WORK = PARTS[:4]


def run(*words):
    done = subprocess.run([TERN, *words], capture_output=True, text=True)
    if "rtl: needs" in done.stderr or "vp: needs" in done.stderr:
        print("skipped:", done.stderr)
        sys.exit(77)
    return done


def traced(*words):
    """The devices of a run, the events of each by its process, and the figures."""
    done = run(*words, "--json", "--trace", FILE)
    assert done.returncode == 0, done.stderr
    with open(FILE, encoding="utf-8") as file:
        trace = json.load(file)
    os.remove(FILE)
    devices = {device["pid"]: [] for device in trace["otherData"]["devices"]}
    for event in trace["traceEvents"]:
        devices[event["pid"]].append(event)
    return trace["otherData"]["devices"], devices, json.loads(done.stdout)


def of(events, category):
    return [event for event in events if event.get("cat") == category]


def check_nesting(events):
    """On each track a span lies inside another one or outside it. Of spans that begin together the file has the outer one
    first, as viewers want it."""
    tracks = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            assert event["dur"] >= 0 and event["ts"] >= 0, event
            tracks[event["tid"]].append(event)
    for spans in tracks.values():
        ends = []
        for span in sorted(spans, key=lambda event: event["ts"]):
            end = span["ts"] + span["dur"]
            while ends and ends[-1] <= span["ts"]:
                ends.pop()
            assert not ends or end <= ends[-1], (span, ends)
            ends.append(end)


def check_no_gap(spans):
    for before, after in zip(spans, spans[1:]):
        assert before["ts"] + before["dur"] == after["ts"], (before, after)


def check_commands(events):
    """A command is the time from the end of the one before. Its waits for the core are where its unit does not run."""
    commands, runs = of(events, "command"), {event["args"]["command"]: event for event in of(events, "run")}
    check_no_gap(commands)
    for command in commands:
        args = command["args"]
        assert sum(args[part] for part in PARTS) == command["dur"], command
        mine = runs.get(args["command"])
        assert (mine["dur"] if mine else 0) == sum(args[part] for part in WORK), command
        assert not mine or mine["name"] == command["name"]
    waits = sum(event["dur"] for event in of(events, "wait"))
    assert waits == sum(command["args"]["core"] for command in commands) > 0
    parts = collections.Counter()
    for part in of(events, "part"):
        parts[part["name"]] += part["dur"]
    assert all(parts[part] == sum(command["args"][part] for command in commands) for part in WORK), parts
    return commands


def check_layers(events, commands):
    """A layer lasts from its first command to its last one."""
    layers = of(events, "layer")
    check_no_gap(layers)
    assert layers[0]["ts"] == commands[0]["ts"]
    assert layers[-1]["ts"] + layers[-1]["dur"] == commands[-1]["ts"] + commands[-1]["dur"]
    for command in commands:
        name = "after layers" if command["args"]["layer"] < 0 else f"layer {command['args']['layer']}"
        assert any(layer["name"] == name and layer["ts"] <= command["ts"] and
                   command["ts"] + command["dur"] <= layer["ts"] + layer["dur"] for layer in layers), command


def check_totals(commands, profile):
    """The sums of a stage are those of the profile's table."""
    sums = collections.defaultdict(collections.Counter)
    for command in commands:
        key = command["name"], command["args"]["unit"]
        sums[key].update({"cycles": command["dur"], "commands": 1})
        sums[key].update({part: command["args"][part] for part in PARTS})
    stages = {(stage["stage"], stage["unit"]): stage for stage in profile["stages"]}
    assert set(stages) == set(sums)
    for key, stage in stages.items():
        assert all(sums[key][name] == stage[name] for name in ["cycles", "commands", *PARTS]), (key, stage, sums[key])
    assert sum(command["dur"] for command in commands) == profile["cycles"]


def check_device(events, profile):
    check_nesting(events)
    commands = check_commands(events)
    check_layers(events, commands)
    if profile:
        check_totals(commands, profile)
    return commands


def check_memory(events, commands, figures):
    """The beats of the matmul unit and of the DMA engine are in the file; the core sleeps at times."""
    matmul = [command["args"] for command in commands if command["args"]["unit"] == "matmul"]
    assert 1 <= sum(args["read_beats"] for args in matmul) / figures["beats_taken"] < 1.3
    # A stage reads as much in each layer, so no beat is under another command's name.
    beats = collections.defaultdict(set)
    for command in commands:
        if command["name"] in ("down_proj", "post_norm", "mlp_residual"):
            beats[command["name"], command["args"]["position"]].add(command["args"]["read_beats"])
    assert all(len(found) == 1 for found in beats.values()), beats
    assert sum(event["dur"] for event in of(events, "sleep")) > 0
    copies = of(events, "dma")
    assert sum(copy["args"]["read_beats"] for copy in copies) >= 8 * len(commands)  # 128 bytes each
    names = {event["name"] for event in events if event["ph"] == "C"}
    assert names == {f"beats a cycle, {unit}" for unit in ("dma", "matmul", "vector", "attention")}
    for event in events:
        assert event["ph"] != "C" or 0 <= event["args"]["read"] <= 1 and 0 <= event["args"]["written"] <= 1, event


def check_same(rtl, vp):
    """Both devices name the same things, in the same order, with the same work; vp estimates cycles and beats."""
    assert {(e["ph"], e.get("cat")) for e in rtl} == {(e["ph"], e.get("cat")) for e in vp}
    both = of(rtl, "command"), of(vp, "command")
    keys = ["opcode", "unit", "layer", "position", "operations"]
    named = [[(c["name"], *(c["args"][key] for key in keys)) for c in commands] for commands in both]
    assert named[0] == named[1]
    for beats, most in (("read_beats", 1.1), ("written_beats", 1.001)):
        sums = [sum(command["args"][beats] for command in commands) for commands in both]
        assert 1 / most <= sums[0] / sums[1] <= most, (beats, sums)
    for category in ("layer", "run", "dma"):
        ends = [of(events, category)[-1] for events in (rtl, vp)]
        cycles = [end["ts"] + end["dur"] for end in ends]
        assert 0.98 < cycles[0] / cycles[1] < 1.02, (category, cycles)


def check_both(words):
    found = {}
    for device in ("rtl", "vp"):
        devices, by_number, figures = traced(*words, "--device", device, *(["--profile"] if words == RUN else []))
        assert devices == [{"pid": 1, "device": device, "beat_bytes": 16,
                            "operations_a_cycle": {"matmul": 80, "vector": 8, "attention": 64}}]
        commands = check_device(by_number[1], figures.get("profile", figures))
        found[device] = by_number[1]
        if words == RUN:
            check_memory(by_number[1], commands, figures)
    check_same(found["rtl"], found["vp"])


def check_verilated():
    """The beats of a Verilated unit are those that its RTL moves, the same as on rtl."""
    _, rtl, _ = traced(*RUN, "--device", "rtl")
    _, mixed, figures = traced(*RUN, "--device", "vp", "--verilated", "matmul,vector,attention")
    commands = check_device(mixed[1], None)
    check_memory(mixed[1], commands, figures)
    check_same(rtl[1], mixed[1])
    beats = [[sum(command["args"][name] for command in of(events[1], "command")) for name in ("read_beats", "written_beats")]
             for events in (rtl, mixed)]
    assert beats[0] == beats[1], beats


def check_operations():
    _, events, _ = traced(*LAYER, "--device", "vp")
    operations = {command["name"]: command["args"]["operations"] for command in of(events[1], "command")}
    with open(os.path.join(PACKED, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    hidden, depth = config["hidden_size"], 3
    head = hidden // config["num_attention_heads"]
    group = config["num_attention_heads"] // config["num_key_value_heads"]
    assert operations["down_proj"] == hidden * config["intermediate_size"] * depth
    assert operations["scores"] == group * head * 121  # of a key/value head
    assert operations["mlp_residual"] == hidden


def check_several():
    """Each device that counts cycles is a process of the file; --trace alone prints no profile."""
    devices, by_number, figures = traced(*RUN, "--on", "vp:0,2", "--on", "vp:3")
    assert [device["device"] for device in devices] == ["vp:0,2", "vp:3"] and set(by_number) == {2, 3}
    for number, layers in ((2, {0, 2}), (3, {3})):
        assert {command["args"]["layer"] for command in check_device(by_number[number], None)} == layers
    assert all("profile" not in device for device in figures["devices"])


def inside(events, commands):
    """The events of a whole trace that a window has: its commands, and what begins in it of core and DMA engine."""
    first, last = commands[0]["ts"], commands[-1]["ts"] + commands[-1]["dur"]
    numbers = {command["args"]["command"] for command in commands}
    runs = [event for event in of(events, "run") if event["args"]["command"] in numbers]
    return {"command": commands, "run": runs,
            **{kind: [event for event in of(events, kind) if first <= event["ts"] < last] for kind in ("sleep", "dma")}}


def check_window():
    """A window is a part of the whole trace, and keeps its rules. Layers begin and end with it."""
    for words, device in ((RUN, "vp"), (RUN, "rtl"), (LAYER, "vp")):
        _, events, _ = traced(*words, "--device", device)
        whole = of(events[1], "command")
        first = next(i for i, command in enumerate(whole)
                     if command["name"] == "post_norm" and command["args"]["layer"] == 1)
        later = first + 3
        for options, start, end in ((["--trace-from", "1.post_norm"], first, len(whole)),
                                    (["--trace-from", "1.post_norm", "--trace-commands", "7"], first, first + 7),
                                    (["--trace-from", str(whole[later]["args"]["command"]), "--trace-commands", "1"],
                                     later, later + 1),
                                    (["--trace-commands", "5"], 0, 5)):
            _, part, _ = traced(*words, "--device", device, *options)
            commands = check_device(part[1], None)
            wanted = inside(events[1], whole[start:end])
            assert commands == wanted["command"], (words, options, commands[:1], wanted["command"][:1])
            assert of(part[1], "run") == wanted["run"], options
            for kind in ("sleep", "dma") if start else ():
                found = of(part[1], kind)
                assert found[:len(wanted[kind])] == wanted[kind], (options, kind)
                assert len(found) == len(wanted[kind]) or end == len(whole), (options, kind)
    _, by_number, _ = traced(*RUN, "--on", "vp:0,2", "--on", "vp:3", "--trace-from", "2.down_proj")
    assert check_device(by_number[2], None)[0]["name"] == "down_proj" and of(by_number[3], "sleep") == []


def check_compare():
    """The devices of all runs, each on its own clock and with its own window."""
    compare = ["compare", PACKED, "--tokens", "280", "--trace", FILE]
    done = run(*compare, "--devices", "model,vp,rtl", "--trace-from", "2.q_proj", "--trace-commands", "12")
    assert done.returncode == 0 and done.stdout.count(" 0 differ") == 2, done
    with open(FILE, encoding="utf-8") as file:
        trace = json.load(file)
    assert [device["device"] for device in trace["otherData"]["devices"]] == ["vp", "rtl"]
    named = []
    for device in trace["otherData"]["devices"]:
        commands = check_device([event for event in trace["traceEvents"] if event["pid"] == device["pid"]], None)
        named.append([(command["name"], command["args"]["layer"]) for command in commands])
    assert named[0] == named[1] and len(named[0]) == 12 and named[0][0] == ("q_proj", 2), named
    os.remove(FILE)
    refused = run(*compare, "--devices", "model,model")
    assert refused.returncode == 1 and "model: counts no cycles, so there is no trace" in refused.stderr, refused
    for place, options in ((FILE, ["--trace-from", "1.nothing"]), ("/dev/full", [])):
        without = run(*compare[:-1], place, "--devices", "model,vp", *options)
        assert without.returncode == 1 and re.fullmatch(r"model = vp: \d+ values, 0 differ\n", without.stdout), without
        assert os.listdir(os.path.dirname(FILE)) == []


def check_text():
    plain = run(*RUN, "--device", "vp")
    with_trace = run(*RUN, "--device", "vp", "--trace", FILE)
    assert plain.stdout == with_trace.stdout and "starved" not in with_trace.stderr
    os.remove(FILE)


def check_refusals():
    for words in (RUN, LAYER):
        refused = run(*words, "--trace", FILE)
        assert refused.returncode == 1 and "model: counts no cycles, so there is no trace" in refused.stderr
        refused = run(*words, "--trace", os.path.join(FILE, "x"), "--device", "vp")
        assert refused.returncode == 1 and "cannot be written" in refused.stderr
        refused = run(*words, "--trace", "/dev/full", "--device", "vp")
        assert refused.returncode == 1 and "/dev/full: cannot be written: No space left" in refused.stderr, refused
        refused = run(*words, "--trace", FILE, "--device", "vp", "--trace-from", "1.nothing")
        assert refused.returncode == 1 and "--trace-from 1.nothing: no such command ran" in refused.stderr, refused
        refused = run(*words, "--device", "vp", "--trace-commands", "3")
        assert refused.returncode == 2 and "--trace-commands need --trace" in refused.stderr, refused
    assert os.listdir(os.path.dirname(FILE)) == []


def check_failure(directory):
    """A flipped bit of a weight ends a command with CHECKSUM, in the middle of the trace."""
    broken = os.path.join(directory, "broken")
    shutil.copytree(PACKED, broken)
    with open(os.path.join(broken, "model.safetensors"), "r+b") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        place = json.loads(file.read(length))["model.layers.1.mlp.down_proj.weight.trits"]["data_offsets"][0]
        file.seek(8 + length + place)
        byte = file.read(1)[0]
        file.seek(8 + length + place)
        file.write(bytes([byte ^ 1]))
    for words in (RUN, LAYER):
        failed = run(words[0], broken, *words[2:], "--device", "vp", "--trace", FILE)
        assert failed.returncode == 1 and "do not match their CRC-32C" in failed.stderr, failed
        assert os.listdir(os.path.dirname(FILE)) == []
    shutil.rmtree(broken)


def check_interrupt():
    """The tiny model may end before the signal arrives, so this tries several times."""
    for wait in (0.2, 0.1, 0.05, 0.4, 0.02):
        words = ["run", PACKED, "--prompt", "The cat", "--max-tokens", "250", "--device", "vp", "--trace", FILE]
        running = subprocess.Popen([TERN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        time.sleep(wait)
        running.send_signal(signal.SIGINT)
        running.communicate()
        if running.returncode == 130:
            break
    assert running.returncode == 130, running.returncode
    with open(FILE, encoding="utf-8") as file:
        check_device(json.load(file)["traceEvents"], None)
    assert os.listdir(os.path.dirname(FILE)) == ["trace.json"]
    os.remove(FILE)


with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as other:
    FILE = os.path.join(scratch, "trace.json")
    check_refusals()
    check_text()
    check_operations()
    check_window()
    check_compare()
    check_interrupt()
    check_failure(other)
    check_several()
    check_verilated()
    check_both(RUN)
    check_both(LAYER)
