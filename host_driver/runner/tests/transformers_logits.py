# SPDX-License-Identifier: Apache-2.0
"""Compares logits of exported directories in Python transformers with `tern logits` on the packed directory."""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import transformers

TERN, TINY, MAKE = sys.argv[1:]
TOKENS = [5, 300, 17, 42, 511, 0, 99, 256, 128, 64, 33, 7]
# Relative to the largest logit. float32 has the exact packed weights; float16 rounds each by up to 2^-12 of it.
TOLERANCES = {"F32": 2e-4, "F16": 2e-3}
QWEN3 = {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 96, "intermediate_size": 172,
         "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32, "vocab_size": 512,
         "max_position_embeddings": 256, "rms_norm_eps": 1e-6, "rope_theta": 1e6, "hidden_act": "silu",
         "tie_word_embeddings": False, "eos_token_id": 2}


def run(*arguments):
    done = subprocess.run([TERN, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{arguments}: {done.stderr}")


def transformers_logits(directory):
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, torch_dtype=torch.float32).eval()
    with torch.no_grad():
        return model(torch.tensor([TOKENS])).logits[0].numpy()


def make_qwen3(directory):
    config = pathlib.Path(directory, "config.json")
    config.write_text(json.dumps(QWEN3))
    subprocess.run([MAKE, config, f"{directory}/qwen3", "--seed", "4"], check=True, capture_output=True)
    return f"{directory}/qwen3"


def check(name, model):
    with tempfile.TemporaryDirectory() as directory:
        run("quantize", model, f"{directory}/packed", "--depth", 3)
        run("logits", f"{directory}/packed", "--tokens", ",".join(map(str, TOKENS)), "--out", f"{directory}/logits.npy")
        got = np.load(f"{directory}/logits.npy")
        for dtype, tolerance in TOLERANCES.items():
            run("export", f"{directory}/packed", f"{directory}/{dtype}", "--dtype", dtype)
            wanted = transformers_logits(f"{directory}/{dtype}")
            worst = np.abs(got - wanted).max() / np.abs(wanted).max()
            print(f"{name}, {dtype}: worst difference {worst:.2e} of the largest logit, {tolerance} allowed")
            if got.shape != wanted.shape or not worst <= tolerance:
                sys.exit("transformers computes something else")


def main():
    transformers.logging.set_verbosity_error()
    check("tiny model", TINY)
    with tempfile.TemporaryDirectory() as directory:
        check("Qwen3", make_qwen3(directory))


main()
