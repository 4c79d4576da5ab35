#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares Tern's tokenizer with Hugging Face `tokenizers`. The texts are every code point of Unicode 14 between letters,
pairs of code points that NFC may join, and random texts.

Needs `pip install tokenizers==0.20.3`; tools/build leaves build/tokenize_batch.
Usage: compare.py build/tokenize_batch TOKENIZER.JSON [random texts] [seed]
"""
import random
import subprocess
import sys
import time
import unicodedata

try:
    from tokenizers import Tokenizer
except ImportError:
    sys.exit("skipped: needs the Python package tokenizers")

from make_vectors import FIXED, random_text


def assigned():
    return [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000 and unicodedata.category(chr(c)) != "Cn"]


def texts(rng, count):
    yield from FIXED
    characters = assigned()
    for character in characters:
        yield f"a{character}b {character}{character}1'{character}\n"
    marks = [c for c in characters if unicodedata.combining(c)]
    for mark in marks:
        yield "".join(f"{rng.choice('aeiouAEIOUn')}{mark}{rng.choice(marks)}{rng.choice(marks)} " for _ in range(4))
    for character in characters:
        decomposed = unicodedata.normalize("NFD", character)
        if decomposed != character:
            yield f"x{decomposed} {decomposed}{rng.choice(marks)}"
    for _ in range(count):
        yield random_text(rng)


def main():
    program, path = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100000
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    all_texts = list(texts(random.Random(seed), count))
    encoded = [t.encode() for t in all_texts]
    given = b"".join(b"%d\n%s" % (len(t), t) for t in encoded)
    ours = subprocess.run([program, path], input=given, stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")
    tokenizer = Tokenizer.from_file(path)
    start = time.process_time()
    differing = 0
    for text, line in zip(all_texts, ours):
        expected = tokenizer.encode(text).ids
        if line != " ".join(map(str, expected)):
            differing += 1
            if differing <= 10:
                print(f"{ascii(text)}\n  ours      {line}\n  expected  {expected}")
    print(f"{len(all_texts)} texts, {sum(map(len, encoded))} bytes, {differing} differ (seed {seed}; "
          f"tokenizers took {time.process_time() - start:.2f} s)")
    sys.exit(1 if differing or len(ours) != len(all_texts) + 1 else 0)


if __name__ == "__main__":
    main()
