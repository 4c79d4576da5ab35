# SPDX-License-Identifier: Apache-2.0
"""nextpnr-ecp5 for tools/fmax and tools/bitstream: which program, its run with progress, its bitstream packer."""
import re
import shutil
import subprocess
import sys
import time

import synthesis
from synthesis import Trouble

REQUIREMENTS = synthesis.ROOT / "tools" / "requirements-place.txt"
PHASES = {"Info: Running main analytical placer": "placing", "Info: Running simulated annealing placer": "annealing",
          "Info: Routing..": "routing", "Info: Running router": "routing"}
SECONDS_A_SLOT = 0.022
ROUND = re.compile(r"iter=(\d+) wires=")  # of router 2


def find(name):
    """The program of the PATH, or of the pinned package in the project's own venv, which is installed now."""
    native, own = shutil.which(name), synthesis.VENV / f"yowasp-{name}"
    if not native and not own.exists():
        print("installing tools/requirements-place.txt into build/venv", file=sys.stderr)
        try:
            subprocess.run([synthesis.VENV / "pip", "install", "-q", "--disable-pip-version-check", "-r", REQUIREMENTS],
                           check=True, stdout=sys.stderr)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Trouble(f"needs yowasp-{name}, and pip could not install it into build/venv") from error
    return native or str(own)


def install():
    """nextpnr-ecp5: (program, version)."""
    program = find("nextpnr-ecp5")
    said = subprocess.run([program, "--version"], capture_output=True, text=True)
    version = re.search(r"Version ([^)]*)", said.stdout + said.stderr)
    if not version:
        raise Trouble(f"{program} --version says no version")
    return program, version[1]


def estimate(netlist_json, top):
    """Seconds of a seed, before one has been timed."""
    cells = synthesis.cells(netlist_json)[top]
    return SECONDS_A_SLOT * sum(weight * cells[kind] for kind, weight in synthesis.FAMILIES["ecp5"].figure.items())


def rounds(text):
    """How often router 2 has been over all wires."""
    found = ROUND.findall(text)
    return int(found[-1]) if found else 0


def follow(process, log, title, expected, most_rounds):
    """Says on stderr what nextpnr does, until it ends, or routes more rounds than those. Returns its seconds."""
    began, said = time.monotonic(), None
    while process.poll() is None:
        time.sleep(1)
        text = log.read_text()
        if rounds(text) > most_rounds:
            process.kill()
        phase = max(PHASES, key=text.rfind)
        now = PHASES[phase] if phase in text else "packing"
        if now != said:
            spent = time.monotonic() - began
            print(f"{title}: {now}, {spent:.0f} s of about {max(expected, spent):.0f}", file=sys.stderr)
            said = now
    return time.monotonic() - began


def run(program, arguments, work, title, expected, most_rounds=1000):
    """Runs nextpnr in its folder, with progress; (the log's text, exit code, seconds)."""
    log = work / "nextpnr.log"
    with log.open("w") as output:
        process = subprocess.Popen([program, *arguments], cwd=work, stdout=output, stderr=subprocess.STDOUT)
        try:
            seconds = follow(process, log, title, expected, most_rounds)
        finally:
            process.kill()
            process.wait()
    return log.read_text(), process.returncode, seconds
