# SPDX-License-Identifier: Apache-2.0
"""Compares logits of exported directories in Python transformers with `tern logits` on the packed directory."""
import subprocess
import sys
import tempfile

import numpy as np
import torch
import transformers

TERN, TINY = sys.argv[1:]
TOKENS = [5, 300, 17, 42, 511, 0, 99, 256, 128, 64, 33, 7]
# Relative to the largest logit. float32 has the exact packed weights; float16 rounds each by up to 2^-12 of it.
TOLERANCES = {"F32": 2e-4, "F16": 2e-3}


def run(*arguments):
    done = subprocess.run([TERN, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{arguments}: {done.stderr}")


def transformers_logits(directory):
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, torch_dtype=torch.float32).eval()
    with torch.no_grad():
        return model(torch.tensor([TOKENS])).logits[0].numpy()


def main():
    transformers.logging.set_verbosity_error()
    with tempfile.TemporaryDirectory() as directory:
        run("quantize", TINY, f"{directory}/packed", "--depth", 3)
        run("logits", f"{directory}/packed", "--tokens", ",".join(map(str, TOKENS)), "--out", f"{directory}/logits.npy")
        got = np.load(f"{directory}/logits.npy")
        for dtype, tolerance in TOLERANCES.items():
            run("export", f"{directory}/packed", f"{directory}/{dtype}", "--dtype", dtype)
            wanted = transformers_logits(f"{directory}/{dtype}")
            worst = np.abs(got - wanted).max() / np.abs(wanted).max()
            print(f"{dtype}: worst difference {worst:.2e} of the largest logit, {tolerance} allowed")
            if got.shape != wanted.shape or not worst <= tolerance:
                sys.exit("transformers computes something else")


main()
