# SPDX-License-Identifier: Apache-2.0
"""Programs that start without descriptors 0 to 2 write the same files. A reader that has gone ends them at once, also
when they inherit SIGPIPE as ignored."""
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import termios
import time

TERN, MAKE_CHECKPOINT, VECTORS = sys.argv[1:]
TINY = f"{VECTORS}/tiny"
SUBSETS = [], [2], [0, 2], [0, 1, 2]
F_SETPIPE_SZ = 1031


def close(descriptors):
    for descriptor in descriptors:
        os.close(descriptor)


def contents(path):
    """The bytes of a file, or of each file of a directory; None without either."""
    path = pathlib.Path(path)
    if not path.exists():
        return None
    return path.read_bytes() if path.is_file() else {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def check_closed(directory, name, words):
    """words: with None in place of the output."""
    wanted = None
    for closed in SUBSETS:
        out = f"{directory}/{name}{''.join(map(str, closed))}"
        command = [out if word is None else word for word in words]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              preexec_fn=lambda closed=closed: close(closed), timeout=900)
        # Text that has no place to go to is a failure. The output is then whole or absent.
        assert done.returncode == 0 or (1 in closed and done.returncode == 1), (command, closed, done)
        wanted = contents(out) if wanted is None else wanted
        found = contents(out)
        assert found == wanted or (done.returncode and not found), f"{name}: another file without {closed}"


def check_lost_text():
    """Text that has no descriptor to go to is a failure."""
    done = subprocess.run([TERN, "tokenize", TINY, "a"], preexec_fn=lambda: close([1]), stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"standard output cannot be written" in done.stderr, done
    done = subprocess.run([TERN, "tokenize", TINY, "-"], preexec_fn=lambda: close([0]), capture_output=True)
    assert done.returncode == 1 and b"standard input cannot be read" in done.stderr, done


def start(words, action, room):
    """A program that has written `room` bytes and waits, because its output, a pipe, is full. (it, the reader's end)"""
    reader, writer = os.pipe()
    size = fcntl.fcntl(writer, F_SETPIPE_SZ, 4096)
    os.write(writer, bytes(size - room))
    run = subprocess.Popen([TERN, *words], stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.PIPE,
                           restore_signals=False, preexec_fn=lambda: signal.signal(signal.SIGPIPE, action))
    os.close(writer)
    waiting = bytearray(4)
    while int.from_bytes(waiting, sys.byteorder) < size:
        fcntl.ioctl(reader, termios.FIONREAD, waiting)
        time.sleep(0.001)
    return run, reader


def check_gone(words, given=b"", room=0):
    """The reader closes its end when the program has written `room` bytes, or before."""
    for is_ignored in (False, True):
        run, reader = start(words, signal.SIG_IGN if is_ignored else signal.SIG_DFL, room)
        os.close(reader)
        said = run.communicate(given, timeout=900)[1]
        if is_ignored:
            assert run.returncode == 1 and b"standard output cannot be written: Broken pipe" in said, (words, run.returncode, said)
        else:
            assert run.returncode == -signal.SIGPIPE, (words, run.returncode, said)
        assert b" fed in " not in said and b"100 tokens" not in said, (words, said)


with tempfile.TemporaryDirectory() as scratch:
    check_closed(scratch, "quantize", [TERN, "quantize", TINY, None])
    check_closed(scratch, "export", [TERN, "export", f"{TINY}/packed", None])
    check_closed(scratch, "import", [TERN, "import", f"{scratch}/export", None])
    check_closed(scratch, "logits", [TERN, "logits", TINY, "--tokens", "280,299", "--out", None])
    check_closed(scratch, "layer", [TERN, "layer", f"{TINY}/packed", "--layer", "1", "--out", None])
    check_closed(scratch, "state", [TERN, "run", TINY, "--prompt", "The", "--max-tokens", "4", "--save-state", None])
    config = f"{VECTORS}/tiny/config.json"
    check_closed(scratch, "checkpoint", [MAKE_CHECKPOINT, config, None, "--vocabulary", "512"])
    check_lost_text()
    check_gone(["run", TINY, "--prompt", "The", "--max-tokens", "200"], room=3)
    check_gone(["chat", TINY, "--max-tokens", "200"], b"The cat Mia\nThe cat Mia\n")
    check_gone(["layer", f"{TINY}/packed", "--layer", "1", "--positions", "200"])
