#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tern tokenize: the ids of Hugging Face (testvectors/tokenizer) for arguments and standard input; texts that are not UTF-8.
set -euo pipefail
/usr/bin/python3 - "$1" "$TERN_SOURCE_DIR" <<'PY'
import json, pathlib, subprocess, sys, tempfile
tern, source = sys.argv[1], pathlib.Path(sys.argv[2])

def tokenize(model, text, *options, given=None):
    return subprocess.run([tern, "tokenize", *options, "--", str(model), text], input=given, capture_output=True, timeout=900)

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
    (model / "tokenizer_config.json").write_text('{"split_special_tokens": true}')
    done = tokenize(model, "a")
    assert done.returncode == 1 and b"split_special_tokens" in done.stderr and not done.stdout, done
    # tokenizer_config.json lists the tokens of tokenizer.json, or transformers would add some.
    content = json.loads((model / "tokenizer.json").read_text())
    added = content["added_tokens"][0]
    for key, token, taken in ((added["id"], added["content"], True), (added["id"] + 1, added["content"], False),
                              (added["id"], "<x>", False), (added["id"], None, False), (7, "a", False)):
        (model / "tokenizer_config.json").write_text(json.dumps({"added_tokens_decoder": {str(key): {"content": token}}}))
        done = tokenize(model, "a")
        assert done.returncode == 1 - taken and (b"tokenizer_config.json: added_tokens_decoder" in done.stderr) != taken, done
    # The same without tokenizer.json, from the files of which transformers makes one.
    (model / "tokenizer.json").unlink()
    listed = {str(token["id"]): {k: v for k, v in token.items() if k != "id"} for token in content["added_tokens"]}
    config = {"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": listed, "eos_token": "<|im_end|>"}
    def write(config=config, end="\n", merges=content["model"]["merges"]):
        (model / "vocab.json").write_text(json.dumps(content["model"]["vocab"]))
        (model / "tokenizer_config.json").write_text(json.dumps(config))
        lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
        (model / "merges.txt").write_bytes(end.join(lines).encode())
    for end in ("\n", "\r\n"):
        write(end=end)
        for case in cases[:80]:
            text = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
            done = tokenize(model, "-", "--json", given=text)
            assert json.loads(done.stdout) == {"ids": case["ids"]}, (text, done)
    first = min(listed, key=int)
    for changed, said in (({"tokenizer_class": "LlamaTokenizer"}, b"not LlamaTokenizer"), ({"tokenizer_class": None}, b"without a class"),
                          ({"add_prefix_space": True}, b"tokenizer_config.json: add_prefix_space"),
                          ({"split_special_tokens": True}, b"split_special_tokens"), ({"split_special_tokens": False}, None),
                          ({"added_tokens_decoder": {"7777": listed[first]}}, b"does not have the id 3000 that follows"),
                          ({"added_tokens_decoder": {"x": listed[first]}}, b"does not have the id 3000 that follows"),
                          ({"added_tokens_decoder": {first: {}}}, b"added_tokens[0] has no content"),
                          ({"eos_token": 7}, None), ({"unk_token": None}, None)):
        write({**config, **changed})
        done = tokenize(model, "a")
        assert (done.returncode, said in done.stderr) == (1, True) if said else done.returncode == 0, (changed, done)
    # Versions of transformers take different classes.
    for type_, class_, code in (("qwen2", "GPT2Tokenizer", 1), ("qwen2", "Qwen2Tokenizer", 0), ("llama", "GPT2Tokenizer", 0)):
        write({**config, "tokenizer_class": class_})
        (model / "config.json").write_text(json.dumps({"model_type": type_}))
        done = tokenize(model, "a")
        assert done.returncode == code and (b"versions of transformers differ" in done.stderr) == code, (type_, class_, done)
    (model / "config.json").unlink()
    for merges, said in (([["a", "b", "c"]], b"model.merges[0] is neither"), ([["\xff", "zz"]], b"is not in model.vocab")):
        write(merges=merges)
        done = tokenize(model, "a")
        assert done.returncode == 1 and said in done.stderr, done
    write()
    for name, content, said in (("merges.txt", b"a \xff", b"merges.txt: not UTF-8"), ("vocab.json", b"[", b"vocab.json: not valid JSON"),
                                ("vocab.json", b"7", b"vocab.json: the JSON is not an object"),
                                ("tokenizer_config.json", b"{", b"tokenizer_config.json")):
        whole = (model / name).read_bytes()
        (model / name).write_bytes(content)
        done = tokenize(model, "a")
        assert done.returncode == 1 and said in done.stderr, (name, content, done)
        (model / name).write_bytes(whole)
    (model / "merges.txt").unlink()
    assert b"merges.txt: No such file" in tokenize(model, "a").stderr
    missing = tokenize(model / "none", "a")
    assert missing.returncode == 1 and b"/none: No such file" in missing.stderr
# BOS: tokenizer.json decides, a note names what a class of transformers 4 does otherwise, --bos forces either.
with tempfile.TemporaryDirectory() as directory:
    model = pathlib.Path(directory)
    def first(layout, config, *options):
        (model / "tokenizer.json").write_bytes((vectors / f"{layout}_tokenizer.json").read_bytes())
        (model / "tokenizer_config.json").write_text(json.dumps(config))
        done = tokenize(model, "hello", "--json", *options)
        assert done.returncode == 0, done
        return json.loads(done.stdout)["ids"][0], done.stderr.decode()
    plain, bos = {"smollm": 89, "llama3": 260}, {"smollm": 0, "llama3": 702}
    llama = {"tokenizer_class": "LlamaTokenizerFast"}
    for layout, has, config, wants in (
            ("smollm", False, llama, True), ("smollm", False, {**llama, "add_bos_token": False}, False),
            ("smollm", False, {"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": True}, False),
            ("smollm", False, {"tokenizer_class": "GPTNeoXTokenizer"}, False),
            ("smollm", False, {"tokenizer_class": "GPTNeoXTokenizer", "add_bos_token": True}, True),
            ("llama3", True, llama, True), ("llama3", True, {**llama, "add_bos_token": False}, False)):
        token = {"smollm": "<|endoftext|>", "llama3": "<|im_start|>"}[layout]
        for config in ({**config, "bos_token": token}, {**config, "bos_token": {"content": token}}):
            id, said = first(layout, config)
            assert id == (bos if has else plain)[layout], (layout, config, id)
            option = "yes" if wants else "no"
            assert (f"--bos {option} does as transformers 4" in said) == (has != wants), (layout, config, said)
            assert first(layout, config, "--bos", "yes") == (bos[layout], "")
            assert first(layout, config, "--bos", "no") == (plain[layout], "")
            assert first(layout, config, "--bos", "auto") == (id, said)
    assert first("smollm", {**llama, "bos_token": None})[1] == ""
    for config in ({}, {"bos_token": "nothing"}):
        (model / "tokenizer_config.json").write_text(json.dumps(config))
        done = tokenize(model, "hello", "--bos", "yes")
        assert done.returncode == 1 and b"its tokenizer has no bos_token" in done.stderr, done
    (model / "tokenizer_config.json").write_text("{}")
    (model / "special_tokens_map.json").write_text('{"bos_token": "<|endoftext|>"}')
    (model / "config.json").write_text('{"model_type": "llama"}')
    assert tokenize(model, "hello", "--bos", "yes").stdout == b"0,89,160,48\n"
    assert b"--bos yes" in tokenize(model, "hello").stderr
    assert tokenize(model, "hello", "--bos", "maybe").returncode == 2
assert subprocess.run([tern, "tokenize", "x"], capture_output=True).returncode == 2
PY
