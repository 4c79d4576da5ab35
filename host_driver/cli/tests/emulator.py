# SPDX-License-Identifier: Apache-2.0
"""Runs a program on a pseudo-terminal of 80 x 24 and renders what it writes with the emulator pyte."""
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import unicodedata

import pyte

COLUMNS, LINES = 80, 24
SECONDS = 120


class Screen(pyte.HistoryScreen):
    """Forgets at each movement that the cursor hangs behind a full line, as xterm does; pyte keeps it."""

    def __init__(self):
        super().__init__(COLUMNS, LINES, history=10000, ratio=0.5)

    def settle(self):
        self.cursor.x = min(self.cursor.x, self.columns - 1)

    def index(self):
        self.settle()
        super().index()

    def reverse_index(self):
        self.settle()
        super().reverse_index()

    def linefeed(self):
        column = self.cursor.x
        super().linefeed()
        self.cursor.x = min(column, self.columns - 1)

    def shown(self):
        """Scroll-back and screen, without blanks at the ends and empty lines at the end."""
        # A wide character has an empty cell behind it.
        top = ["".join(row[x].data for x in range(COLUMNS)).rstrip() for row in self.history.top]
        lines = top + [line.rstrip() for line in self.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines


def width(character):
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text):
    """The lines of a text on the terminal, without blanks at the ends of lines."""
    lines = [""]
    column = 0
    for character in text:
        if character == "\n":
            lines.append("")
            column = 0
            continue
        if column + width(character) > COLUMNS:
            lines.append("")
            column = 0
        lines[-1] += character
        column += width(character)
    return [line.rstrip() for line in lines]


class Session:
    """A program whose standard streams are a terminal unless they are given.

    A full terminal takes nothing before it is read, so that the program waits at its first status.
    """

    def __init__(self, words, stdout=None, stderr=None, above=0, is_full=False, **environment):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        attributes = termios.tcgetattr(slave)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        if is_full:
            self.fill(slave)
        environment = os.environ | {"TERM": "xterm", "TERN_PROGRESS_SECONDS": "0"} | environment
        self.process = subprocess.Popen(words, stdin=slave, stdout=stdout or slave, stderr=stderr or slave, env=environment,
                                        preexec_fn=lambda: self.own_terminal(slave))
        os.close(slave)
        self.raw = b""
        self.screen = Screen()
        self.stream = pyte.ByteStream(self.screen)
        self.stream.feed(b"above\r\n" * above)

    @staticmethod
    def fill(slave):
        os.set_blocking(slave, False)
        try:
            while True:
                os.write(slave, b"full\r\n" * 100)
        except BlockingIOError:
            os.set_blocking(slave, True)

    @staticmethod
    def own_terminal(slave):
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def read(self):
        """The next bytes; nothing at the end."""
        if not select.select([self.master], [], [], SECONDS)[0]:
            self.process.kill()
            raise AssertionError(f"hangs after {self.raw[-300:]}")
        try:
            chunk = os.read(self.master, 65536)
        except OSError as error:
            assert error.errno == errno.EIO, error
            chunk = b""
        self.raw += chunk
        return chunk

    def read_to(self, pattern):
        """Reads and renders until the bytes since this call hold a match."""
        start = len(self.raw)
        while not pattern.search(self.raw[start:]):
            chunk = self.read()
            assert chunk, (pattern, self.raw)
            self.stream.feed(chunk)

    def write(self, data):
        os.write(self.master, data)

    def end(self, look=None):
        """Reads to the end. look(screen): called each time the cursor has been put back after a status."""
        rest = b""
        while chunk := self.read():
            *parts, rest = (rest + chunk).split(b"\x1b8")
            for part in parts:
                self.stream.feed(part + b"\x1b8")
                if look:
                    look(self.screen)
        self.stream.feed(rest)
        os.close(self.master)
        return self.process.wait(SECONDS)
