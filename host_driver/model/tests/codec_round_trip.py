# SPDX-License-Identifier: Apache-2.0
"""Compares tern quantize, inspect and export with a decoder written from docs/packed-format.md alone."""
import json
import math
import os
import struct
import subprocess
import sys
import tempfile

import checkpoint_maker as maker

TERN = sys.argv[1]


def run(*arguments):
    done = subprocess.run([TERN, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{arguments}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def expect(condition, message):
    if not condition:
        sys.exit(message)


def digits(byte):
    """The five base-3 digits of a byte, by the rules of the page."""
    def bit(value, index):
        return value >> index & 1
    if byte >> 2 & 7 == 7:
        middle, high = (byte >> 5) << 2 | byte & 3, (2, 2)
    else:
        middle = byte & 31
        high = (bit(byte, 7), 2) if byte >> 5 & 3 == 3 else (byte >> 5 & 3, bit(byte, 7))
    if middle & 3 == 3:
        low = (bit(middle, 3) << 1 | bit(middle, 2) & ~bit(middle, 3) & 1, bit(middle, 4), 2)
    elif middle >> 2 & 3 == 3:
        low = (middle & 3, 2, 2)
    else:
        low = (bit(middle, 1) << 1 | bit(middle, 0) & ~bit(middle, 1) & 1, middle >> 2 & 3, bit(middle, 4))
    return low + high


DIGITS = [digits(byte) for byte in range(256)]
TRIT = (0, 1, -1)


def decode(trits, steps, rows, columns, depth, used):
    """Rows of (step, level) pairs of a packed matrix, from the first `used` planes of each strip."""
    groups = -(-(-(-columns // 16)) // 4) * 4
    codes_bytes = -(-3 * groups // 64) * 64
    strip_bytes = codes_bytes + 16 * groups * depth
    expect(len(trits) == -(-rows // 5) * strip_bytes, "the strips have another length than the page says")
    for row in range(rows):
        strip = trits[row // 5 * strip_bytes:][:strip_bytes]
        out = []
        for column in range(columns):
            group = column // 16
            a, b, c = (DIGITS[strip[3 * group + m]][row % 5] for m in range(3))
            level = 0
            for plane in range(used):
                level = 3 * level + TRIT[DIGITS[strip[codes_bytes + 16 * groups * plane + column]][row % 5]]
            level *= 3 ** (depth - used)
            out.append((steps[9 * a + 3 * b + c], level))
        yield out


def floats(dtype, data):
    if dtype == "BF16":
        return struct.unpack(f"<{len(data) // 2}f",
                             b"".join(b"\0\0" + data[i:i + 2] for i in range(0, len(data), 2)))
    code, size = maker.FORMATS[dtype]
    return struct.unpack(f"<{len(data) // size}{code[1]}", data)


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def check_matrix(name, source, packed, metadata, exported, depth, used):
    dtype, shape, data = source[name]
    rows, columns = shape
    expect(metadata[f"tern.matrix.{name}"] == f"{rows} {columns} {depth}", f"{name}: metadata")
    steps = struct.unpack("<27f", packed[name + ".steps"][2])
    wanted, noise, signal = bytearray(), 0.0, 0.0
    weights = floats(dtype, data)
    for row, pairs in enumerate(decode(packed[name + ".trits"][2], steps, rows, columns, depth, used)):
        for column, (step, level) in enumerate(pairs):
            value = single(step * level)
            weight = weights[row * columns + column]
            noise += (weight - value) ** 2
            signal += weight ** 2
            wanted += struct.pack("<e", value)
    expect(used < depth or exported[name] == ("F16", shape, bytes(wanted)),
           f"{name}: the export is not float16(step x level)")
    return 10 * math.log10(signal / noise)


def report_of(directory, *options):
    return json.loads(run("inspect", f"{directory}/packed", "--json", "--source", f"{directory}/in", *options))


def check_model(directory, dtype, shards, depth, tied, shard_bytes, **sizes):
    source = maker.write_checkpoint(f"{directory}/in", dtype=dtype, shards=shards, tied=tied, **sizes)
    run("quantize", f"{directory}/in", f"{directory}/packed", "--depth", depth, "--shard-bytes", shard_bytes)
    report = report_of(directory, "--strict")
    run("export", f"{directory}/packed", f"{directory}/out", "--shard-bytes", shard_bytes)
    packed, metadata = maker.read_directory(f"{directory}/packed")
    exported, _ = maker.read_directory(f"{directory}/out")
    expect(metadata["tern.format"] == "1" and metadata["tern.depth"] == str(depth), "metadata")
    expect(set(exported) == set(source), "the export has other tensors than the source")
    for entry in report["tensors"]:
        name = entry["name"]
        if not name.endswith("_proj.weight"):
            expect(packed[name] == source[name] == exported[name], f"{name}: changed on the way")
            continue
        decibels = check_matrix(name, source, packed, metadata, exported, depth, depth)
        expect(abs(decibels - entry["snr_db"]) < 1e-6, f"{name}: SNR {entry['snr_db']}, expected {decibels}")
        expect(decibels > (6, 15, 24, 33)[depth - 1], f"{name}: SNR of {decibels} dB at depth {depth}")
    if depth > 1:
        cut = report_of(directory, "--depth", depth - 1)
        entry = next(entry for entry in cut["tensors"] if entry["name"].endswith("_proj.weight"))
        decibels = check_matrix(entry["name"], source, packed, metadata, exported, depth, depth - 1)
        expect(abs(decibels - entry["snr_db"]) < 1e-6, f"cut to {depth - 1}: SNR {entry['snr_db']}, expected {decibels}")
    with open(f"{directory}/out/config.json") as file:
        written = json.load(file)
        expect(written["torch_dtype"] == written["dtype"] == "float16", "torch_dtype and dtype")
    several = sum(name.endswith(".safetensors") for name in os.listdir(f"{directory}/packed")) > 1
    expect(several == os.path.exists(f"{directory}/packed/model.safetensors.index.json"), "index of shards")
    expect(sorted(os.listdir(directory)) == ["in", "out", "packed"], f"left over: {os.listdir(directory)}")
    return several


def check_alignment(directory):
    for name in os.listdir(directory):
        if not name.endswith(".safetensors"):
            continue
        with open(os.path.join(directory, name), "rb") as file:
            length = struct.unpack("<Q", file.read(8))[0]
            header = json.loads(file.read(length))
        expect(header.keys() > {"__metadata__"}, f"{name}: a shard without tensors")
        for tensor, entry in header.items():
            if tensor.endswith(".trits"):
                expect((8 + length + entry["data_offsets"][0]) % 64 == 0, f"{tensor}: not 64-byte aligned")


def main():
    huge = 10 ** 9
    cases = [("F16", 1, 3, True, huge, {}), ("BF16", 3, 2, False, huge, {}), ("F32", 1, 4, False, 30000, {}),
             ("F32", 2, 1, True, 1, {}), ("BF16", 1, 3, True, 50000, {"hidden": 96, "intermediate": 288, "layers": 1})]
    several = 0
    for dtype, shards, depth, tied, shard_bytes, sizes in cases:
        with tempfile.TemporaryDirectory() as directory:
            several += check_model(directory, dtype, shards, depth, tied, shard_bytes, **sizes)
            check_alignment(f"{directory}/packed")
    expect(several == 3, f"{several} of the cases wrote shards, not 3")
    with tempfile.TemporaryDirectory() as directory:  # zeros pack, and come back as zeros
        tensors = {name: (dtype, shape, bytes(len(data)))
                   for name, (dtype, shape, data) in maker.make_tensors(maker.shapes(), "F16").items()}
        maker.write_checkpoint(f"{directory}/in", tensors=tensors)
        run("quantize", f"{directory}/in", f"{directory}/packed")
        run("inspect", f"{directory}/packed", "--strict")
        run("export", f"{directory}/packed", f"{directory}/out")
        expect(maker.read_directory(f"{directory}/out")[0] == tensors, "zeros do not come back as zeros")
    print(f"{len(cases) + 1} models packed, read back and exported: all bits as the page says")


main()
