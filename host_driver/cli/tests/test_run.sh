#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tern run: sampling options, seeds, generation_config.json, prompts from files, stop strings, the end of the context,
# --json, Ctrl-C, a full disk behind stdout.
set -euo pipefail
tern=$1 tiny=$TERN_SOURCE_DIR/testvectors/tiny
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; cat "$work/err" 2>/dev/null || true; exit 1; }
run() { "$tern" run "$tiny" --prompt 'The cat Mia' --max-tokens 24 "$@" 2>"$work/err"; }
refused() { # pattern, then options
  local pattern=$1 code=0
  shift
  run "$@" >/dev/null || code=$?
  ((code >= 1 && code <= 125)) || fail "$*: exit code $code"
  grep -q -- "$pattern" "$work/err" || fail "$*: no '$pattern'"
}

greedy=$(run)
[ "$(run --temperature 0 --seed 9)" = "$greedy" ] || fail "temperature 0 is not greedy"
[ "$(run --temperature 9 --top-k 1)" = "$greedy" ] || fail "top-k 1 is not greedy"
[ "$(run --temperature 9 --top-p 0)" = "$greedy" ] || fail "top-p 0 is not greedy"
sampled=$(run --temperature 1.5 --top-k 40 --top-p 0.95 --seed 4)
[ "$(run --temperature 1.5 --top-k 40 --top-p 0.95 --seed 4)" = "$sampled" ] || fail "the same seed gives another text"
[ "$(run --temperature 1.5 --top-k 40 --top-p 0.95 --seed 4 --device-memory 110000)" = "$sampled" ] || fail "streaming weights change the text"
[ "$(run --temperature 1.5 --top-k 40 --top-p 0.95 --seed 5)" != "$sampled" ] || fail "another seed gives the same text"
[ "$(run --repetition-penalty 20)" != "$greedy" ] || fail "the repetition penalty does nothing"

# Every path of the host gives the same text; one that this processor lacks is refused.
for kernel in exact avx2 avx512; do
  text=$(TERN_KERNEL=$kernel run || true)
  [ "$text" = "$greedy" ] || grep -q "TERN_KERNEL=$kernel: no kernel of this processor" "$work/err" || fail "TERN_KERNEL=$kernel changes the text"
done

refused 'temperature -1 is not a number' --temperature -1
refused 'temperature nan is not' --temperature nan
refused 'top-p 1.5 is not a number' --top-p 1.5
refused 'repetition penalty 0 is not' --repetition-penalty 0
refused 'top-k -1 is not a number' --temperature 1 --top-k -1
refused 'give --temperature' --top-k 5
refused 'the prompt is empty' --prompt ''
refused 'max-tokens 1000000001 is not' --max-tokens 1000000001
refused '.--prompt and --prompt-file do not go together' --prompt-file /dev/null
refused '.--stop: a text that is empty' --stop ''
refused '.--stop: a text that is not UTF-8' --stop $'\xff'

# A prompt of any length from a file or standard input, byte for byte.
file() { "$tern" run "$tiny" --prompt-file "$@" 2>"$work/err"; }
printf 'The cat Mia' >"$work/prompt"
[ "$(file "$work/prompt" --max-tokens 24)" = "$greedy" ] || fail "--prompt-file gives another text"
[ "$(file - --max-tokens 24 <"$work/prompt")" = "$greedy" ] || fail "--prompt-file - gives another text"
[ "$(file <(cat "$work/prompt") --max-tokens 24)" = "$greedy" ] || fail "--prompt-file of a pipe gives another text"
head -c 3000000 /dev/zero | tr '\0' 'x' >"$work/long"
for given in "$work/long:has 3000000 tokens, the context of the model 256 positions" "/dev/null:the prompt is empty" \
  "$work:cannot be read" "$work/none:$work/none: No such file"; do
  if file "${given%%:*}" >"$work/text"; then fail "${given%%:*} is taken"; fi
  [ ! -s "$work/text" ] && grep -q -- "${given#*:}" "$work/err" || fail "${given%%:*}: no '${given#*:}'"
done

# BOS is a token of the prompt.
cp -r "$tiny" "$work/bos"
/usr/bin/python3 - "$work/bos/tokenizer_config.json" <<'PY'
import json, sys
config = json.load(open(sys.argv[1]))
json.dump(config | {"tokenizer_class": "LlamaTokenizer", "bos_token": "<|im_start|>"}, open(sys.argv[1], "w"))
PY
for given in auto:4 yes:5 no:4; do
  "$tern" run "$work/bos" --prompt 'The cat Mia' --bos "${given%:*}" --json 2>"$work/err" | grep -q "\"prompt_tokens\":${given#*:}," || fail "--bos $given"
done

# The text goes on to the end of the context, with a note.
sampled=(--temperature 60 --seed 7 --json)
run "${sampled[@]}" --max-tokens 1000000000 >"$work/json"
grep -q 'of 1000000000 new tokens at most 253 fit: the prompt has 4, the context 256 positions' "$work/err" || fail "no note"
cp "$work/err" "$work/note"
run "${sampled[@]}" --max-tokens 253 >"$work/exact"
! grep -q 'at most' "$work/err" || fail "a note though all fits"
/usr/bin/python3 - "$work"/{json,exact,note} <<'PY' || fail "the end of the context: $(cat "$work/json")"
import json, sys
all_, exact = (json.load(open(path)) for path in sys.argv[1:3])
assert all_["ids"] == exact["ids"] and len(exact["ids"]) == 253 and all_["tokens_fed"] == 256
assert (all_["stop_reason"], exact["stop_reason"]) == ("context", "max_tokens")
assert "4 tokens of prompt, 253 new tokens, stop reason: context\n" in open(sys.argv[3]).read()
PY

# Every part of a text is a stop string. The text ends before the place where the first one ends, whatever the tokens.
/usr/bin/python3 - "$tern" "$tiny" "$greedy" <<'PY' || fail "--stop"
import json, subprocess, sys
tern, tiny, greedy = sys.argv[1:]
whole = greedy[len("The cat Mia"):]
def run(stops, *options):
    words = [word for stop in stops for word in ("--stop", stop)]
    done = subprocess.run([tern, "run", tiny, "--prompt", "The cat Mia", "--max-tokens", "24", *words, *options],
                          capture_output=True, text=True, check=True)
    return done.stdout
for stops in (["grey"], [" w"], ["ey. S"], ["She", "x"], ["none of it"], [". ", "grey. "], [whole[-3:]], [whole + "x"]):
    ends = [whole.find(stop) + len(stop) for stop in stops if stop in whole]
    wanted = whole
    if ends:
        wanted = whole[:min(ends) - max(len(s) for s in stops if whole[:min(ends)].endswith(s))]
    assert run(stops) == "The cat Mia" + wanted + "\n", (stops, run(stops))
    given = json.loads(run(stops, "--json"))
    assert given["text"] == wanted and given["stop_reason"] == ("stop_string" if ends else "max_tokens"), given
    assert all(isinstance(given[name], (int, float)) for name in ("prompt_tokens", "tokens_fed", "seconds", "tokens_per_second"))
PY

# A stop token ends the text.
run --json >"$work/json"
/usr/bin/python3 - "$work/json" "$greedy" <<'PY' || fail "--json is wrong: $(cat "$work/json")"
import json, sys
given = json.load(open(sys.argv[1]))
assert "The cat Mia" + given["text"] == sys.argv[2] and len(given["ids"]) == 24 and given["stop_reason"] == "max_tokens"
assert given["prompt_tokens"] == 4 and given["tokens_fed"] == 27
PY
# A text with U+0000 is printed whole.
nul=(--temperature 60 --seed 232)
run "${nul[@]}" >"$work/text"
run "${nul[@]}" --json >"$work/nul.json"
/usr/bin/python3 - "$work"/{nul.json,text} <<'PY' || fail "--json and U+0000: $(cat "$work/nul.json")"
import json, sys
given = "The cat Mia" + json.load(open(sys.argv[1]))["text"] + "\n"
assert "\0" in given and given.encode() == open(sys.argv[2], "rb").read()
PY
cp -r "$tiny" "$work/model"
fifth=$(/usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["ids"][5])' "$work/json")
for form in "$fifth" "[511, $fifth]" "[0,1,2,3,4,5,6,7,8,-1,100000,$fifth]"; do
  echo "{\"eos_token_id\": $form}" >"$work/model/generation_config.json"
  "$tern" run "$work/model" --prompt 'The cat Mia' --json 2>"$work/err" | grep -q '"stop_reason":"end"' || fail "eos_token_id $form does not stop"
done
for form in '"x"' 1.5 '[[511]]'; do
  echo "{\"eos_token_id\": $form}" >"$work/model/generation_config.json"
  if "$tern" run "$work/model" --prompt 'The cat Mia' >/dev/null 2>"$work/err"; then fail "eos_token_id $form is taken"; fi
  grep -q 'generation_config.json.*eos_token_id' "$work/err" || fail "eos_token_id $form: no sentence"
done

# Ctrl-C keeps the text so far and gives exit code 130. Python starts the run, because background jobs of a script ignore
# SIGINT. It tries several times: the tiny model may end before the signal arrives.
/usr/bin/python3 - "$tern" "$tiny" <<'PY' || fail "Ctrl-C"
import signal, subprocess, sys
command = [sys.argv[1], "run", sys.argv[2], "--prompt", "The cat Mia", "--max-tokens", "250"]
for attempt in range(20):
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    text = run.stdout.read(11)
    run.send_signal(signal.SIGINT)
    rest, said = run.communicate(timeout=900)
    if b"interrupted after" in said:
        break
assert run.returncode == 130 and rest.endswith(b"\n"), (run.returncode, text, rest, said)
assert b"The cat Mia was grey. She".startswith((text + rest[:-1])[:20]), (text, rest)
PY

# With --json: the text so far and the reason for its end. rtl is so slow that the signal arrives in time.
if "$tern" doctor --device rtl >/dev/null 2>&1; then
  /usr/bin/python3 - "$tern" "$tiny" <<'PY' || fail "Ctrl-C and --json"
import json, signal, subprocess, sys
command = [sys.argv[1], "run", sys.argv[2], "--prompt", "The cat Mia", "--device", "rtl", "--json"]
run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
said = b""
while b"tokens/s" not in said and run.poll() is None:
    said += run.stderr.read(64)
run.send_signal(signal.SIGINT)
text, said = run.communicate(timeout=900)
given = json.loads(text)
assert run.returncode == 130 and given["stop_reason"] == "interrupt" and len(given["ids"]) < 32, (run.returncode, given, said)
PY
fi

if [ -w /dev/full ]; then
  code=0
  run >/dev/full || code=$?
  ((code >= 1 && code <= 125)) && grep -q 'standard output' "$work/err" || fail "a full disk behind stdout: code $code"
fi
