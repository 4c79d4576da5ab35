#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tern chat: commands, stop tokens, a full context, Ctrl-C, refusals. Answers must equal those of `tern run` on the whole
# conversation, which tests the cache that is kept between turns.
set -euo pipefail
/usr/bin/python3 - "$1" "$TERN_SOURCE_DIR/testvectors/tiny" <<'PY'
import json, pathlib, shutil, signal, subprocess, sys, tempfile
tern, tiny = sys.argv[1:3]

def chat(lines, *options, model=tiny):
    return subprocess.run([tern, "chat", str(model), *options], input="".join(line + "\n" for line in lines), text=True,
                          capture_output=True, timeout=900)

def answers(*arguments, **named):
    done = chat(*arguments, **named)
    assert done.returncode == 0, done
    return done.stdout.splitlines()

def refused(pattern, *arguments, **named):
    done = chat(*arguments, **named)
    assert 1 <= done.returncode <= 125 and pattern in done.stderr, (pattern, done)
    return done

def run(prompt, *options):
    done = subprocess.run([tern, "run", tiny, "--prompt", prompt, "--max-tokens", "40", "--json", *options], text=True,
                          capture_output=True, timeout=900)
    return json.loads(done.stdout)["text"]

def written_out(lines, given, system=""):
    text = f"<|im_start|>system\n{system}<|im_end|>\n" if system else ""
    for line, answer in zip(lines, [*given, None]):
        text += f"<|im_start|>user\n{line}<|im_end|>\n<|im_start|>assistant\n"
        text += "" if answer is None else f"{answer}<|im_end|>\n"
    return text

lines = ["The cat Mia", "What is 3 plus 4?", "The dog"]
for options, system in (((), ""), (("--system", "Grass is green."), "Grass is green."), (("--device-memory", "500000"), "")):
    got = answers(lines, *options)
    assert len(got) == 3, got
    for turn in range(3):
        expected = run(written_out(lines[:turn + 1], got[:turn], system))
        assert got[turn] == expected, (turn, got[turn], expected)

for options in ((), ("--temperature", "2", "--max-tokens", "20"), ("--context", "60")):
    plain, drafted = chat(lines[:2], *options), chat(lines[:2], *options, "--draft-depth", "2")
    assert plain.stdout == drafted.stdout and plain.returncode == drafted.returncode, (plain, drafted)
first = answers(lines[:1])[0]
assert answers([lines[0], "/reset", lines[0]]) == [first, first]
assert answers([*lines[1:], "/reset", lines[0]])[2:] == [first] # nothing is left of the other conversation
assert answers([lines[0], "/exit", lines[1]]) == [first]
assert answers(["", lines[0], ""]) == [first]           # an empty line is not a turn
assert answers([lines[0] + "\r"]) == [first]            # both kinds of line end
# A message of several lines is one turn, and no command.
for given, message in ((['"""The cat', 'Mia"""'], "The cat\nMia"), (['"""The cat Mia"""'], "The cat Mia"),
                       (['"""', "The cat\r", "", '"""\r'], "\nThe cat\n\n"), (['"""/exit', '"""'], "/exit\n"),
                       (['"""', '"', '""""'], '\n"\n"'), (['The """cat'], 'The """cat')):
    done = chat(given, "--max-tokens", "12")
    expected = run(written_out([message], []), "--max-tokens", "12")
    assert done.returncode == 0 and done.stdout == expected + "\n", (given, done, expected)
for given in (['"""The'], ['"""']):
    refused('the input ends before a line that ends with """', given)
# An answer cut by --max-tokens gets its end token, so that the next turn is right.
cut = answers(lines[:2], "--max-tokens", "3")
assert run(written_out(lines[:2], cut[:1]))[:len(cut[1])] == cut[1], cut
# An answer ends before a stop string, which is no part of the conversation either.
part = first[len(first) // 2:][:5]
cut = answers(lines[:2], "--stop", "no such text", "--stop", part)
assert cut[0] == first[:first.find(part)], (first, part, cut)
assert run(written_out(lines[:2], cut[:1]), "--stop", part) == cut[1], cut
# A seed repeats its draws.
drawn = [answers(lines, "--temperature", "3", "--max-tokens", "20", "--seed", seed) for seed in ("1", "1", "2")]
assert drawn[0] == drawn[1] != drawn[2]

# After two turns the cache is as long as the whole conversation.
two_turns = subprocess.run([tern, "tokenize", tiny, written_out(lines[:2], answers(lines[:2]))], capture_output=True).stdout
refused(f"do not fit after {two_turns.count(b',')} in", [*lines[:2], "word " * 40], "--context", "90") # a last \n comes with the next turn
refused("in a context of 20", ["word " * 40], "--context", "20")
full = refused("/reset begins a new conversation", [*lines, *lines], "--context", "40")
assert answers(lines[:1], "--context", "40")[0] in full.stdout
refused("longer than 1048576", ["x" * 1100000])
refused("the model takes 1 to 256", lines, "--context", "257")
refused("choose nothing at temperature 0", lines, "--top-p", "0.5")
bad = subprocess.run([tern, "chat", tiny], input=b"a\xff\n", capture_output=True, timeout=900)
assert bad.returncode == 1 and b"not UTF-8" in bad.stderr, bad

with tempfile.TemporaryDirectory() as directory:
    model = pathlib.Path(shutil.copytree(tiny, directory + "/model"))
    config = json.loads((model / "tokenizer_config.json").read_text())
    # generation_config.json sets the sampling; options replace it.
    (model / "generation_config.json").write_text('{"do_sample": true, "temperature": 3.0, "top_k": 40, "eos_token_id": 509}')
    assert answers(lines, "--max-tokens", "20", model=model) != answers(lines)
    assert answers(lines[:1], "--temperature", "0", model=model) == [first] # <|im_end|> ends an answer though no eos_token_id
    for template, said in ((None, "has no chat_template"), ("[INST]", "does not write the user's message"), ("{{ 1.5 }}", "line 1: a number with a fraction")):
        config["chat_template"] = template
        (model / "tokenizer_config.json").write_text(json.dumps(config))
        refused(said, lines, model=model)

# A template may change earlier answers: the cache is fed again from there.
with tempfile.TemporaryDirectory() as directory:
    model = pathlib.Path(shutil.copytree(tiny, directory + "/model"))
    turn = "<|im_start|>{{ m.role }}\n{{ m.content | trim | replace('grey', 'red') if m.role == 'assistant' else m.content }}<|im_end|>\n"
    (model / "chat_template.jinja").write_text("{% for m in messages %}" + turn + "{% endfor %}<|im_start|>assistant\n\n")
    assert "no special token" not in chat(lines[:1], model=model).stderr
    got = answers([lines[0], "/reset", *lines, lines[0]], model=model)
    assert got[0] == got[1], got
    for turn in range(3):
        expected = run(written_out(lines[:turn + 1], [text.strip().replace('grey', 'red') for text in got[1:turn + 1]]))
        assert got[1 + turn] == expected, (turn, got, expected)
    (model / "chat_template.jinja").write_text("{% for m in messages %}{{ m.role }}: {{ m.content }}</s>\n{% endfor %}assistant:")
    assert "no special token of the tokenizer follows an answer" in chat(lines[:1], model=model).stderr

done = subprocess.run([tern, "chat", tiny], stdin=open("/proc/self/mem"), text=True, capture_output=True, timeout=900)
assert done.returncode == 1 and "standard input cannot be read" in done.stderr, done

# Ctrl-C ends the answer, not the conversation.
for attempt in range(20):
    talk = subprocess.Popen([tern, "chat", tiny, "--temperature", "60", "--max-tokens", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            bufsize=0, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    talk.stdin.write(b"The cat Mia\n")
    talk.stdout.read(1)
    talk.send_signal(signal.SIGINT)
    rest, said = talk.communicate(b"/reset\nThe cat Mia\n", timeout=900)
    if b"(stopped)" in said:
        break
assert b"(stopped)" in said and talk.returncode == 0 and rest.count(b"\n") >= 2, (talk.returncode, rest, said)
PY
