# SPDX-License-Identifier: Apache-2.0
"""Constants of spec/tern.toml for tests in Python."""
import pathlib
import tomllib

SPEC = tomllib.loads((pathlib.Path(__file__).parent.parent / "tern.toml").read_text())


def constant(name):
    return next(value["value"] for group in SPEC["constants"] for value in group["values"] if value["name"] == name)


TOO_DEEP = str(constant("MAX_DEPTH") + 1)
