#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tern tokenize: the ids of Hugging Face (testvectors/tokenizer) for arguments and standard input; texts that are not UTF-8.
set -euo pipefail
/usr/bin/python3 - "$1" "$TERN_SOURCE_DIR" <<'PY'
import json, pathlib, subprocess, sys, tempfile
tern, source = sys.argv[1], pathlib.Path(sys.argv[2])

def tokenize(model, text, *options, given=None):
    return subprocess.run([tern, "tokenize", *options, "--", str(model), text], input=given, capture_output=True, timeout=30)

vectors = source / "testvectors/tokenizer"
cases = json.loads((vectors / "qwen2_cases.json").read_text())["cases"]
with tempfile.TemporaryDirectory() as directory:
    model = pathlib.Path(directory)
    (model / "tokenizer.json").write_bytes((vectors / "qwen2_tokenizer.json").read_bytes())
    for case in cases[:80]:
        text = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
        done = tokenize(model, "-", "--json", given=text)
        assert json.loads(done.stdout) == {"ids": case["ids"]}, (text, done)
        if b"\0" in text:
            continue
        done = tokenize(model, text)
        assert done.stdout == ",".join(map(str, case["ids"])).encode() + b"\n", (text, done)
    for bad in (b"a\xff", b"\xed\xa0\x80", b"\xc0\x80", b"cut \xf0\x9f\x98"):
        for done in (tokenize(model, bad), tokenize(model, "-", given=bad)):
            assert done.returncode == 1 and b"not UTF-8: byte 0x" in done.stderr and not done.stdout, done
    word, text = (json.loads(tokenize(model, "-", "--json", given=b" x" * n).stdout)["ids"] for n in (1, 1 << 16))
    assert text == word * (1 << 16), len(text)
    missing = tokenize(model / "none", "a")
    assert missing.returncode == 1 and b"none/tokenizer.json" in missing.stderr
assert subprocess.run([tern, "tokenize", "x"], capture_output=True).returncode == 2
PY
