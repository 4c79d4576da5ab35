# SPDX-License-Identifier: Apache-2.0
"""Options --on: some layers on another device give the text, the logits and the stages of model alone.

The other device is rtl, or the one that TERN_TEST_DEVICE names.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

TERN, TINY = sys.argv[1:]
DEVICE = os.environ.get("TERN_TEST_DEVICE", "rtl")
PACKED = os.path.join(TINY, "packed")
EACH_STEP = os.environ | {"TERN_PROGRESS_SECONDS": "0"}  # of the progress
PASS = 32  # tokens of a prompt, on model
RUN = ["run", PACKED, "--prompt", "The dog Rex and the cat Mia lived in the old barn. " * 2 + "The"]
LOGITS = ["logits", PACKED, "--tokens", ",".join(str(17 * i % 512) for i in range(17))]
SOME, OTHERS = ["--on", f"{DEVICE}:0,3"], ["--on", f"{DEVICE}:1-2"]


def run(*words, **more):
    done = subprocess.run([TERN, *words], capture_output=True, text=True, **more)
    if f"{DEVICE}: needs" in done.stderr:
        print("skipped:", done.stderr)
        sys.exit(77)
    assert done.returncode == 0, (words, done.stderr)
    return done


def check_text():
    draft = ["--draft-depth", "1", "--draft-tokens", "2"]
    sampled = ["--temperature", "0.9", "--seed", "3", "--device-memory", "150000"]
    for options, places in (([], (SOME, ["--on", f"{DEVICE}:3", "--on", "model:0,1"])),
                            (sampled, (["--device", DEVICE, "--on", "model:1-3"], ["--on", f"{DEVICE}:2", *draft]))):
        words = [*RUN, "--max-tokens", "4", *options]
        alone = run(*words).stdout
        for on in places:
            assert run(*words, *on).stdout == alone, (options, on)


def check_figures():
    """Each device has its layers, its bytes and its cycles."""
    words = [*RUN, "--max-tokens", "2", "--json", "--profile"]
    done = run(*words, *SOME, env=EACH_STEP)
    if DEVICE == "rtl":
        progress = r"^run: token \d+\.\d of \d+ \(\d+ %\), [\d.]+ tokens/s, \d+ s left, rtl [\d.]+ M cycles/s$"
        assert re.search(progress, done.stderr, re.M), done.stderr
    found = json.loads(done.stdout)
    alone = json.loads(run(*words[:-1]).stdout)
    model, other = found["devices"]
    assert found["ids"] == alone["ids"] and "devices" not in alone and "profile" not in found
    assert (model["device"], model["layers"], other["device"], other["layers"]) == ("model", [1, 2], DEVICE, [0, 3])
    assert "profile" not in model and "cycles" not in found and other["cycles"] > 100000 > model["cycles"]
    assert model["weight_bytes"] == alone["weight_bytes"] / 2
    # rtl streams the weights once for fewer vectors than model.
    prompt, fed = found["prompt_tokens"], found["tokens_fed"]
    assert PASS < prompt < 2 * PASS, prompt
    passes = 2 + fed - prompt
    assert other["weight_bytes"] % (model["weight_bytes"] / passes) == 0 and other["weight_bytes"] > model["weight_bytes"]
    assert found["weight_bytes"] == model["weight_bytes"] + other["weight_bytes"]
    assert 0.4 < other["uploaded_bytes"] / alone["uploaded_bytes"] < 0.6
    assert found["uploaded_bytes"] == model["uploaded_bytes"] + other["uploaded_bytes"]
    profile = other["profile"]
    stages = {stage["stage"]: stage for stage in profile["stages"]}
    assert stages["softmax"]["commands"] == 2 * profile["tokens"] == 2 * found["tokens_fed"]
    assert 0.85 < profile["cycles"] / other["cycles"] < 1
    said = run("run", PACKED, "--prompt", "The", "--max-tokens", "1", *SOME).stderr
    assert f" on model+{DEVICE}:0,3, weights resident" in said
    assert "\nmodel: 2 of 4 layers, weights resident" in said and f"\n{DEVICE}:0,3: 2 of 4 layers, weights resident" in said


def check_logits(directory):
    outputs = []
    for on in ([], SOME, ["--on", f"{DEVICE}:1", "--on", "model:3"]):
        run(*LOGITS, "--out", f"{directory}/x.npy", "--taps", f"{directory}/taps", *on)
        outputs.append([open(f"{directory}/{name}", "rb").read() for name in ("x.npy", "taps")])
    assert outputs[0] == outputs[1] == outputs[2]
    run("compare", PACKED, "--taps", f"{directory}/taps", "--devices", "model", "--on", "model:1-2")


def check_stages():
    done = run("compare", PACKED, "--tokens", "280", *SOME, "--on", "model:2", env=EACH_STEP)
    assert re.search(rf"^model\+{DEVICE}:0,3\+model:2: position 1\.0 of 1 \(100 %\), .* s left, {DEVICE} [\d.]+ M cycles/s$", done.stderr, re.M)
    assert re.search(r"^model: position 1\.0 of 1 \(100 %\), .* s left$", done.stderr, re.M)
    said = done.stdout
    assert said.startswith(f"model = model+{DEVICE}:0,3+model:2: ") and said.endswith(" values, 0 differ\n"), said
    assert run("compare", PACKED, "--device", DEVICE, "--on", "model:1", "--layer", "1").stdout.startswith(f"{DEVICE} = {DEVICE}+model:1: ")
    layers = [json.loads(run("layer", PACKED, "--layer", "1", "--context", "20", "--json", *on).stdout)
              for on in ([], SOME, OTHERS)]
    assert [layer["device"] for layer in layers] == ["model", "model", DEVICE]
    assert layers[0]["results"] == layers[1]["results"] == layers[2]["results"]
    assert layers[2]["cycles"] > layers[2]["limit_cycles"] and "cycles" not in layers[1]
    # A device that runs no command has only the cycles of its start, in the seconds of its start.
    said = run("layer", PACKED, "--layer", "1", "--on", f"{DEVICE}:0", env=EACH_STEP).stderr
    assert float(re.search(rf"{DEVICE} ([\d.]+) M cycles/s", said)[1]) < (100 if DEVICE == "rtl" else 10000), said


def check_chat():
    words, lines = ["chat", TINY, "--max-tokens", "3", "--temperature", "0"], "The cat\nand the dog\n"
    assert run(*words, input=lines).stdout == run(*words, *OTHERS, input=lines).stdout


with tempfile.TemporaryDirectory() as scratch:
    check_text()
    check_figures()
    check_logits(scratch)
    check_stages()
    check_chat()
