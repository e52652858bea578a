#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""small_elf.py FILE HEX: a 64-bit x86-64 program whose code is these bytes, made by hand, so that its addresses never change."""
import os
import struct
import sys

BASE = 0x400000


def elf(code, bits=2, order=1, machine=62, name=b".text", cut=None, sections=3):
    """A static program of one segment: header, program header, code, section names, section headers."""
    start = 64 + 56
    names = b"\0" + name + b"\0.shstrtab\0"
    table = start + len(code) + len(names)
    header = b"\x7fELF" + bytes([bits, order, 1, 0]) + bytes(8)
    header += struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, BASE + start, 64, table, 0, 64, 56, 1, 64, sections, 2)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, BASE, BASE, start + len(code), start + len(code), 0x1000)
    rows = bytes(64)
    rows += struct.pack("<IIQQQQIIQQ", 1, 1, 6, BASE + start, start, len(code), 0, 0, 16, 0)
    rows += struct.pack("<IIQQQQIIQQ", 2 + len(name), 3, 0, 0, start + len(code), len(names), 0, 0, 1, 0)
    return (header + segment + code + names + rows)[:cut]


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        file.write(elf(bytes.fromhex(sys.argv[2])))
    os.chmod(sys.argv[1], 0o755)
