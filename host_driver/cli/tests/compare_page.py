# SPDX-License-Identifier: Apache-2.0
"""tern compare: table, JSON, --stop and the page of --html, with a recorded run in which some values were changed.

NumPy counts the differences independently, from the recording before and after the change.
"""
import collections
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy

from taps_file import read_taps, write_taps

TERN, PACKED = sys.argv[1], pathlib.Path(sys.argv[2])
TOKENS, LAYERS = 3, 4


def call(*words, cwd=None):
    return subprocess.run([TERN, *map(str, words)], capture_output=True, text=True, cwd=cwd)


# ---- recordings

def bits_of(stages):
    return {name: numpy.frombuffer(data, dtype="<u4").copy() for name, data in stages.items()}


def change(words):
    """Values some ulp away, one of the other sign, a NaN, and a word of an image; the first is in layer 1."""
    for number, name in enumerate(f"token{token}.layer{layer}.{stage}" for token, layer, stage in
                                  [(0, 1, "k_proj"), (1, 1, "up_proj"), (2, 1, "up_proj"), (0, 2, "up_proj"),
                                   (2, 3, "swiglu"), (1, 3, "down_proj")]):
        for i in range(3 + number):
            words[name][5 * i + number] += 1 << i
    words["token1.layer3.mlp_residual"][7] ^= 0x80000000
    words["token2.final_norm"][4] = 0x7FC00000
    words["token0.layer2.post_quantize"][9] ^= 0x100


def parts(name):
    """Position, layer (-1 after the layers) and stage."""
    found = re.fullmatch(r"token(\d+)\.(?:layer(\d+)\.)?(\w+)", name)
    return int(found[1]), -1 if found[2] is None else int(found[2]), found[3]


# ---- the independent count

def distance(wanted, got):
    places = [numpy.where(bits >> 31, -(bits & 0x7FFFFFFF).astype("i8"), (bits & 0x7FFFFFFF).astype("i8"))
              for bits in (wanted, got)]
    return abs(places[0] - places[1])


def count(header, wanted, got):
    """By stage: figures as --json gives them, and cells by layer."""
    stages, cells = collections.OrderedDict(), collections.Counter()
    for name in wanted:
        position, layer, stage = parts(name)
        is_f32 = header[name]["dtype"] == "F32"
        row = stages.setdefault(stage, {"values": 0, "differ": 0, "nan": 0, "ulp": [], "positions": set(), "first": None,
                                        "is_f32": is_f32})
        where = numpy.flatnonzero(wanted[name] != got[name])
        row["values"] += len(wanted[name])
        row["differ"] += len(where)
        cells[stage, layer] += len(where)
        if len(where) == 0:
            continue
        row["positions"].add(position)
        row["first"] = row["first"] or (layer, position, int(where[0]), int(wanted[name][where[0]]), int(got[name][where[0]]))
        if is_f32:
            a, b = wanted[name][where], got[name][where]
            numbers = ~(numpy.isnan(a.view("f4")) | numpy.isnan(b.view("f4")))
            row["nan"] += int((~numbers).sum())
            row["ulp"] += [int(value) for value in distance(a, b)[numbers]]
    return stages, cells


def check_json(stages, figures):
    assert [row["stage"] for row in figures["by_stage"]] == list(stages)
    assert sum(row["values"] for row in figures["by_stage"]) == figures["values"]
    assert sum(row["differ"] for row in figures["by_stage"]) == figures["differ"] > 20
    for row in figures["by_stage"]:
        mine = stages[row["stage"]]
        assert (row["values"], row["differ"], row["nan"]) == (mine["values"], mine["differ"], mine["nan"]), (row, mine)
        assert row["largest_ulp"] == (max(mine["ulp"], default=0) if mine["is_f32"] else None), (row, mine)
        for part in row["ulp"]:
            assert part["values"] == sum(part["from"] <= ulp <= part["to"] for ulp in mine["ulp"]) > 0, (part, mine)
        assert sum(part["values"] for part in row["ulp"]) == len(mine["ulp"])
        if mine["first"]:
            layer, position, word, wanted, got = mine["first"]
            place = {"element": word} if mine["is_f32"] else {"byte": 4 * word}
            assert row["first"] == {"position": position, "layer": layer, **place, "expected": f"0x{wanted:08x}",
                                    "got": f"0x{got:08x}"}, (row, mine)


def check_table(stages, text):
    lines = text.splitlines()
    assert all(len(line) <= 80 for line in lines), text
    rows = {line.split()[0]: line.split(None, 4) for line in lines[1:1 + len(stages)]}
    assert list(rows) == list(stages) and lines[-2] == "", text
    for stage, mine in stages.items():
        largest = "NaN" if mine["nan"] else str(max(mine["ulp"], default=0)) if mine["is_f32"] else "-"
        first = mine["first"]
        place = "-" if not first else f"position {first[1]}" if first[0] < 0 else f"layer {first[0]}, position {first[1]}"
        assert rows[stage] == [stage, str(mine["values"]), str(mine["differ"]), largest, place], (rows[stage], mine)


# ---- the page

class Page(html.parser.HTMLParser):
    """Cells of each table, the command, and what would be loaded."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.command, self.loaded, self.inside = [], "", [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        assert tag not in ("script", "b", "img"), tag
        self.loaded += [value for name, value in attrs if name in ("src", "href")]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.inside = "cell"
        elif tag == "pre":
            assert values["id"] == "command"
            self.inside = "command"

    def handle_endtag(self, tag):
        self.inside = None if tag in ("td", "th", "pre") else self.inside

    def handle_data(self, data):
        if self.inside == "cell":
            self.tables[-1][-1][-1] += data
        elif self.inside == "command":
            self.command += data


def check_page(stages, cells, page):
    assert page.loaded == [] and len(page.tables) == 5, len(page.tables)
    _, first, layers, differing, bars = page.tables
    assert first[0][1].startswith("k_proj (MATMUL)") and first[1][1].startswith("layer 1, position 0, element 0 of "), first
    assert first[4] == ["Apart", "1 ulp"]
    assert layers[0] == ["layer", *map(str, range(LAYERS)), "after"]
    for stage, *counts in layers[1:]:
        inside = stage not in ("final_norm", "logits")
        mine = [cells[stage, layer] if (layer >= 0) == inside else "" for layer in (*range(LAYERS), -1)]
        assert counts == [str(value) for value in mine], (stage, counts, mine)
    assert [row[0] for row in differing[1:]] == [stage for stage, mine in stages.items() if mine["differ"]]
    for row in differing[1:]:
        mine = stages[row[0]]
        assert row[1:3] == [str(mine["values"]), str(mine["differ"])]
        positions = {p for text in row[4].split(", ") for p in range(int(text.split("-")[0]), int(text.split("-")[-1]) + 1)}
        assert positions == mine["positions"], (row, mine)
        assert row[5:7] == [str(mine["first"][0]) if mine["first"][0] >= 0 else "after", str(mine["first"][1])]
        assert (row[8], row[10]) == tuple(f"0x{bits:08x}" for bits in mine["first"][3:]), row
        if mine["is_f32"]:
            values = numpy.array(mine["first"][3:], dtype="<u4").view("<f4")
            assert numpy.array([row[9], row[11]], dtype="f4").tobytes() == values.tobytes(), (row, values)
    assert [row[0] for row in bars[1:]] == [stage for stage, mine in stages.items() if mine["differ"] and mine["is_f32"]]
    for row in bars[1:]:
        assert sum(int(text or 0) for text in row[1:]) == stages[row[0]]["differ"], row
        assert int(row[-1] or 0) == stages[row[0]]["nan"], (bars[0], row)
        assert int(row[1 + bars[0][1:].index("1")] or 0) == stages[row[0]]["ulp"].count(1), row


def check_repeats(page, done):
    """The command of the page, run by a shell in another folder, gives the same."""
    repeated = subprocess.run(["bash", "-c", page.command], capture_output=True, text=True, cwd="/")
    assert (repeated.returncode, repeated.stdout) == (done.returncode, done.stdout), (page.command, repeated)


# ---- cases

def check_difference(folder):
    header, recorded = read_taps(folder / "plain.taps")
    plain, changed = bits_of(recorded), bits_of(recorded)
    change(changed)
    write_taps(folder / "changed.taps", header, {name: bits.tobytes() for name, bits in changed.items()})
    stages, cells = count(header, changed, plain)
    words = ["compare", MODEL, "--taps", "changed.taps", "--devices", "model"]
    done = call(*words, "--json", cwd=folder)
    assert done.returncode == 1, done
    check_json(stages, json.loads(done.stdout))
    done = call(*words, "--html", "page of <i>'x'.html", cwd=folder)
    figures = sum(mine["values"] for mine in stages.values()), sum(mine["differ"] for mine in stages.values())
    assert done.returncode == 1 and done.stdout.endswith("\nchanged.taps != model: %d values, %d differ\n" % figures)
    assert "tern compare: the first difference is in layer 1, position 0, stage k_proj (MATMUL), element 0: " in \
        done.stderr.splitlines()[-1]
    check_table(stages, done.stdout)
    page = Page((folder / "page of <i>'x'.html").read_text())
    check_page(stages, cells, page)
    check_repeats(page, done)
    return words, done, figures


def check_stop(folder, words, whole, figures):
    """Ends at the same difference, with fewer values compared and stages run."""
    done = call(*words, "--stop", cwd=folder)
    assert done.returncode == 1 and done.stderr.splitlines()[-1] == whole.stderr.splitlines()[-1], done
    found = re.fullmatch(r"changed.taps != model: (\d+) values, (\d+) differ", done.stdout.splitlines()[-1])
    assert 0 < int(found[1]) < figures[0] / 2 and int(found[2]) == 3, done.stdout
    stages = json.loads(call(*words, "--stop", "--json", cwd=folder).stdout)
    assert stages["stopped"] and stages["first"]["stage"] == "k_proj" and stages["values"] == int(found[1]), stages
    stopped = call(*words, "--stop", "--html", "stopped.html", cwd=folder)
    assert stopped.stdout == done.stdout
    check_repeats(Page((folder / "stopped.html").read_text()), stopped)


def check_equal(folder):
    """Nothing differs: one line, a table with --stages, a page without differences; also of a layer, with --stop."""
    done = call("compare", MODEL, "--taps", "plain.taps", "--devices", "model", "--stop", "--html", "equal.html", cwd=folder)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 1, done
    page = Page((folder / "equal.html").read_text())
    assert len(page.tables) == 2 and {cell for row in page.tables[1][1:] for cell in row[1:]} == {"0", ""}
    check_repeats(page, done)
    layer = ["compare", MODEL, "--devices", "model,model", "--layer", "2", "--positions", "2", "--stop"]
    done = call(*layer, "--stages", "--html", "layer.html", cwd=folder)
    assert done.returncode == 0 and re.search(r"^model = model: \d+ values, 0 differ$", done.stdout.splitlines()[-1]), done
    stages = len(page.tables[1]) - 1 - 2  # without final_norm and logits
    assert len(done.stdout.splitlines()) == 1 + stages + 2, done.stdout
    assert Page((folder / "layer.html").read_text()).tables[1][0] == ["layer", "2"]
    three = call("compare", MODEL, "--devices", "model,model,model", "--stages", "--json", cwd=folder)
    assert [len(row["by_stage"]) > 20 for row in json.loads(three.stdout)["devices"]] == [True, True]


def check_replaced(folder):
    """The command has the path of the program, also when that was replaced during the run."""
    program = folder / "copy"
    shutil.copy(TERN, program)
    os.mkfifo(folder / "page.fifo")
    with subprocess.Popen([program, "compare", MODEL, "--devices", "model,model", "--html", "page.fifo"], cwd=folder,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        running.stderr.readline()  # the program runs
        program.unlink()
        text = (folder / "page.fifo").read_text()
    assert str(program) in text and "(deleted)" not in text, text[-900:]
    os.remove(folder / "page.fifo")


def check_refusals(folder):
    words = ["compare", MODEL, "--devices", "model,model", "--html"]
    before = sorted(os.listdir(folder))
    for place, code, sentence in (("/dev/full", 1, "/dev/full: cannot be written: No space left"),
                                  ("none/x.html", 1, "none/x.html: cannot be written: No such file"),
                                  ("", 1, "the name of the output is empty")):
        refused = call(*words, place, cwd=folder)
        assert refused.returncode == code and sentence in refused.stderr, (place, refused)
    refused = call("compare", MODEL, "--devices", "model", "--taps", "plain.taps", "--html", "plain.taps", cwd=folder)
    assert refused.returncode == 2 and "name the same file" in refused.stderr, refused
    (folder / "closed").mkdir()
    assert call(*words, "closed", cwd=folder).returncode == 1  # a folder
    (folder / "closed").rmdir()
    assert sorted(os.listdir(folder)) == before


with tempfile.TemporaryDirectory() as scratch:
    place = pathlib.Path(scratch)
    MODEL = place / "a model's \"<b>\" & $HOME `x`"
    shutil.copytree(PACKED, MODEL)
    ids = ",".join(["280", "299", "270"][:TOKENS])
    recorded = call("logits", MODEL, "--tokens", ids, "--taps", place / "plain.taps")
    assert recorded.returncode == 0, recorded.stderr
    check_stop(place, *check_difference(place))
    check_equal(place)
    check_replaced(place)
    check_refusals(place)
    assert not [name for name in os.listdir(place) if name.endswith(".partial")]
