#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_transformers_files.sh TERN   (TERN_SOURCE_DIR; TERN_TRANSFORMERS_PYTHON: an interpreter with transformers)
# transformers loads configuration and tokenizer of an export, and its tokens are those of the source.
set -euo pipefail
python=${TERN_TRANSFORMERS_PYTHON:-python3}
"$python" -c "import jinja2, transformers" 2>/dev/null || { echo "skipped: needs transformers and jinja2 (Python)"; exit 77; }
tern=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$TERN_SOURCE_DIR/testvectors/tiny" "$work/source"
"$tern" quantize "$work/source" "$work/packed" 2>"$work/err" >/dev/null
"$tern" export "$work/packed" "$work/export" --dtype BF16 2>>"$work/err" >/dev/null || { cat "$work/err"; exit 1; }
"$python" -B - "$tern" "$work/source" "$work/export" 2>"$work/err" <<'PYTHON' || { tail -3 "$work/err"; exit 1; }
import subprocess
import sys

from transformers import AutoConfig, AutoTokenizer

tern, source, export = sys.argv[1:]
before, after = AutoConfig.from_pretrained(source).to_dict(), AutoConfig.from_pretrained(export).to_dict()
kinds = [str(config.pop("dtype", None) or config.pop("torch_dtype", None)) for config in (before, after)]
for config in before, after:
    config.pop("torch_dtype", None)
    config.pop("_name_or_path", None)
if "float16" not in kinds[0] or "bfloat16" not in kinds[1] or before != after:
    sys.exit(print(f"configurations differ: {kinds}, {before}, {after}") or 1)
one, other = AutoTokenizer.from_pretrained(source), AutoTokenizer.from_pretrained(export)
for text in "The cat Mia was happy.", "<|im_start|>user\nit's 2026!\n\n  caf\u00e9<|im_end|>", "":
    ids = other.encode(text)
    own = subprocess.run([tern, "tokenize", export, text], capture_output=True, text=True).stdout.strip()
    if ids != one.encode(text) or ids != [int(part) for part in own.split(",") if part]:
        sys.exit(print(f"{text!r}: {ids}, source {one.encode(text)}, tern {own}") or 1)
    if other.decode(ids) != text:
        sys.exit(print(f"{text!r} comes back as {other.decode(ids)!r}") or 1)
if other.apply_chat_template([{"role": "user", "content": "hi"}], tokenize=False) != "<|im_start|>user\nhi<|im_end|>\n":
    sys.exit(print("another chat template") or 1)
print("configuration, tokenizer and chat template of the export are those of the source")
PYTHON
