#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The text the tiny model learns: seeded stories about named animals, fixed facts and digit sums.

All claims of a story (homes, colours, sums) come from the tables below. So `checker.py` can score generated text
automatically. Sums are written in digits only.

Usage: corpus.py OUT_DIR   writes train.txt and valid.txt, one document a line group, ended by <|endoftext|>.
"""
import random
import sys
from pathlib import Path

END_OF_TEXT = "<|endoftext|>"
TRAIN_SEED, VALID_SEED = 20261124, 20261125
TRAIN_BYTES, VALID_BYTES = 1_000_000, 60_000

# name: (kind, she or he, colour, home, food)
ANIMALS = {
    "Mia": ("cat", "she", "grey", "in the old barn", "milk"),
    "Rex": ("dog", "he", "brown", "in the red house", "bones"),
    "Pip": ("mouse", "he", "white", "under the stairs", "cheese"),
    "Lulu": ("duck", "she", "yellow", "by the pond", "bread"),
    "Bruno": ("bear", "he", "black", "in a dark cave", "honey"),
    "Rosa": ("fox", "she", "red", "at the edge of the wood", "plums"),
    "Hugo": ("horse", "he", "black", "in the stable", "hay"),
    "Nina": ("goat", "she", "white", "on the hill", "grass"),
    "Otto": ("owl", "he", "brown", "in the tall tree", "seeds"),
    "Ella": ("frog", "she", "green", "in the stream", "flies"),
    "Felix": ("rabbit", "he", "grey", "in a small burrow", "carrots"),
    "Kira": ("hen", "she", "red", "in the garden", "corn"),
}
PLACES = ["in the garden", "by the river", "under the big tree", "behind the house", "on the hill", "near the gate",
          "in the tall grass", "on the bridge"]
TOYS = ["ball", "bell", "hat", "kite", "drum", "spoon"]
THINGS = ["nuts", "apples", "shells", "stones", "leaves"]
TIMES = ["One day", "One morning", "One evening", "In the spring", "After lunch"]
# question, answer
FACTS = [
    ("What colour is the sky?", "The sky is blue."),
    ("What colour is snow?", "Snow is white."),
    ("What colour is grass?", "Grass is green."),
    ("What colour is the sun?", "The sun is yellow."),
    ("What do bees make?", "Bees make honey."),
    ("What do cows give?", "Cows give milk."),
    ("What do birds lay?", "Birds lay eggs."),
    ("How many legs has a spider?", "A spider has 8 legs."),
    ("How many legs has a horse?", "A horse has 4 legs."),
    ("How many days has a week?", "A week has 7 days."),
    ("What is cold?", "Ice is cold."),
    ("What is hot?", "Fire is hot."),
]


def subject(name):
    return ANIMALS[name][1]


def possessive(name):
    return "her" if ANIMALS[name][1] == "she" else "his"


def opening(rng, name):
    kind, she, colour, home, food = ANIMALS[name]
    she = she.capitalize()
    return rng.choice([
        f"The {kind} {name} lived {home}. {she} was {colour} and liked {food}.",
        f"The {kind} {name} was {colour}. {she} lived {home} and liked to eat {food}.",
        f"Once there was a {colour} {kind}. {possessive(name).capitalize()} name was {name}. "
        f"{name} lived {home} and liked {food}.",
        f"{name} was a {colour} {kind}. {she} lived {home}.",
    ])


def plot_lost(rng, name, friend):
    toy, (where, wrong) = rng.choice(TOYS), rng.sample(PLACES, 2)
    return (f"{rng.choice(TIMES)} {name} lost {possessive(name)} {toy}. {subject(name).capitalize()} looked {wrong}, "
            f"but the {toy} was not there. \"Have you seen my {toy}?\" asked {name}. \"Yes,\" said the "
            f"{ANIMALS[friend][0]} {friend}, \"it is {where}.\" {name} went there and found the {toy}.")


def plot_visit(rng, name, friend):
    return (f"{rng.choice(TIMES)} {name} went to see the {ANIMALS[friend][0]} {friend}, who lived "
            f"{ANIMALS[friend][3]}. They played {rng.choice(PLACES)} until it was dark. Then {name} went home.")


def plot_meal(rng, name, friend):
    return (f"{rng.choice(TIMES)} {name} was hungry. {subject(name).capitalize()} met the {ANIMALS[friend][0]} "
            f"{friend} {rng.choice(PLACES)}. They sat down to eat. {name} had {ANIMALS[name][4]} and {friend} had "
            f"{ANIMALS[friend][4]}.")


def plot_rain(rng, name, friend):
    return (f"{rng.choice(TIMES)} it began to rain. {name} and the {ANIMALS[friend][0]} {friend} sat "
            f"{rng.choice(PLACES)} and got wet. Then the sun came out and they were warm again.")


def plot_count(rng, name, friend):
    first, second, thing = rng.randint(2, 9), rng.randint(2, 9), rng.choice(THINGS)
    return (f"{rng.choice(TIMES)} {name} found {first} {thing} {rng.choice(PLACES)}. The {ANIMALS[friend][0]} {friend} "
            f"found {second} {thing}. {first} + {second} = {first + second}, so they had {first + second} {thing}.")


def plot_question(rng, name, friend):
    question, answer = rng.choice(FACTS)
    return (f"{rng.choice(TIMES)} {name} asked the {ANIMALS[friend][0]} {friend}: \"{question}\" "
            f"{friend} said: \"{answer}\"")


def closing(rng, name, friend):
    return rng.choice([f"{name} was happy.", f"{name} and {friend} were good friends.", "It was a good day.",
                       f"\"Thank you, {friend}!\" said {name}.", f"That night {name} slept well {ANIMALS[name][3]}."])


def story(rng):
    name, friend = rng.sample(list(ANIMALS), 2)
    plots = rng.sample([plot_lost, plot_visit, plot_meal, plot_rain, plot_count, plot_question], rng.choice([1, 2]))
    return " ".join([opening(rng, name)] + [plot(rng, name, friend) for plot in plots] + [closing(rng, name, friend)])


def fact_list(rng):
    return " ".join(answer for _, answer in rng.sample(FACTS, 5))


def sum_text(rng):
    first, second = rng.randint(0, 9), rng.randint(0, 9)
    return f"{first} + {second} = {first + second}."


def sum_list(rng):
    return " ".join(sum_text(rng) for _ in range(8))


def animal_question(rng):
    name = rng.choice(list(ANIMALS))
    kind, she, colour, home, food = ANIMALS[name]
    return rng.choice([
        (f"What colour is {name}?", f"{name} is {colour}."),
        (f"Where does {name} live?", f"{name} lives {home}."),
        (f"What does {name} eat?", f"{name} likes {food}."),
        (f"Who is {name}?", f"{name} is a {colour} {kind}."),
    ])


def chat(rng):
    """One or two turns in Qwen2's chat layout, without a system turn."""
    turns = []
    for _ in range(rng.choice([1, 2])):
        first, second = rng.randint(0, 9), rng.randint(0, 9)
        question, answer = rng.choice([
            rng.choice(FACTS), animal_question(rng),
            (f"What is {first} + {second}?", f"{first} + {second} = {first + second}."),
        ])
        turns.append(f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n{answer}<|im_end|>\n")
    return "".join(turns)


def documents(seed, size_bytes):
    """Documents until size_bytes of text: by count 64 % stories, 16 % chats, 14 % sums, 6 % facts."""
    rng, result, total = random.Random(seed), [], 0
    while total < size_bytes:
        maker = rng.choices([story, fact_list, sum_list, chat], [0.64, 0.06, 0.14, 0.16])[0]
        result.append(maker(rng))
        total += len(result[-1])
    return result


def known_words():
    """Every word of the corpus; the checker calls these readable."""
    return {word for text in documents(TRAIN_SEED, 300_000) for word in split_words(text)}


def split_words(text):
    for mark in "<|im_start|>", "<|im_end|>", END_OF_TEXT:
        text = text.replace(mark, " ")
    return ["".join(c for c in word if c.isalpha()) for word in text.split() if any(c.isalpha() for c in word)]


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, seed, size in ("train", TRAIN_SEED, TRAIN_BYTES), ("valid", VALID_SEED, VALID_BYTES):
        (out / f"{name}.txt").write_text("".join(text + END_OF_TEXT + "\n" for text in documents(seed, size)))


if __name__ == "__main__":
    main()
