# SPDX-License-Identifier: Apache-2.0
"""Every flaw of an input gives one sentence that names file and tensor, exit code 1, and no output."""
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile

import checkpoint_maker as maker

sys.path.insert(0, os.path.join(os.environ["TERN_SOURCE_DIR"], "spec/tests"))
from spec_constants import TOO_DEEP

TERN = sys.argv[1]
LLAMA3 = {"type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 8192}
UP = "model.layers.1.mlp.up_proj.weight"
NORM = "model.layers.0.input_layernorm.weight"
FILE = "model.safetensors"


def file_path(directory):
    return os.path.join(directory, FILE)


def edit_header(directory, change):
    """Applies change(header) to the JSON; the data stay."""
    with open(file_path(directory), "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header, data = json.loads(file.read(length)), file.read()
    maker.write_raw(file_path(directory), change(header) or header, data)


def edit_tensors(directory, change):
    tensors, metadata = maker.read_safetensors(file_path(directory))
    change(tensors, metadata)
    maker.write_safetensors(file_path(directory), tensors, metadata)


def patch(directory, offset, data, whence=0):
    with open(file_path(directory), "r+b") as file:
        file.seek(offset, whence)
        file.write(data)


def set_config(**changes):
    def apply(directory):
        path = os.path.join(directory, "config.json")
        with open(path) as file:
            config = json.load(file)
        config.update(changes)
        with open(path, "w") as file:
            json.dump({key: value for key, value in config.items() if value != "(remove)"}, file)
    return apply


def header(change):
    return lambda directory: edit_header(directory, change)


def tensors(change):
    return lambda directory: edit_tensors(directory, change)


def offsets(name, begin, end):
    def change(entries):
        old = entries[name]["data_offsets"]
        entries[name]["data_offsets"] = [old[0] + begin, old[1] + end]
    return header(change)


def put(name, index, code, value):
    """Overwrites one element of an F16 tensor."""
    def change(found, _):
        dtype, shape, data = found[name]
        found[name] = (dtype, shape, data[:2 * index] + struct.pack(code, value) + data[2 * index + 2:])
    return tensors(change)


def replace(name, dtype, shape):
    def change(found, _):
        size = {"F32": 4, "U32": 4, "F16": 2, "U8": 1}[dtype]
        found[name] = (dtype, shape, bytes(maker.count(shape) * size))
    return tensors(change)


def metadata(**changes):
    def change(_, notes):
        for key, value in changes.items():
            key = key.replace("__", ".")
            notes.pop(key) if value is None else notes.update({key: value})
    return tensors(change)


def matrix_note(value):
    return lambda directory: edit_tensors(directory, lambda _, notes: notes.update({f"tern.matrix.{UP}": value}))


def raw_header(text):
    return lambda directory: maker.write_raw(file_path(directory), text, b"")


def truncate(bytes_kept):
    def apply(directory):
        size = os.path.getsize(file_path(directory))
        os.truncate(file_path(directory), bytes_kept if bytes_kept >= 0 else size + bytes_kept)
    return apply


def append(directory):
    with open(file_path(directory), "ab") as file:
        file.write(b"\0" * 16)


def duplicate(directory):
    """The same name twice in the JSON text."""
    def change(entries):
        text = json.dumps(entries)
        return text.replace('"model.norm.weight"', f'"{NORM}"').encode()
    edit_header(directory, change)


def shard_name(name, tensor=NORM):
    def apply(directory):
        os.rename(file_path(directory), os.path.join(directory, "part.safetensors"))
        with open(os.path.join(directory, "model.safetensors.index.json"), "w") as file:
            json.dump({"weight_map": {tensor: name}}, file)
    return apply


def other_depth(directory):
    """Two shards of a packed model that disagree."""
    found, notes = maker.read_safetensors(file_path(directory))
    moved = {NORM: found.pop(NORM)}
    os.remove(file_path(directory))
    maker.write_safetensors(os.path.join(directory, "a.safetensors"), found, notes)
    maker.write_safetensors(os.path.join(directory, "b.safetensors"), moved, {"tern.format": "1", "tern.depth": "2"})
    with open(os.path.join(directory, "model.safetensors.index.json"), "w") as file:
        json.dump({"weight_map": {**{name: "a.safetensors" for name in found}, NORM: "b.safetensors"}}, file)


def extent(name, *shape):
    return header(lambda entries: entries[name].update(shape=list(shape)))


def remove(name):
    return lambda directory: os.remove(os.path.join(directory, name))


def flip(name, byte, bit=1):
    """One bit of a packed tensor."""
    def change(found, _):
        dtype, shape, data = found[name]
        found[name] = (dtype, shape, data[:byte] + bytes([data[byte] ^ bit]) + data[byte + 1:])
    return tensors(change)


def pop(name):
    return tensors(lambda found, _: found.pop(name))


def steps(index, value):
    def change(found, _):
        dtype, shape, data = found[UP + ".steps"]
        found[UP + ".steps"] = (dtype, shape, data[:4 * index] + struct.pack("<f", value) + data[4 * index + 4:])
    return tensors(change)


# Flaws of a Hugging Face directory: name, change, words that the sentence must contain.
SOURCE_FLAWS = [
    ("data truncated", truncate(-10), [FILE, "tensor", "truncated"]),
    ("file of 5 bytes", truncate(5), [FILE, "5 bytes"]),
    ("empty file", truncate(0), [FILE, "0 bytes"]),
    ("header length 2^63", lambda d: patch(d, 0, struct.pack("<Q", 1 << 63)), [FILE, "9223372036854775808"]),
    ("header length 90 MB", lambda d: patch(d, 0, struct.pack("<Q", 90000000)), [FILE, "90000000"]),
    ("header a byte longer than its file",
     lambda d: patch(d, 0, struct.pack("<Q", os.path.getsize(file_path(d)) - 7)), [FILE, "does not fit"]),
    ("header length 0", lambda d: patch(d, 0, bytes(8)), [FILE, "JSON"]),
    ("header is no JSON", lambda d: patch(d, 8, b"?"), [FILE, "JSON"]),
    ("header cut inside", lambda d: patch(d, 0, struct.pack("<Q", 400)), [FILE, "JSON"]),
    ("header is a list", raw_header(b"[1, 2]"), [FILE, "object"]),
    ("header nested without end", raw_header(b'{"a":' + b"[" * 100000), [FILE, "JSON"]),
    ("bytes after the last tensor", append, [FILE, "16 bytes follow"]),
    ("overlap", offsets(UP, -2, -2), [FILE, "overlap"]),
    ("hole", lambda d: edit_header(d, lambda e: e.pop(NORM) and None), [FILE, "hole"]),
    ("end before begin", offsets(UP, 100000, 0), [FILE, UP, "data_offsets"]),
    ("offset of 10^300", header(lambda e: e[UP].update(data_offsets=[0, 1e300])), [FILE, UP]),
    ("negative offset", header(lambda e: e[UP].update(data_offsets=[-2, 6])), [FILE, UP]),
    ("three offsets", header(lambda e: e[UP].update(data_offsets=[0, 1, 2])), [FILE, UP]),
    ("over-long tensor", extent(UP, 172, 65), [FILE, UP, "need"]),
    ("data longer than the shape", extent(UP, 171, 64), [FILE, UP, "need"]),
    ("shape over 2^64", extent(UP, 2 ** 40, 2 ** 40), [FILE, UP, "shape"]),
    ("shape of 1.5", extent(UP, 1.5, 64), [FILE, UP, "shape"]),
    ("no shape", header(lambda e: e[UP].pop("shape") and None), [FILE, UP, "shape"]),
    ("unknown dtype", header(lambda e: e[UP].update(dtype="Q7")), [FILE, UP, "Q7"]),
    ("no dtype", header(lambda e: e[UP].pop("dtype") and None), [FILE, UP, "dtype"]),
    ("entry is a number", header(lambda e: e.update({UP: 3})), [FILE, UP]),
    ("one name twice", duplicate, [FILE, NORM]),
    ("one dtype twice", header(lambda e: json.dumps(e).replace('"dtype"', '"dtype": "F32", "dtype"', 1).encode()),
     [FILE, "'dtype' stands twice"]),
    ("name that is no UTF-8", header(lambda e: json.dumps(e).encode().replace(b"model.norm", b"model.n\xffrm")),
     [FILE, "UTF-8"]),
    ("name with a zero", header(lambda e: json.dumps(e).replace('norm.weight"', 'norm.weight\\\\\\u0000"').encode()),
     [FILE, "u0000"]),
    ("name with a zero byte", header(lambda e: json.dumps(e).replace('norm.weight"', 'norm.weight\0"').encode()),
     [FILE, "zero byte"]),
    ("metadata twice", header(lambda e: b'{"__metadata__": {}, ' + json.dumps(e)[1:].encode()), [FILE, "__metadata__"]),
    ("metadata of numbers", header(lambda e: e["__metadata__"].update(a=1)), [FILE, "__metadata__"]),
    ("NaN weight", put(UP, 64 * 7 + 5, "<H", 0x7e01), [FILE, UP, "NaN", "row 7", "column 5"]),
    ("infinite weight", put(UP, 3, "<H", 0xfc00), [FILE, UP, "infinity", "row 0", "column 3"]),
    ("NaN in a norm", put(NORM, 9, "<H", 0x7e00), [FILE, NORM, "NaN", "element 9"]),
    ("wrong shape", replace(UP, "F16", [172, 32]), [FILE, UP, "172 x 32", "172 x 64"]),
    ("one dimension", replace(UP, "F16", [172 * 64]), [FILE, UP, "1 dimension"]),
    ("wrong dtype", replace(UP, "U32", [172, 64]), [FILE, UP, "U32"]),
    ("missing tensor", pop(UP), [FILE, UP, "missing"]),
    ("missing bias", pop("model.layers.0.self_attn.q_proj.bias"), [FILE, "q_proj.bias", "missing"]),
    ("no weights at all", remove(FILE), [FILE]),
    ("no config", remove("config.json"), ["config.json"]),
    ("config is no JSON", lambda d: open(os.path.join(d, "config.json"), "w").write("{"), ["config.json", "JSON"]),
    ("shard in another directory", shard_name("../in/part.safetensors"), ["index.json", NORM]),
    ("missing shard", shard_name("other.safetensors"), ["other.safetensors"]),
    ("shard without its tensor", shard_name("part.safetensors", "other.weight"), ["part.safetensors", "other.weight"]),
    ("no architecture and no model type", set_config(architectures="(remove)", model_type="(remove)"),
     ["config.json", "model_type", "qwen2"]),
    ("model type of another family", set_config(architectures=["LlamaForCausalLM"]),
     ["config.json", "model_type is 'qwen2'; LlamaForCausalLM has 'llama'"]),
    ("unknown model type", set_config(model_type="mamba"), ["config.json", "mamba"]),
    ("sliding window", set_config(use_sliding_window=True, max_window_layers=1), ["config.json", "use_sliding_window"]),
    ("layers of two kinds", set_config(layer_types=["full_attention", "sliding_attention"]),
     ["config.json", "layer_types", "sliding_attention"]),
    ("another activation", set_config(hidden_act="gelu"), ["config.json", "hidden_act", "gelu"]),
    ("rotary embedding of a part", set_config(partial_rotary_factor=0.5), ["config.json", "partial_rotary_factor"]),
    ("quantized weights", set_config(quantization_config={"quant_method": "gptq"}),
     ["config.json", "quantization_config", "gptq"]),
    ("Llama with biases, but not that of o", set_config(architectures=["LlamaForCausalLM"], model_type="llama",
                                                        attention_bias=True), [FILE, "o_proj.bias", "missing"]),
    ("Mistral with biases", set_config(architectures=["MistralForCausalLM"], model_type="mistral", attention_bias=True),
     ["config.json", "attention_bias", "MistralForCausalLM"]),
    ("a bias that is a word", set_config(attention_bias="yes"), ["config.json", "attention_bias"]),
    ("Llama with biases in the MLP", set_config(architectures=["LlamaForCausalLM"], model_type="llama", mlp_bias=True),
     ["config.json", "mlp_bias"]),
    ("Llama, the biases are only in the file", set_config(architectures=["LlamaForCausalLM"], model_type="llama"),
     [FILE, "k_proj.bias"]),
    ("a norm no layer has", tensors(lambda t, m: t.update({"model.layers.0.self_attn.q_norm.weight": t[NORM]})),
     [FILE, "model.layers.0.self_attn.q_norm.weight"]),
    ("Qwen3 without the norms of its heads", set_config(architectures=["Qwen3ForCausalLM"], model_type="qwen3", head_dim=16),
     [FILE, "model.layers.0.self_attn.q_norm.weight", "missing"]),
    ("Qwen3, its heads have their usual size", set_config(architectures=["Qwen3ForCausalLM"], model_type="qwen3"),
     [FILE, "model.layers.0.self_attn.q_proj.weight"]),
    ("Mistral without a window", set_config(architectures=["MistralForCausalLM"], model_type="mistral",
                                            sliding_window=0), ["config.json", "sliding_window"]),
    ("heads not divisible", set_config(num_key_value_heads=3), ["config.json", "num_key_value_heads"]),
    ("head of 15 elements", set_config(head_dim=15), ["config.json", "15 elements"]),
    ("heads wider than a matrix", set_config(num_attention_heads=256, head_dim=256), ["config.json", "256 heads"]),
    ("half a stop token", set_config(eos_token_id=[1, 1.5]), ["config.json", "eos_token_id"]),
    ("other layers", set_config(num_hidden_layers=3), ["model.layers.2", "missing"]),
] + [(f"architecture {name}", set_config(architectures=[name + "ForCausalLM"]),
     ["config.json", name, "Qwen2ForCausalLM, ", "ForCausalLM can be run"])
     for name in ("Qwen4", "Qwen2Moe", "Mixtral", "Gemma2", "Phi3")
] + [(f"rotary scaling {kind}", set_config(**{key: {"rope_type": kind, "factor": 4.0}}), ["config.json", kind])
     for kind in ("yarn", "linear", "dynamic", "longrope") for key in ("rope_scaling", "rope_parameters")
] + [(f"llama3 scaling, {change}", set_config(rope_scaling={**LLAMA3, **change}), ["config.json", *change])
     for change in ({"factor": 0.5}, {"factor": "8"}, {"factor": 1e300}, {"low_freq_factor": 4.0}, {"high_freq_factor": -1},
                    {"low_freq_factor": None}, {"original_max_position_embeddings": 0})
] + [(f"{key} = {value}", set_config(**{key: value}), ["config.json", key])
     for key in ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
                 "vocab_size", "max_position_embeddings")
     for value in (0, -1, 10 ** 9, 1.5, "64", [64]) + (("(remove)",) if key != "num_key_value_heads" else ())]

PACKED_FLAWS = [
    ("wrong version", metadata(tern__format="2"), [FILE, "version", "2"]),
    ("no depth", metadata(tern__depth=None), [FILE, "tern.depth"]),
    ("too deep", metadata(tern__depth=TOO_DEEP), [FILE, "tern.depth"]),
    ("shards of two depths", other_depth, ["b.safetensors", "depth 2", "depth 3"]),
    ("wrong depth of a matrix", matrix_note("172 64 2"), [FILE, UP]),
    ("rows of another shape", matrix_note("180 64 3"), [FILE, UP]),
    ("rows of 10^9", matrix_note("1000000000 64 3"), [FILE, UP, "1000000000"]),
    ("columns of 0", matrix_note("172 0 3"), [FILE, UP]),
    ("rows of -1", matrix_note("-1 64 3"), [FILE, UP]),
    ("no matrix entry", metadata(**{f"tern__matrix__{UP.replace('.', '__')}": None}), [FILE, UP]),
    ("an unknown type of a matrix", tensors(lambda _, notes: notes.update({f"tern.dtype.{UP}": "F8"})), [FILE, UP, "F8"]),
    ("checksum of codes", flip(UP + ".trits", 1), [FILE, UP, "strip 0", "byte 0", "CRC-32C"]),
    ("checksum of a plane", flip(UP + ".trits", 3 * 256 + 70), [FILE, UP, "strip 3", "byte 64", "CRC-32C"]),
    ("checksum table", flip(UP + ".crc", 16), [FILE, UP, "strip 1", "CRC-32C"]),
    ("no checksums", pop(UP + ".crc"), [UP, ".crc", "missing"]),
    ("no steps", pop(UP + ".steps"), [UP, ".steps", "missing"]),
    ("no trits", pop(UP + ".trits"), [UP, ".trits"]),
    ("NaN step", steps(4, float("nan")), [FILE, UP, "step 4"]),
    ("negative step", steps(4, -1.0), [FILE, UP, "step 4"]),
    ("range of steps", steps(26, 1e30), [FILE, UP, "step"]),
    ("steps of another type", replace(UP + ".steps", "U32", [27]), [FILE, UP, "dtype"]),
    ("steps of another length", replace(UP + ".steps", "F32", [26]), [FILE, UP, ".steps"]),
    ("trits cut", replace(UP + ".trits", "U8", [64]), [FILE, UP, ".trits"]),
    ("truncated", truncate(-1), [FILE, "truncated"]),
]


def attempt(name, command, names, directory, limit_bytes=None, working_directory=None):
    """Runs tern, which must fail with a sentence that contains `names`; returns the first error, or None."""
    def lower():
        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    before = sorted(os.listdir(directory))
    done = subprocess.run([TERN, *command], capture_output=True, text=True, timeout=900, preexec_fn=lower,
                          cwd=working_directory)
    sentence = done.stderr.strip()
    after = sorted(os.listdir(directory))
    if not 1 <= done.returncode <= 125:
        return f"{name}: exit code {done.returncode}; {sentence}"
    if after != before:
        return f"{name}: left behind {sorted(set(after) - set(before))}"
    if "\n" in sentence or not sentence.startswith(f"tern {command[0]}: "):
        return f"{name}: not one sentence: {sentence}"
    absent = [word for word in names if word not in sentence]
    return f"{name}: '{sentence}' does not name {absent}" if absent else None


def pack(directory):
    subprocess.run([TERN, "quantize", f"{directory}/in", f"{directory}/packed"], check=True, capture_output=True)


def flawed(flaw, packed, command):
    """One case: a fresh model, packed first when `packed`, spoiled, and given to `command`."""
    name, spoil, names = flaw
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in")
        if packed:
            pack(directory)
        target = f"{directory}/{'packed' if packed else 'in'}"
        spoil(target)
        arguments = [command, target] + ([f"{directory}/out"] if command != "inspect" else [])
        return attempt(f"{command}, {name}", arguments, names, directory)


def full_disk(limit_bytes):
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in")
        return attempt(f"file size limit of {limit_bytes}", ["quantize", f"{directory}/in", f"{directory}/out"],
                       [f"{directory}/out.partial", "too large"], directory, limit_bytes)


def full_tmpfs():
    """Only root can mount; the size limit above covers the rest."""
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(f"{directory}/small")
        maker.write_checkpoint(f"{directory}/in")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", f"{directory}/small"],
                          capture_output=True).returncode != 0:
            return None
        try:
            wrong = attempt("full disk", ["quantize", f"{directory}/in", f"{directory}/small/out"],
                            ["out.partial", "No space left"], f"{directory}/small")
        finally:
            subprocess.run(["umount", f"{directory}/small"], check=True)
        return wrong


def over_range():
    """BF16 weights that no float16 holds pack well, but cannot be exported."""
    with tempfile.TemporaryDirectory() as directory:
        tensors_of = maker.make_tensors(maker.shapes(), "BF16")
        dtype, shape, data = tensors_of[UP]
        tensors_of[UP] = (dtype, shape, maker.element(1e6, "BF16") + data[2:])
        maker.write_checkpoint(f"{directory}/in", tensors=tensors_of)
        pack(directory)
        return attempt("export over float16", ["export", f"{directory}/packed", f"{directory}/out"],
                       [FILE, UP, "row 0", "float16"], directory)


def existing_output():
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in")
        maker.write_checkpoint(f"{directory}/out")
        return attempt("existing output", ["quantize", f"{directory}/in", f"{directory}/out"], ["out", "exists"],
                       directory)


def unusable_output():
    """Refuses names such as `.` and the empty one before the work, which may take hours."""
    for output, says in ((".", ".: cannot be replaced"), ("", "the name of the output is empty")):
        with tempfile.TemporaryDirectory() as directory:
            maker.write_checkpoint(f"{directory}/in")
            os.mkdir(f"{directory}/out")
            wrong = attempt(f"output '{output}'", ["quantize", "../in", output], [says], directory,
                            working_directory=f"{directory}/out")
            wrong = wrong or (os.listdir(f"{directory}/out") and f"output '{output}': left something")
        if wrong:
            return wrong
    return None


def foreign_partial():
    """Does not change an existing OUT.partial that is not an unfinished run."""
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in")
        os.mkdir(f"{directory}/out.partial")
        with open(f"{directory}/out.partial/letter", "w") as file:
            file.write("mine")
        wrong = attempt("foreign partial", ["quantize", f"{directory}/in", f"{directory}/out"],
                        ["out.partial", "no unfinished run"], directory)
        return wrong or (None if os.listdir(f"{directory}/out.partial") == ["letter"] else "foreign partial: changed")


def usage():
    for arguments in (["quantize"], ["quantize", "a", "b", "--depth", TOO_DEEP], ["quantize", "a", "b", "--depth", "x"],
                      ["inspect"], ["inspect", "a", "--what"], ["export", "a"],
                      ["export", ".", "b", "--dtype", "U8"]):
        done = subprocess.run([TERN, *arguments], capture_output=True, text=True)
        if done.returncode != 2 or not done.stderr or done.stdout:
            return f"{arguments}: exit code {done.returncode}"
    for command in ("quantize", "inspect", "export"):
        done = subprocess.run([TERN, command, "--help"], capture_output=True, text=True)
        if done.returncode != 0 or "usage: tern " + command not in done.stdout:
            return f"{command} --help: exit code {done.returncode}"
    return None


def main():
    results = [flawed(flaw, False, "quantize") for flaw in SOURCE_FLAWS]
    results += [flawed(flaw, False, "import") for flaw in SOURCE_FLAWS[::4]
                if not flaw[0].startswith(("NaN", "infinite"))]  # those: import_models.py
    results += [flawed(flaw, True, "inspect") for flaw in PACKED_FLAWS]
    results += [flawed(flaw, True, "export") for flaw in PACKED_FLAWS]
    results += [full_disk(limit) for limit in (0, 100, 5000, 60000)]
    results += [full_tmpfs(), over_range(), existing_output(), unusable_output(), foreign_partial(),
                usage()]
    wrong = [result for result in results if result]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(results)} flaws, each refused with a sentence and nothing left")


main()
