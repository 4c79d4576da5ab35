# SPDX-License-Identifier: Apache-2.0
"""usage: terminal.py TERN CHECKPOINT [DEVICE]

The commands on a terminal of 80 x 24: text and prompt whole, progress with an estimate, and nothing of it left at the end.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import pyte
from emulator import COLUMNS, Screen, Session, wrapped

TERN, TINY = sys.argv[1:3]
DEVICE = sys.argv[3] if len(sys.argv) > 3 else "model"
STATUS = re.compile(rb"\x1b\[K([^\x1b\r\n]+)\x1b8|\r([^\x1b\r\n]+)\x1b\[K")
PROGRESS = re.compile(r"^(run|chat): token ([\d.]+) of (\d+) \(\d+ %\)(, [\d.]+ tokens/s, \d+ (s|min) left)?")
FIGURES = re.compile(r"^\d+ tokens of prompt, ")
STORY = "The cat Mia"
LONG_STORY = "The cat Mia was"
# Texts that end before, at and behind the last column, and one longer than the screen.
PROMPTS = [*["x" * length for length in (78, 79, 80, 81)], "line\n" * 30 + STORY, "\u65e5" * 40, "a\tb\n" + "x" * 80 + "\n"]


def run_words(prompt=STORY, *options):
    return [TERN, "run", TINY, "--prompt", prompt, "--max-tokens", "30" if prompt == LONG_STORY else "6", "--device", DEVICE, *options]


def plain(prompt=STORY, *options):
    """The text that a pipe gets."""
    return subprocess.run(run_words(prompt, *options), capture_output=True, check=True).stdout.decode()


def statuses(raw):
    return [(below or in_place).decode() for below, in_place in STATUS.findall(raw) if below or in_place]


def check_progress(lines, command, prompt_tokens):
    """There are lines of progress, none too wide, and one after the first new token has an estimate."""
    assert lines, "no progress"
    late = False
    for line in lines:
        assert len(line) < COLUMNS, f"{len(line)} columns: {line}"
        found = PROGRESS.match(line)
        assert found and found[1] == command, line
        late = late or (found[4] and float(found[2]) > prompt_tokens)
    assert late, f"no estimate after the first new token, the last is {lines[-1]}"


def check_figures(lines):
    assert len(lines) > 1 and FIGURES.match(lines[0]) and re.match(r"\d+ tokens fed in ", lines[1]), lines
    assert not [line for line in lines if "left" in line or "token " in line], lines


def prompt_tokens(prompt):
    ids = subprocess.run([TERN, "tokenize", TINY, prompt], capture_output=True, check=True).stdout
    return ids.count(b",") + 1


def case_run(prompt, above, *options):
    """The text at each status, and at the end, is what a pipe gets, with the status below it."""
    text = plain(prompt, *options)
    shown = wrapped(text.replace("\t", " " * 7))
    looks = []

    def look(screen):
        looks.append(screen)
        if len(looks) % 29:
            return
        lines = screen.shown()[above:]
        if lines and PROGRESS.match(lines[-1]):
            lines.pop()
        while lines and not lines[-1]:
            lines.pop()
        assert len(lines) <= len(shown), lines
        assert lines[:-1] == shown[:len(lines) - 1] and shown[len(lines) - 1].startswith(lines[-1]) if lines else True, (lines, shown)

    session = Session(run_words(prompt, *options), above=above)
    assert session.end(look) == 0
    lines = session.screen.shown()
    assert lines[:above] == ["above"] * above, lines
    rest = lines[above:]
    # The figures follow the line end of the text.
    assert rest[:len(shown) - 1] == shown[:-1], (rest, shown)
    check_figures(rest[len(shown) - 1:])
    check_progress(statuses(session.raw), "run", prompt_tokens(prompt))


def case_apart(stdout_kind):
    """stdout a file or a pipe, stderr a terminal."""
    with tempfile.TemporaryFile() as file:
        session = Session(run_words(), stdout=file if stdout_kind == "file" else subprocess.PIPE)
        assert session.end() == 0
        file.seek(0)
        got = (file if stdout_kind == "file" else session.process.stdout).read().decode()
    assert got == plain(), got
    check_figures(session.screen.shown())
    check_progress(statuses(session.raw), "run", prompt_tokens(STORY))


def logged(data):
    """Lines of progress, and the others, of a log."""
    text = data.decode()
    assert "\r" not in text and "\x1b" not in text, text[:300]
    lines = text.splitlines()
    return [line for line in lines if PROGRESS.match(line)], [line for line in lines if not PROGRESS.match(line)]


def case_log():
    """stderr a file, stdout a terminal."""
    with tempfile.TemporaryFile() as file:
        session = Session(run_words(), stderr=file)
        assert session.end() == 0
        file.seek(0)
        progress, others = logged(file.read())
    assert session.screen.shown() == [line for line in wrapped(plain()) if line], session.screen.shown()
    check_figures(others)
    check_progress(progress, "run", prompt_tokens(STORY))


def case_calm_log():
    """Without TERN_PROGRESS_SECONDS a short run has no line of progress in a log."""
    environment = {name: value for name, value in os.environ.items() if name != "TERN_PROGRESS_SECONDS"}
    done = subprocess.run(run_words(), capture_output=True, check=True, env=environment)
    progress, others = logged(done.stderr)
    assert len(progress) < 30, progress
    check_figures(others)


def case_one_file():
    """stdout and stderr the same file: first the progress, then the whole text."""
    with tempfile.TemporaryFile() as file:
        session = Session(run_words(), stdout=file, stderr=file)
        assert session.end() == 0
        file.seek(0)
        progress, others = logged(file.read())
    text = plain().splitlines()
    assert others[:len(text)] == text, others
    check_figures(others[len(text):])
    check_progress(progress, "run", prompt_tokens(STORY))


def case_dumb(terminal):
    """A terminal without escape sequences gets whole lines."""
    session = Session(run_words(), TERM=terminal)
    assert session.end() == 0
    progress, others = logged(session.raw.replace(b"\r\n", b"\n"))
    text = plain().splitlines()
    assert others[:len(text)] == text, others
    check_progress(progress, "run", prompt_tokens(STORY))


def case_json():
    session = Session(run_words(STORY, "--json"))
    assert session.end() == 0
    assert session.screen.shown()[0].startswith('{"text":'), session.screen.shown()
    check_progress(statuses(session.raw), "run", prompt_tokens(STORY))


def case_chat():
    session = Session([TERN, "chat", TINY, "--device", DEVICE, "--max-tokens", "40"])
    asked = re.compile(rb"> $")
    answers = []
    for line in ("The cat Mia", "What is 3 plus 4?", "/exit"):
        session.read_to(asked)
        session.write(line.encode() + b"\n")
    assert session.end() == 0
    with subprocess.Popen([TERN, "chat", TINY, "--device", DEVICE, "--max-tokens", "40"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as other:
        answers = other.communicate(b"The cat Mia\nWhat is 3 plus 4?\n")[0].decode()
    first, second, _ = answers.split("\n")
    shown = [line for text in ("> " + first, "> " + second, "> ") for line in wrapped(text)]
    assert session.screen.shown() == [line.rstrip() for line in shown], (session.screen.shown(), shown)
    check_progress(statuses(session.raw), "chat", 20)


def case_interrupt(command):
    """The answer to Ctrl-C comes at once, in words."""
    words = [TERN, command, TINY, "--device", DEVICE, "--temperature", "60", "--max-tokens", "240"]
    session = Session(words + (["--prompt", STORY] if command == "run" else []))
    if command == "chat":
        session.read_to(re.compile(rb"> $"))
        session.write(b"The cat Mia\n")
    session.read_to(re.compile(rb"token [3-9]"))
    session.write(b"\x03")
    if command == "chat":
        session.read_to(re.compile(rb"\(stopped\)"))
        session.write(b"/exit\n")
    code = session.end()
    assert code == (130 if command == "run" else 0), code
    assert f"tern {command}: stopping after this stage; Ctrl-C again ends at once\r\n".encode() in session.raw, session.raw[-600:]


def case_end(says, output, *words):
    """Ctrl-C ends other commands at once, with a sentence."""
    session = Session([TERN, *words], is_full=True)
    while not os.path.exists(output):
        time.sleep(0.01)
    session.process.send_signal(signal.SIGINT)
    code = session.end()
    assert code == -signal.SIGINT, code
    assert session.screen.shown()[-1] == says, session.screen.shown()[-5:]


def case_end_at_prompt():
    session = Session([TERN, "chat", TINY])
    session.read_to(re.compile(rb"> $"))
    session.write(b"\x03")
    assert session.end() == -signal.SIGINT
    assert session.screen.shown()[-1] == "tern chat: ended by Ctrl-C", session.screen.shown()


def case_ignored():
    """Where a shell ignores Ctrl-C, so does a command."""
    session = Session(["sh", "-c", 'trap "" INT; exec "$@"', "sh", TERN, "compare", TINY, "--devices", "model,model", "--tokens",
                       ",".join(["300"] * 64)])
    session.read_to(re.compile(rb"position [1-9]"))
    session.write(b"\x03")
    assert session.end() == 0
    assert len([line for line in session.screen.shown() if line.startswith("tern compare: ")]) == 1, session.screen.shown()


def check_cut_sequence(raw, notice):
    """Ctrl-C may drop the end of a status and of its escape sequence. The notice has a line of its own all the same."""
    answer = re.search(rb"[^ -~]*\x1b\[K" + notice, raw)
    screen = Screen()
    pyte.ByteStream(screen).feed(b"\rstatus\x1b" + answer[0])
    assert screen.shown()[-1] == notice.decode(), screen.shown()


def case_compare_interrupt(work, *options):
    """What was found up to Ctrl-C is said: also the first difference."""
    model, taps = os.path.join(work, "model"), os.path.join(work, "taps")
    tokens = ",".join(map(str, range(300, 364)))
    subprocess.run([TERN, "logits", TINY, "--tokens", tokens, "--taps", taps], capture_output=True, check=True)
    shutil.copytree(TINY, model, dirs_exist_ok=True)
    with open(os.path.join(TINY, "config.json")) as file:
        config = json.load(file)
    with open(os.path.join(model, "config.json"), "w") as file:
        json.dump(config | {"rms_norm_eps": 1e-3}, file)
    with tempfile.TemporaryFile("w+") as out:
        session = Session([TERN, "compare", model, "--taps", taps, "--devices", "model", *options], stdout=out)
        session.read_to(re.compile(rb"position [1-9]"))
        session.write(b"\x03")
        assert session.end() == 130, session.screen.shown()
        out.seek(0)
        found = out.read()
    lines = session.screen.shown()
    assert "tern compare: stopping after this stage; Ctrl-C again ends at once" in lines, lines
    check_cut_sequence(session.raw, b"tern compare: stopping")
    assert lines[-1] == "tern compare: interrupted after 0 of 64 tokens", lines
    assert [line for line in lines if line.startswith("tern compare: the first difference is in layer 0, position 0, ")], lines
    if options:
        figures = json.loads(found)
        assert figures["interrupted"] and not figures["stopped"] and figures["differ"] and figures["first"]["layer"] == 0
    else:
        assert re.search(r"\n\S+ != model up to the interrupt: \d+ values, \d+ differ\n$", found), found


def check_width(raw):
    lines = [line.strip("\r") for line in STATUS.sub(b"", raw).replace(b"\x1b[K", b"").decode().split("\n")]
    assert max(map(len, lines)) <= COLUMNS, [line for line in lines if len(line) > COLUMNS]


def case_lines(says, *words):
    """A command whose status is rewritten in place: the status is seen, then gone, and no line wraps."""
    session = Session([TERN, *words])
    assert session.end() == 0, session.screen.shown()
    seen = statuses(session.raw)
    assert [line for line in seen if re.search(says, line)], (seen[-3:], session.screen.shown())
    assert max(map(len, seen)) < COLUMNS
    lines = session.screen.shown()
    assert not [line for line in lines if "left" in line or line.endswith("%)")], lines
    check_width(session.raw)


def case_width(*words):
    """No line of the output is wider than the terminal."""
    session = Session([TERN, *words], TERN_PROGRESS_SECONDS="1000")
    assert session.end() == 0, session.screen.shown()
    check_width(session.raw)
    assert session.screen.shown()


def case_help():
    """Lines of at most 80 columns, for each command; no word of the text is lost."""
    overview = subprocess.run([TERN, "--help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  ([a-z]+) ", overview, re.M)
    assert len(commands) >= 13, commands
    for words in ([], *([command] for command in commands)):
        shown = subprocess.run([TERN, *words, "--help"], capture_output=True, text=True, check=True).stdout
        assert max(map(len, shown.split("\n"))) <= COLUMNS, [line for line in shown.split("\n") if len(line) > COLUMNS]
        assert shown.startswith("usage: tern"), shown


def case_long_name(work):
    """A tensor whose name is wider than the terminal is shown whole."""
    model = shutil.copytree(os.path.join(TINY, "packed"), os.path.join(work, "long"))
    path = os.path.join(model, "model.safetensors")
    with open(path, "rb") as file:
        data = file.read()
    name = "model." + "long_name_" * 12
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    header[name] = header.pop("model.norm.weight")
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 64 + 56)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data[8 + size:])
    session = Session([TERN, "inspect", model])
    assert session.end() == 0, session.screen.shown()
    check_width(session.raw)
    assert name in "".join(session.screen.shown()), session.screen.shown()


def case_verdict():
    shown = subprocess.run([TERN, "doctor"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"\ndoctor: model is well: 6 checks passed\n$", shown), shown


def cases(work):
    packed = os.path.join(work, "packed")
    for prompt in PROMPTS:
        yield case_run, prompt, 23
    for above in (0, 23):
        yield case_run, LONG_STORY, above
    yield case_run, STORY, 22, "--draft-depth", "2"
    for kind in ("file", "pipe"):
        yield case_apart, kind
    for terminal in ("dumb", ""):
        yield case_dumb, terminal
    for case in (case_log, case_calm_log, case_one_file, case_json, case_chat):
        yield (case,)
    for command in ("run", "chat"):
        yield case_interrupt, command
    for command, rest in (("quantize", "the same command goes on from there"),
                          ("export", "OUT.partial is incomplete, begin again")):
        source, output = os.path.join(TINY, "packed" if command == "export" else ""), os.path.join(work, "ended")
        partial = output + ".partial"
        yield case_end, f"tern {command}: ended by Ctrl-C; {rest}", os.path.join(partial, "tern.journal"), command, source, output
        shutil.rmtree(partial)
    for case in (case_end_at_prompt, case_ignored):
        yield (case,)
    yield case_compare_interrupt, work
    yield case_compare_interrupt, work, "--json"
    bytes_left = r"^{}: [\d.]+ of [\d.]+ MB \(\d+ %\), [\d.]+ MB/s, \d+ s left$"
    position = r"^{}: position [\d.]+ of \d+ \(\d+ %\), [\d.]+ positions/s, \d+ s left"
    yield case_lines, bytes_left.format("quantize"), "quantize", TINY, packed
    yield case_lines, bytes_left.format("export"), "export", packed, os.path.join(work, "exported")
    yield case_lines, bytes_left.format("import"), "import", os.path.join(work, "exported"), os.path.join(work, "again")
    yield case_lines, bytes_left.format("inspect"), "inspect", packed, "--source", TINY
    yield case_lines, position.format("model"), "compare", packed, "--devices", "model,model", "--tokens", "1,2,3,4"
    yield case_lines, position.format("model"), "logits", packed, "--tokens", "1,2,3", "--out", os.path.join(work, "x.npy")
    yield case_lines, position.format("model"), "layer", packed, "--layer", "1", "--positions", "2"
    yield case_help,
    yield case_verdict,
    yield case_long_name, work
    yield case_width, "bench", packed, "--max-tokens", "2"
    for device in ("model", "rtl", "vp"):
        if subprocess.run([TERN, "doctor", "--device", device], capture_output=True).returncode == 0:
            yield case_width, "doctor", "--device", device
            yield case_width, "layer", packed, "--layer", "1", "--device", device
            yield case_width, "compare", packed, "--devices", f"model,{device}"
            yield case_width, *run_words("a")[1:], "--device", device, *(["--profile"] if device != "model" else [])


def main():
    flaws, count = 0, 0
    with tempfile.TemporaryDirectory() as work:
        for case, *arguments in cases(work):
            count += 1
            try:
                case(*arguments)
            except Exception:
                flaws += 1
                print(case.__name__, arguments, traceback.format_exc(limit=-1)[-900:])
    print(f"{count} cases, {flaws} flaws")
    sys.exit(1 if flaws or count < 40 else 0)


if __name__ == "__main__":
    main()
