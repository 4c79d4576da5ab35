# SPDX-License-Identifier: Apache-2.0
"""usage: make_checkpoint.py TERN MAKE_CHECKPOINT"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(os.environ["TERN_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "host_driver/model/tests"), str(SOURCE / "spec/tests")]
import checkpoint_maker
from spec_constants import TOO_DEEP

TERN, MAKE = sys.argv[1:3]
CONFIG = SOURCE / "testvectors/configs/qwen2.5-0.5b.json"
SMALL = ["--vocabulary", "300", "--layers"]


def call(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=900)


def make(out, *options):
    done = call(MAKE, CONFIG, out, *options)
    assert done.returncode == 0, done.stderr
    tensors, _ = checkpoint_maker.read_directory(out)
    return tensors


def check_reproducible(directory, *form):
    one = make(directory / "one", *form, *SMALL, 1, "--threads", 1)
    two = make(directory / "two", *form, *SMALL, 2, "--threads", 3, "--shard-bytes", 9000000)
    other = make(directory / "other", *form, *SMALL, 1, "--seed", 1)
    assert len(list((directory / "two").glob("*.safetensors"))) > 1
    for name, tensor in one.items():
        assert two[name] == tensor, f"{name} depends on threads, layers or shards"
        assert name.endswith(".steps") or other[name] != tensor, f"{name} does not depend on the seed"
    first = "model.layers.0.mlp.up_proj.weight" + (".trits" if form else "")
    assert two[first] != two[first.replace("layers.0", "layers.1")], "two layers are alike"
    data = one[first][2]
    places = range(0, len(data) - 64, 1 << 14)
    assert len({data[at:at + 64] for at in places}) == len(places), "two places of a tensor are alike"


def check_packed(directory):
    done = call(TERN, "inspect", directory / "two", "--json")
    assert done.returncode == 0, done.stderr
    done = call(TERN, "run", directory / "two", "--prompt", "hi", "--max-tokens", 2, "--device", "model")
    assert done.returncode == 0 and done.stdout.startswith("hi"), done.stderr


def check_resume(directory):
    command = [MAKE, str(CONFIG), str(directory / "killed"), "--packed", *SMALL, "2"]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    journal = directory / "killed.partial/tern.journal"
    while running.poll() is None and not (journal.exists() and len(journal.read_text().split("\n")) > 4):
        time.sleep(0.002)
    running.send_signal(signal.SIGKILL)
    running.wait()
    make(directory / "killed", "--packed", *SMALL, 2)
    make(directory / "whole", "--packed", *SMALL, 2)
    for file in (directory / "whole").iterdir():
        assert file.read_bytes() == (directory / "killed" / file.name).read_bytes(), file.name


def check_refused(directory):
    bad = directory / "bad.json"
    for change, word in (({"architectures": ["GemmaForCausalLM"]}, "Gemma"), ({"hidden_size": -1}, "hidden_size"),
                         ({"vocab_size": 100}, "vocab")):
        bad.write_text(json.dumps({**json.loads(CONFIG.read_text()), **change}))
        done = call(MAKE, bad, directory / "out", "--layers", 1)
        assert done.returncode == 1 and word in done.stderr, done.stderr
    for options in (["--layers", 0], ["--depth", TOO_DEEP], ["--dtype", "F64"], ["--vocabulary", 256], ["--seed", -1]):
        assert call(MAKE, CONFIG, directory / "out", *options).returncode == 2, options
    assert not list(directory.glob("out*"))


with tempfile.TemporaryDirectory() as top:
    for part, check in (("plain", check_reproducible), ("packed", lambda path: check_reproducible(path, "--packed"))):
        Path(top, part).mkdir()
        check(Path(top, part))
    check_packed(Path(top, "packed"))
    check_resume(Path(top))
    check_refused(Path(top))
