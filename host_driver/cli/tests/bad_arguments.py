# SPDX-License-Identifier: Apache-2.0
"""Wrong arguments: each ends soon with one sentence that names the error and exit code 1 or 2, and leaves no file."""
import os
import re
import resource
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["TERN_SOURCE_DIR"], "spec/tests"))
from spec_constants import TOO_DEEP

TERN, TINY = sys.argv[1:3]
PACKED = os.path.join(TINY, "packed")
TAPS = os.path.join(TINY, "taps.safetensors")
SECONDS = 900 # ends a hang; a busy machine is slow
WRONG_USE, FAILED = 2, 1
NOT_A_NUMBER = "is not a number from [0-9]+ to [0-9]+$"
# Every option with a number: below its range, above it, not a number. test_number.c tests the syntax of numbers.
NUMBERS = [
    (f"run {PACKED} --prompt x --max-tokens", ["0", "1000000001", "x"]),
    (f"run {PACKED} --prompt x --depth", ["0", TOO_DEEP, ""]),
    (f"run {PACKED} --prompt x --draft-depth", ["0", TOO_DEEP]),
    (f"run {PACKED} --prompt x --draft-tokens", ["0", "32"]),
    (f"run {PACKED} --prompt x --temperature", ["-0.1", "100.5", "nan"]),
    (f"run {PACKED} --prompt x --top-k", ["-1", "2147483648"]),
    (f"run {PACKED} --prompt x --top-p", ["-0.1", "1.5"]),
    (f"run {PACKED} --prompt x --repetition-penalty", ["-0.1", "100.5"]),
    (f"run {PACKED} --prompt x --threads", ["0", "257"]),
    (f"run {PACKED} --prompt x --device-memory", ["4095", "70368744177665"]),
    (f"run {PACKED} --prompt x --latency", ["0", "10001"]),
    (f"run {PACKED} --prompt x --bandwidth", ["0", "101"]),
    (f"run {PACKED} --prompt x --stalls", ["0", "4294967296"]),
    (f"chat {PACKED} --context", ["0", "32769"]),
    (f"layer {PACKED} --layer", ["-1", "100001", "1x"]),
    (f"layer {PACKED} --layer 0 --positions", ["0", "32769"]),
    (f"layer {PACKED} --layer 0 --context", ["0", "-1", "32769"]),
    (f"layer {PACKED} --layer 0 --seed", ["-1", "18446744073709551616"]),
    (f"layer {PACKED} --layer 0 --depth", ["0", TOO_DEEP]),
    (f"logits {PACKED} --tokens 1 --out OUT/x.npy --depth", ["0", TOO_DEEP]),
    (f"logits {PACKED} --tokens 1 --out OUT/x.npy --device-memory", ["1"]),
    (f"compare {PACKED} --layer", ["-1", "100001"]),
    (f"compare {PACKED} --positions", ["0", "32769"]),
    ("doctor --device-memory", ["1"]),
    ("doctor --bandwidth", ["0", "101"]),
    (f"quantize {TINY} OUT/x --shard-bytes", ["0", "9223372036854775808"]),
]
# Arguments, exit code, words that stderr must contain.
CASES = [
    ("", WRONG_USE, "usage"),
    ("nothing", WRONG_USE, "^tern: no command 'nothing'\n`tern --help` lists the commands\n$"),
    ("run", WRONG_USE, "^tern run: an operand is missing: it takes MODEL\n`tern run --help` lists the options\n$"),
    ("run --foo", WRONG_USE, "^tern run: unrecognized option '--foo'\n`tern run --help` lists the options\n$"),
    ("run /no/where --prompt x", FAILED, "^tern run: /no/where: No such file"),
    (f"inspect {TINY}/config.json", FAILED, "config.json is no directory; a model is one with config.json"),
    (f"run {PACKED} --prompt x --depth 4", FAILED, "stores weights of depth 3, depth 4 was asked for; it takes 1 to 3$"),
    (f"quantize {PACKED} OUT/x --depth 3", FAILED, "is packed already; every command takes it as it is$"),
    (f"quantize {TINY} {PACKED} --depth 3", FAILED, "already exists; name another one, or remove it$"),
    (f"quantize {TINY}", WRONG_USE, "an operand is missing: it takes IN OUT\n"),
    ("bench a b", WRONG_USE, "there is an operand too many: it takes .MODEL.\n"),
    ("doctor a", WRONG_USE, "there is an operand too many: it takes none\n"),
    (f"run {PACKED} --prompt ", FAILED, "the prompt is empty; the text goes on from"),
    (f"run {os.path.dirname(os.path.abspath(__file__))} --prompt x", FAILED, ": no tokenizer; copy tokenizer.json, or vocab.json and merges.txt"),
    (f"run {PACKED} --prompt x --device gpu", WRONG_USE, "no device 'gpu' .there are model, rtl, vp and fpga.$"),
    ("inspect Qwen/Qwen2.5-0.5B", FAILED, "No such file or directory; a model is a local directory with config.json"),
    (f"export {TINY} OUT/x", FAILED, "no packed file; `tern quantize` makes one of a checkpoint$"),
    ("run  --prompt x", WRONG_USE, "the first operand is empty"),
    ("quantize  OUT/x", WRONG_USE, "the first operand is empty"),
    (f"quantize {TINY} ", WRONG_USE, "the name of the output is empty"),
    (f"run {PACKED} --prompt x --draft-tokens 2", WRONG_USE, "--draft-tokens needs --draft-depth"),
    (f"chat {PACKED} --draft-tokens 2", WRONG_USE, "--draft-tokens needs --draft-depth"),
    (f"inspect {PACKED} --depth 2", WRONG_USE, "--depth needs --source"),
    (f"inspect {PACKED} --source {PACKED}", FAILED, "--source .*packed: is packed"),
    (f"run {PACKED} {PACKED} --prompt x", WRONG_USE, "there is an operand too many"),
    (f"run {PACKED}", WRONG_USE, "--prompt is missing"),
    (f"run {PACKED} --prompt", WRONG_USE, "requires an argument"),
    (f"run {PACKED} --prompt x --nothing", WRONG_USE, "^tern run: unrecognized option"),
    (f"run {PACKED} --prompt x --layer 1", WRONG_USE, "unrecognized option"),
    (f"run {PACKED} --prompt-file {TAPS}", FAILED, "the text is not UTF-8"),
    (f"run {PACKED} --prompt x --prompt-file x", WRONG_USE, "--prompt and --prompt-file do not go together"),
    (f"run {PACKED} --prompt-file OUT/x --save-state OUT/x", WRONG_USE, "--save-state and --prompt-file name the same"),
    (f"run {PACKED} --prompt x" + 17 * " --stop x", WRONG_USE, "at most 16 options --stop"),
    (f"run {PACKED} --prompt x --depth 4", FAILED, "depth 4"),
    (f"run {PACKED} --prompt x --device gpu", WRONG_USE, "no device 'gpu'"),
    (f"run {PACKED} --prompt x --device-memory 4096", FAILED, "device memory of 4096 bytes is too small"),
    (f"run {PACKED} --prompt x --device-memory 70000", FAILED, "device memory"),
    ("run /nowhere --prompt x", FAILED, "/nowhere"),
    (f"run {TERN} --prompt x", FAILED, re.escape(TERN)),
    ("bench --top-k 3", WRONG_USE, "without MODEL there are only --depth"),
    ("bench --max-tokens 3", WRONG_USE, "without MODEL there are only --depth"),
    (f"layer {PACKED}", WRONG_USE, "--layer is missing"),
    (f"layer {PACKED} --layer 4", FAILED, "has no layer 4"),
    (f"layer {PACKED} --layer 100000", FAILED, "has no layer 100000"),
    (f"layer {PACKED} --layer 0 --positions 257", FAILED, "257 positions asked for, the model takes 1 to 256"),
    (f"layer {PACKED} --layer 0 --depth 4", FAILED, "depth 4"),
    (f"layer {PACKED} --layer 0 --device-memory 12000", FAILED, "device memory"),
    ("layer /nowhere --layer 0", FAILED, "/nowhere"),
    (f"layer {PACKED} --layer 0 --out /nowhere/x.npy", FAILED, "/nowhere/x.npy: cannot be written: No such file"),
    (f"layer {PACKED} --layer 0 --out OUT", FAILED, "cannot be written: Is a directory"),
    (f"layer {PACKED} --layer 0 --out /dev/full", FAILED, "/dev/full: cannot be written: No space left"),
    (f"logits {PACKED} --out OUT/x.npy", WRONG_USE, "--tokens is missing"),
    (f"logits {PACKED} --tokens 1 --out ", WRONG_USE, "^tern logits: the name of the output is empty"),
    (f"layer {PACKED} --layer 0 --out ", WRONG_USE, "^tern layer: the name of the output is empty"),
    (f"layer {PACKED} --layer 0 --waves OUT/x", FAILED, "^tern layer: model: writes no waveforms"),
    (f"layer {PACKED} --layer 0 --waves-from 0", WRONG_USE, "--waves-from needs --waves"),
    (f"layer {PACKED} --layer 0 --waves OUT/x --waves-cycles 5", WRONG_USE, "--waves-cycles needs --waves-from"),
    (f"run {PACKED} --prompt a --waves OUT/x", FAILED, "model: writes no waveforms"),
    (f"run {PACKED} --prompt a --trace ", FAILED, "the name of the output is empty"),
    (f"run {PACKED} --prompt a --device vp --trace OUT/x --save-state OUT/x", WRONG_USE, "--save-state and --trace name the same file"),
    ("doctor --waves OUT/x", FAILED, "model: writes no waveforms"),
    (f"logits {PACKED} --tokens 1", WRONG_USE, "--out or --taps is missing"),
    (f"run {PACKED} --resume OUT/x --device vp --trace OUT/x", WRONG_USE, "--trace and --resume name the same file"),
    (f"logits {PACKED} --tokens 1 --out OUT/x --taps OUT/x", WRONG_USE, "name the same file"),
    (f"logits {PACKED} --tokens 1 --out OUT/x --save-state OUT/x", WRONG_USE, "--out and --save-state name the same file"),
    (f"logits {PACKED} --tokens 1 --out /dev/full", FAILED, "/dev/full: cannot be written: No space left"),
    (f"logits {PACKED} --tokens 1 --taps /dev/full", FAILED, "/dev/full: cannot be written: No space left"),
    (f"logits {PACKED} --tokens 512 --out OUT/x.npy", FAILED, "token 512 is outside the vocabulary of 512"),
    (f"logits {PACKED} --tokens 1,2,4294967295 --out OUT/x.npy", FAILED, "token 4294967295 is outside the vocabulary"),
    (f"logits {PACKED} --tokens {'1,' * 256}1 --out OUT/x.npy", FAILED, "257 positions asked for, the model takes 1 to 256"),
    (f"logits {PACKED} --tokens {'1,' * 40000}1 --out OUT/x.npy", FAILED, "40001"),
    (f"logits {PACKED} --tokens 1 --out OUT/x.npy --device gpu", WRONG_USE, "no device 'gpu'"),
    (f"compare {PACKED} --devices model", WRONG_USE, "two to eight names with commas between"),
    (f"compare {PACKED} --devices {'m' * 200},model", WRONG_USE, "two to eight names with commas between"),
    (f"compare {PACKED} --devices model{',model' * 8}", WRONG_USE, "two to eight names with commas between"),
    (f"compare {PACKED} --devices model,model,", WRONG_USE, "no device ''"),
    (f"compare {PACKED} --devices model,gpu", WRONG_USE, "no device 'gpu'"),
    (f"compare {PACKED} --devices ,model", WRONG_USE, "no device ''"),
    (f"compare {PACKED} --devices model,model --layer 4", FAILED, "layer 4"),
    (f"compare {PACKED} --devices model,model --tokens 512", FAILED, "token 512 is outside"),
    (f"compare {PACKED} --devices model,model --layer 0 --tokens 1", WRONG_USE, "--tokens and --layer exclude each other"),
    (f"compare {PACKED} --devices model,model --positions 2", WRONG_USE, "--positions needs --layer"),
    (f"compare {PACKED} --devices model,model --context 2", WRONG_USE, "--positions needs --layer, --context too"),
    (f"layer {PACKED} --layer 0 --context 250 --positions 10", FAILED, "260 positions asked for, the model takes 1 to 256"),
    (f"layer {PACKED} --layer 9 --context 20", FAILED, "layer 9 of a model of 4 layers"),
    (f"compare {PACKED} --taps {TAPS} --devices model --positions 2", WRONG_USE, "--positions needs --layer"),
    (f"compare {PACKED} --taps {TAPS} --devices model,model", WRONG_USE, "with --taps one name"),
    (f"compare {PACKED} --taps {TAPS} --tokens 1 --devices model", WRONG_USE, "--taps says itself"),
    (f"compare {PACKED} --taps /nowhere --devices model", FAILED, "/nowhere"),
    (f"compare {PACKED} --taps {PACKED}/model.safetensors --devices model", FAILED, "no file of taps"),
    (f"compare {PACKED} --taps {PACKED}/config.json --devices model", FAILED, "config.json"),
    ("compare /nowhere --devices model,model", FAILED, "/nowhere"),
    ("doctor --device gpu", WRONG_USE, "no device 'gpu'"),
    (f"run {PACKED} --prompt x --top-k 3", WRONG_USE, "^tern run: --top-k and --top-p choose nothing at temperature 0"),
    (f"chat {PACKED} --temperature 0 --top-p 0.5", WRONG_USE, "choose nothing at temperature 0"),
    ("bench MODEL --device abacus", WRONG_USE, "^tern bench: no device 'abacus' .there are model"),
    (f"layer {PACKED} --layer 0 --device ", WRONG_USE, "no device ''"),
    (f"chat {PACKED} --device models", WRONG_USE, "no device 'models'"),
    (f"compare {PACKED} --devices gpu,model", WRONG_USE, "no device 'gpu'"),
    (f"compare {PACKED} --taps {TAPS} --devices gpu", WRONG_USE, "no device 'gpu'"),
    (f"compare {PACKED} --tokens 1,x", WRONG_USE, "ids are numbers with commas between"),
    ("doctor --device-memory 4096", FAILED, "device memory of 4096 bytes is too small"),
    (f"doctor {PACKED}", WRONG_USE, "there is an operand too many"),
    (f"run {PACKED} --resume x --prompt y", WRONG_USE, "--prompt comes from the saved state"),
    (f"run {PACKED} --resume x --seed 0", WRONG_USE, "--seed comes from the saved state"),
    (f"logits {PACKED} --resume x --depth 2 --out OUT/x", WRONG_USE, "--depth comes from the saved state"),
    (f"run {PACKED} --resume ", WRONG_USE, "the name of the saved state is empty"),
    (f"run {PACKED} --prompt x --save-state ", WRONG_USE, "the name of the saved state is empty"),
    (f"run {PACKED} --resume /nowhere/x", FAILED, "^tern run: /nowhere/x: No such file"),
    (f"run {PACKED} --resume {PACKED}/config.json", FAILED, "config.json: not a saved state"),
    (f"run {PACKED} --resume {PACKED}", FAILED, "packed: not a regular file"),
    (f"run {PACKED} --prompt x --save-state OUT", FAILED, "cannot be written: Is a directory"),
    (f"logits {PACKED} --tokens 1 --taps OUT/x --save-state OUT/y", WRONG_USE, "--taps is for all tokens"),
    (f"logits {PACKED} --resume x", WRONG_USE, "--out or --taps is missing"),
    (f"compare {PACKED} --resume x --layer 1", WRONG_USE, "--resume is for tokens, without --taps and --layer"),
    (f"compare {PACKED} --resume x --taps {TAPS} --devices model", WRONG_USE, "--resume is for tokens, without --taps and --layer"),
    (f"run {PACKED} --prompt x --on gpu:1", WRONG_USE, "^tern run: no device 'gpu'"),
    (f"chat {PACKED} --on :1", WRONG_USE, "no device ''"),
    (f"compare {PACKED} --device model", WRONG_USE, "--device needs --on and excludes --devices"),
    (f"compare {PACKED} --device model --devices model,model --on model:1", WRONG_USE, "--device needs --on and excludes"),
    (f"layer {PACKED} --layer 0 --on {'m' * 40}:1", WRONG_USE, "no device 'mmmm"),
    (f"run {PACKED} --prompt x --on model:0-2 --on model:3,1", WRONG_USE, "--on model:3,1: layer 1 is named twice"),
    (f"run {PACKED} --prompt x --on model:1,1", WRONG_USE, "layer 1 is named twice"),
    (f"run {PACKED} --prompt x --on model:3-1", WRONG_USE, "the range 3-1 runs backwards"),
    (f"run {PACKED} --prompt x --on model:4294967296", WRONG_USE, "no model has a layer 4294967296"),
    (f"run {PACKED} --prompt x --on model:{'9' * 30}", WRONG_USE, "no model has a layer"),
    (f"run {PACKED} --prompt x --on model:1-4", FAILED, "--on model:1-4: layer 4 of a model of 4 layers"),
    (f"run {PACKED} --prompt x{''.join(f' --on model:{i}' for i in range(8))}", WRONG_USE, "at most 7 options --on"),
]
CASES += [(f"logits {PACKED} --tokens 1 --out OUT/x.npy --on {text}", WRONG_USE, "--on .*(a device, a colon|layers are numbers or)")
          for text in ("model", "model:", "model:,", "model:1,", "model:,1", "model:1-", "model:-1", "model:x", "model:1;2", "model:+1")]
CASES += [(f"logits {PACKED} --out OUT/x.npy --tokens {text}", WRONG_USE, "ids are numbers with commas between")
          for text in ("-1", "x", ",", "1,", ",1", "1,,2", "1;2", "99999999999999999999", "4294967296", "0x1", "+1")]
CASES += [(f"{command} {number}", WRONG_USE, f"^tern {command.split()[0]}: {command.split()[-1]} {number} {NOT_A_NUMBER}") for command, numbers in NUMBERS for number in numbers]


def arguments(text, out):
    return [part.replace("OUT", out) for part in text.split(" ")] if text else []


def run(words, **more):
    return subprocess.run([TERN, *words], capture_output=True, text=True, timeout=SECONDS, **more)


def flaw(result, code, says):
    """Runs the case; returns the first error, or None."""
    if result.returncode != code:
        return f"exit code {result.returncode}, not {code}"
    if "Sanitizer" in result.stderr or "runtime error" in result.stderr:
        return "a sanitizer complains"
    # The sentence alone, or before the line that points to the help.
    if code == WRONG_USE and result.args[1:] and result.stderr.count("\n") > 2:
        return f"{result.stderr.count(chr(10))} lines of wrong use"
    if not re.search(says, result.stderr):
        return f"stderr does not say '{says}'"
    return None


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def full_disk(out):
    """A file size limit: no new file, and the old file stays."""
    for text in (f"layer {PACKED} --layer 0 --positions 4 --out OUT/x", f"logits {PACKED} --tokens 1,2 --out OUT/x",
                 f"logits {PACKED} --tokens 1 --taps OUT/x"):
        yield text, flaw(run(arguments(text, out), preexec_fn=limit_files), FAILED, "/x: cannot be written: File too large")
        path = os.path.join(out, "x")
        with open(path, "w") as file:
            file.write("before")
        yield text, flaw(run(arguments(text, out), preexec_fn=limit_files), FAILED, "/x: cannot be written: File too large")
        with open(path) as file:
            yield text, None if file.read() == "before" else "the file that stood there is gone"
        os.remove(path)
    for text in (f"layer {PACKED} --layer 0", f"compare {PACKED} --devices model,model", "doctor", f"run {PACKED} --prompt x",
                 "--help", "--version"):
        with open("/dev/full", "w") as full:
            result = subprocess.run([TERN, *text.split()], stdout=full, stderr=subprocess.PIPE, text=True, timeout=SECONDS)
        yield text + " >/dev/full", flaw(result, FAILED, "standard output cannot be written")


def foreign_files(directory):
    """A directory with GGUF files is no model, and one with *.safetensors too is one."""
    open(os.path.join(directory, "model.Q4.gguf"), "w").close()
    yield "run a directory with GGUF", flaw(run(["run", directory, "--prompt", "x"]), FAILED, "has GGUF files, which tern does not read")
    for name in os.listdir(PACKED):
        os.symlink(os.path.abspath(os.path.join(PACKED, name)), os.path.join(directory, name))
    yield "inspect a directory with both", flaw(run(["inspect", directory]), 0, "")


def main():
    flaws, count = [], 0
    with tempfile.TemporaryDirectory() as directory:
        for text, found in foreign_files(directory):
            count += 1
            if found:
                flaws.append(f"{text}: {found}")
    with tempfile.TemporaryDirectory() as out:
        for text, code, says in CASES:
            result = run(arguments(text, out))
            found = flaw(result, code, says)
            found = found or (f"left {os.listdir(out)}" if os.listdir(out) else None)
            if found:
                flaws.append(f"tern {text[:200]}: {found}\n    {result.stderr.strip()[:300]}")
            count += 1
        for text, found in full_disk(out):
            count += 1
            found = found or (f"left {os.listdir(out)}" if set(os.listdir(out)) - {"x"} else None)
            if found:
                flaws.append(f"full disk: tern {text[:200]}: {found}")
    print("\n".join(flaws))
    print(f"{count} cases, {len(flaws)} flaws")
    sys.exit(1 if flaws or count < 190 else 0)


if __name__ == "__main__":
    main()
