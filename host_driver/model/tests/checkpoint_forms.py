# SPDX-License-Identifier: Apache-2.0
"""usage: checkpoint_forms.py TERN TINY

Forms of a checkpoint: names without "model.", a head beside tied embeddings, tensors without a place. An export has
both names of the type, the numbers of config.json as written, and the files beside the weights.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import checkpoint_maker as maker

TERN, TINY = sys.argv[1:3]
HEAD, EMBEDDING = "lm_head.weight", "model.embed_tokens.weight"
LAYER = "model.layers.1."


def expect(condition, message):
    if not condition:
        sys.exit(message)


def run(*arguments, code=0):
    done = subprocess.run([TERN, *map(str, arguments)], capture_output=True, text=True)
    expect(done.returncode == code, f"{arguments}: exit code {done.returncode}: {done.stderr}")
    return done.stderr


def packed(tensors, shards=1, **options):
    """The tensors of tern quantize, or its sentence."""
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in", tensors=tensors, shards=shards, **options)
        done = subprocess.run([TERN, "quantize", f"{directory}/in", f"{directory}/out"], capture_output=True, text=True)
        if done.returncode:
            expect(os.listdir(directory) == ["in"], "a refusal left something")
            return done.stderr
        run("export", f"{directory}/out", f"{directory}/again")
        return maker.read_directory(f"{directory}/out")[0]


def without_prefix(tensors):
    return {name.removeprefix("model."): tensor for name, tensor in tensors.items()}


def base_names():
    for tied, shards in ((True, 1), (False, 3)):
        tensors = maker.make_tensors(maker.shapes(tied=tied), "F16")
        wanted = packed(tensors, tied=tied)
        for changes in ({}, {"architectures": ["Qwen2Model"]}, {"architectures": None}):
            got = packed(without_prefix(tensors), shards=shards, tied=tied, config_changes=changes)
            expect(got == wanted, f"names without a prefix, {changes}: {got if isinstance(got, str) else 'other tensors'}")
    mixed = {name.removeprefix("model.") if "layers.1" in name else name: tensor for name, tensor in tensors.items()}
    expect("layers.1" in packed(mixed, tied=False), "names of both kinds are taken")


def heads():
    tensors = maker.make_tensors(maker.shapes(), "F16")
    same, other = {**tensors, HEAD: tensors[EMBEDDING]}, bytearray(tensors[EMBEDDING][2])
    other[77] ^= 1
    expect(packed(same)[HEAD] == tensors[EMBEDDING], "a head that equals the embedding is refused")
    said = packed({**tensors, HEAD: (*tensors[EMBEDDING][:2], bytes(other))})
    expect(HEAD in said and "tie_word_embeddings" in said, f"a head of its own: {said}")
    said = packed({**tensors, HEAD: ("F16", [31, 64], bytes(31 * 64 * 2))})
    expect(HEAD in said, f"a shorter head: {said}")
    said = packed(tensors, tied=True, config_changes={"tie_word_embeddings": False})
    expect(HEAD in said and "missing" in said, f"untied without a head: {said}")
    said = packed(tensors, config_changes={"vocab_size": 33})
    expect(EMBEDDING in said and "33" in said, f"vocab_size that is not the embedding's: {said}")


def strangers():
    tensors = maker.make_tensors(maker.shapes(), "F16")
    some = ("F16", [64], bytes(128))
    for name in (LAYER + "self_attn.q_proj.lora_A.weight", LAYER + "mlp.up_proj.weight_scale", "lm_head.bias",
                 LAYER + "mlp.up_proj.bias", LAYER + "self_attn.q_norm.weight", LAYER + "mlp.up_proj.weight.steps",
                 "model.layers.2.input_layernorm.weight", "model.layers.01.input_layernorm.weight", "score.weight",
                 "base_model.model.lm_head.weight", LAYER + "mlp.up_proj.qweight"):
        said = packed({**tensors, name: some})
        expect(isinstance(said, str) and f"'{name}' has no place" in said, f"{name}: {said if isinstance(said, str) else 'taken'}")
    name = LAYER + "self_attn.rotary_emb.inv_freq"
    expect(packed({**tensors, name: some})[name] == some, "the table of frequencies of older files is refused")


def strangers_in_packed():
    with tempfile.TemporaryDirectory() as directory:
        shutil.copytree(f"{TINY}/packed", f"{directory}/packed")
        path = f"{directory}/packed/model.safetensors"
        tensors, notes = maker.read_safetensors(path)
        maker.write_safetensors(path, {**tensors, "lm_head.bias": ("F16", [4], bytes(8))}, notes)
        said = run("logits", f"{directory}/packed", "--tokens", "1", "--out", f"{directory}/l.npy", code=1)
        expect("'lm_head.bias' has no place" in said, f"a stranger in a packed file: {said}")


def adapters():
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in")
        with open(f"{directory}/in/adapter_config.json", "w") as file:
            json.dump({"peft_type": "LORA"}, file)
        said = run("quantize", f"{directory}/in", f"{directory}/out", code=1)
        expect("adapter_config.json: an adapter" in said and os.listdir(directory) == ["in"], f"an adapter: {said}")


def stray_stop_ids():
    with tempfile.TemporaryDirectory() as directory:
        shutil.copytree(TINY, f"{directory}/tiny")
        for ids, note in ([509, 511], None), ([511, 600, -1], "ignored 2 of eos_token_id outside the vocabulary of 512"):
            with open(f"{directory}/tiny/generation_config.json", "w") as file:
                json.dump({"eos_token_id": ids}, file)
            said = run("run", f"{directory}/tiny", "--prompt", "The cat", "--max-tokens", 1)
            expect(note in said and "first is 600" in said if note else "note" not in said, f"eos_token_id {ids}: {said}")


def export_of(changes, files=()):
    """config.json and the other files of an export."""
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in", config_changes=changes)
        for name in files:
            os.makedirs(os.path.dirname(f"{directory}/in/{name}"), exist_ok=True)
            with open(f"{directory}/in/{name}", "w") as file:
                file.write(f"this is {name}")
        run("quantize", f"{directory}/in", f"{directory}/packed")
        run("export", f"{directory}/packed", f"{directory}/out", "--dtype", "BF16")
        kept = {}
        for place in ("packed", "out"):
            for root, _, names in os.walk(f"{directory}/{place}"):
                for name in names:
                    with open(f"{root}/{name}", "rb") as file:
                        kept[os.path.relpath(f"{root}/{name}", directory)] = file.read()
        with open(f"{directory}/out/config.json") as file:
            return json.load(file), kept


def types():
    for changes in ({}, {"torch_dtype": "float32", "dtype": "float16"}, {"dtype": "float32"}):
        config, _ = export_of(changes)
        expect(config["dtype"] == config["torch_dtype"] == "bfloat16", f"{changes}: {config}")


def numbers():
    text = '{"a": [8.0, 1e-05, -0.0, 12345678901234567890], "1, 2": "3.0 \\" 4", "b": 0.1}'
    changes = {"initializer_range": 1.0, "rope_scaling": None, "extra": json.loads(text)}
    config, _ = export_of(changes)
    for key in changes:
        expect(repr(config[key]) == repr(changes[key]), f"{key}: {config[key]!r}, not {changes[key]!r}")


def side_files():
    kept_names = ["tokenizer_config.json", "vocab.json", "merges.txt", "tokenizer.model", "tokenizer.model.v3", "special_tokens_map.json",
                  "added_tokens.json", "chat_template.jinja", "chat_template.json", "LICENSE", "License.txt", "NOTICE.md",
                  "USE_POLICY.md", "additional_chat_templates/rag.jinja"]
    left_names = ["README.md", "optimizer.pt", "LICENSES/MIT", "additional_chat_templates/notes.txt"]
    _, kept = export_of({}, kept_names + left_names)
    for place in ("packed", "out"):
        missing = [name for name in kept_names if kept.get(f"{place}/{name}") != f"this is {name}".encode()]
        expect(not missing, f"{place}: {missing} are lost")
        expect(not any(f"{place}/{name}" in kept for name in left_names), f"{place}: has {sorted(kept)}")


def broken_links():
    """A model with a link to nothing, as an unfinished download leaves it, is not a model without the file."""
    for name in ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "vocab.json", "LICENSE"):
        with tempfile.TemporaryDirectory() as directory:
            maker.write_checkpoint(f"{directory}/in")
            if os.path.exists(f"{directory}/in/{name}"):
                os.remove(f"{directory}/in/{name}")
            os.symlink("../nothing", f"{directory}/in/{name}")
            said = run("quantize", f"{directory}/in", f"{directory}/out", code=1)
            expect(f"/in/{name}: No such file" in said, f"{name} is a broken link: {said}")
            expect(os.listdir(directory) == ["in"], f"{name} is a broken link: something is left")


def main():
    base_names()
    heads()
    strangers()
    strangers_in_packed()
    adapters()
    stray_stop_ids()
    types()
    numbers()
    side_files()
    broken_links()
    print("names, heads, strangers, stop ids, types, numbers, side files and links are as they should be")


main()
