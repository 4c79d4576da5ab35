# SPDX-License-Identifier: Apache-2.0
"""usage: json_edits.py TERN TESTVECTORS ROUNDS SEED

Random changes of the JSON files beside a model. tern takes a file as transformers and tokenizers take it, or refuses it
with a sentence. Without those packages only exit codes and sentences are checked. A failing round names its seed.
"""
import copy
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

import transformers_config

TERN, VECTORS = sys.argv[1:3]
ROUNDS, SEED = int(sys.argv[3]), int(sys.argv[4])
TINY = f"{VECTORS}/tiny/packed"
TEXT = "Mia was happy. The cat <|im_end|> it's 2026!\n  caf\u00e9"
SCALING = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
           "original_max_position_embeddings": 128}
# Keys of config.json that decide what is computed, with values that a file could have.
KEYS = {
    "architectures": [None, [], ["Qwen2Model"], ["LlamaForCausalLM"], ["Qwen2ForCausalLM"]],
    "model_type": ["qwen2", "qwen3", "llama", "mistral"],
    "attention_bias": [True, False, None], "mlp_bias": [True, False],
    "rope_theta": [None, 1e4, 1e6, 500000, 0, "1e4"],
    "rope_scaling": [None, {}, SCALING, {"type": "linear", "factor": 2.0}, {"rope_theta": 1e6},
                     {**SCALING, "type": "default"}, {"type": "default"}],
    "rope_parameters": [None, {}, {"rope_theta": 1e6, "rope_type": "default"}, {"rope_theta": 1e4, **SCALING},
                        {"full_attention": {"rope_theta": 1e6}}, {"rope_theta": 1e4, "partial_rotary_factor": 0.5}],
    "original_max_position_embeddings": [64, 128], "partial_rotary_factor": [1.0, 0.5, None],
    "head_dim": [None, 24, 32, 0], "num_key_value_heads": [None, 1, 2, 4, 3, 0], "num_attention_heads": [4, 8, 2, 5],
    "layer_types": [None, ["full_attention"] * 4, ["full_attention"] * 3, ["sliding_attention"] * 4],
    "use_sliding_window": [True, False, None], "sliding_window": [None, 16, 4096, 0], "max_window_layers": [0, 3, 4, 28],
    "tie_word_embeddings": [True, False, None], "rms_norm_eps": [1e-5, 1e-6, 0, None], "hidden_act": ["silu", "gelu", None],
    "eos_token_id": [None, 511, [511, 509], [600, 2], list(range(20)), -1, 1.5, [], "2"],
    "max_position_embeddings": [64, 100000, 0], "num_hidden_layers": [3, 4, 5], "vocab_size": [512, 300],
    "dtype": ["float32", None], "per_layer_config": [None, {"0": {"head_dim": 8}}],
}
VALUES = [0, -1, 1, 2, 97, 10 ** 9, 2 ** 53 + 1, 1e300, 0.5, None, True, "", "x", [], {}, [0], "a" * 300, "\0", "\ud800"]
# Texts that are put into the file as they are.
SPICE = ['"', "{", "]", ",", "\\", "\ufeff", "\0", '"a":1,', "NaN", "Infinity", "1e999", "-0", "01", "1.", "\t", "\x0c",
         "// a\n", '\\u0000', "\\ud83d\\ude00", "123456789012345678901234567890", "true", "'"]


def places(value):
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    for key, item in pairs:
        yield value, key
        yield from places(item)


def change_anywhere(rng, root):
    container, key = rng.choice(list(places(root)))
    old = container[key]
    if rng.random() < 0.25:
        del container[key]
    elif isinstance(old, int) and rng.random() < 0.6:
        container[key] = rng.choice([old + 1, old - 1, 2 * old, -old, float(old)])
    else:
        container[key] = copy.deepcopy(rng.choice(VALUES))


def change_key(rng, root):
    key = rng.choice(sorted(KEYS))
    root[key] = copy.deepcopy(rng.choice(KEYS[key]))


def change_text(rng, text):
    at = rng.randrange(len(text) + 1)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + rng.choice(SPICE) + text[at:]
    if kind == 1:
        return text[:at] + text[at + rng.choice([1, 2, 8]):]
    line = rng.choice(text.split("\n"))  # a line twice is often a key twice
    return text.replace(line + "\n", line + "\n" + line + "\n", 1)


def change_file(rng, name, text):
    if rng.random() < 0.3:
        return change_text(rng, text)
    root = json.loads(text)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        (change_key if name == "config.json" and rng.random() < 0.8 else change_anywhere)(rng, root)
    return json.dumps(root, indent=2)


def starting_text(rng, name):
    forms = [f"{VECTORS}/config_forms/{form}" for form in sorted(os.listdir(f"{VECTORS}/config_forms"))
             if form.endswith(".json")]
    path = rng.choice(forms) if name == "config.json" else f"{VECTORS}/tiny/{name}"
    with open(path, encoding="utf-8") as file:
        return file.read()


def call(command, text=""):
    """Exit code, output and the sentence."""
    done = subprocess.run([TERN, *command], input=text.encode(), capture_output=True, timeout=900)
    said = done.stderr.decode(errors="replace")
    if done.returncode not in (0, 1) or "Sanitizer" in said or "runtime error" in said:
        raise AssertionError(f"tern {command[0]}: exit code {done.returncode}: {said[-300:]}")
    if done.returncode == 1 and f"tern {command[0]}: " not in said:
        raise AssertionError(f"tern {command[0]}: no sentence, but '{said[-300:]}'")
    return done.returncode, done.stdout.decode(errors="replace"), said


def single(value):
    """As float32, which tern holds."""
    return struct.unpack("f", struct.pack("f", value))[0]


def is_same(got, wanted):
    """Equal, for a number to the digits that --json prints."""
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(is_same(got[key], wanted[key]) for key in wanted)
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        return abs(got - wanted) <= 1e-14 * abs(wanted)
    return got == wanted


def check_config(directory, library, files):
    code, output, _ = call(["inspect", directory, "--json", "--no-checksums"])
    if code != 0 or not library:
        return code == 0
    got = json.loads(output)["config"]
    try:
        wanted = transformers_config.read(library, files["config.json"], files["generation_config.json"])
    except Exception as error:  # what transformers refuses has no reading to compare
        return f"transformers: {str(error)[:200]!r}"
    wanted["rms_norm_eps"] = single(wanted["rms_norm_eps"])
    wrong = [f"{key} {got[key]}, not {wanted[key]}" for key in wanted if not is_same(got[key], wanted[key])]
    if wrong:
        raise AssertionError(f"read as {wrong}")
    return True


def check_tokenizer(directory, tokenizers, text):
    code, output, _ = call(["tokenize", directory, TEXT])
    if code != 0 or not tokenizers:
        return code == 0
    try:
        reader = tokenizers.Tokenizer.from_str(text)
        wanted = reader.encode(TEXT).ids
        moved = [token for token in json.loads(text)["added_tokens"] if reader.token_to_id(token["content"]) != token["id"]]
    except BaseException as error:  # also a panic of Rust
        return f"tokenizers: {str(error)[:200]!r}"
    got = [int(part) for part in output.split(",")] if output.strip() else []
    if got != wanted:
        raise AssertionError(f"tokens {got}, not {wanted}")
    if moved:
        raise AssertionError(f"{moved[0]} has another id for tokenizers")
    return True


def attempt(seed, directory, library, tokenizers):
    """Whether the changed file was taken; a text when only tern takes it."""
    rng = random.Random(seed)
    name = rng.choice(["config.json"] * 5 + ["tokenizer.json"] * 3 + ["tokenizer_config.json", "generation_config.json"])
    files = {other: starting_text(rng, other) for other in ("config.json", "generation_config.json")}
    text = change_file(rng, name, files.get(name) or starting_text(rng, name))
    files[name] = text
    for other, content in files.items():
        with open(f"{directory}/{other}", "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(content)
    try:
        if name == "tokenizer.json":
            return check_tokenizer(directory, tokenizers, text)
        if name == "tokenizer_config.json":
            shutil.copy(f"{TINY}/config.json", directory)
            return call(["chat", directory, "--max-tokens", "1"], "hello\n")[0] == 0
        return check_config(directory, library, files)
    finally:
        shutil.copy(f"{TINY}/{name}", directory)


def main():
    library = transformers_config.load()
    try:
        import tokenizers
    except ImportError:
        tokenizers = None
    taken, lenient = 0, []
    with tempfile.TemporaryDirectory() as directory:
        for name in os.listdir(TINY):
            shutil.copy(f"{TINY}/{name}", directory)
        for seed in range(SEED, SEED + ROUNDS):
            try:
                result = attempt(seed, directory, library, tokenizers)
            except (AssertionError, subprocess.TimeoutExpired) as error:
                sys.exit(f"seed {seed}: {error}")
            taken += result is True
            lenient += [f"seed {seed}: {result}"] if isinstance(result, str) else []
    if os.environ.get("TERN_SHOW_LENIENT"):
        print("\n".join(lenient))
    oracle = f"transformers {library.__version__}" if library else "no transformers"
    print(f"{ROUNDS} changed files from seed {SEED}, {oracle}: {taken} taken, {len(lenient)} that only tern takes, "
          f"the others refused with a sentence")


main()
