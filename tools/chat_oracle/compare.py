#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the prompts of chat templates with those of jinja2, set up as transformers sets it up.

compare.py RENDER_BATCH FILE_OR_FOLDER... [--random N] [--seed S]
                         each .jinja file on the conversations below; N random changes of each; each line of
                         snippets.txt, a template of its own, on two of the conversations
compare.py RENDER_BATCH FILE_OR_FOLDER... --stored FILE [--write]
                         with digests of jinja2's texts in FILE, without jinja2; --write makes FILE with jinja2

Exit 1 when a text differs, or when Tern renders what jinja2 refuses. What Tern refuses is counted and listed.
"""
import argparse
import datetime
import hashlib
import json
import pathlib
import random
import subprocess
import sys

try:
    import jinja2
    import jinja2.ext
    import jinja2.sandbox
except ImportError:
    jinja2 = None

VARIABLES = {"bos_token": "<s>", "eos_token": "</s>"}
BLANKS = "\n \t\u3000\x0b\x1c\u00a0"
SYSTEM = {"role": "system", "content": "Be brief."}


def turns(*texts, system=None):
    messages = [{"role": "system", "content": system}] if system is not None else []
    return messages + [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]


CONVERSATIONS = [
    turns("Hi"),
    turns("Hi", system="Be brief."),
    turns("Hi", "Hello there.", "And you?"),
    turns("Hi", "Hello there.", "And you?", system="Be brief."),
    turns("a", "b", "c", "d", "e", system="S"),
    turns("a", "b", "c", "d", "e", "f", "g"),
    turns(BLANKS + "Hi" + BLANKS, system=BLANKS + "Be brief." + BLANKS),
    turns(BLANKS + "Hi" + BLANKS, BLANKS + "Hello" + BLANKS, BLANKS + "x\ny" + BLANKS),
    turns("", "", "", system=""),
    turns(" ", "\n", "\t", system=" "),
    turns("{}", "<think>\nhm {{ x }}\n</think>\n\nHello", "{% if %} \\n", system="{# {} #}"),
    turns("é 語 😀", "<think>a</think>b</think>c", "'\"&<b>", system="ß"),
    turns("<|im_end|></s>[INST]", "[/INST]<end_of_turn>", "<|eot_id|>"),
    turns("Hi", "Hello"),
    turns("Hi", "Hello", system="S"),
    [SYSTEM],
]


def generation():
    """The tag "generation" of transformers, which prints its body."""
    class Generation(jinja2.ext.Extension):
        tags = {"generation"}

        def parse(self, parser):
            line = next(parser.stream).lineno
            body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
            return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

        def _body(self, caller):
            return caller()
    return Generation


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True,
                                                       extensions=[generation(), jinja2.ext.loopcontrols])
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = lambda form: datetime.datetime.now().strftime(form)
    return made


ENVIRONMENT = environment() if jinja2 else None


def by_jinja(request):
    """(text, None) or (None, error)."""
    context = {key: value for key, value in request["variables"].items() if value is not None}
    try:
        template = ENVIRONMENT.from_string(request["template"])
        return template.render(messages=request["messages"], tools=None, documents=None,
                               add_generation_prompt=request.get("add_generation_prompt", True), **context), None
    except Exception as error:  # a template may raise anything
        return None, f"{type(error).__name__}: {error}"


class Tern:
    """render_batch, one request a line."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def render(self, request):
        self.process.stdin.write(json.dumps(request, ensure_ascii=False) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"render_batch ended ({self.process.wait()}) at {json.dumps(request)}")
        answer = json.loads(line)
        return answer.get("text"), answer.get("error")


def requests_for(template, conversations=None):
    for messages in conversations or CONVERSATIONS:
        for head in (True, False):
            yield {"template": template, "messages": messages, "variables": VARIABLES, "add_generation_prompt": head}


def templates_of(paths):
    """(name, template, requests) of each file, and of each line of snippets.txt."""
    for path in map(pathlib.Path, paths):
        for file in sorted(path.rglob("*.jinja")) if path.is_dir() else [path]:
            text = file.read_text()
            yield file.stem, text, list(requests_for(text))
        if path.is_dir() and (file := path / "snippets.txt").exists():
            for number, line in enumerate(file.read_text().splitlines(), 1):
                yield f"{file.stem}:{number}", line, list(requests_for(line, CONVERSATIONS[1:3]))


def changed(text, draw):
    """The template with one piece removed, doubled, moved or replaced."""
    start = draw.randrange(len(text))
    end = min(len(text), start + draw.choice([1, 1, 2, 3, 5, 8, 13]))
    piece = draw.choice(["", text[start:end] * 2, " ", "\n", "-", "|", "(", ")", "'", "0", " or ", " not ", "[", "]", ".", "{%", "%}",
                         "content", " | trim", " | length", "[0]", "[-1]", "[1:]", "none", "1", " ~ ", " + ", " if ", " else ", "is", "in"])
    return text[:start] + piece + text[end:]


class Comparison:
    def __init__(self, tern):
        self.tern = tern
        self.same = self.both_refuse = self.differ = 0
        self.refused = {}

    def take(self, name, request):
        expected, why = by_jinja(request)
        text, error = self.tern.render(request)
        if text is None and expected is None:
            self.both_refuse += 1
        elif text is None:
            self.refused.setdefault(error, []).append(name)
        elif text == expected:
            self.same += 1
        else:
            self.differ += 1
            print(f"{name}: differs\n  messages {json.dumps(request['messages'], ensure_ascii=False)}\n"
                  f"  jinja2 {expected!r} {why or ''}\n  Tern   {text!r}\n  template {request['template']!r}")


def digest(text):
    return "refused" if text is None else hashlib.sha256(text.encode()).hexdigest()[:16]


def write_stored(path, templates):
    """A line a template: its name and the digest of each text. Texts that change with the day have none."""
    lines = [" ".join([name, *(digest(by_jinja(request)[0]) for request in requests)])
             for name, text, requests in templates if "strftime_now" not in text]
    path.write_text("\n".join(lines) + "\n")


def compare_stored(tern, path, templates):
    stored = {name: digests for name, *digests in (line.split() for line in path.read_text().splitlines())}
    texts = differ = 0
    for name, _, requests in templates:
        for expected, request in zip(stored.get(name, []), requests):
            text, error = tern.render(request)
            texts += 1
            if digest(text) != expected:
                differ += 1
                print(f"{name}: {text!r} {error or ''}\n  is not jinja2's for {json.dumps(request['messages'], ensure_ascii=False)}")
    print(f"{len(stored)} templates, {texts} texts by their digests: {differ} differ")
    return differ > 0 or not texts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("render_batch")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stored", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    templates = templates_of(arguments.paths)
    if arguments.write:
        return write_stored(arguments.stored, templates)
    if arguments.stored:
        return compare_stored(Tern(arguments.render_batch), arguments.stored, templates)
    comparison, draw, count = Comparison(Tern(arguments.render_batch)), random.Random(arguments.seed), 0
    for name, text, requests in templates:
        count += 1
        for request in requests:
            comparison.take(name, request)
        for _ in range(arguments.random if len(requests) > 4 else 0):
            request = {"template": changed(text, draw), "messages": draw.choice(CONVERSATIONS), "variables": VARIABLES}
            comparison.take(name, request)
    for error, names in sorted(comparison.refused.items(), key=lambda item: -len(item[1])):
        print(f"refused {len(names)} times ({', '.join(sorted(set(names))[:3])}): {error}")
    print(f"{count} templates: {comparison.same} texts are the same, {comparison.both_refuse} are refused by both, "
          f"{sum(map(len, comparison.refused.values()))} by Tern only, {comparison.differ} differ")
    return comparison.differ > 0


if __name__ == "__main__":
    sys.exit(main())
