# SPDX-License-Identifier: Apache-2.0
"""Finds the files of a tree that people write, and the comments in them. tools/check_words, tools/check_sentences."""
import re

CODE = {".c", ".h", ".cpp", ".hpp", ".v", ".vh", ".sv", ".svh", ".vlt", ".S", ".ld"}
SCRIPTS = {".py", ".sh", ".bash", ".cmake", ".txt", ".toml", ""}
PAGES = {".md"}
TEMPLATE = ".in"  # NAME.h.in has the comments of NAME.h
# Strings are matched too, so that a comment sign inside one is not read as a comment.
STRING = r'"(?:\\.|[^"\\\n])*"'
CODE_TOKEN = re.compile(rf"""(?P<comment>//[^\n]*|/\*.*?\*/)|'\\?"'|{STRING}""", re.S)
SCRIPT_TOKEN = re.compile(
    r'(?P<comment>(?<!\S)#[^\n]*|^[ \t]*""".*?""")|""".*?"""' rf"|'''.*?'''|{STRING}|'(?:\\.|[^'\\\n])*'", re.S | re.M)
LEADER = re.compile(r'^(?://+|/\*+|#+|[ \t]*""")')
TRAILER = re.compile(r'(?:\*/|""")$')
# Lines that only a tool reads.
MARK = re.compile(r"\s*(?:!|SPDX-|shellcheck |clang-format o|verilator |NOLINT)")


def blank(text):
    """The same number of lines and characters."""
    return re.sub(r"[^\n]", " ", text)


def files(root, skipped):
    """(path in the tree, text) of each page and source, without builds, hidden files and what `skipped` names."""
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root)
        name = path.as_posix()
        hidden = path.parts[0].startswith((".", "build"))
        left_out = hidden or any(name == other or name.startswith(other + "/") for other in skipped)
        if path.suffix in CODE | SCRIPTS | PAGES | {TEMPLATE} and not left_out and file.is_file():
            yield path, file.read_text()


def comments(path, text):
    """Matches of the comments and docstrings of a source."""
    suffix = path.with_suffix("").suffix if path.suffix == TEMPLATE else path.suffix
    token = CODE_TOKEN if suffix in CODE else SCRIPT_TOKEN
    return (match for match in token.finditer(text) if match["comment"])


def prose(path, text):
    """A page as it is, a source with all but its comments blank. Offsets do not change."""
    if path.suffix in PAGES:
        return text
    out, end = [], 0
    for match in comments(path, text):
        out += [blank(text[end:match.start()]), LEADER.sub(lambda leader: blank(leader[0]), match[0])]
        end = match.end()
    return "".join(out) + blank(text[end:])


def bare_lines(match, column):
    """The lines of a comment without its signs. Each keeps its column, which shows lists and tables."""
    bare = " " * column + LEADER.sub(lambda leader: blank(leader[0]), match[0])
    lines = [line.rstrip() for line in TRAILER.sub("", bare).split("\n")]
    # The first line begins where the others do, although its sign is wider.
    columns = [len(line) - len(line.lstrip()) for line in lines[1:] if line]
    if columns:
        lines[0] = " " * min(columns) + lines[0].lstrip()
    return ["" if MARK.match(line) else line for line in lines]


def whole_comments(path, text):
    """(number of the first line, lines) of each comment. Line comments below each other are one comment."""
    start, lines, place = 0, [], None
    for match in comments(path, text):
        number = text.count("\n", 0, match.start()) + 1
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1)
        is_line = match[0].startswith(("//", "#"))
        is_alone = not text[match.start() - column:match.start()].strip()
        if not (is_line and is_alone and place == (number, column)):
            if lines:
                yield start, lines
            start, lines = number, []
        lines += bare_lines(match, column)
        place = (number + 1, column) if is_line else None
    if lines:
        yield start, lines
