#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads text of the tiny model and counts its claims and how many of them are true.

Usage: checker.py < text   prints one line a kind of claim, and every wrong claim.
"""
import re
import sys

from corpus import ANIMALS, FACTS, known_words, split_words

ALL_NAMES = "|".join(ANIMALS)
KINDS, SHE, COLOUR, HOME, FOOD = range(5)


def sum_claims(text):
    for match in re.finditer(r"(\d+) \+ (\d+) = (\d+)", text):
        a, b, c = map(int, match.groups())
        yield match.group(), a + b == c


def fact_claims(text):
    for _, answer in FACTS:
        stem = re.match(r".*? (?:is|has|make|give|lay) ", answer).group()
        for match in re.finditer(r"\b" + stem + r"[^.\"]+\.", text):
            yield match.group(), match.group() == answer


def animal_claims(text):
    """Kind, colour, home, food and pronoun wherever a fixed phrase of the stories states one."""
    patterns = [
        (r"[Tt]he (?!spring )(\w+) (NAME)\b", lambda m, a: m[1] == a[KINDS]),
        (r"\b[Aa] (\w+) (\w+)\. \w+ name was (NAME)\b", lambda m, a: (m[1], m[2]) == (a[COLOUR], a[KINDS])),
        (r"\b(NAME) (?:was|is) a (\w+) (\w+)\.", lambda m, a: (m[2], m[3]) == (a[COLOUR], a[KINDS])),
        (r"\b(NAME) (?:was|is) (?!a |happy|hungry)(\w+)\.", lambda m, a: m[2] == a[COLOUR]),
        (r"\b(NAME) live[ds] ([^.]+?)(?: and liked(?: to eat)? (\w+))?\.",
         lambda m, a: m[2] == a[HOME] and m[3] in (None, a[FOOD])),
        (r"\b(NAME), who lived ([^.]+)\.", lambda m, a: m[2] == a[HOME]),
        (r"\b(NAME) slept well ([^.]+)\.", lambda m, a: m[2] == a[HOME]),
        (r"\b(NAME) had ([a-z]+)\b", lambda m, a: m[2] == a[FOOD]),
        (r"\b(NAME) likes (\w+)\.", lambda m, a: m[2] == a[FOOD]),
        (r"^The \w+ (NAME) lived [^.]+\. (\w+) was (\w+) and liked (\w+)\.",
         lambda m, a: (m[2].lower(), m[3], m[4]) == (a[SHE], a[COLOUR], a[FOOD])),
    ]
    for pattern, is_right in patterns:
        for match in re.finditer(pattern.replace("NAME", ALL_NAMES), text, re.MULTILINE):
            name = next(group for group in match.groups() if group in ANIMALS)
            yield match.group(), is_right(match, ANIMALS[name])


def word_claims(text, words=frozenset(known_words())):
    for word in split_words(text):
        yield word, word in words


CLAIMS = {"words known": word_claims, "animals right": animal_claims, "facts right": fact_claims,
          "sums right": sum_claims}


def check(texts):
    """texts -> {kind: (right, total)}, [wrong claims]."""
    counts, wrong = {}, []
    for kind, claims in CLAIMS.items():
        results = [claim for text in texts for claim in claims(text)]
        counts[kind] = sum(right for _, right in results), len(results)
        wrong += [f"{kind}: {claim}" for claim, right in results if not right]
    return counts, wrong


if __name__ == "__main__":
    found, mistakes = check([sys.stdin.read()])
    for label, (right_count, total) in found.items():
        print(f"{label}: {right_count} of {total}")
    print("\n".join("wrong: " + mistake for mistake in mistakes))
