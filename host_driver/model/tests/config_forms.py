# SPDX-License-Identifier: Apache-2.0
"""usage: config_forms.py TERN TESTVECTORS

Every form of config.json that transformers writes is read alike, and every contradiction is refused by name. `tern
inspect --json` shows what was read.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

TERN, VECTORS = sys.argv[1:3]
FORMS = f"{VECTORS}/config_forms"
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 128}
SHAPE = {"hidden_size": 96, "intermediate_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4,
         "num_key_value_heads": 2, "head_dim": 24, "vocab_size": 512, "positions": 256, "rms_norm_eps": 1e-5,
         "rope_theta": 1e6, "rope_scaling": None, "tie_word_embeddings": False, "qkv_bias": False, "o_bias": False,
         "head_norm": False, "eos_token_id": [509]}
READ = {
    "qwen2": {**SHAPE, "tie_word_embeddings": True, "qkv_bias": True},
    "qwen3": {**SHAPE, "head_dim": 32, "head_norm": True},
    "mistral": {**SHAPE, "head_dim": 32},
    "llama": {**SHAPE, "rope_theta": 5e5, "qkv_bias": True, "o_bias": True, "eos_token_id": [509, 511]},
    "llama3": {**SHAPE, "rope_theta": 5e5, "rope_scaling": LLAMA3, "tie_word_embeddings": True,
               "eos_token_id": [509, 511]},
}
FULL, SLIDING = ["full_attention"] * 4, ["full_attention", "sliding_attention"] * 2
REMOVE = object()

# Changes of a form, and what is then read otherwise.
TAKEN = [
    ("qwen2-4.40.2", {"architectures": REMOVE}, {}),
    ("qwen2-4.40.2", {"architectures": None}, {}),
    ("qwen2-4.40.2", {"architectures": []}, {}),
    ("qwen2-4.40.2", {"architectures": ["Qwen2Model"]}, {}),
    ("llama-5.24.0", {"architectures": ["LlamaForCausalLM", "LlamaModel"]}, {}),
    ("qwen2-4.40.2", {"attention_bias": True}, {}),
    ("qwen2-4.40.2", {"attention_bias": False}, {}),
    ("qwen3-4.57.1", {"attention_bias": True}, {"qkv_bias": True, "o_bias": True}),
    ("qwen3-5.24.0", {"head_dim": REMOVE, "architectures": REMOVE}, {"head_dim": 128}),
    ("llama-4.57.1", {"attention_bias": False}, {"qkv_bias": False, "o_bias": False}),
    ("llama-4.57.1", {"attention_bias": REMOVE}, {"qkv_bias": False, "o_bias": False}),
    ("qwen2-4.57.1", {"use_sliding_window": True, "sliding_window": 8}, {}),  # by layer_types no layer has one
    ("qwen2-4.40.2", {"use_sliding_window": True, "sliding_window": 8}, {}),  # max_window_layers is 4
    ("qwen2-4.40.2", {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": REMOVE}, {}),
    ("qwen2-4.40.2", {"use_sliding_window": True, "sliding_window": None, "max_window_layers": 0}, {}),
    ("qwen2-4.40.2", {"use_sliding_window": False, "max_window_layers": 0}, {}),
    ("mistral-4.40.2", {"sliding_window": 100}, {"positions": 100}),
    ("mistral-4.40.2", {"sliding_window": REMOVE, "max_position_embeddings": 9000}, {"positions": 4096}),
    ("llama-4.40.2", {"num_key_value_heads": REMOVE}, {"num_key_value_heads": 4}),
    ("qwen2-4.40.2", {"num_key_value_heads": None}, {"num_key_value_heads": 4}),
    ("mistral-4.40.2", {"num_key_value_heads": REMOVE, "num_attention_heads": 8, "head_dim": None},
     {"num_key_value_heads": 8, "num_attention_heads": 8, "head_dim": 12}),
    ("llama-4.40.2", {"rope_theta": REMOVE}, {"rope_theta": 1e4}),
    ("llama-5.24.0", {"rope_theta": None}, {}),
    ("llama-5.24.0", {"rope_theta": 500000}, {}),
    ("llama-5.24.0", {"rope_scaling": {}}, {}),
    ("llama-5.24.0", {"rope_scaling": None}, {}),
    ("llama-5.24.0", {"rope_parameters": {"rope_theta": 2e5}}, {"rope_theta": 2e5}),
    ("llama-5.24.0", {"rope_parameters": REMOVE, "rope_scaling": {"rope_theta": 3e5, "rope_type": "default"}},
     {"rope_theta": 3e5}),
    ("llama-5.24.0", {"rope_parameters": {}, "rope_scaling": None, "rope_theta": 7.5}, {"rope_theta": 7.5}),
    ("llama3-4.57.1", {"rope_parameters": {**LLAMA3, "rope_theta": 5e5}}, {}),  # twice the same
    ("llama3-4.57.1", {"rope_scaling": {**{k: v for k, v in LLAMA3.items() if k != "rope_type"}, "type": "llama3"}}, {}),
    ("llama3-4.57.1", {"rope_scaling": {**LLAMA3, "type": "llama3"}}, {}),
    ("llama3-5.24.0", {"original_max_position_embeddings": 128}, {}),
    ("llama3-5.24.0", {"partial_rotary_factor": 1.0}, {}),
    ("llama-4.40.2", {"rms_norm_eps": REMOVE}, {"rms_norm_eps": 1e-6}),
    ("llama-4.40.2", {"tie_word_embeddings": REMOVE}, {}),
    ("llama-4.40.2", {"eos_token_id": REMOVE}, {"eos_token_id": [2]}),
    ("llama-4.40.2", {"eos_token_id": None}, {"eos_token_id": []}),
    ("qwen2-4.40.2", {"eos_token_id": REMOVE}, {"eos_token_id": []}),
    ("llama-4.40.2", {"eos_token_id": list(range(100, 120)) + [100]}, {"eos_token_id": list(range(100, 120))}),
    ("llama-4.40.2", {"eos_token_id": [511, 512, -1, 1e300]}, {"eos_token_id": [511]}),
    ("llama-4.40.2", {"per_layer_config": {}}, {}),
    ("qwen3-5.24.0", {"is_causal": True}, {}),
    ("llama-4.40.2", {"dtype": "float32"}, {}),  # the tensors have types of their own
]

# Changes that are refused, and words of the sentence.
REFUSED = [
    ("qwen2-4.40.2", {"architectures": REMOVE, "model_type": REMOVE}, ["model_type", "qwen2"]),
    ("qwen2-4.40.2", {"architectures": REMOVE, "model_type": "gemma"}, ["model_type", "gemma"]),
    ("qwen2-4.40.2", {"architectures": ["Qwen2ForCausalLM", "LlamaForCausalLM"]}, ["LlamaForCausalLM", "qwen2"]),
    ("qwen2-4.40.2", {"architectures": "Qwen2ForCausalLM"}, ["architectures"]),
    ("qwen2-4.40.2", {"architectures": ["Qwen2ForSequenceClassification"]}, ["Qwen2ForSequenceClassification"]),
    ("mistral-4.40.2", {"attention_bias": True}, ["attention_bias"]),
    ("llama-4.57.1", {"mlp_bias": True}, ["mlp_bias"]),
    ("llama-4.57.1", {"per_layer_config": {"0": {"num_key_value_heads": 1}}}, ["per_layer_config"]),
    ("llama-4.57.1", {"hidden_act": "gelu"}, ["hidden_act"]),
    ("qwen2-5.24.0", {"is_causal": False}, ["is_causal"]),  # every token sees all others
    ("qwen2-5.24.0", {"is_causal": None}, ["is_causal"]),
    ("llama-4.57.1", {"hidden_act": None}, ["hidden_act"]),
    ("qwen2-4.57.1", {"layer_types": SLIDING}, ["layer_types", "sliding_attention"]),
    ("qwen2-4.57.1", {"layer_types": FULL[:3]}, ["layer_types", "4"]),
    ("qwen2-4.57.1", {"layer_types": "full_attention"}, ["layer_types"]),
    ("qwen2-4.57.1", {"num_hidden_layers": 3}, ["layer_types", "3"]),
    ("qwen2-4.40.2", {"use_sliding_window": True, "max_window_layers": 3}, ["use_sliding_window", "layers 3 to 3"]),
    ("qwen2-4.40.2", {"use_sliding_window": True, "max_window_layers": None}, ["max_window_layers"]),
    ("qwen2-4.40.2", {"use_sliding_window": 1}, ["use_sliding_window"]),
    ("qwen2-4.40.2", {"num_key_value_heads": REMOVE}, ["num_key_value_heads 32"]),
    ("qwen2-4.40.2", {"num_key_value_heads": 0}, ["num_key_value_heads"]),
    ("mistral-4.40.2", {"head_dim": 0}, ["head_dim"]),
    ("qwen3-5.24.0", {"head_dim": None}, ["head_dim"]),
    ("qwen3-5.24.0", {"layer_types": SLIDING}, ["sliding_attention"]),
    ("llama-4.40.2", {"rms_norm_eps": None}, ["rms_norm_eps"]),
    ("llama-4.40.2", {"rms_norm_eps": 1e300}, ["rms_norm_eps"]),
    ("llama-4.40.2", {"rms_norm_eps": 1e-300}, ["rms_norm_eps"]),
    ("llama-4.40.2", {"rope_theta": None}, ["rope_theta is null"]),
    ("llama-5.24.0", {"rope_parameters": {"rope_type": "default", "rope_theta": None}}, ["rope_theta is null"]),
    ("llama-5.24.0", {"rope_theta": 10000.0}, ["rope_theta", "10000", "500000", "rope_parameters"]),
    ("llama-5.24.0", {"rope_scaling": {"rope_theta": 1e6}}, ["rope_theta", "rope_scaling", "rope_parameters"]),
    ("llama-5.24.0", {"rope_parameters": {"rope_theta": "1e4"}}, ["rope_theta"]),
    ("llama-5.24.0", {"rope_parameters": {"full_attention": {"rope_theta": 1e4}}}, ["rope_parameters", "full_attention"]),
    ("llama-5.24.0", {"rope_parameters": {"rope_theta": 1e4, "partial_rotary_factor": 0.5}}, ["partial_rotary_factor"]),
    ("llama-5.24.0", {"rope_parameters": {"rope_theta": 1e4, "factor": 8.0}}, ["factor", "rope_type"]),
    ("llama-5.24.0", {"rope_parameters": "default"}, ["rope_parameters"]),
    ("llama-5.24.0", {"rope_parameters": {"rope_theta": 1e4, "rope_type": "yarn", "factor": 4.0}}, ["yarn"]),
    ("llama-5.24.0", {"rope_parameters": {"rope_theta": 1e4, "rope_type": None}}, ["rope_type"]),
    ("llama3-4.57.1", {"rope_scaling": {**LLAMA3, "type": "linear"}}, ["llama3", "linear"]),
    ("llama3-4.57.1", {"rope_parameters": {"rope_type": "default"}}, ["rope_scaling", "rope_parameters", "contradict"]),
    ("mistral-5.24.0", {"rope_scaling": {"type": "default"}}, ["rope_scaling", "rope_parameters", "contradict"]),
    ("llama3-5.24.0", {"original_max_position_embeddings": 64}, ["original_max_position_embeddings", "64", "128"]),
    ("llama-4.40.2", {"eos_token_id": list(range(300))}, ["eos_token_id", "256"]),
    ("llama-4.40.2", {"eos_token_id": [True]}, ["eos_token_id"]),
    ("llama-4.40.2", {"eos_token_id": "509"}, ["eos_token_id"]),
]

# Changes of the text, which Python's json module cannot write: old, new, words of the refusal.
TEXTS = [
    ('"hidden_size": 96', '"hidden_size": 48, "hidden_size": 96', ["'hidden_size' stands twice"]),
    ('"rope_theta"', '"rope_theta": 10000.0, "rope_theta"', ["'rope_theta' stands twice"]),
    ('"hidden_size": 96', '"hidden_size": 096', ["not valid JSON"]),
    ('"rope_theta": 1000000.0', '"rope_theta": NaN', ["not valid JSON"]),
    ('"rope_theta": 1000000.0', '"rope_theta": Infinity', ["not valid JSON"]),
    ('"rope_theta": 1000000.0', '"rope_theta": 1e400', ["rope_theta"]),
    ('"hidden_size": 96', '"hidden_size": 340282366920938463463374607431768211456', ["hidden_size"]),
    ("{", "\ufeff{", ["byte order mark"]),
    ("{", "// a comment\n{", ["not valid JSON"]),
    ('"use_cache": true,', '"use_cache": true, /* yes */', ["not valid JSON"]),
    ('"vocab_size": 512', '"vocab_size": 512,', ["not valid JSON"]),
]


def form(name):
    with open(f"{FORMS}/{name}.json") as file:
        return json.load(file)


def changed(name, changes):
    config = {**form(name), **changes}
    return json.dumps({key: value for key, value in config.items() if value is not REMOVE})


def expect(condition, message):
    if not condition:
        sys.exit(message)


class Reader:
    """A packed model whose config.json is written anew for every case; inspect reads no shapes."""

    def __init__(self, directory):
        self.directory = f"{directory}/packed"
        os.mkdir(self.directory)
        shutil.copy(f"{VECTORS}/tiny/packed/model.safetensors", self.directory)

    def read(self, text):
        """What config.json was read as, or None, and the sentence."""
        with open(f"{self.directory}/config.json", "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([TERN, "inspect", self.directory, "--json", "--no-checksums"], capture_output=True, text=True)
        expect(done.returncode in (0, 1), f"exit code {done.returncode}: {text}")
        return (json.loads(done.stdout)["config"] if done.returncode == 0 else None), done.stderr

    def expect_read(self, label, text, wanted):
        got, said = self.read(text)
        expect(got is not None, f"{label}: {said}")
        got["rms_norm_eps"] = round(got["rms_norm_eps"], 12)
        wrong = [f"{key}: {got[key]}, not {wanted[key]}" for key in wanted if got[key] != wanted[key]]
        expect(not wrong and got.keys() == wanted.keys(), f"{label}: {wrong}")

    def expect_refused(self, label, text, words):
        got, said = self.read(text)
        missing = [word for word in ["config.json: ", *words] if word not in said]
        expect(got is None and not missing, f"{label}: '{said.strip()}' does not name {missing}")


def main():
    with tempfile.TemporaryDirectory() as directory:
        reader, names = Reader(directory), sorted(name[:-5] for name in os.listdir(FORMS) if name.endswith(".json"))
        for name in names:
            reader.expect_read(name, changed(name, {}), READ[name.split("-")[0]])
        for name, changes, other in TAKEN:
            reader.expect_read(f"{name}, {changes}", changed(name, changes), {**READ[name.split("-")[0]], **other})
        for name, changes, words in REFUSED:
            reader.expect_refused(f"{name}, {changes}", changed(name, changes), words)
        for old, new, words in TEXTS:
            text = json.dumps(form("qwen2-4.40.2"))
            expect(old in text, f"{old} is not in the form")
            reader.expect_refused(new, text.replace(old, new, 1), words)
    print(f"{len(names)} forms are read alike; of their changes {len(TAKEN)} are taken and {len(REFUSED) + len(TEXTS)} refused")


main()
