#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""BOS of tokenizer classes: `tern tokenize` and AutoTokenizer of transformers must give the same ids. With version 4,
where a note names the option --bos that does so, that option is given.

Needs `pip install transformers tokenizers`, version 4 or 5. Usage: bos.py TERN
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import transformers
except ImportError:
    sys.exit("skipped: needs the Python package transformers")

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "testvectors/tokenizer"
BOS = {"llama3": "<|im_start|>", "smollm": "<|endoftext|>"} # llama3 has a template with it
CLASSES = ("PreTrainedTokenizerFast", "LlamaTokenizerFast", "LlamaTokenizer", "CodeLlamaTokenizerFast", "GemmaTokenizerFast",
           "CohereTokenizerFast", "GPTNeoXTokenizerFast", "GPT2TokenizerFast", "Qwen2Tokenizer")


REBUILT = ("CodeLlamaTokenizerFast", "GPTNeoXTokenizerFast") # version 5 makes these without the file's template


def tokenize(tern, place, *options):
    done = subprocess.run([tern, "tokenize", place, "hello", "--json", *options], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["ids"], done.stderr


def expected(place):
    """(id of BOS, ids); None for a class that cannot use this file."""
    try:
        oracle = transformers.AutoTokenizer.from_pretrained(place)
        return oracle.bos_token_id, oracle("hello")["input_ids"]
    except Exception: # of every kind
        return None


def check(tern, layout, name, adds, version):
    with tempfile.TemporaryDirectory() as place:
        shutil.copy(VECTORS / f"{layout}_tokenizer.json", f"{place}/tokenizer.json")
        config = {"tokenizer_class": name, "bos_token": BOS[layout]} | ({} if adds is None else {"add_bos_token": adds})
        (pathlib.Path(place) / "tokenizer_config.json").write_text(json.dumps(config))
        found = expected(place)
        if not found:
            return True, f"{layout} {name} {adds}: transformers refuses it"
        bos, wanted = found
        ids, note = tokenize(tern, place)
        option = re.search("--bos (yes|no)", note)
        if version == 4 and option:
            ids = tokenize(tern, place, "--bos", option[1])[0]
        return (ids[0] == bos) == (wanted[0] == bos), f"{layout} {name} {adds}: {ids}, expected {wanted} {note}"


def main():
    version = int(transformers.__version__.split(".")[0])
    transformers.logging.set_verbosity_error()
    results = [check(sys.argv[1], layout, name, adds, version)
               for layout in BOS for name in CLASSES if version == 4 or name not in REBUILT
               for adds in (None, True, False)]
    print("".join(text + "\n" for good, text in results if not good) +
          f"transformers {transformers.__version__}: {len(results)} forms, {sum(not good for good, _ in results)} differ")
    sys.exit(not all(good for good, _ in results))


if __name__ == "__main__":
    main()
