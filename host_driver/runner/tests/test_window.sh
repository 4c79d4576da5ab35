#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A model with a sliding window takes as many positions as the window. The sentence for more positions gives the reason.
set -euo pipefail
tern=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/config.json" <<'EOF'
{"architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": 64, "intermediate_size": 96,
 "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 300,
 "max_position_embeddings": 64, "sliding_window": 6}
EOF
"$TERN_BINARY_DIR"/make_checkpoint "$scratch/config.json" "$scratch/model" --packed 2>/dev/null
"$tern" logits "$scratch/model" --tokens 1,2,3,4,5,6 --out "$scratch/six.npy" --device model
if "$tern" logits "$scratch/model" --tokens 1,2,3,4,5,6,7 --out "$scratch/seven.npy" --device model 2>"$scratch/said"; then
  echo "seven positions through a window of six"; exit 1
fi
grep -q '1 to 6 (.*sliding window' "$scratch/said" || { cat "$scratch/said"; exit 1; }
[ ! -e "$scratch/seven.npy" ]
