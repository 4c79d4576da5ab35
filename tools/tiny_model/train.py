#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the tiny model and writes the Hugging Face directory.

The first 40 % of the training steps are plain float. After that every training step quantizes the weights at one depth,
with a straight-through gradient. So the float32 master weights work at every depth.

Usage: train.py WORK_DIR MODEL_DIR [--steps N]   WORK_DIR holds train.txt and valid.txt, MODEL_DIR tokenizer.json.
"""
import argparse
import functools
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from tokenizers import Tokenizer

import quantizer
from corpus import END_OF_TEXT
from hf_directory import CONFIG, write_model

SEED = 7
BATCH, WINDOW = 12, 256
PEAK_RATE, WARMUP_STEPS, WEIGHT_DECAY, CLIP_NORM = 4e-3, 60, 0.05, 1.0
FLOAT_SHARE = 0.4
FLOAT = (0, 0)
# (depth stored, depth in use): how often a quantized step sees it
DEPTHS = {(3, 3): 0.40, (3, 2): 0.35, (1, 1): 0.15, (3, 1): 0.10}
HEADS, KV_HEADS = CONFIG["num_attention_heads"], CONFIG["num_key_value_heads"]
HEAD_SIZE = CONFIG["hidden_size"] // HEADS


def is_quantized(name):
    return name.endswith("_proj.weight")


def initial_parameters(rng):
    hidden, inner, layers = CONFIG["hidden_size"], CONFIG["intermediate_size"], CONFIG["num_hidden_layers"]
    kv = KV_HEADS * HEAD_SIZE

    def matrix(rows, columns, scale=1.0):
        return (rng.standard_normal((rows, columns)) * scale / columns**0.5).astype(np.float32)

    parameters = {"model.embed_tokens.weight": matrix(CONFIG["vocab_size"], hidden, 0.7),
                  "model.norm.weight": np.ones(hidden, np.float32)}
    depth_scale = (2 * layers)**-0.5
    for i in range(layers):
        prefix = f"model.layers.{i}."
        for name, rows in ("q", hidden), ("k", kv), ("v", kv):
            parameters[f"{prefix}self_attn.{name}_proj.weight"] = matrix(rows, hidden)
            parameters[f"{prefix}self_attn.{name}_proj.bias"] = np.zeros(rows, np.float32)
        parameters[prefix + "self_attn.o_proj.weight"] = matrix(hidden, hidden, depth_scale)
        parameters[prefix + "mlp.gate_proj.weight"] = matrix(inner, hidden)
        parameters[prefix + "mlp.up_proj.weight"] = matrix(inner, hidden)
        parameters[prefix + "mlp.down_proj.weight"] = matrix(hidden, inner, depth_scale)
        parameters[prefix + "input_layernorm.weight"] = np.ones(hidden, np.float32)
        parameters[prefix + "post_attention_layernorm.weight"] = np.ones(hidden, np.float32)
    return parameters


def rms_norm(x, weight):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + CONFIG["rms_norm_eps"]) * weight


def rotate(x, cosine, sine):
    """x [batch][time][heads][head size]; the two halves of a head are the pairs, as in Hugging Face's Qwen2."""
    first, second = jnp.split(x, 2, -1)
    return x * cosine + jnp.concatenate([-second, first], -1) * sine


def forward(parameters, tokens):
    """tokens [batch][time] -> logits [batch][time][vocabulary], float32."""
    batch, length = tokens.shape
    frequency = CONFIG["rope_theta"]**(-np.arange(0, HEAD_SIZE, 2) / HEAD_SIZE)
    angle = np.arange(length)[:, None] * np.concatenate([frequency, frequency])
    cosine, sine = jnp.float32(np.cos(angle))[:, None, :], jnp.float32(np.sin(angle))[:, None, :]
    mask = np.tril(np.ones((length, length), bool))
    x = parameters["model.embed_tokens.weight"][tokens]
    for i in range(CONFIG["num_hidden_layers"]):
        get = lambda name: parameters[f"model.layers.{i}.{name}"]
        h = rms_norm(x, get("input_layernorm.weight"))
        q, k, v = (h @ get(f"self_attn.{n}_proj.weight").T + get(f"self_attn.{n}_proj.bias") for n in "qkv")
        q = rotate(q.reshape(batch, length, HEADS, HEAD_SIZE), cosine, sine)
        k = rotate(k.reshape(batch, length, KV_HEADS, HEAD_SIZE), cosine, sine)
        q = q.reshape(batch, length, KV_HEADS, HEADS // KV_HEADS, HEAD_SIZE)
        v = v.reshape(batch, length, KV_HEADS, HEAD_SIZE)
        scores = jnp.einsum("btgrd,bsgd->bgrts", q, k) * HEAD_SIZE**-0.5
        weights = jax.nn.softmax(jnp.where(mask, scores, -1e30), -1)
        mixed = jnp.einsum("bgrts,bsgd->btgrd", weights, v).reshape(batch, length, HEADS * HEAD_SIZE)
        x = x + mixed @ get("self_attn.o_proj.weight").T
        h = rms_norm(x, get("post_attention_layernorm.weight"))
        gated = jax.nn.silu(h @ get("mlp.gate_proj.weight").T) * (h @ get("mlp.up_proj.weight").T)
        x = x + gated @ get("mlp.down_proj.weight").T
    return rms_norm(x, parameters["model.norm.weight"]) @ parameters["model.embed_tokens.weight"].T


def seen_through(parameters, depths):
    """The quantized parameters; the gradient passes straight through the quantizer."""
    if depths == FLOAT:
        return parameters
    return {name: w + jax.lax.stop_gradient(quantizer.quantized_weight(jnp, w, *depths) - w) if is_quantized(name)
            else w for name, w in parameters.items()}


def loss(parameters, windows, depths):
    """Mean cross-entropy in nats a token; windows [batch][time + 1]."""
    logits = forward(seen_through(parameters, depths), windows[:, :-1])
    chosen = jnp.take_along_axis(logits, windows[:, 1:, None], -1)[..., 0]
    return jnp.mean(jax.nn.logsumexp(logits, -1) - chosen)


@functools.partial(jax.jit, static_argnames="depths", donate_argnums=(0, 1, 2))
def train_step(parameters, first, second, windows, rate, step, depths):
    """One AdamW step (betas 0.9, 0.98); vectors are not decayed."""
    value, gradient = jax.value_and_grad(loss)(parameters, windows, depths)
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in gradient.values()))
    scale = jnp.minimum(1.0, CLIP_NORM / norm)
    for name, w in parameters.items():
        g = gradient[name] * scale
        first[name] = 0.9 * first[name] + 0.1 * g
        second[name] = 0.98 * second[name] + 0.02 * g * g
        update = first[name] / (1 - 0.9**step) / (jnp.sqrt(second[name] / (1 - 0.98**step)) + 1e-8)
        parameters[name] = w - rate * (update + (WEIGHT_DECAY * w if w.ndim == 2 else 0.0))
    return parameters, first, second, value


def token_stream(tokenizer, path):
    """(ids, starts): all documents one after the other, and the start of each."""
    ids, starts, end = [], [], tokenizer.token_to_id(END_OF_TEXT)
    for text in path.read_text().split(END_OF_TEXT + "\n"):
        if text:
            starts.append(len(ids))
            ids += tokenizer.encode(text).ids + [end]
    return np.array(ids, np.int32), np.array(starts)


def sample_windows(rng, ids, starts):
    """Every window begins with a document, as a prompt does."""
    usable = starts[starts < len(ids) - WINDOW - 1]
    return np.stack([ids[s:s + WINDOW + 1] for s in rng.choice(usable, BATCH)])


def learning_rate(step, steps):
    if step < WARMUP_STEPS:
        return PEAK_RATE * (step + 1) / WARMUP_STEPS
    progress = (step - WARMUP_STEPS) / (steps - WARMUP_STEPS)
    return PEAK_RATE * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * progress)))


def train(parameters, rng, ids, starts, steps):
    first = {name: np.zeros_like(w) for name, w in parameters.items()}
    second = {name: np.zeros_like(w) for name, w in parameters.items()}
    choices, shares, began = list(DEPTHS), list(DEPTHS.values()), time.time()
    recent = {}
    for step in range(steps):
        depths = FLOAT if step < FLOAT_SHARE * steps else choices[rng.choice(len(choices), p=shares)]
        windows = sample_windows(rng, ids, starts)
        parameters, first, second, value = train_step(parameters, first, second, windows, learning_rate(step, steps),
                                                      float(step + 1), depths)
        recent[depths] = value
        if step % 50 == 49:
            seen = " ".join(f"{'float' if d == FLOAT else 'd%d cut to %d' % d} {v:.3f}" for d, v in recent.items())
            print(f"step {step + 1}/{steps} {time.time() - began:.0f} s: {seen}", flush=True)
            recent = {}
    return {name: np.asarray(w) for name, w in parameters.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--steps", type=int, default=1600)
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
    ids, starts = token_stream(tokenizer, options.work / "train.txt")
    parameters = initial_parameters(rng)
    print(f"{len(ids)} tokens, {sum(w.size for w in parameters.values())} parameters", flush=True)
    parameters = train(parameters, rng, ids, starts, options.steps)
    write_model(options.model, parameters, tokenizer.token_to_id(END_OF_TEXT), tokenizer.token_to_id("<|im_end|>"))


if __name__ == "__main__":
    main()
