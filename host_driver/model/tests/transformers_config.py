# SPDX-License-Identifier: Apache-2.0
"""What transformers 4 or 5 reads in config.json, in the terms of `tern inspect --json`."""
import json
import logging
import os
import warnings

os.environ["TRANSFORMERS_VERBOSITY"] = "critical"
warnings.simplefilter("ignore")


def load():
    """The library, or None."""
    try:
        import transformers
    except ImportError:
        return None
    logging.disable(logging.CRITICAL)
    return transformers


def rotary(config):
    parameters = getattr(config, "rope_parameters", None)
    if parameters is None:  # version 4
        scaling, theta = getattr(config, "rope_scaling", None), config.rope_theta
    else:
        scaling, theta = parameters, parameters["rope_theta"]
    kind = (scaling or {}).get("rope_type", (scaling or {}).get("type", "default"))
    keys = ("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings")
    return theta, None if kind == "default" else {"rope_type": kind, **{key: scaling.get(key) for key in keys}}


def stop_ids(value, vocabulary):
    ids = [] if value is None else value if isinstance(value, list) else [value]
    return list(dict.fromkeys(i for i in ids if 0 <= i < vocabulary))


def read(transformers, config_text, generation_text=None):
    """Raises whatever the library raises for a file that it refuses."""
    root = json.loads(config_text)
    if transformers.__version__ < "5" and ("rope_parameters" in root or "rope_theta" in (root.get("rope_scaling") or {})):
        raise ValueError("version 4 reads rope_theta at the root only")
    config = transformers.CONFIG_MAPPING[root["model_type"]].from_dict(root)
    family, heads = config.model_type, config.num_attention_heads
    theta, scaling = rotary(config)
    generation = json.loads(generation_text) if generation_text else {}
    ids = stop_ids(generation.get("eos_token_id"), config.vocab_size) or stop_ids(config.eos_token_id, config.vocab_size)
    bias = bool(getattr(config, "attention_bias", False)) and family in ("llama", "qwen3")
    window = config.sliding_window if family == "mistral" else None
    positions = min(config.max_position_embeddings, window or config.max_position_embeddings, 32768)
    if "sliding_attention" in (getattr(config, "layer_types", None) or []) and family != "mistral":
        raise ValueError("a sliding window")
    return {"hidden_size": config.hidden_size, "intermediate_size": config.intermediate_size,
            "num_hidden_layers": config.num_hidden_layers, "num_attention_heads": heads,
            "num_key_value_heads": config.num_key_value_heads,
            "head_dim": getattr(config, "head_dim", None) or config.hidden_size // heads,
            "vocab_size": config.vocab_size, "positions": positions, "rms_norm_eps": config.rms_norm_eps,
            "rope_theta": theta, "rope_scaling": scaling, "tie_word_embeddings": bool(config.tie_word_embeddings),
            "qkv_bias": family == "qwen2" or bias, "o_bias": bias, "head_norm": family == "qwen3",
            "eos_token_id": ids}
