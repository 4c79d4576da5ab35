#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_manual.py TERN OUT.1: makes the manual page from `tern --help` and `tern COMMAND --help`."""
import pathlib
import re
import subprocess
import sys

INTRODUCTION = """Tern packs language models into balanced-ternary weights and runs them on simulated hardware that computes on
the packed weights directly. MODEL is a packed directory or a Hugging Face directory. Results go to standard output, progress
and errors to standard error."""
EXAMPLES = """tern quantize Qwen2.5-0.5B packed --depth 3
tern run packed --prompt 'The cat' --max-tokens 24
tern run packed --prompt 'The' --device rtl --depth 2 --max-tokens 1
tern chat packed --system 'Answer briefly.'
tern compare packed --devices model,rtl --tokens 1"""
EXIT_STATUS = [("0", "done"), ("1", "failed; one sentence on standard error says what and where"), ("2", "wrong usage; also a value of an option that no model and no device takes"),
               ("130", "interrupted (Ctrl\\-C); the text so far stands")]


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in text.split("\n"))


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def split_help(text):
    """The usage lines, then the rest."""
    lines = text.rstrip().split("\n")
    end = next((i for i, line in enumerate(lines) if i and not line.startswith("       ")), len(lines))
    return lines[:end], lines[end:]


def option(line):
    """Splits the line of an option or a device into name with value and description; None for any other line."""
    found = re.fullmatch(r"  (-\S.*?|[A-Z]+)(?:  +|(?<=[A-Z]) )(\S.*)|  ([a-z0-9]+)  +(\S.*)", line)
    return [part for part in found.groups() if part] if found else None


def command_section(name, text):
    usage, rest = split_help(text)
    out = [f".SS {escaped(name)}", ".nf"]
    out += [escaped(line.removeprefix("usage: ").removeprefix("       ")) for line in usage]
    out.append(".fi")
    is_text = False
    for line in rest:
        found = option(line)
        if found:
            out += [".TP", f".B {escaped(found[0])}", escaped(found[1].strip())]
            is_text = False
        elif line.startswith("  "):
            out.append(escaped(line.strip()))
        elif line.strip():
            out += [] if is_text else [".PP"]
            out.append(escaped(line))
            is_text = True
    return out


def manual(tern):
    overview = output(tern, "--help")
    commands = re.findall(r"^  ([a-z]+) +(.*)$", overview, re.M)
    version = output(tern, "--version").split()[1]
    out = [f'.TH TERN 1 "" "Tern {version}" "User Commands"', ".SH NAME",
           "tern \\- language models on packed balanced\\-ternary weights", ".SH SYNOPSIS", ".B tern", ".RI COMMAND\\ ...",
           ".SH DESCRIPTION", escaped(INTRODUCTION)]
    for name, summary in commands:
        out += [".TP", f".B {name}", escaped(summary)]
    out.append(".SH COMMANDS")
    for name, _ in commands:
        out += command_section(name, output(tern, name, "--help"))
    out += [".SH EXIT STATUS"]
    for code, meaning in EXIT_STATUS:
        out += [".TP", f".B {code}", meaning]
    out += [".SH EXAMPLES", ".nf", escaped(EXAMPLES), ".fi"]
    return "\n".join(out) + "\n"


def main():
    tern, path = sys.argv[1:]
    pathlib.Path(path).write_text(manual(tern))


if __name__ == "__main__":
    main()
