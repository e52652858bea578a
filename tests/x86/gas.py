# SPDX-License-Identifier: MIT
"""Encodings newer than the decoder library against newer.tsv, and against the assembler and objdump of Debian sid.

Run as gas.py DECODE_TOOL. The table stands alone. Then, where Debian sid's binutils can be had (or lie in
LLAMA_FLEET_CACHE, default ~/.cache/llama-fleet): its assembler makes the table's bytes of the table's text, and its
objdump finds the same lengths in thousands of encodings made at random from what we accept.
"""
import os
import pathlib
import random
import re
import subprocess
import sys

TOOL, SOURCE, WORK = sys.argv[1], pathlib.Path(os.environ["SOURCE_DIR"]), pathlib.Path(os.environ["WORK_DIR"])
WORK.mkdir(parents=True, exist_ok=True)
CACHE = pathlib.Path(os.environ.get("LLAMA_FLEET_CACHE", "~/.cache/llama-fleet")).expanduser()
PACKAGES = CACHE / "sid-gcc"
SLOT = 32  # bytes an encoding gets for objdump; the rest are NOPs, where a wrong length ends
# What sid's objdump calls bad though it is none: forms whose operand it cannot print, or where it is stricter.
KNOWN = {"APX_F_PREFETCH_NOP": "0F 0D with a register is a NOP (AMD APM vol. 3)",
         "MOVRS": "66 with REX.W: W decides the size", "APX_F_MPX": "operands beyond BND3",
         "ACE_1": "BSR registers", "APX_F": "FWAIT and undocumented x87 forms with REX2"}


def ask(codes):
    done = subprocess.run([TOOL, "hex"], input="\n".join(codes) + "\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:2000]
    return [(name, int(length)) for name, length in (line.split() for line in done.stdout.splitlines())]


def table():
    lines = (SOURCE / "tests/x86/newer.tsv").read_text().splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def own_table():
    bad = 0
    for (code, name, text), answer in zip(table(), ask([row[0] for row in table()]), strict=True):
        if answer != (name, len(code) // 2):
            print(f"{code} ({text}) is {name}, {len(code) // 2} bytes; ours: {answer}")
            bad += 1
    # One byte less is no instruction.
    for (code, _, text), answer in zip(table(), ask([row[0][:-2] for row in table()]), strict=True):
        if answer != ("unknown", 0):
            print(f"{code[:-2]}, the start of {text}: {answer}")
            bad += 1
    print(f"{len(table())} encodings, {bad} wrong")
    return bad


def sid(program, *words):
    return subprocess.run([SOURCE / "tools/sid-start", PACKAGES, program, *map(str, words)], capture_output=True, text=True)


def assembled():
    """The table's text through sid's assembler, each in a section of SLOT bytes."""
    text = "".join(f".balign {SLOT}, 0x90\n" + line.replace("; ", "\n") + "\n" for _, _, line in table())
    (WORK / "newer.s").write_text(text)
    done = sid("as", "-o", WORK / "newer.o", WORK / "newer.s")
    if done.returncode:
        print("not tried: sid's assembler does not know all of the table:", done.stderr.splitlines()[-1])
        return 0
    sid("objcopy", "-O", "binary", "-j", ".text", WORK / "newer.o", WORK / "newer.bin")
    made, bad = (WORK / "newer.bin").read_bytes(), 0
    for i, (code, _, line) in enumerate(table()):
        theirs = made[i * SLOT:i * SLOT + len(code) // 2].hex()
        if theirs != code:
            print(f"{line}: assembled to {theirs}, the table says {code}")
            bad += 1
    print(f"{len(table())} assembled by sid's GNU as, {bad} differ")
    return bad


def made_codes(count):
    pick = random.Random(6)
    for _ in range(count):
        code = bytearray(pick.randbytes(15))
        kind = pick.randrange(4)
        if kind == 0:
            code[0] = 0xd5
        elif kind == 1:
            code[0], code[1] = 0xc4, code[1] & 0xe0 | pick.choice([2, 2, 3, 5, 7])
            code[2] |= pick.choice([0, 0x78])
        else:
            code[0], code[1] = 0x62, code[1] & 0xf0 | pick.choice([0] * 7 + [8]) | pick.randrange(1, 8)
            code[2] |= pick.choice([4, 4, 4, 0, 0x7c, 0x7c])
            code[3] = pick.choice([code[3], code[3] & 0x60 | 8, code[3] & 0x14 | 8])
        yield code.hex()


def objdump_lengths():
    newest = {row[1] for row in table()}
    codes = list(made_codes(150_000))
    kept = [(c, name, n) for c, (name, n) in zip(codes, ask(codes), strict=True) if n and (name in newest or "APX" in name)]
    blob = b"".join(bytes.fromhex(c)[:n].ljust(SLOT, b"\x90") for c, _, n in kept)
    (WORK / "made.bin").write_bytes(blob)
    lines = sid("objdump", "-D", "-w", "-b", "binary", "-m", "i386:x86-64", WORK / "made.bin").stdout.splitlines()
    seen = {}
    for line in lines:
        found = re.match(r"\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(.*)", line)
        if found:
            seen[int(found[1], 16)] = (len(found[2].split()), found[3])
    bad = tolerated = 0
    for i, (code, name, length) in enumerate(kept):
        theirs, text = seen.get(i * SLOT, (0, "no instruction begins there"))
        if theirs == length and "(bad)" not in text:
            continue
        if "(bad)" in text and name in KNOWN:
            tolerated += 1
            continue
        print(f"{code[:2 * length]} is {name} of {length} bytes to us; objdump: {theirs} bytes, {text}")
        bad += 1
    print(f"{len(kept)} made encodings, {bad} differ, {tolerated} listed above as KNOWN")
    return bad + (len(kept) < 1000)


def main():
    bad = own_table()
    tool = SOURCE / "tools/sid-packages"
    unpack = subprocess.run([tool, PACKAGES, "gcc-16"], capture_output=True, text=True)
    if unpack.returncode or not (PACKAGES / "root/usr/bin/as").exists():
        print("not tried: binutils of Debian sid:", (unpack.stderr.strip().splitlines() or ["?"])[-1])
    else:
        bad += assembled() + objdump_lengths()
    sys.exit(bad > 0)


main()
