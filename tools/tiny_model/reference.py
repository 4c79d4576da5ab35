#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A slow and simple forward pass of Qwen2, Qwen3, Llama and Mistral in float64, the reference of all faster ones. Needs numpy.

Usage: reference.py MODEL_DIR --ids 1,2,3 [--depth 3 [--cut 2]] [--generate N] [--top N] [--taps]

Prints the logits of the last token, one value a line, or the N largest with --top, or the greedy continuation.
Without --depth it uses the weights of the file; with --depth it quantizes them with quantizer.py first. quantizer.py
may choose other steps than `tern quantize`. To test packed weights, run this on the output of `tern export`.
"""
import argparse
import json
from pathlib import Path

import numpy as np

import quantizer
from hf_directory import read_safetensors


def scaled(frequency, scaling):
    """Llama 3.1's change of rotary frequencies, by wavelength: long ones are stretched, short ones stay."""
    if not scaling:
        return frequency
    wavelength, original = 2 * np.pi / frequency, scaling["original_max_position_embeddings"]
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    share = (original / wavelength - low) / (high - low)
    between = (1 - share) * frequency / scaling["factor"] + share * frequency
    return np.where(wavelength > original / low, frequency / scaling["factor"],
                    np.where(wavelength < original / high, frequency, between))


class Model:
    """The weights of one directory; `start()` gives an empty cache, `forward()` appends tokens to it."""

    def __init__(self, directory, depth_stored=None, depth_in_use=None, weights=None):
        self.config = json.loads((Path(directory) / "config.json").read_text())
        self.weights = weights or read_safetensors(Path(directory) / "model.safetensors")
        if depth_stored:
            for name, weight in self.weights.items():
                if name.endswith("_proj.weight"):
                    self.weights[name] = quantizer.quantized_weight(np, weight, depth_stored,
                                                                    depth_in_use or depth_stored)

    def start(self):
        return [None] * self.config["num_hidden_layers"]

    def forward(self, ids, cache=None, taps=None):
        """ids: n tokens -> logits [n][vocabulary]. taps: a list that receives (stage, array) pairs."""
        cache = self.start() if cache is None else cache
        tap = (lambda stage, value: taps.append((stage, np.array(value)))) if taps is not None else lambda *_: None
        past = 0 if cache[0] is None else cache[0][0].shape[1]
        x = self.weights["model.embed_tokens.weight"][np.asarray(ids)]
        tap("embedding", x)
        for i in range(self.config["num_hidden_layers"]):
            prefix = f"model.layers.{i}."
            h = self.rms_norm(x, prefix + "input_layernorm.weight")
            tap(prefix + "input_layernorm", h)
            x = x + self.attention(h, prefix + "self_attn.", past, cache, i, tap)
            tap(prefix + "after_attention", x)
            h = self.rms_norm(x, prefix + "post_attention_layernorm.weight")
            tap(prefix + "post_attention_layernorm", h)
            x = x + self.mlp(h, prefix + "mlp.", tap)
            tap(prefix + "after_mlp", x)
        x = self.rms_norm(x, "model.norm.weight")
        tap("model.norm", x)
        head = "model.embed_tokens.weight" if self.config["tie_word_embeddings"] else "lm_head.weight"
        return x @ self.weights[head].T

    def rms_norm(self, x, name):
        mean_square = np.mean(x * x, axis=-1, keepdims=True)
        return x / np.sqrt(mean_square + self.config["rms_norm_eps"]) * self.weights[name]

    def head_size(self):
        quotient = self.config["hidden_size"] // self.config["num_attention_heads"]
        return self.config.get("head_dim") or (128 if self.config["model_type"] == "qwen3" else quotient)

    def rotate(self, x, first_position):
        """x [heads][tokens][head size]: elements j and j + head size/2 turn by position * theta^(-2j / head size)."""
        size = x.shape[-1]
        frequency = scaled(float(self.config["rope_theta"])**(-np.arange(0, size, 2) / size),
                           self.config.get("rope_scaling"))
        angle = (first_position + np.arange(x.shape[1]))[:, None] * frequency
        low, high = x[..., :size // 2], x[..., size // 2:]
        return np.concatenate([low * np.cos(angle) - high * np.sin(angle),
                               high * np.cos(angle) + low * np.sin(angle)], axis=-1)

    def bias(self, name):
        has_all = self.config.get("attention_bias") and self.config["model_type"] != "qwen2"
        is_biased = has_all or self.config["model_type"] == "qwen2" and not name.endswith("o_proj")
        return self.weights[name + ".bias"] if is_biased else 0

    def attention(self, h, prefix, past, cache, layer, tap):
        heads, kv_heads = self.config["num_attention_heads"], self.config["num_key_value_heads"]
        size, count = self.head_size(), len(h)

        def project(letter, n):
            y = h @ self.weights[f"{prefix}{letter}_proj.weight"].T
            y = y + self.bias(f"{prefix}{letter}_proj")
            tap(f"{prefix}{letter}_proj", y)
            return y.reshape(count, n, size).transpose(1, 0, 2)

        q, k, v = project("q", heads), project("k", kv_heads), project("v", kv_heads)
        if self.config["model_type"] == "qwen3":  # each head by itself
            q, k = self.rms_norm(q, prefix + "q_norm.weight"), self.rms_norm(k, prefix + "k_norm.weight")
        q, k = self.rotate(q, past), self.rotate(k, past)
        if cache[layer] is not None:
            k, v = (np.concatenate([old, new], axis=1) for old, new in zip(cache[layer], (k, v)))
        cache[layer] = k, v
        k, v = (np.repeat(y, heads // kv_heads, axis=0) for y in (k, v))
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(size)
        visible = np.arange(k.shape[1]) <= past + np.arange(count)[:, None]
        scores = np.where(visible, scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed = (weights @ v).transpose(1, 0, 2).reshape(count, heads * size)
        tap(prefix + "mixed", mixed)
        y = mixed @ self.weights[prefix + "o_proj.weight"].T + self.bias(prefix + "o_proj")
        tap(prefix + "o_proj", y)
        return y

    def mlp(self, h, prefix, tap):
        gate, up = (h @ self.weights[f"{prefix}{name}_proj.weight"].T for name in ("gate", "up"))
        gated = gate / (1 + np.exp(-gate)) * up
        y = gated @ self.weights[prefix + "down_proj.weight"].T
        for stage, value in ("gate_proj", gate), ("up_proj", up), ("gated", gated), ("down_proj", y):
            tap(prefix + stage, value)
        return y

    def generate(self, ids, count, stop=()):
        """Up to `count` greedy tokens after `ids`; lowest id wins a tie; a stop token ends it and is not returned."""
        cache, result = self.start(), []
        logits = self.forward(ids, cache)[-1]
        while len(result) < count and int(np.argmax(logits)) not in stop:
            result.append(int(np.argmax(logits)))
            logits = self.forward(result[-1:], cache)[-1]
        return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--ids", required=True, help="token ids with commas")
    parser.add_argument("--depth", type=int, help="depth stored; default: weights as in the file")
    parser.add_argument("--cut", type=int, help="depth in use, at most the depth stored")
    parser.add_argument("--generate", type=int, default=0, help="greedy tokens instead of logits")
    parser.add_argument("--top", type=int, default=0, help="only the largest logits, as id and value")
    parser.add_argument("--taps", action="store_true", help="also every stage of the last token, before the logits")
    options = parser.parse_args()
    ids = [int(text) for text in options.ids.split(",")]
    model = Model(options.model, options.depth, options.cut)
    if options.generate:
        print(",".join(str(i) for i in model.generate(ids, options.generate)))
        return
    taps = [] if options.taps else None
    logits = model.forward(ids, taps=taps)[-1]
    for stage, value in taps or []:
        print(stage, " ".join(repr(float(x)) for x in value[-1]))
    for i in np.argsort(-logits, kind="stable")[:options.top] if options.top else range(len(logits)):
        print(f"{i} {logits[i]!r}" if options.top else repr(float(logits[i])))


if __name__ == "__main__":
    main()
