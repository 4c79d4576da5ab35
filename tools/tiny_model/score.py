#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scores the committed FP16 weights at every depth: validation loss, text quality, samples. Prints Markdown.

Usage: score.py WORK_DIR MODEL_DIR   WORK_DIR holds valid.txt (corpus.py makes it).
"""
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

import checker
from corpus import ANIMALS, END_OF_TEXT, FACTS
from reference import Model

# label: (depth stored, depth in use)
MODES = {"float": (None, None), "d=3": (3, 3), "d=2 cut from 3": (3, 2), "d=2": (2, 2), "d=1 cut from 3": (3, 1),
         "d=1": (1, 1)}
STORY_TOKENS, SAMPLE_TOKENS = 96, 32
SAMPLE_PROMPTS = ["The cat Mia", "Once there was a", "The dog Rex lived", "Lulu was", "3 + 4 ="]
CHAT = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


def validation_loss(model, tokenizer, documents):
    """Mean nats a token, each document on its own from its first token on."""
    total, count = 0.0, 0
    for text in documents:
        ids = tokenizer.encode(text + END_OF_TEXT).ids
        logits = model.forward(ids[:-1])
        top = logits.max(-1)
        total += np.sum(np.log(np.exp(logits - top[:, None]).sum(-1)) + top - logits[range(len(ids) - 1), ids[1:]])
        count += len(ids) - 1
    return total / count


def complete(model, tokenizer, prompt, count):
    stop = [tokenizer.token_to_id(text) for text in (END_OF_TEXT, "<|im_end|>")]
    ids = tokenizer.encode(prompt).ids
    return tokenizer.decode(ids + model.generate(ids, count, stop), skip_special_tokens=False)


def quality_texts(model, tokenizer):
    """A story about each animal with two openings, all hundred sums, and each fact as a chat. Stories lose their last
    word, which the token limit may have cut."""
    for name, (kind, *_) in ANIMALS.items():
        for prompt in f"The {kind} {name}", f"{name} was":
            yield complete(model, tokenizer, prompt, STORY_TOKENS).rsplit(" ", 1)[0]
    for a in range(10):
        for b in range(10):
            yield complete(model, tokenizer, f"{a} + {b} =", 4).split(".")[0]
    for question, _ in FACTS:
        yield complete(model, tokenizer, CHAT.format(question), 24)


def main():
    work, directory = map(Path, sys.argv[1:])
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    documents = [text for text in (work / "valid.txt").read_text().split(END_OF_TEXT + "\n") if text]
    kinds = list(checker.CLAIMS)
    print("| weights | validation loss | " + " | ".join(kinds) + " |\n" + "|---" * (len(kinds) + 2) + "|")
    samples = {}
    for label, depths in MODES.items():
        model = Model(directory, *depths)
        counts, wrong = checker.check(list(quality_texts(model, tokenizer)))
        cells = " | ".join("{} / {}".format(*counts[kind]) for kind in kinds)
        print(f"| {label} | {validation_loss(model, tokenizer, documents):.3f} | {cells} |", flush=True)
        print("\n".join(f"{label}: {claim}" for claim in wrong), file=sys.stderr)
        samples[label] = [complete(model, tokenizer, prompt, SAMPLE_TOKENS) for prompt in SAMPLE_PROMPTS]
    for label, texts in samples.items():
        print(f"\n{label}\n\n" + "\n".join("    " + text for text in texts))


if __name__ == "__main__":
    main()
