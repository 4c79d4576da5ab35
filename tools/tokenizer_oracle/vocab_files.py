#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Directories with vocab.json and merges.txt but no tokenizer.json: `tern tokenize` and AutoTokenizer of transformers
must give the same ids.

Needs `pip install transformers tokenizers`, version 4 or 5. Usage: vocab_files.py TERN
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    from transformers import AutoTokenizer
except ImportError:
    sys.exit("skipped: needs the Python package transformers")

from make_vectors import FIXED, random_text

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "testvectors/tokenizer"
QWEN2 = json.loads((VECTORS / "qwen2_tokenizer.json").read_text())


def decoder(tokens):
    """added_tokens_decoder of tokenizer_config.json."""
    return {str(token["id"]): {key: value for key, value in token.items() if key != "id"} for token in tokens}


def forms():
    """(name, files beside vocab.json and merges.txt)"""
    tokens, size = QWEN2["added_tokens"], len(QWEN2["model"]["vocab"])
    listed = decoder(tokens)
    plain = {token["content"]: token["id"] for token in tokens[:5]}
    qwen2, gpt2 = {"tokenizer_class": "Qwen2Tokenizer"}, {"tokenizer_class": "GPT2Tokenizer"}
    yield "listed", {"tokenizer_config.json": {**qwen2, "added_tokens_decoder": listed, "eos_token": "<|im_end|>"}}
    yield "fast", {"tokenizer_config.json": {**qwen2, "tokenizer_class": "Qwen2TokenizerFast", "unk_token": None,
                                             "pad_token": None, "eos_token": {"__type": "AddedToken", "content": "<end>",
                                                           "normalized": False}}}
    yield "bare", {"tokenizer_config.json": qwen2}
    yield "config", {"tokenizer_config.json": {}, "config.json": {"model_type": "qwen2"}}
    yield "gpt2", {"tokenizer_config.json": {**gpt2, "bos_token": "<s>", "eos_token": "</s>"}}
    yield "gpt2_bos", {"tokenizer_config.json": {**gpt2, "bos_token": "<s>", "add_bos_token": True}}
    yield "extra", {"tokenizer_config.json": {**qwen2, "additional_special_tokens": ["<|im_start|>", "hello"]}}
    yield "legacy", {"tokenizer_config.json": qwen2, "added_tokens.json": plain,
                     "special_tokens_map.json": {"eos_token": "<|im_end|>", "pad_token": {"content": "<|endoftext|>"},
                                                 "additional_special_tokens": ["<|im_start|>"]}}
    yield "later", {"tokenizer_config.json": {**qwen2, "added_tokens_decoder": {
        str(size): {"content": "<one>", "special": False, "normalized": True},
        str(size + 1): {"content": "<two>", "special": True, "rstrip": True}}, "eos_token": "<one>"}}


def write(directory, files):
    model = QWEN2["model"]
    (directory / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False))
    (directory / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in model["merges"]))
    for name, content in files.items():
        (directory / name).write_text(json.dumps(content))


def texts():
    rng = random.Random(5)
    yield from (text for text in FIXED if "\0" not in text)
    yield from (text for text in (random_text(rng) for _ in range(40)) if "\0" not in text)
    yield from ("a <end> b<s>c </s><one><two>  x<|endoftext|>hello, hello<|im_start|>", "cafe\u0301 Tern TernX <tool_call>x")


def main():
    tern, differing, count = sys.argv[1], 0, 0
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    for name, files in forms():
        with tempfile.TemporaryDirectory() as place:
            write(pathlib.Path(place), files)
            oracle = AutoTokenizer.from_pretrained(place)
            for text in texts():
                done = subprocess.run([tern, "tokenize", place, "-", "--json"], input=text.encode(), capture_output=True)
                ours = json.loads(done.stdout)["ids"] if done.returncode == 0 else done.stderr
                wanted = oracle(text)["input_ids"]
                count += 1
                if ours != wanted:
                    differing += 1
                    if differing < 10:
                        print(f"{name}: {ascii(text)}\n  ours     {ours}\n  expected {wanted}")
    print(f"{count} texts, {differing} differ")
    sys.exit(differing > 0)


if __name__ == "__main__":
    main()
