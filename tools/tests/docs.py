# SPDX-License-Identifier: Apache-2.0
"""Checks the pages: README.md, CONTRIBUTING.md, docs/*.md and README.md of folders. Links and named files must exist,
the README must list every page of docs, and the examples must run. tools/check_sentences reads their sentences.

docs.py SOURCE TERN

An example is a ```sh fence after a line `<!-- run -->`, or `<!-- run, needs NAME -->` for a build with that device.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE, TERN = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
EXAMPLE = re.compile(r"^<!-- run(?:, needs (\w+))? -->\n```sh\n(.*?)^```$", re.M | re.S)
EXAMPLE_SECONDS = 900 # ends a hang; a busy machine is slow


def top_folders():
    return {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "build"}


def named_paths(text):
    """Words in `code` that begin with a folder of the tree; `*` and `{a,b}` match several files."""
    for word in re.findall(r"`([\w.*{},/-]+)`", text):
        if word.split("/")[0] in top_folders() and "/" in word:
            choices = re.search(r"\{(.*?)\}", word)
            for choice in choices[1].split(",") if choices else [""]:
                yield word.replace(choices[0], choice) if choices else word


def check_links(page, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"https?://|#", target) and not (page.parent / target.split("#")[0]).exists():
            yield f"{page.name}: the link {target} leads nowhere"
    for name in named_paths(text):
        if not any(SOURCE.glob(name.rstrip("/"))):
            yield f"{page.name}: there is no {name}"


def commands():
    """Names in the program's list of commands."""
    usage = subprocess.run([TERN, "--help"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  (\w+) ", usage, re.M)


def lacks(device):
    asked = subprocess.run([TERN, "doctor", "--device", device], capture_output=True, text=True)
    return "needs" in asked.stderr


def run_examples(page, text, missing):
    for device, script in EXAMPLE.findall(text):
        if device in missing:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name in ("testvectors", "tools", "docs"):
                (pathlib.Path(folder) / name).symlink_to(SOURCE / name)
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", f'PATH="{TERN.parent}:$PATH"\n{script}'], cwd=folder,
                                  capture_output=True, text=True, timeout=EXAMPLE_SECONDS)
        if done.returncode:
            yield f"{page.name}: exit code {done.returncode} of\n{script}{done.stdout}{done.stderr}"


def main():
    readme = (SOURCE / "README.md").read_text()
    pages = [SOURCE / "README.md", SOURCE / "CONTRIBUTING.md", *sorted((SOURCE / "docs").glob("*.md")),
             *sorted(SOURCE.glob("t*/*/README.md"))]
    missing, wrong, examples = [device for device in ("rtl", "vp") if lacks(device)], [], 0
    for page in pages:
        text = page.read_text()
        wrong += check_links(page, text)
        wrong += run_examples(page, text, missing)
        examples += len(EXAMPLE.findall(text))
        marks = len(re.findall("^<!-- run", text, re.M))
        if marks != len(EXAMPLE.findall(text)):
            wrong.append(f"{page.name}: {marks} marks for examples, but {len(EXAMPLE.findall(text))} examples")
        if page.parent.name == "docs" and f"](docs/{page.name})" not in readme:
            wrong.append(f"README.md does not list docs/{page.name}")
    wrong += [f"README.md does not list tern {name}" for name in commands() if f"`tern {name} " not in readme]
    print("\n".join(wrong) or f"{len(pages)} pages, {examples} examples" + "".join(f", those for {device} left out" for device in missing))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
