# SPDX-License-Identifier: Apache-2.0
"""Reads and writes the Hugging Face directory of the tiny model (numpy and the standard library only)."""
import json
import struct
from pathlib import Path

import numpy as np

CONFIG = {
    "architectures": ["Qwen2ForCausalLM"],
    "attention_dropout": 0.0,
    "hidden_act": "silu",
    "hidden_size": 96,
    "initializer_range": 0.02,
    "intermediate_size": 256,
    "max_position_embeddings": 256,
    "max_window_layers": 4,
    "model_type": "qwen2",
    "num_attention_heads": 4,
    "num_hidden_layers": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-06,
    "rope_theta": 10000.0,
    "sliding_window": 256,
    "tie_word_embeddings": True,
    "torch_dtype": "float16",
    "transformers_version": "4.46.3",
    "use_cache": True,
    "use_sliding_window": False,
    "vocab_size": 512,
}
DTYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "U8": np.uint8, "U32": np.uint32}


def write_safetensors(path, tensors):
    """tensors: name -> float16 array. Header padded with spaces so that the data begins on a multiple of 8."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": "F16", "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(array.astype("<f2").tobytes())


def read_safetensors(path):
    """name -> float64 array, exact (BF16 is the upper half of a float32). Trusts its input, which is a file of the tree."""
    data = Path(path).read_bytes()
    length, = struct.unpack_from("<Q", data)
    header, tensors = json.loads(data[8:8 + length]), {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            if entry["dtype"] == "BF16":
                flat = (np.frombuffer(data[begin:end], np.uint16).astype(np.uint32) << 16).view(np.float32)
            else:
                flat = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]])
            tensors[name] = flat.reshape(entry["shape"]).astype(np.float64)
    return tensors


def write_model(directory, parameters, end_of_text, end_of_turn):
    """config.json, generation_config.json and model.safetensors in FP16, names sorted."""
    config = dict(CONFIG, bos_token_id=end_of_text, eos_token_id=end_of_text)
    generation = {"bos_token_id": end_of_text, "do_sample": False, "eos_token_id": [end_of_turn, end_of_text],
                  "pad_token_id": end_of_text, "transformers_version": CONFIG["transformers_version"]}
    for name, value in ("config.json", config), ("generation_config.json", generation):
        (directory / name).write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")
    write_safetensors(directory / "model.safetensors",
                      {name: parameters[name].astype(np.float16) for name in sorted(parameters)})
