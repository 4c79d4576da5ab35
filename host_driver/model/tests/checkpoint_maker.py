# SPDX-License-Identifier: Apache-2.0
"""Small Qwen2 checkpoints with seeded weights. Writes and reads safetensors independently of the code under test."""
import json
import os
import random
import struct

FORMATS = {"F32": ("<f", 4), "F16": ("<e", 2), "BF16": (None, 2)}


def element(value, dtype):
    if dtype == "BF16":
        return struct.pack("<f", value)[2:]
    return struct.pack(FORMATS[dtype][0], value)


def shapes(hidden=64, intermediate=172, layers=2, heads=4, kv_heads=2, vocabulary=32, tied=True, head=None):
    """name -> shape of every tensor, in the order of a forward pass."""
    head = head or hidden // heads
    found = {"model.embed_tokens.weight": [vocabulary, hidden]}
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        found[prefix + "input_layernorm.weight"] = [hidden]
        for name, rows in (("q", heads * head), ("k", kv_heads * head), ("v", kv_heads * head)):
            found[prefix + f"self_attn.{name}_proj.weight"] = [rows, hidden]
            found[prefix + f"self_attn.{name}_proj.bias"] = [rows]
        found[prefix + "self_attn.o_proj.weight"] = [hidden, heads * head]
        found[prefix + "post_attention_layernorm.weight"] = [hidden]
        found[prefix + "mlp.gate_proj.weight"] = [intermediate, hidden]
        found[prefix + "mlp.up_proj.weight"] = [intermediate, hidden]
        found[prefix + "mlp.down_proj.weight"] = [hidden, intermediate]
    found["model.norm.weight"] = [hidden]
    if not tied:
        found["lm_head.weight"] = [vocabulary, hidden]
    return found


def config(hidden=64, intermediate=172, layers=2, heads=4, kv_heads=2, vocabulary=32, tied=True, head=None,
           **changes):
    changes = {"head_dim": head, **changes} if head else changes
    return {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": hidden,
            "intermediate_size": intermediate, "num_hidden_layers": layers, "num_attention_heads": heads,
            "num_key_value_heads": kv_heads, "vocab_size": vocabulary, "max_position_embeddings": 512,
            "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "tie_word_embeddings": tied, "hidden_act": "silu",
            "torch_dtype": "bfloat16", "eos_token_id": 1, **changes}


def count(shape):
    product = 1
    for extent in shape:
        product *= extent
    return product


def make_tensors(shape_of, dtype, seed=1):
    """name -> (dtype, shape, bytes). Reuses a pool of values at random offsets, so that large models take little time."""
    generator = random.Random(seed)
    size = FORMATS[dtype][1]
    pool = b"".join(element(generator.gauss(0, 0.02), dtype) for _ in range(1 << 14))
    tensors = {}
    for name, shape in shape_of.items():
        need, data = count(shape) * size, bytearray()
        while len(data) < need:
            start = generator.randrange(1 << 13) * size
            data += pool[start:start + need - len(data)]
        tensors[name] = (dtype, shape, bytes(data))
    return tensors


def header_of(tensors, metadata=None):
    header, offset = ({"__metadata__": metadata} if metadata else {}), 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    return header


def write_raw(path, header, data):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write_safetensors(path, tensors, metadata=None):
    write_raw(path, header_of(tensors, metadata), b"".join(data for _, _, data in tensors.values()))


def read_safetensors(path):
    """(tensors, metadata) of a file."""
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
        body = file.read()
    metadata = header.pop("__metadata__", {})
    return {name: (entry["dtype"], entry["shape"], body[slice(*entry["data_offsets"])])
            for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"])}, metadata


def read_directory(path):
    tensors, metadata = {}, {}
    for name in sorted(os.listdir(path)):
        if name.endswith(".safetensors"):
            more, notes = read_safetensors(os.path.join(path, name))
            tensors.update(more)
            metadata.update(notes)
    return tensors, metadata


def write_checkpoint(path, dtype="F16", shards=1, seed=1, tensors=None, config_changes=None, **sizes):
    """A whole Hugging Face directory; returns its tensors."""
    os.makedirs(path)
    tensors = tensors or make_tensors(shapes(**sizes), dtype, seed)
    with open(os.path.join(path, "config.json"), "w") as file:
        json.dump(config(**sizes, **(config_changes or {})), file)
    with open(os.path.join(path, "tokenizer.json"), "w") as file:
        file.write("{}")
    if shards == 1:
        write_safetensors(os.path.join(path, "model.safetensors"), tensors, {"format": "pt"})
        return tensors
    names, weight_map = list(tensors), {}
    for i in range(shards):
        part = names[i * len(names) // shards:(i + 1) * len(names) // shards]
        shard = f"model-{i + 1:05}-of-{shards:05}.safetensors"
        write_safetensors(os.path.join(path, shard), {name: tensors[name] for name in part}, {"format": "pt"})
        weight_map.update({name: shard for name in part})
    with open(os.path.join(path, "model.safetensors.index.json"), "w") as file:
        json.dump({"metadata": {}, "weight_map": weight_map}, file)
    return tensors
