#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/sdf_paths.py against a small SDF file whose paths were added by hand. A pin's path (9 ns) has no register before it.
set -euo pipefail
cd "$TERN_SOURCE_DIR/tools"
python3 - <<'END'
import pathlib

import sdf_paths

paths = sdf_paths.worst(sdf_paths.read(pathlib.Path("tests/two_modules.sdf")), 9)
said = [(path["ns"], path["routing_ns"], path["levels"], path["begin"], path["end"], path["by"]) for path in paths]
expected = [(6.809, 1.2, 0, "b.words", "a.count/M", []),               # 5.609 + 1.2
            (3.735, 2.9, 1, "a.count", "b.flag/CE", ["a.sum"])]        # 0.525 + 0.9 + 0.24 + 2.0 + 0.07
assert said == expected, said
assert [path["from"] + path["to"] for path in paths] == ["ba", "ab"]
END
