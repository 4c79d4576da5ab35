# SPDX-License-Identifier: Apache-2.0
"""tern import: checkpoints of many makers must come back bit for bit, and an altered weight must be named."""
import os
import re
import struct
import subprocess
import sys
import tempfile

import numpy as np

import checkpoint_maker as maker
import producers

TERN, PAGE = sys.argv[1:]
BITS = {"F16": np.uint16, "BF16": np.uint16, "F32": np.uint32}
SIZES = {"hidden": 72, "intermediate": 172, "layers": 1}  # groups of 8 and of 12 columns at the ends of rows
UP, DOWN = "model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.down_proj.weight"
with open(PAGE) as file:
    READER = {}
    exec(re.search(r"```python\n(.*?)```", file.read(), re.DOTALL).group(1), READER)


def run(*arguments, code=0):
    done = subprocess.run([TERN, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"{arguments}: exit {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout if code == 0 else done.stderr.strip().split("\n")[-1]


def expect(condition, message):
    if not condition:
        sys.exit(message)


def same_values(name, got, wanted):
    """Bits must be equal, except that -0 may become 0."""
    (dtype, shape, data), (other, other_shape, source) = got, wanted
    bits = [np.frombuffer(part, BITS[dtype]).copy() for part in (data, source)]
    for part in bits:
        part[part << 1 == 0] = 0
    return dtype == other and shape == other_shape and np.array_equal(*bits)


def check_import(label, tensors, depth, shards=1, threads=2):
    """Imports, reads the packed file with the reader of the page, exports; every value must equal that in `tensors`."""
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in", tensors=tensors, shards=shards, **SIZES)
        said = run("import", f"{directory}/in", f"{directory}/packed", "--threads", threads)
        expect(f"depth {depth};" in said, f"{label}: {said}")
        run("inspect", f"{directory}/packed", "--strict")
        run("export", f"{directory}/packed", f"{directory}/out")
        exported, _ = maker.read_directory(f"{directory}/out")
        packed, _ = maker.read_directory(f"{directory}/packed")
        expect(set(exported) == set(tensors), f"{label}: the export has other tensors")
        negative = 0
        for name, tensor in tensors.items():
            dtype, shape, data = tensor
            if not name.endswith("_proj.weight"):
                expect(packed[name] == tensor == exported[name], f"{label}, {name}: changed on the way")
                continue
            expect(same_values(name, exported[name], tensor), f"{label}, {name}: the export has other values")
            product = READER["read"](f"{directory}/packed/model.safetensors", name)
            again = (dtype, shape, producers.cast(product, dtype).tobytes())
            expect(same_values(name, again, tensor), f"{label}, {name}: the packed file has other values")
            steps = np.frombuffer(packed[name + ".steps"][2], np.float32)
            expect((np.diff(steps) >= 0).all(), f"{label}, {name}: steps do not rise")
            negative += (np.frombuffer(data, BITS[dtype]) == 1 << 8 * BITS[dtype]().itemsize - 1).sum()
        expect((f", {negative} of -0 as 0" in said) == (negative > 0), f"{label}: {negative} of -0, but: {said}")
        with open(f"{directory}/packed/model.safetensors", "rb") as packed_file:
            return packed_file.read()


def foreign_makers():
    """Combinations in which every arithmetic, grid, rounding, type and depth occurs."""
    grids, roundings, count = list(producers.GRIDS), list(producers.ROUNDINGS), 0
    for dtype in ("F16", "BF16", "F32"):
        for i, arithmetic in enumerate(producers.ARITHMETIC):
            # Products rounded in float16 or bfloat16 stay as they are in a wider file. Normalized levels are not
            # multiples of a step in float32.
            if dtype == "F32" and arithmetic in ("normalized levels", "scale by level, then divided", "double throughout"):
                continue
            depth = (i + len(dtype)) % 4 + 1
            if arithmetic == "float16 step and product" and dtype != "F16":
                continue
            label = f"{dtype}, depth {depth}, {arithmetic}, {grids[(i + 2 * len(dtype)) % 6]}"
            check_import(label, producers.model(depth, arithmetic, grids[(i + 2 * len(dtype)) % 6],
                                                roundings[i % 3], dtype, seed=count, **SIZES), depth)
            count += 1
    for grid in producers.GRIDS:  # as published: depth 3 in F16
        tensors = producers.model(3, "double throughout", grid, "ties to even", "F16", seed=77, **SIZES)
        check_import(f"F16, {grid}", tensors, 3)
        count += 1
    return count


def depths_may_differ():
    tensors = producers.model((1, 3, 2), "float32 step", "from a thousandth", "ties to even", "F16", **SIZES)
    first = check_import("three depths", tensors, 3, threads=1)
    expect(first == check_import("three depths", tensors, 3, threads=5), "threads change the result")
    for name, (dtype, shape, data) in tensors.items():
        if name.endswith("_proj.weight"):
            tensors[name] = (dtype, shape, bytes(len(data)))
    check_import("zeros", tensors, 1)


def own_files():
    """quantize and export, at every depth, from F16 and BF16."""
    for depth in (1, 2, 3, 4):
        with tempfile.TemporaryDirectory() as directory:
            maker.write_checkpoint(f"{directory}/in", dtype=("F16", "BF16")[depth % 2], seed=depth, **SIZES)
            run("quantize", f"{directory}/in", f"{directory}/packed", "--depth", depth)
            run("export", f"{directory}/packed", f"{directory}/out")
            tensors, _ = maker.read_directory(f"{directory}/out")
            check_import(f"quantize at depth {depth}", tensors, depth, shards=depth)


def tiny_and_large():
    """float16 numbers below the normal ones, steps below the smallest of them, and the largest."""
    for scale, label in ((2e-5, "subnormal"), (3e-7, "below the smallest float16"), (6e5, "large")):
        generator = np.random.default_rng(5)
        tensors = maker.make_tensors(maker.shapes(**SIZES), "F16")
        for name, (_, shape, _) in tensors.items():
            if name.endswith("_proj.weight"):
                bits = producers.dequantized(shape, 3, "double throughout", "from a thousandth", "ties up", "F32", generator)
                values = bits.view(np.float32).astype(np.float64)
                wanted = values / np.abs(values).max() * min(scale, 65000)
                tensors[name] = ("F16", shape, producers.cast(wanted, "F16").tobytes())
        with tempfile.TemporaryDirectory() as directory:
            maker.write_checkpoint(f"{directory}/in", tensors=tensors, **SIZES)
            run("import", f"{directory}/in", f"{directory}/packed")
            run("export", f"{directory}/packed", f"{directory}/out")
            exported, _ = maker.read_directory(f"{directory}/out")
            expect(all(same_values(name, exported[name], tensors[name]) for name in tensors), f"{label}: other values")


def refused(label, tensors, words, sizes=SIZES):
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in", tensors=tensors, **sizes)
        before = subprocess.run(["ls", directory], capture_output=True).stdout
        said = run("import", f"{directory}/in", f"{directory}/out", code=1)
        expect(subprocess.run(["ls", directory], capture_output=True).stdout == before, f"{label}: left something")
        absent = [word for word in ["model.safetensors", *words] if word not in said]
        expect(not absent, f"{label}: '{said}' does not name {absent}")


def with_bits(tensors, name, row, column, change):
    dtype, shape, data = tensors[name]
    bits = np.frombuffer(data, BITS[dtype]).copy().reshape(shape)
    bits[row, column] = change(bits[row, column])
    return {**tensors, name: (dtype, shape, bits.tobytes())}


def rare_steps():
    """A step of one group near another step is accepted, if no other step explains the rest of the group."""
    tensors = producers.model(4, "float32 step", "from a half", "ties to even", "BF16", **SIZES)
    rows, columns = tensors[UP][1]
    generator = np.random.default_rng(3)
    levels = generator.integers(-40, 41, (rows, columns))
    step = np.full((rows, columns), 0.001)
    levels[5, :16] = np.arange(16) - 8
    step[5, :16] *= 1.01
    bits = producers.cast(step.astype(np.float32) * levels.astype(np.float32), "BF16")
    check_import("a rare step", {**tensors, UP: ("BF16", [rows, columns], bits.tobytes())}, 4)


def altered_weights():
    """One weight changed by one unit in the last place, up or down, in every type: its group must be named."""
    count, sizes = 0, {**SIZES, "hidden": 264, "intermediate": 340}
    for dtype, arithmetic in (("F16", "double throughout"), ("BF16", "float32 step"), ("F32", "float32 step")):
        tensors = producers.model(3, arithmetic, "from the 5th percentile", "ties to even", dtype, seed=9, **sizes)
        for name in (UP, DOWN):
            bits = np.frombuffer(tensors[name][2], BITS[dtype]).reshape(tensors[name][1])
            magnitudes = bits << 1
            values, found = np.unique(magnitudes, return_counts=True)
            common = dict(zip(values.tolist(), found.tolist()))
            for i, first in enumerate((0, 100, 200)):
                for row in range(first, len(bits)):  # a group of many levels, at a step that the matrix often uses
                    group = (row * 7 + i) % (-(-bits.shape[1] // 16))
                    part = magnitudes[row, 16 * group:16 * group + 16].tolist()
                    if len(set(part)) > 4 and common[max(part)] > 20:
                        break
                column = 16 * group + part.index(max(part))
                unit = BITS[dtype](1)
                refused(f"{dtype}, {name}, row {row}, column {column}",
                        with_bits(tensors, name, row, column, (lambda b: b + unit) if i % 2 else (lambda b: b - unit)),
                        [name, f"row {row}, group {group} ", "depth 3 comes nearest"], sizes)
                count += 1
    return count


def other_refusals():
    tensors = producers.model(3, "float32 step", "from a thousandth", "ties to even", "F16", **SIZES)
    plain = maker.make_tensors(maker.shapes(**SIZES), "F16")
    refused("a matrix that was never quantized", {**tensors, UP: plain[UP]}, [UP, "row 0, group 0 ", "no dequantized"])
    refused("NaN", with_bits(tensors, UP, 7, 21, lambda _: 0x7e01), [UP, "NaN", "row 7, column 21"])
    refused("infinity", with_bits(tensors, DOWN, 71, 171, lambda _: 0xfc00), [DOWN, "infinity", "row 71, column 171"])
    norm = "model.layers.0.input_layernorm.weight"
    dtype, shape, data = tensors[norm]
    refused("NaN in a norm", {**tensors, norm: (dtype, shape, struct.pack("<H", 0x7e00) + data[2:])}, [norm, "NaN"])
    rows, columns = tensors[UP][1]
    step = 0.001 * 1.1 ** (np.arange(rows) % 28)
    levels = np.tile(np.arange(-13, 14), rows * columns // 27 + 1)[:rows * columns].reshape(rows, columns)
    bits = producers.cast(step[:, None] * levels, "F16")
    refused("28 steps", {**tensors, UP: ("F16", [rows, columns], bits.tobytes())}, [UP, "row ", "beside the matrix's 27"])
    bits = producers.cast(0.001 * np.tile(np.arange(-60, 61), rows * columns)[:rows * columns], "F16")
    refused("levels of depth 5", {**tensors, UP: ("F16", [rows, columns], bits.tobytes())}, [UP, "row ", "group "])


def empty_tensors_pass():
    tensors = producers.model(2, "float32 step", "from a half", "ties away", "BF16", **SIZES)
    tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = ("BF16", [0, 16], b"")
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in", tensors=tensors, **SIZES)
        run("import", f"{directory}/in", f"{directory}/packed")
        packed, _ = maker.read_directory(f"{directory}/packed")
        expect(packed["model.layers.0.self_attn.rotary_emb.inv_freq"] == ("BF16", [0, 16], b""), "the empty tensor is lost")
        expect("is packed already" in run("import", f"{directory}/packed", f"{directory}/again", code=1), "packed input")
        for output, words in (("packed", "already exists"), ("no/where", "No such file")):  # before the steps are looked for
            done = subprocess.run([TERN, "import", f"{directory}/in", f"{directory}/{output}"], capture_output=True, text=True)
            expect(done.returncode == 1 and words in done.stderr and "steps" not in done.stderr, f"{output}: {done.stderr}")


def memory_is_a_matrix():
    """Both passes over the source release its pages: the process stays far smaller than the checkpoint."""
    sizes = {"hidden": 1024, "intermediate": 3584, "layers": 6}
    tensors = {name: ("F16", shape, bytes(2 * maker.count(shape))) for name, shape in maker.shapes(**sizes).items()}
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in", tensors=tensors, **sizes)
        # A process starts with its parent's peak, so a small process in between measures.
        measure = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
                   "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
        command = [TERN, "import", f"{directory}/in", f"{directory}/packed", "--threads", "1"]
        done = subprocess.run([sys.executable, "-c", measure, *command], capture_output=True, text=True, check=True)
        resident, bytes_in = 1024 * int(done.stdout), os.path.getsize(f"{directory}/in/model.safetensors")
        expect(resident < bytes_in // 2, f"importing {bytes_in} bytes: {resident} are resident")


def usage():
    for arguments in ([], ["a"], ["a", "b", "c"], ["a", "b", "--threads", "0"], ["a", "b", "--depth", "3"]):
        run("import", *arguments, code=2)
    expect("usage: tern import" in run("import", "--help"), "--help")


def main():
    count = foreign_makers()
    depths_may_differ()
    own_files()
    tiny_and_large()
    rare_steps()
    altered = altered_weights()
    other_refusals()
    empty_tensors_pass()
    memory_is_a_matrix()
    usage()
    print(f"{count} foreign checkpoints and our own come back bit for bit; {altered} altered weights are named")


main()
