#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares `tern explore` with `tern layer` on vp, with its own arithmetic and with the shapes of testvectors/configs."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

TERN, WORK, CONFIGS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
HALF = str(WORK / "half")


def run(*words):
    done = subprocess.run([TERN, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout


def explore(*words):
    return json.loads(run("explore", *words, "--json"))["points"]


def layer(context, *words):
    """`tern layer` without --context has none."""
    words += ("--context", str(context)) if context else ()
    return json.loads(run("layer", HALF, "--layer", "0", "--device", "vp", "--json", *words))["cycles"]


def check_cycles():
    """Same hardware, same commands: the same cycles, whether weights are computed or not."""
    for words in ((), ("--lanes", "4", "--vectors", "2", "--latency", "200", "--bandwidth", "50")):
        for point in explore("--model", f"0.5b,{HALF}", "--context", "0,256,2048", *words):
            expected = layer(point["context"], *words)
            assert point["layer_cycles"] == expected, f"{point}: {expected} cycles of tern layer"
            assert sum(point["causes"].values()) == expected, point


def stage_cycles(tokens):
    """The cycles of 16 tokens of a prompt and those after it, but for the final norms."""
    done = json.loads(run("run", HALF, "--prompt", "abcdefghijklmnop", "--max-tokens", str(tokens), "--device", "vp",
                          "--profile", "--json"))
    assert done["prompt_tokens"] == 16, done
    return sum(stage["cycles"] for stage in done["profile"]["stages"] if stage["stage"] != "final_norm")


def check_pass():
    """A prompt of 16 tokens is one pass; the token after it is one with a context of 16."""
    point, = explore("--model", HALF, "--prompt", "16", "--context", "16")
    prompt, both = stage_cycles(1), stage_cycles(2)
    assert abs(point["first_token_seconds"] * 100e6 - prompt) < 0.005 * prompt, f"{point}: {prompt} cycles of the prompt"
    assert abs(point["layer_cycles"] - (both - prompt)) < 0.005 * (both - prompt), f"{point}: {both} - {prompt} cycles"


def check_figures():
    """What follows from the cycles of a layer."""
    point, = explore("--model", "7b", "--lanes", "2", "--clock", "200", "--devices", "4")
    seconds = point["layer_cycles"] * 28 / 200e6
    assert seconds < point["token_seconds"] < 1.001 * seconds, point
    projected = point["projected"]
    assert projected["layers_per_device"] == 7, point
    assert abs(1 / projected["tokens_per_second"] - point["token_seconds"] - 4 * projected["link_seconds"]) < 1e-9, point
    units = explore("--lanes", "2", "--clock", "50", "--latency", "60,1200ns", "--bandwidth", "50,0.8GB/s")
    others = explore("--lanes", "1,2,4", "--context", "256,512")
    assert len({other["layer_cycles"] for other in others}) == 6, others
    assert len(units) == 4 and len({unit["layer_cycles"] for unit in units}) == 1, units


def check_units():
    """The usual units are 8 ways and an attention unit. The core takes longer than a unit that is missing."""
    usual, = explore("--context", "64")
    points = {(point["ways"], point["attention_unit"]): point
              for point in explore("--context", "64", "--ways", "0,4,8", "--attention", "0,1")}
    cycles = {units: point["layer_cycles"] for units, point in points.items()}
    assert len(points) == 6 and points[8, True] == usual, points
    assert cycles[8, True] < cycles[4, True] < cycles[0, True] < cycles[0, False], cycles
    assert cycles[4, True] < cycles[4, False] < cycles[0, False], cycles
    for (ways, attention), point in points.items():
        causes = point["causes"]
        assert (causes["vector"] > 0) == (ways > 0) and (causes["attention"] > 0) == attention, point
        assert sum(causes.values()) == point["layer_cycles"], point


def check_shapes():
    """The sizes that the program knows."""
    for config in [*CONFIGS.glob("qwen2.5-*.json"), *CONFIGS.glob("qwen3-*.json")]:
        directory = WORK / "shape" / config.stem
        directory.mkdir(parents=True)
        shutil.copy(config, directory / "config.json")
        known, read = explore("--model", f"{config.stem.removeprefix('qwen2.5-')},{directory}")
        del known["model"], read["model"]
        assert known == read, f"{config.name}: {known}, read {read}"


def check_output():
    """A table of 80 columns, and a picture with the same points."""
    words = ("--model", "0.5b,72b", "--lanes", "1,4", "--clock", "80,200", "--devices", "1,8")
    table = run("explore", *words, "--svg", str(WORK / "roofline.svg")).splitlines()
    assert max(map(len, table)) <= 80 and len(table) == 1 + 16 + 3 + 8, table
    text = (WORK / "roofline.svg").read_text()
    tags = [element.tag.split("}")[1] for element in xml.etree.ElementTree.fromstring(text).iter()]
    assert tags.count("circle") == 16 + 2 and tags.count("rect") == 16 + 1, tags
    assert "nan" not in text and "inf" not in text, text


def is_near(word, other):
    """The same word, or a number within 1 %."""
    numbers = [float(text.rstrip("%")) if re.fullmatch(r"[0-9.]+%?", text) else None for text in (word, other)]
    return word == other or None not in numbers and abs(numbers[0] - numbers[1]) <= 0.01 * numbers[1] + 1e-9


def check_page():
    """Table and picture of the page are what its command makes. Another compiler makes another firmware: within 1 %."""
    page = (CONFIGS.parents[1] / "docs/explore.md").read_text()
    command = re.search(r"^    tern (.*) --svg docs/images/roofline.svg$", page, re.M)[1]
    table = [row.split() for row in run(*command.split(), "--svg", str(WORK / "page.svg")).splitlines() if row]
    written = [row.split() for row in page.splitlines() if row.startswith("    ")]
    begin = written.index(table[0])
    written = written[begin:begin + len(table)]
    for row, of_page in zip(table, written, strict=True):
        assert len(row) == len(of_page) and all(map(is_near, row, of_page)), f"docs/explore.md has {of_page}, not {row}"
    if written == table:
        same = (WORK / "page.svg").read_bytes() == (CONFIGS.parents[1] / "docs/images/roofline.svg").read_bytes()
        assert same, f"docs/images/roofline.svg is out of date: tern {command} --svg docs/images/roofline.svg"
    else:  # the page has the cycles of gcc 12's firmware
        gcc = subprocess.run(["riscv64-unknown-elf-gcc", "-dumpversion"], capture_output=True, text=True)
        assert not gcc.stdout.startswith("12."), f"docs/explore.md has another table than\n{table}"


for check in (check_cycles, check_pass, check_figures, check_units, check_shapes, check_output, check_page):
    check()
