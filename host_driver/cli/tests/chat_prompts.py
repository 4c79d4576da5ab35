# SPDX-License-Identifier: Apache-2.0
"""tern chat --show-prompt prints jinja2's text for each template of testvectors/chat_templates, or refuses it by name.

chat_prompts.py TERN SOURCE_DIRECTORY
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

TERN, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(SOURCE / "tools/chat_oracle"))
sys.dont_write_bytecode = True
import compare  # noqa: E402

TEMPLATES = SOURCE / "testvectors/chat_templates"
# What the model would never see: a system message, or a question behind the fourth message.
REFUSED = {"loop_controls", "last_message_only"}


def show(model, messages, *options):
    system = [message["content"] for message in messages if message["role"] == "system"]
    lines = "".join(f'"""{message["content"]}"""\n' for message in messages if message["role"] != "system")
    command = [TERN, "chat", model, "--show-prompt", *(["--system", *system] if system else []), *options]
    return subprocess.run(command, input=lines.encode(), capture_output=True, timeout=900)


def can_be_typed(messages):
    return messages[-1]["role"] == "user" and all(message["content"] for message in messages)


def check_template(model, name, digests):
    (model / "chat_template.jinja").write_text((TEMPLATES / f"{name}.jinja").read_text())
    same = 0
    for messages, expected in zip(compare.CONVERSATIONS, digests[::2]):  # the others have no head of an answer
        if not can_be_typed(messages):
            continue
        done = show(model, messages)
        if done.returncode == 0:
            assert compare.digest(done.stdout.decode()) == expected, (name, messages, done.stdout)
            same += 1
        else:
            assert done.returncode == 1 and not done.stdout, (name, done)
            assert b": chat_template: " in done.stderr and (expected == "refused" or name in REFUSED), (name, messages, done)
    assert same > 1, name
    return same


def check_rest(model):
    """Options and refusals of the command itself."""
    (model / "chat_template.jinja").write_text("{{ 1.5 }}")
    for options, code, said in (((), 1, b"chat_template: line 1: a number with a fraction"),
                                (("--template", "llama3"), 1, b"no token <|begin_of_text|>, which llama3 needs"),
                                (("--template", "vicuna"), 1, b"no built-in template vicuna, but chatml and llama3")):
        done = show(model, compare.turns("Hi"), *options)
        assert done.returncode == code and said in done.stderr and not done.stdout, done
    done = show(model, compare.turns("Hi", "Hello", "So?"), "--template", "chatml")
    turns = ("user\nHi", "assistant\nHello", "user\nSo?")
    assert done.stdout.decode() == "".join(f"<|im_start|>{turn}<|im_end|>\n" for turn in turns) + "<|im_start|>assistant\n", done
    done = show(model, [], "--template", "chatml")
    assert done.returncode == 1 and b"there is no message" in done.stderr, done
    source = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    (model / "chat_template.jinja").write_text(source)
    done = show(model, compare.turns("Hi"))
    assert done.returncode == 1 and b"are needed" in done.stderr, done


def main():
    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder)
        shutil.copy(SOURCE / "testvectors/tiny/tokenizer.json", model)
        (model / "tokenizer_config.json").write_text(json.dumps({**compare.VARIABLES, "added_tokens_decoder": {}}))
        lines = [line for line in (TEMPLATES / "digests.txt").read_text().splitlines() if not line.startswith("snippets:")]
        same = sum(check_template(model, name, digests) for name, *digests in map(str.split, lines))
        check_rest(model)
    print(f"{len(lines)} templates, {same} prompts are jinja2's")


main()
