# SPDX-License-Identifier: Apache-2.0
"""The cycles of tern layer and tern run --profile on rtl, or on the device that TERN_TEST_DEVICE names.

Every part counts once, and the results are those of model.
"""
import json
import os
import re
import subprocess
import sys

TERN, MODEL = sys.argv[1:]
DEVICE = os.environ.get("TERN_TEST_DEVICE", "rtl")
STALLS = ["--stalls", "3"] if DEVICE == "rtl" else []
LAYERS = 4
PARTS = ["busy", "starved", "blocked", "other", "core", "beside"]
WORK = ["busy", "starved", "blocked"]


def run(*words):
    done = subprocess.run([TERN, *words], capture_output=True, text=True)
    if f"{DEVICE}: needs" in done.stderr:
        print("skipped:", done.stderr)
        sys.exit(77)
    return done


def check_sums(profile, cycles):
    """Each cycle is in one part of one stage, and in one part of each unit."""
    for stage in profile["stages"]:
        assert sum(stage[part] for part in PARTS) == stage["cycles"] >= 0, stage
        assert all(stage[part] >= 0 for part in PARTS[:-1]) and stage["beside"] <= 0, stage
    assert sum(stage["cycles"] for stage in profile["stages"]) == cycles > 0
    assert [unit["unit"] for unit in profile["units"]] == ["core", "matmul", "vector", "attention"]
    for unit in profile["units"]:
        mine = [stage for stage in profile["stages"] if stage["unit"] == unit["unit"]]
        assert all(unit[part] == sum(stage[part] for stage in mine) for part in [*WORK, "commands"]), unit
        assert sum(unit[part] for part in WORK) + unit["idle"] == cycles and unit["idle"] >= 0, unit


def check_layer(positions, *more):
    words = ["layer", f"{MODEL}/packed", "--layer", "1", "--positions", positions, "--seed", "3", "--context", "20"]
    found, model = (json.loads(run(*words, "--json", "--device", device, *options).stdout)
                    for device, options in ((DEVICE, more), ("model", [])))
    assert found["results"] == model["results"] and len(found["results"]) > 20
    check_sums(found, found["cycles"])
    stages = {stage["stage"]: stage for stage in found["stages"]}
    assert set(stages) == {result["stage"] for result in found["results"]}
    assert abs(found["ratio"] - found["cycles"] / found["limit_cycles"]) < 1e-9 and found["ratio"] > 1
    matmul = found["units"][1]
    assert (matmul["busy"], matmul["starved"], matmul["blocked"]) == (
        found["beats_taken"], found["starved_cycles"], found["stalled_cycles"])
    assert all(stage["other"] > 0 for stage in stages.values())
    assert stages["k_bias"]["beside"] < 0, "k_bias does not run beside q_proj"
    assert not {"cycles", "ratio", "stages", "units"} & set(model)
    return found


def check_layer_text():
    words = ["layer", f"{MODEL}/packed", "--layer", "0"]
    text = run(*words, "--device", DEVICE).stdout
    rows = {} # by stage and unit; the columns stand in one or more tables
    for table in re.findall(r"^stage +unit .*\n(?:\w+ +(?:matmul|vector|attention) .*\n)+", text, re.M):
        head, *lines = (line.split() for line in table.splitlines())
        for line in lines:
            rows.setdefault(tuple(line[:2]), {}).update(zip(head[2:], line[2:], strict=True))
    assert len(rows) > 20 and all(int(row["cycles"]) == sum(int(row[part]) for part in PARTS) for row in rows.values())
    assert f"\ncycles {sum(int(row['cycles']) for row in rows.values())}, ratio " in text
    model = run(*words)
    assert "model: counts no cycles, so there is no profile" in model.stderr and "\ncycles" not in model.stdout


def check_run():
    """A prompt of several tokens, so that a MATMUL is more than one run of its unit."""
    words = ["run", MODEL, "--prompt", "The cat", "--max-tokens", "1", "--profile"]
    found = run(*words, "--json", "--device", DEVICE)
    profile = json.loads(found.stdout)["profile"]
    check_sums(profile, profile["cycles"])
    # All but the start of the device is in the profile.
    assert 0.85 < profile["cycles"] / json.loads(found.stdout)["cycles"] < 1
    tokens = json.loads(found.stdout)["tokens_fed"]
    stages = {stage["stage"]: stage for stage in profile["stages"]}
    assert profile["tokens"] == tokens > 2 and abs(profile["cycles_per_token"] * tokens - profile["cycles"]) < 1
    assert stages["input_norm"]["commands"] == stages["softmax"]["commands"] == LAYERS * tokens
    assert stages["down_proj"]["unit"] == "matmul" and stages["down_proj"]["commands"] == LAYERS
    assert profile["units"][1]["busy"] == json.loads(found.stdout)["beats_taken"]
    assert abs(sum(stage["share"] for stage in profile["stages"]) - 1) < 1e-9
    refused = run(*words)
    assert refused.returncode == 1 and "model: counts no cycles, so there is no profile" in refused.stderr


check_layer("2")
check_layer("1", *STALLS, "--device-memory", "110000")
check_layer_text()
check_run()
