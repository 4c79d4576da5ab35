# SPDX-License-Identifier: Apache-2.0
"""Runs the reader of docs/packed-format.md on a packed directory and compares with the output of tern export."""
import re
import subprocess
import sys
import tempfile

import numpy as np

import checkpoint_maker as maker

TERN, PAGE = sys.argv[1:]


def main():
    with open(PAGE) as file:
        code = re.search(r"```python\n(.*?)```", file.read(), re.DOTALL).group(1)
    page = {}
    exec(code, page)
    checked = 0
    for depth in (1, 2, 3, 4):
        with tempfile.TemporaryDirectory() as directory:
            maker.write_checkpoint(f"{directory}/in", seed=depth)
            for arguments in (["quantize", f"{directory}/in", f"{directory}/packed", "--depth", str(depth)],
                              ["export", f"{directory}/packed", f"{directory}/out"]):
                subprocess.run([TERN, *arguments], check=True, capture_output=True)
            exported, _ = maker.read_directory(f"{directory}/out")
            for name, (_, shape, data) in exported.items():
                if name.endswith("_proj.weight"):
                    got = page["read"](f"{directory}/packed/model.safetensors", name).astype(np.float16)
                    wanted = np.frombuffer(data, np.float16).reshape(shape)
                    if not np.array_equal(got.view(np.uint16) & 0x7fff, wanted.view(np.uint16) & 0x7fff) or \
                            not np.array_equal(got, wanted):
                        sys.exit(f"depth {depth}, {name}: the page's reader gives other weights")
                    checked += 1
    print(f"the reader of the page agrees on {checked} matrices")


main()
