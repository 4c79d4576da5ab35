# SPDX-License-Identifier: Apache-2.0
"""The boards of rtl/boards/boards.toml, checked, and the Python environment of their generated parts."""
import ipaddress
import os
import pathlib
import re
import subprocess
import sys
import tomllib

from synthesis import ROOT, Trouble

BUILD = ROOT / "build" / "boards"
TABLE = ROOT / "rtl" / "boards" / "boards.toml"
REQUIREMENTS = ROOT / "tools" / "requirements-boards.txt"
VENV = ROOT / "build" / "venv-boards"
LINKS = ("tty", "udp")
FIELDS = {"name": str, "number": str, "device": str, "nextpnr": list, "openfpgaloader": str, "input_hz": int,
          "clock_hz": int, "link": str, "memory": dict, "controller": dict, "soc": dict}
MEMORY_FIELDS = {"type": str, "part": str, "chips": int, "bits": int, "bytes": int, "phy": str, "cl": int,
                 "times_ns": dict}
NETWORK_FIELDS = {"mac": str, "ip": str, "port": int}


def check_fields(where, table, fields):
    """Every field is there, with a value of its type."""
    for field, kind in fields.items():
        if not isinstance(table.get(field), kind):
            raise Trouble(f"{TABLE.name}: {where}.{field} is no {kind.__name__}; write one")


def check(key, board, numbers):
    """The row is whole and agrees with the enum of SYSTEM BOARD."""
    check_fields(key, board, FIELDS)
    check_fields(f"{key}.memory", board["memory"], MEMORY_FIELDS)
    if board["number"] not in numbers:
        raise Trouble(f"{TABLE.name}: {key}.number {board['number']} is no value of SYSTEM BOARD in spec/tern.toml")
    if board["link"] not in LINKS:
        raise Trouble(f"{TABLE.name}: {key}.link is none of {', '.join(LINKS)}")
    if board["link"] == "udp":
        check_network(key, board)


def check_network(key, board):
    """The addresses of a board at the end of an Ethernet cable."""
    check_fields(key, board, {"network": dict})
    network = board["network"]
    check_fields(f"{key}.network", network, NETWORK_FIELDS)
    try:
        ipaddress.IPv4Address(network["ip"])
    except ValueError as error:
        raise Trouble(f"{TABLE.name}: {key}.network.ip {network['ip']} is no IPv4 address") from error
    if not re.fullmatch("[0-9a-f][26ae](:[0-9a-f]{2}){5}", network["mac"]):
        raise Trouble(f"{TABLE.name}: {key}.network.mac is no local address of one host, like 02:54:45:52:4e:01")
    if not 0 < network["port"] < 0x10000:
        raise Trouble(f"{TABLE.name}: {key}.network.port {network['port']} is not from 1 to 65535")


def read_spec():
    """spec/tern.toml."""
    with open(ROOT / "spec" / "tern.toml", "rb") as file:
        return tomllib.load(file)


def board_numbers(spec):
    """The values of SYSTEM BOARD by name."""
    system = next(block for block in spec["registers"] if block["block"] == "SYSTEM")
    register = next(register for register in system["regs"] if register["name"] == "BOARD")
    return {value["name"]: value["value"] for value in register["enum"]}


def read():
    """All boards by key."""
    with open(TABLE, "rb") as file:
        boards = tomllib.load(file)
    numbers = board_numbers(read_spec())
    for key, board in boards.items():
        check(key, board, numbers)
    return boards


def top_parameters(board):
    """Those of the board's top that the table gives."""
    return {**board["soc"], "CLOCK_HZ": board["clock_hz"]}


def find(key):
    """The board of this key."""
    boards = read()
    if key not in boards:
        raise Trouble(f"{key} is no board; {TABLE.name} has {', '.join(boards)}")
    return boards[key]


def install():
    """The Python of build/venv-boards, with the pinned packages of tools/requirements-boards.txt."""
    python = VENV / "bin" / "python"
    stamp = VENV / "requirements.txt"
    wanted = REQUIREMENTS.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print("installing tools/requirements-boards.txt into build/venv-boards", file=sys.stderr)
    try:
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True, stdout=sys.stderr)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", REQUIREMENTS],
                       check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Trouble("needs the packages of tools/requirements-boards.txt, and pip could not install them into "
                      "build/venv-boards; see whether PyPI is reachable, then run this again") from error
    stamp.write_text(wanted)
    return python


def run_with(make):
    """Run make() in the Python of build/venv-boards. Returns the exit code."""
    tool = pathlib.Path(sys.argv[0])
    try:
        python = install()
        if pathlib.Path(sys.prefix) != VENV:
            return subprocess.run([python, *sys.argv]).returncode
        make()
    except (Trouble, OSError) as error:
        print(f"{tool.name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def write(path, text):
    """Under its final name only when whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    os.replace(part, path)
