# SPDX-License-Identifier: Apache-2.0
"""Outputs of tern layer and tern logits must agree: .npy files, JSON, table, recorded stages."""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

from taps_file import crc32c, read_taps

TERN, MODEL = sys.argv[1:]
STAGES, HIDDEN, POSITIONS, VOCABULARY = 29, 96, 3, 512


def run(*words):
    return subprocess.run([TERN, *words], check=True, capture_output=True, text=True).stdout


def read_npy(path):
    """(shape, bytes) of a float32 file in C order, its header parsed by hand."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x93NUMPY\x01\x00" and len(data) % 4 == 0
    length = struct.unpack("<H", data[8:10])[0]
    assert (10 + length) % 64 == 0 and data[9 + length:10 + length] == b"\n"
    header = eval(data[10:10 + length])
    assert header["descr"] == "<f4" and not header["fortran_order"]
    return header["shape"], data[10 + length:]


def check_layer(directory):
    words = ["layer", MODEL, "--layer", "2", "--positions", str(POSITIONS), "--seed", "4"]
    found = json.loads(run(*words, "--json", "--out", f"{directory}/hidden.npy"))
    shape, data = read_npy(f"{directory}/hidden.npy")
    assert shape == (POSITIONS, HIDDEN) and len(found["results"]) == POSITIONS * STAGES
    last = [stage for stage in found["results"] if stage["stage"] == "mlp_residual"]
    for position, stage in enumerate(last):
        row = data[4 * HIDDEN * position:4 * HIDDEN * (position + 1)]
        assert stage["position"] == position and stage["crc32c"] == crc32c(row)
    table = re.findall(r"^ *(\d+) (\w+) .* ([0-9a-f]{8}) ", run(*words), re.M)
    assert table == [(str(stage["position"]), stage["stage"], stage["crc32c"]) for stage in found["results"]]
    other = json.loads(run(*words[:-1], "5", "--json"))
    # The first position has only itself to attend to: its weight is 1 for any seed.
    assert all(a["crc32c"] != b["crc32c"] or (a["position"], a["stage"]) == (0, "softmax")
               for a, b in zip(found["results"], other["results"])), "the seed changes nothing"


def check_context():
    """Positions before the first one change attention and what follows it, and add their cache to the limit."""
    words = ["layer", MODEL, "--layer", "1", "--json"]
    near, far, other = (json.loads(run(*words, *more)) for more in ([], ["--context", "40"], ["--context", "41"]))
    assert [stage["position"] for stage in far["results"]] == [40] * STAGES and far["context"] == 40
    with open(f"{MODEL}/config.json") as file:
        config = json.load(file)
    head = config["hidden_size"] // config["num_attention_heads"]
    # Sixteen positions of a head: exponent bytes and mantissas of 16 keys, and of the values of each element.
    key_groups, value_groups = 16 * -(-head // 16), head
    record_bytes = sum(-(-groups // 64) * 64 + -(-32 * groups // 64) * 64 for groups in (key_groups, value_groups))
    records_bytes = config["num_key_value_heads"] * record_bytes
    assert near["limit_cycles"] == (16 * near["beats_taken"] + records_bytes) // 16
    assert far["limit_cycles"] - near["limit_cycles"] == 2 * records_bytes // 16
    crc = {stage["stage"]: stage["crc32c"] for stage in other["results"]}
    assert any(crc[stage["stage"]] != stage["crc32c"] for stage in far["results"])


def check_logits(directory):
    run("logits", MODEL, "--tokens", "280,299,269", "--out", f"{directory}/x.npy", "--taps", f"{directory}/taps")
    shape, data = read_npy(f"{directory}/x.npy")
    header, taps = read_taps(f"{directory}/taps")
    notes = header["__metadata__"]
    assert shape == (3, VOCABULARY) and notes["tokens"] == "280,299,269" and notes["tern.taps"] == "1"
    assert data == b"".join(taps[f"token{i}.logits"] for i in range(3))
    assert all(notes[f"crc32c.{name}"] == crc32c(value) for name, value in taps.items())
    assert len(taps) == 3 * (4 * STAGES + 2)


def check_pipe(directory):
    """A reader that waits at a pipe gets the whole file."""
    os.mkfifo(f"{directory}/pipe")
    with subprocess.Popen(["cat", f"{directory}/pipe"], stdout=subprocess.PIPE) as reader:
        try:
            subprocess.run([TERN, "logits", MODEL, "--tokens", "280", "--out", f"{directory}/pipe"], check=True,
                           capture_output=True, timeout=900)
        except subprocess.SubprocessError:
            reader.terminate()
            raise
        assert len(reader.communicate()[0]) == 128 + 4 * VOCABULARY, "the pipe was closed early"


def check_link(directory):
    """A link stays one, and what it leads to gets the file. /dev/stdout is such a link."""
    open(f"{directory}/aim", "w").close()
    os.symlink("aim", f"{directory}/link")
    subprocess.run([TERN, "logits", MODEL, "--tokens", "280", "--out", f"{directory}/link"], check=True,
                   capture_output=True, timeout=900)
    assert os.path.islink(f"{directory}/link") and os.path.getsize(f"{directory}/aim") == 128 + 4 * VOCABULARY


with tempfile.TemporaryDirectory() as scratch:
    check_layer(scratch)
    check_context()
    check_logits(scratch)
    check_pipe(scratch)
    check_link(scratch)
