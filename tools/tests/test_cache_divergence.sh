#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The shares of the next token must stay within 1e-6 nats of the float64 pass, in the mean over texts of the tiny model.
TERN=$1 exec python3 -B "$TERN_SOURCE_DIR/tools/cache_divergence"
