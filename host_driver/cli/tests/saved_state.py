# SPDX-License-Identifier: Apache-2.0
"""--save-state and --resume: the text and the logits of one run, also after a signal and on another device."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

TERN, TINY = sys.argv[1:]
PACKED = os.path.join(TINY, "packed")
PROMPT = ["--prompt", "The cat Mia"]
LONG = ["--prompt", "The dog Rex and the cat Mia lived in the old barn. The"]  # more tokens than a pass
SAMPLED = ["--temperature", "2.5", "--top-k", "40", "--top-p", "0.95", "--repetition-penalty", "1.1", "--seed", "8"]
SECONDS = 900 # ends a hang; a busy machine is slow


def run(*words, code=0):
    done = subprocess.run([TERN, *words], capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == code, (words, done.returncode, done.stderr)
    return done


def has_rtl():
    return "rtl: needs" not in subprocess.run([TERN, "doctor", "--device", "rtl"], capture_output=True, text=True).stderr


def read(path):
    with open(path, "rb") as file:
        return file.read()


def check_text(first, second, total=20, counts=(1, 7)):
    """first, second: options of the run that stops, after each of `counts` tokens, and of the one that goes on."""
    texts = set()
    for options in ([], SAMPLED):
        whole = run("run", PACKED, *PROMPT, "--max-tokens", str(total), *options).stdout
        texts.add(whole)
        for count in counts:
            run("run", PACKED, *PROMPT, "--max-tokens", str(count), "--save-state", "state", *options, *first)
            more = ["--max-tokens", str(total - count)]
            assert run("run", PACKED, "--resume", "state", *more, *second).stdout == whole, (options, first, second)
    assert len(texts) == 2, "the options change nothing"
    found = json.loads(run("run", PACKED, "--resume", "state", "--max-tokens", str(total - count), "--json", *second).stdout)
    assert found["tokens_fed"] == total - count and "The cat Mia" + found["text"] + "\n" == whole and len(found["ids"]) == total


def check_chain():
    """A file that goes on into itself: in the end the file of one run. A full text needs --max-tokens."""
    run("run", PACKED, *PROMPT, "--max-tokens", "12", "--save-state", "whole")
    run("run", PACKED, *PROMPT, "--max-tokens", "1", "--save-state", "chain")
    for more in (2, 4, 5):
        assert "has all its" in run("run", PACKED, "--resume", "chain", code=1).stderr
        run("run", PACKED, "--resume", "chain", "--max-tokens", str(more), "--save-state", "chain")
    assert read("chain") == read("whole")
    assert run("run", TINY, "--resume", "chain", "--max-tokens", "1").stdout  # the same weights, packed when opened


def check_devices():
    """The same bytes from every device."""
    saved = []
    for device in (["--device", "rtl"], ["--on", "rtl:1"], []):
        run("run", PACKED, *PROMPT, "--max-tokens", "4", "--save-state", "state", *device)
        saved.append(read("state"))
    assert saved[0] == saved[1] == saved[2]
    check_text(["--device", "rtl", "--device-memory", "150000"], [], 8, [3])
    check_text([], ["--on", "rtl:0,2"], 8, [3])
    assert run("compare", PACKED, "--resume", "state", "--tokens", "5,6").stdout.endswith(" values, 0 differ\n")


def check_logits(second):
    ids = [str(17 * i % 512) for i in range(23)]
    run("logits", PACKED, "--tokens", ",".join(ids), "--out", "whole.npy")
    run("logits", PACKED, "--tokens", ",".join(ids[:19]), "--out", "a.npy", "--save-state", "state")
    run("logits", PACKED, "--resume", "state", "--tokens", ",".join(ids[19:]), "--out", "b.npy", *second)
    assert read("whole.npy")[128:] == read("a.npy")[128:] + read("b.npy")[128:]
    assert "all its 19 tokens are fed" in run("logits", PACKED, "--resume", "state", "--out", "b.npy", code=1).stderr
    assert "no text to go on" in run("run", PACKED, "--resume", "state", code=1).stderr
    # A text of tern run: the token that waits is fed.
    run("run", PACKED, *PROMPT, "--max-tokens", "3", "--save-state", "state", "--draft-depth", "1")
    shape = read_shape(run("logits", PACKED, "--resume", "state", "--tokens", "4,5", "--out", "b.npy"))
    assert shape == 3, shape


def read_shape(_):
    return eval(read("b.npy")[10:128])["shape"][0]


def stopped(words, number, position):
    """Runs until stderr has named a token or position from `position` on, sends the signal, gives (stdout, stderr, exit code)."""
    program = subprocess.Popen([TERN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    said = b""
    while program.poll() is None and not any(int(at) >= position for at in re.findall(rb"(?:token|position) (\d+)\.", said)):
        said += program.stderr.read(16)
    program.send_signal(number)
    out, rest = program.communicate(timeout=SECONDS)
    return out, said + rest, program.returncode


def check_signals():
    """rtl is so slow that the signal arrives in the text, or in the prompt."""
    for prompt, number, position, code in ((PROMPT, signal.SIGINT, 7, 130), (LONG, signal.SIGTERM, 0, 143)):
        whole = run("run", PACKED, *prompt, "--max-tokens", "16").stdout
        words = ["run", PACKED, *prompt, "--max-tokens", "16", "--save-state", "stopped", "--device", "rtl"]
        out, said, got = stopped(words, number, position)
        assert got == code and b"interrupted after" in said and b"tokens of text saved in stopped" in said, (got, said)
        assert whole.startswith(out.decode()[:-1]) and len(out) < len(whole)
        assert run("run", PACKED, "--resume", "stopped").stdout == whole, (out, said)
        assert not os.path.exists("stopped.partial")
    ids = ",".join(str(17 * i % 512) for i in range(60))
    run("logits", PACKED, "--tokens", ids, "--out", "whole.npy")
    words = ["logits", PACKED, "--tokens", ids, "--out", "a.npy", "--save-state", "stopped", "--on", "rtl:0-3"]
    _, said, got = stopped(words, signal.SIGTERM, 32)
    assert got == 143 and b"32 of 60 tokens are fed, saved in stopped" in said, (got, said)
    run("logits", PACKED, "--resume", "stopped", "--out", "b.npy")
    assert read("whole.npy")[128:] == read("a.npy")[128:] + read("b.npy")[128:] and len(read("a.npy")) == 128 + 32 * 2048


def refused(says, *words):
    done = run(*words, code=1)
    assert done.stderr.count("\n") == 1 and says in done.stderr and done.stdout == "", (says, done)


def check_refused():
    run("run", PACKED, *PROMPT, "--max-tokens", "5", "--save-state", "good")
    good = read("good")
    for name, data, says in (("cut", good[:-1], f"has {len(good) - 1} bytes, a saved state of {len(good)} was written"),
                             ("short", good[:60], "cut in its first"), ("empty", b"", "not a saved state"),
                             ("text", b"The cat Mia was grey", "not a saved state"),
                             ("flipped", good[:5000] + bytes([good[5000] ^ 1]) + good[5001:], "damaged")):
        with open(name, "wb") as file:
            file.write(data)
        for words in (["run", PACKED], ["logits", PACKED, "--tokens", "1", "--out", "x.npy"]):
            refused(f"{name}: {says}", *words, "--resume", name, "--save-state", "good")
        assert read(name) == data and not os.path.exists("x.npy")
    run("quantize", TINY, "shallow", "--depth", "2")
    refused("good: saved with another model: its identity is", "run", "shallow", "--resume", "good")
    shutil.copytree(PACKED, "ended")
    last = json.loads(run("run", PACKED, *PROMPT, "--max-tokens", "5", "--json").stdout)["ids"][-1]
    with open("ended/generation_config.json", "w") as file:
        json.dump({"eos_token_id": last}, file)
    refused("good: its text has ended with a stop token", "run", "ended", "--resume", "good", "--max-tokens", "3")
    refused("nowhere/x: cannot be written", "run", PACKED, *PROMPT, "--save-state", "nowhere/x")
    assert read("good") == good


with tempfile.TemporaryDirectory() as scratch:
    TERN, TINY, PACKED = (os.path.abspath(path) for path in (TERN, TINY, PACKED))
    os.chdir(scratch)
    check_text([], [])
    check_text(["--draft-depth", "1"], ["--draft-depth", "2", "--device-memory", "150000", "--on", "model:0,3"])
    check_chain()
    check_logits([])
    check_refused()
    if has_rtl():
        check_devices()
        check_logits(["--on", "rtl:2"])
        check_signals()
