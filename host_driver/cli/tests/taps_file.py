# SPDX-License-Identifier: Apache-2.0
"""Files of recorded stages: testvectors/tiny/README.md."""
import json
import struct


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return f"{crc ^ 0xffffffff:08x}"


def read_taps(path):
    """The header, and the bytes of each stage by its name, in the order of the run."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    places = {name: entry["data_offsets"] for name, entry in header.items() if name != "__metadata__"}
    return header, {name: data[slice(*places[name])] for name in sorted(places, key=places.get)}


def write_taps(path, header, stages):
    """Stages of the sizes that the header has. Gives it their checksums."""
    header["__metadata__"].update({f"crc32c.{name}": crc32c(data) for name, data in stages.items()})
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(stages.values()))
