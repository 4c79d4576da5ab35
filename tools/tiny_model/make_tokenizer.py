#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the byte-level BPE tokenizer (512 tokens) and writes it in the layout of Qwen2's tokenizer.json.

Usage: make_tokenizer.py TRAIN_TXT MODEL_DIR
"""
import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from corpus import END_OF_TEXT

VOCABULARY_SIZE = 512
SPECIAL_TOKENS = [END_OF_TEXT, "<|im_start|>", "<|im_end|>"]
QWEN2_PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
                 r"|\s*[\r\n]+|\s+(?!\S)|\s+")
CHAT_TEMPLATE = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + "
                 "'<|im_end|>\\n' }}{% endfor %}"
                 "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")


def train(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(QWEN2_PATTERN), behavior="isolated", invert=False),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)])
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY_SIZE - len(SPECIAL_TOKENS), show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL_TOKENS])
    return tokenizer


def in_qwen2_layout(tokenizer):
    """The library's JSON in Qwen2's spelling: merges as "left right" strings, a decoder without options."""
    data = json.loads(tokenizer.to_str())
    data["decoder"].update(add_prefix_space=False, trim_offsets=False, use_regex=False)
    data["model"].update(continuing_subword_prefix="", end_of_word_suffix="")
    data["model"]["merges"] = [pair if isinstance(pair, str) else " ".join(pair) for pair in data["model"]["merges"]]
    return data


def tokenizer_config(tokenizer):
    added = {str(tokenizer.token_to_id(text)): {"content": text, "lstrip": False, "normalized": False, "rstrip": False,
                                                "single_word": False, "special": True} for text in SPECIAL_TOKENS}
    return {"add_prefix_space": False, "added_tokens_decoder": added,
            "additional_special_tokens": SPECIAL_TOKENS[1:], "bos_token": None, "chat_template": CHAT_TEMPLATE,
            "clean_up_tokenization_spaces": False, "eos_token": END_OF_TEXT, "errors": "replace",
            "model_max_length": 256, "pad_token": END_OF_TEXT, "split_special_tokens": False,
            "tokenizer_class": "Qwen2Tokenizer", "unk_token": None}


def main():
    text, out = Path(sys.argv[1]).read_text(), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for special in [END_OF_TEXT + "\n"] + SPECIAL_TOKENS[1:]:
        text = text.replace(special, "\0")
    tokenizer = train(text.split("\0"))
    data = in_qwen2_layout(tokenizer)
    assert len(data["model"]["vocab"]) + len(SPECIAL_TOKENS) == VOCABULARY_SIZE, len(data["model"]["vocab"])
    (out / "tokenizer.json").write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    (out / "tokenizer_config.json").write_text(json.dumps(tokenizer_config(tokenizer), indent=2) + "\n")


if __name__ == "__main__":
    main()
