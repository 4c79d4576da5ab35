# SPDX-License-Identifier: Apache-2.0
"""usage: families.py TERN MAKE_CHECKPOINT [CONFIG LAYERS VOCABULARY DEVICE_BYTES]

Makes a seeded model, runs tern quantize and tern logits, and compares with the float64 forward pass of
tools/tiny_model/reference.py. That pass reads the packed file with the NumPy reader of docs/packed-format.md.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

SOURCE = Path(os.environ["TERN_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tools/tiny_model"))
from hf_directory import read_safetensors
from reference import Model

TERN, MAKE = sys.argv[1:3]
# Relative to the largest logit. Activations have 16 bits and one exponent a group, everything else is float32.
TOLERANCE = 2e-4

SHAPE = {"hidden_size": 96, "intermediate_size": 172, "num_hidden_layers": 2, "num_attention_heads": 4,
         "num_key_value_heads": 2, "vocab_size": 300, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
         "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": False, "eos_token_id": 2}
# With 12 tokens and an original limit of 16 positions most frequencies are scaled and some are blended.
SCALING = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
           "original_max_position_embeddings": 32}


def of(name, **changes):
    return {"architectures": [name + "ForCausalLM"], "model_type": name.lower(), **SHAPE, **changes}


FAMILIES = {
    "Qwen2": of("Qwen2"),
    "Qwen2, a key without a meaning": of("Qwen2", attention_bias=True),
    "Qwen3": of("Qwen3", head_dim=32, attention_bias=False, sliding_window=None, max_window_layers=2),
    "Qwen3, four heads a key": of("Qwen3", head_dim=16, num_key_value_heads=1, tie_word_embeddings=True),
    "Qwen3 without a size of its heads": of("Qwen3"),
    "Qwen3 with biases": of("Qwen3", head_dim=32, attention_bias=True),
    "Llama": of("Llama", attention_bias=False, mlp_bias=False),
    "Llama with biases": of("Llama", attention_bias=True),
    "Llama 3.1": of("Llama", rope_scaling=SCALING, tie_word_embeddings=True),
    "Llama 3.1, newer": of("Llama", rope_parameters={"rope_theta": 10000.0, **SCALING}, rope_theta=None),
    "Mistral": of("Mistral", sliding_window=12),
    "Mistral with heads of its own size": of("Mistral", head_dim=32, sliding_window=None),
}


def call(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr}")


def page_reader():
    page = {}
    exec(re.search(r"```python\n(.*?)```", (SOURCE / "docs/packed-format.md").read_text(), re.DOTALL).group(1), page)
    return page["read"]


def packed_weights(directory, read):
    path = directory / "model.safetensors"
    weights = read_safetensors(path)
    for name in [name[:-len(".trits")] for name in weights if name.endswith(".trits")]:
        weights[name] = read(path, name).astype(np.float64)
    return weights


def check(title, config, directory, device_bytes, options):
    directory = Path(directory)
    (directory / "config.json").write_text(json.dumps(config))
    call(MAKE, directory / "config.json", directory / "model", *options)
    call(TERN, "quantize", directory / "model", directory / "packed")
    config = json.loads((directory / "packed/config.json").read_text())
    call(TERN, "export", directory / "packed", directory / "exported")
    call(TERN, "inspect", directory / "packed", "--json")
    ids = np.random.default_rng(1).integers(0, config["vocab_size"], 12)
    call(TERN, "logits", directory / "packed", "--tokens", ",".join(map(str, ids)), "--out", directory / "got.npy",
         "--device-memory", device_bytes)
    model = Model(directory / "packed", weights=packed_weights(directory / "packed", page_reader()))
    if config.get("rope_parameters"):
        model.config.update(rope_scaling=config["rope_parameters"], rope_theta=config["rope_parameters"]["rope_theta"])
    expected, got = model.forward(ids), np.load(directory / "got.npy")
    error = np.abs(got - expected).max() / np.abs(expected).max()
    print(f"{title}: largest error {error:.1e} of the largest logit, bound {TOLERANCE:.0e}")
    return error <= TOLERANCE


def main():
    good = True
    cases = FAMILIES.items() if len(sys.argv) == 3 else [
        (Path(sys.argv[3]).stem, json.loads(Path(sys.argv[3]).read_text()))]
    options = ["--layers", sys.argv[4], "--vocabulary", sys.argv[5]] if len(sys.argv) > 3 else []
    device_bytes = sys.argv[6] if len(sys.argv) > 3 else 100_000_000
    for title, config in cases:
        with tempfile.TemporaryDirectory() as directory:
            good &= check(title, config, directory, device_bytes, options)
    sys.exit(not good)


main()
