# SPDX-License-Identifier: Apache-2.0
"""tern quantize or import killed in the middle: no output, the next run resumes, and the result is the same."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import checkpoint_maker as maker

TERN, VERB = sys.argv[1:]
SIZES = {"hidden": 256, "intermediate": 1024, "layers": 6, "vocabulary": 1024}
ARGUMENTS = ["--threads", "1", "--shard-bytes", "1500000"]


def expect(condition, message):
    if not condition:
        sys.exit(message)


def finished(directory):
    """Names in the journal of an unfinished run."""
    try:
        with open(f"{directory}/out.partial/tern.journal") as file:
            return file.read().split("\n")[1:-1]
    except FileNotFoundError:
        return []


def contents(directory):
    found = {}
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), "rb") as file:
            found[name] = file.read()
    return found


def start(directory, *more):
    return subprocess.Popen([TERN, VERB, f"{directory}/in", f"{directory}/out", *ARGUMENTS, *more],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_after(directory, names):
    """Runs until `names` more tensors are finished, then kills the process without cleanup."""
    before = len(finished(directory))
    process = start(directory)
    deadline = time.monotonic() + 60
    while process.poll() is None and len(finished(directory)) < before + names and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    expect(process.returncode == -signal.SIGKILL, "the run was over before it could be killed")
    expect(not os.path.exists(f"{directory}/out"), "something stands under the final name after a kill")
    return finished(directory)


def mark_finished(directory, name):
    """Changes the data of a finished tensor, which shows whether it is written again."""
    for file in os.listdir(f"{directory}/out.partial"):
        path = f"{directory}/out.partial/{file}"
        if not file.endswith(".safetensors"):
            continue
        with open(path, "rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            header = maker.json.loads(stream.read(length))
        if name in header:
            with open(path, "r+b") as stream:
                stream.seek(8 + length + header[name]["data_offsets"][0])
                stream.write(b"\x55" * 8)
            return
    sys.exit(f"{name}: not found in any shard")


def other_runs_are_refused(directory):
    held = contents(f"{directory}/out.partial")
    for more in ([["--depth", "2"]] if VERB == "quantize" else []) + [["--shard-bytes", "999999"]]:
        process = start(directory, *more)
        _, sentence = process.communicate()
        expect(process.returncode == 1 and "unfinished run" in sentence, f"{more}: {process.returncode} {sentence}")
    os.utime(f"{directory}/in/model.safetensors", (1, 1))  # a changed input
    process = start(directory)
    _, sentence = process.communicate()
    expect(process.returncode == 1 and "another input" in sentence, f"changed input: {sentence}")
    expect(contents(f"{directory}/out.partial") == held, "a refused run changed the unfinished one")


def second_run_is_locked_out(directory):
    first = start(directory)
    while first.poll() is None and not finished(directory):
        time.sleep(0.001)
    first.send_signal(signal.SIGSTOP)
    second = start(directory)
    _, sentence = second.communicate()
    first.send_signal(signal.SIGCONT)
    first.communicate()
    expect(first.returncode == 0, "the first run failed")
    expect(second.returncode == 1 and "another run" in sentence, f"second run: {second.returncode} {sentence}")


def finish(directory):
    process = start(directory)
    _, sentence = process.communicate()
    expect(process.returncode == 0, f"resumed run: {sentence}")
    expect(sorted(os.listdir(directory)) == ["in", "out"], f"left over: {os.listdir(directory)}")
    return contents(f"{directory}/out")


def export_starts_anew(directory):
    """Files of a killed export with other options, longer and more of them, must not be in the output."""
    command = [TERN, "export", f"{directory}/out", f"{directory}/exported"]
    subprocess.run(command, check=True, capture_output=True)
    expected = contents(f"{directory}/exported")
    os.rename(f"{directory}/exported", f"{directory}/exported.partial")
    for name, data in (("tern.journal", b"tern export\n"), ("model-00009-of-00009.safetensors", b"x")):
        with open(f"{directory}/exported.partial/{name}", "wb") as file:
            file.write(data)
    with open(f"{directory}/exported.partial/model.safetensors", "ab") as file:
        file.write(bytes(1000))
    subprocess.run(command, check=True, capture_output=True)
    expect(contents(f"{directory}/exported") == expected, "an export took over what another one left")
    shutil.rmtree(f"{directory}/exported")


def make_input(directory):
    maker.write_checkpoint(f"{directory}/in", **SIZES)
    if VERB == "import":
        for arguments in (["quantize", f"{directory}/in", f"{directory}/packed"],
                          ["export", f"{directory}/packed", f"{directory}/exported"]):
            subprocess.run([TERN, *arguments], check=True, capture_output=True)
        shutil.rmtree(f"{directory}/packed")
        shutil.rmtree(f"{directory}/in")
        os.rename(f"{directory}/exported", f"{directory}/in")


def main():
    with tempfile.TemporaryDirectory() as directory:
        make_input(directory)
        whole = finish(directory)
        expect(len(whole) > 3, f"one shard only: {list(whole)}")
        shutil.rmtree(f"{directory}/out")

        first = kill_after(directory, 3)
        second = kill_after(directory, 12)
        expect(second[:len(first)] == first and len(second) >= len(first) + 12, "finished tensors were done again")
        expect(finish(directory) == whole, "the resumed result differs from the uninterrupted one")
        export_starts_anew(directory)
        shutil.rmtree(f"{directory}/out")

        kill_after(directory, 4)
        name = next(name for name in finished(directory) if not name.endswith("_proj.weight"))
        mark_finished(directory, name)
        expect(finish(directory) != whole, f"{name} was finished and has been done again")
        shutil.rmtree(f"{directory}/out")

        second_run_is_locked_out(directory)
        expect(contents(f"{directory}/out") == whole, "the locked run spoiled the first")
        shutil.rmtree(f"{directory}/out")

        kill_after(directory, 3)
        other_runs_are_refused(directory)
    print(f"{VERB}: killed, resumed, locked and refused as promised")


main()
