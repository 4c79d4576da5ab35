#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Qwen3, which normalizes each head of q and k: every command and device gives what the device model gives alone.

The float64 judge of the logits is driver.runner.families. The shapes take the three orders of a layer's commands
(host_driver/runner/overlap.c): short query and key in common commands, short ones apart, long ones beside projections.
"""
import json
import pathlib
import subprocess
import sys

TERN, MAKE, WORK = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
COMMON = {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 96, "intermediate_size": 172,
          "num_hidden_layers": 2, "vocab_size": 300, "max_position_embeddings": 256, "rms_norm_eps": 1e-6,
          "rope_theta": 1e6, "hidden_act": "silu", "attention_bias": False, "use_sliding_window": False,
          "sliding_window": None, "max_window_layers": 2, "tie_word_embeddings": False, "eos_token_id": 2}
SHAPES = {"common": {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32},
          "apart": {"num_attention_heads": 6, "num_key_value_heads": 3, "head_dim": 10, "tie_word_embeddings": True},
          "beside": {"num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 64}}
IDS = [17 * i % 300 for i in range(19)]


def call(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout


def tern(*words):
    return call(TERN, *words)


def devices():
    """The devices of this build besides model."""
    return [name for name in ("vp", "rtl") if
            subprocess.run([TERN, "doctor", "--device", name], capture_output=True, check=False).returncode == 0]


def make(name):
    """A checkpoint in Hugging Face's form, and packed."""
    directory = WORK / name
    directory.mkdir()
    (directory / "config.json").write_text(json.dumps({**COMMON, **SHAPES[name]}))
    call(MAKE, directory / "config.json", directory / "model", "--seed", 3)
    tern("quantize", directory / "model", directory / "packed", "--depth", 3)
    return directory


def check_files(directory):
    """quantize, export, import and inspect know the norms, which keep their values."""
    packed, size = directory / "packed", SHAPES[directory.name]["head_dim"]
    tensors = {entry["name"]: entry for entry in json.loads(tern("inspect", packed, "--json"))["tensors"]}
    for norm in ("q_norm", "k_norm"):
        assert tensors[f"model.layers.1.self_attn.{norm}.weight"]["shape"] == [size], tensors
    tern("export", packed, directory / "exported", "--dtype", "F32")
    tern("import", directory / "exported", directory / "imported")
    assert tern_logits(directory / "imported") == tern_logits(packed), f"{directory.name}: import is another model"


def tern_logits(model, *options):
    """The bytes of the logits of IDS."""
    path = WORK / "logits.npy"
    path.unlink(missing_ok=True)
    tern("logits", model, "--tokens", ",".join(map(str, IDS)), "--out", path, *options)
    return path.read_bytes()


def check_passes(packed, others):
    """Many tokens a pass, one a pass, streamed weights, other devices: the same logits."""
    alone = tern_logits(packed, "--device", "model")
    assert alone == tern_logits(packed, "--device", "model", "--device-memory", 400_000), f"{packed}: streamed"
    for name in others:
        assert alone == tern_logits(packed, "--device", name), f"{packed}: {name}"
        assert alone == tern_logits(packed, "--on", f"{name}:1"), f"{packed}: a layer on {name}"
    one = WORK / "one"
    first = ["logits", packed, "--tokens", IDS[0], "--out", WORK / "row.npy", "--save-state", one]
    rows = [alone[len(alone) - len(IDS) * 1200:][1200 * i:][:1200] for i in range(len(IDS))]
    for i, token in enumerate(IDS):
        tern(*(first if i == 0 else
               ["logits", packed, "--resume", one, "--tokens", token, "--out", WORK / "row.npy", "--save-state", one]))
        assert (WORK / "row.npy").read_bytes()[-1200:] == rows[i], f"{packed}: token {i} in a pass of its own"


def check_text(packed, others):
    """Drafts, a saved state, and each device: the same text. 120 tokens are more than attention takes at once."""
    words = ["run", packed, "--prompt", "The cat", "--max-tokens", 24]
    alone = tern(*words, "--device", "model")
    assert tern(*words, "--draft-depth", 1, "--draft-tokens", 3) == alone, f"{packed}: drafted"
    tern(*words[:-1], 5, "--save-state", WORK / "state")
    assert tern("run", packed, "--resume", WORK / "state", "--max-tokens", 19) == alone, f"{packed}: resumed"
    for name in others:
        assert tern(*words, "--device", name) == alone, f"{packed}: {name}"
    long = [*words[:-1], 120]
    if "vp" in others:
        assert tern(*long, "--device", "vp") == tern(*long, "--device", "model"), f"{packed}: 120 tokens"


def check_stages(packed, others):
    """All stages of tokens and of a layer on all devices. The layer runs in two orders, which must agree."""
    names = ",".join(["model", *(others or ["model"])])
    for words in (["--tokens", "280,17"], ["--layer", 1, "--context", 20, "--positions", 3]):
        done = json.loads(tern("compare", packed, "--devices", names, *words, "--json"))
        entries = done.get("devices", [done])  # with two devices the object is the entry
        assert all(entry["values"] > 1000 and entry["differ"] == 0 for entry in entries), done
    results = []
    for name in ["model", *others]:
        done = json.loads(tern("layer", packed, "--layer", 1, "--context", 20, "--device", name, "--json"))
        results.append(done["results"])
        stages = [result["stage"] for result in done["results"]]
        assert stages.index("v_proj") < stages.index("q_norm") < stages.index("k_norm") < stages.index("q_rope"), stages
    assert all(result == results[0] for result in results), f"{packed}: results of a layer"


def check_times(packed):
    """explore runs the commands of `tern layer` on vp; bench runs the model."""
    point, = json.loads(tern("explore", "--model", packed, "--context", 20, "--json"))["points"]
    done = json.loads(tern("layer", packed, "--layer", 0, "--context", 20, "--device", "vp", "--json"))
    assert abs(point["layer_cycles"] - done["cycles"]) < 0.001 * done["cycles"], (point, done["cycles"])
    tern("bench", packed, "--context", 8, "--max-tokens", 4)


def main():
    others = devices()
    for name in SHAPES:
        directory = make(name)
        packed = directory / "packed"
        check_files(directory)
        check_passes(packed, others)
        check_text(packed, others)
        check_stages(packed, others)
        if "vp" in others:
            check_times(packed)
        print(f"{name}: {', '.join(['model', *others])} agree")


main()
