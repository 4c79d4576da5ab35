# SPDX-License-Identifier: Apache-2.0
"""A seeded fuzzer of model directories. With a changed file tern must work, or refuse it with a sentence. It must end
within seconds, without a signal or a sanitizer's report. A refusal must leave no output.

mutations.py TERN MODEL ROUNDS SEED    MODEL is testvectors/tiny; a failing round names its seed, one round repeats it
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

TERN, MODEL = sys.argv[1:3]
ROUNDS, SEED = int(sys.argv[3]), int(sys.argv[4])
NUMBERS = [0, -1, 1, 2, 97, 10 ** 9, 2 ** 31, 2 ** 32 - 1, 2 ** 53, 2 ** 64, 1e300, 0.5]
VALUES = NUMBERS + [None, True, "", "x", "F16", "F32", "U8", [], {}, [0], [1, 2, 3, 4, 5], "a" * 5000, "\0", "1 1 1"]
SPICE = [b'"', b"{", b"]", b",", b"\\", b"\xff", b"\0", b'"a":1,', b"[" * 100000, b"1e999", b"-0", b"\\u0000", b"\\ud800"]


def places(value):
    """Every (container, key) below a JSON value."""
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    for key, item in pairs:
        yield value, key
        yield from places(item)


def change_values(rng, text):
    root = json.loads(text)
    for _ in range(rng.choice([1, 1, 2, 4])):
        container, key = rng.choice(list(places(root)) or [(root, "a")])
        old = container.get(key) if isinstance(container, dict) else container[key]
        if rng.random() < 0.2:
            del container[key]
        elif isinstance(old, int) and rng.random() < 0.6:
            container[key] = rng.choice([old + 1, old - 1, 2 * old, -old])
        else:
            container[key] = rng.choice(VALUES)
    return json.dumps(root).encode()


def change_bytes(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 3, 20])):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            data[at:at + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            del data[at:at + rng.choice([1, 5, 100])]
        elif kind == 2:
            data[at:at] = rng.choice(SPICE)
        elif rng.random() < 0.2:
            del data[at:]
    return bytes(data)


def change_json(rng, text):
    return (change_values if rng.random() < 0.6 else change_bytes)(rng, text)


def change_tensors(rng, file):
    length = struct.unpack("<Q", file[:8])[0]
    header, data = file[8:8 + length], file[8 + length:]
    kind = rng.randrange(8)
    if kind < 4:
        header = change_json(rng, header)
        return struct.pack("<Q", len(header)) + header + data
    if kind == 4:
        return struct.pack("<Q", rng.choice([0, 1, length - 1, len(file) - 7, 2 ** 63, rng.getrandbits(64)])) + file[8:]
    if kind == 5:
        return file[:rng.choice([0, 7, 8, 8 + length, len(file) - 1, rng.randrange(len(file))])]
    if kind == 6:
        return file + bytes(rng.choice([1, 4096]))
    return file[:8 + length] + change_bytes(rng, data)


def make_special(rng, path):
    """Something else in the file's place."""
    os.unlink(path)
    rng.choice([os.mkdir, os.mkfifo, lambda p: os.symlink("nowhere", p), lambda p: os.symlink(p, p),
                lambda p: os.symlink("/dev/zero", p)])(path)


def spoil(rng, directory, name):
    path = f"{directory}/{name}"
    if rng.random() < 0.08:
        return make_special(rng, path)
    with open(path, "rb") as file:
        data = file.read()
    with open(path, "wb") as file:
        file.write((change_tensors if name.endswith(".safetensors") else change_json)(rng, data))


def attempt(seed):
    """The first error or None, and whether tern accepted the input."""
    rng = random.Random(seed)
    is_packed = rng.random() < 0.5
    with tempfile.TemporaryDirectory() as directory:
        source, target, output = MODEL + ("/packed" if is_packed else ""), f"{directory}/in", f"{directory}/out"
        os.mkdir(target)
        for name in ("config.json", "generation_config.json", "tokenizer.json", "model.safetensors"):
            with open(f"{source}/{name}", "rb") as original, open(f"{target}/{name}", "wb") as copy:
                copy.write(original.read())
        name = rng.choice(["model.safetensors"] * 3 + ["config.json", "tokenizer.json", "generation_config.json"])
        spoil(rng, target, name)
        run = ["run", target, "--prompt", "The cat", "--max-tokens", "1"]
        command = rng.choice([run, ["inspect", target], ["export", target, output]] if is_packed else
                             [run, ["quantize", target, output], ["import", target, output]])
        try:
            done = subprocess.run([TERN, *command], capture_output=True, timeout=900)
        except subprocess.TimeoutExpired:
            return f"{name}, tern {command[0]}: no end within 30 s", False
        said, left = done.stderr.decode(errors="replace"), sorted(os.listdir(directory))
        if done.returncode == 0:
            return None, True
        good = (1 <= done.returncode <= 125 and left == ["in"] and f"tern {command[0]}: " in said and
                "Sanitizer" not in said and "runtime error" not in said)
        return None if good else f"{name}, tern {command[0]}: exit code {done.returncode}, {left}: {said[-300:]}", False


taken = 0
for number in range(SEED, SEED + ROUNDS):
    wrong, was_taken = attempt(number)
    taken += was_taken
    if wrong:
        sys.exit(f"seed {number}: {wrong}")
if ROUNDS >= 100 and not ROUNDS / 20 < taken < ROUNDS / 2:
    sys.exit(f"{taken} of {ROUNDS} changed models were taken: the changes are too wild or too tame")
print(f"{ROUNDS} changed models from seed {SEED}: {taken} taken, the others refused with a sentence")
