# SPDX-License-Identifier: MIT
"""The -march name, and the features of ggml's list, against GCC's own driver (gcc_driver.py): on the recorded dumps of
../shared/data beside the checkout, and on CPUs made up at random: real and impossible ones, with any state of XCR0."""
import glob
import os
import random
import re
import struct
import subprocess
import sys

import gcc_driver
from gcc_options import FEATURE_OF, OF_GGML

ROOT, WORK, TOOL = os.environ["SOURCE_DIR"], os.environ["WORK_DIR"], sys.argv[1]
HOW_MANY = int(os.environ.get("LLAMA_FLEET_JUDGE", "150"))
os.makedirs(WORK, exist_ok=True)
# Families and models that the drivers ask about, and others.
VENDORS = [("GenuineIntel", (6, 6, 6, 6, 6, 15, 18, 19, 20)), ("AuthenticAMD", (15, 16, 20, 21, 22, 23, 25, 26, 27)),
           ("HygonGenuine", (24,)), ("CentaurHauls", (6, 7)), ("  Shanghai  ", (6, 7)), ("SomeOtherCPU", (6, 15))]
LONG = ("CentaurHauls", "  Shanghai  ", "HygonGenuine")  # without the 64-bit mode we say none
XCR0 = ["none", "3", "7", "e7", "602e7", "602e7", "e02e7", "e02e7"]
# GCC turns these off for a name although the CPU has them, for speed and not because they do not work.
TURNED_OFF = {"lujiazui": {"avx", "f16c"}}


def features():
    """name → (leaf, subleaf, register, bit), from the project's own table."""
    rows = re.findall(r"^X86_FEATURE\((\w+), (0x\w+), (\d+), e([abcd])x, (\d+)",
                      open(f"{ROOT}/src/facts/x86_features.def").read(), re.M)
    return {name: (int(leaf, 16), int(sub), "abcd".index(where), int(bit)) for name, leaf, sub, where, bit in rows}


def made_up(chance, table, path):
    vendor, families = chance.choice(VENDORS)
    family, model = chance.choice(families), chance.randrange(256)
    b, d, c = struct.unpack("<III", vendor.encode())
    base = min(family, 15)
    long_mode = vendor in LONG or chance.random() < 0.9
    leaves = {(leaf, 0): [0, 0, 0, 0] for leaf in (1, 7, 0xd, 0x14, 0x19, 0x1e, 0x24, 0x80000001, 0x80000008, 0x80000021)}
    leaves.update({(7, 1): [0] * 4, (0xd, 1): [0] * 4, (0x1e, 1): [0] * 4, (0, 0): [0x24, b, c, d],
                   (0x80000000, 0): [0x80000021, 0, 0, 0]})
    leaves[(1, 0)][0] = base << 8 | (model & 15) << 4 | (model >> 4) << 16 | (family - base) << 20
    leaves[(7, 0)][0], leaves[(0x1e, 0)][0], leaves[(0xd, 0)][0] = 1, 1, 0xe02e7
    leaves[(0x24, 0)][1] = chance.randrange(4)
    density = chance.choice((0.1, 0.5, 0.8, 0.95, 0.99))
    for name, (leaf, sub, where, bit) in table.items():
        if name == "lm" and not long_mode:
            continue
        if name in ("lm", "osxsave", "cmov", "cx8", "fxsr", "mmx", "sse", "sse2", "fpu") or chance.random() < density:
            leaves[(leaf, sub)] = leaves.get((leaf, sub), [0] * 4)
            leaves[(leaf, sub)][where] |= 1 << bit
    leaves[(1, 0)][2] |= 1 << 27  # OSXSAVE
    xcr0 = chance.choice(XCR0)
    if "e7" not in xcr0 and "e02e7" not in xcr0:
        # GCC calls a CPU znver6 by this bit even where the system saves no ZMM registers. We name what can be used.
        leaves[(0x80000021, 0)][0] &= ~(1 << 23)
    with open(path, "w") as out:
        for (leaf, sub), values in sorted(leaves.items()):
            out.write("%08x %02x %08x %08x %08x %08x\n" % (leaf, sub, *values))
        out.write(f"XCR0 {xcr0}\n")
    return path


def drivers():
    found = [gcc_driver.own_driver(WORK)]
    if found == [None]:
        print("skipped: no GCC for x86-64 is installed here")
        sys.exit(77)
    folder = os.path.expanduser("~/.cache/llama-fleet/sid-gcc")
    unpack = subprocess.run([f"{ROOT}/tools/sid-packages", folder, "gcc-16"], capture_output=True, text=True)
    newer = gcc_driver.sid_driver(16, WORK, folder) if unpack.returncode == 0 else None
    if newer is None:
        print("not tried: GCC 16 of Debian sid:", (unpack.stderr.strip().splitlines() or ["?"])[-1])
    found.append(newer)
    for version in (13, 14, 15):  # where somebody unpacked them: tools/sid-packages DIR gcc-13 …
        extra = os.environ.get("LLAMA_FLEET_MORE_GCC")
        found.append(gcc_driver.sid_driver(version, WORK, f"{extra}/gcc-{version}") if extra else None)
    return [driver for driver in found if driver and 12 <= driver.version <= 16]


def differences(driver, row):
    name, on, _ = driver.native(row[0])
    ours = row[1 + driver.version - 12]
    if name == "i386" or "lm" in row[9].split() and name in ("i486", "i586", "i686", "pentium", "pentium-mmx"):
        name = None  # a 32-bit name, which is of no use on x86-64: we say none
    out = [] if (name or "-") == ours else [f"name {ours}, GCC {driver.version} says {name}"]
    if name and driver.version >= 13:
        has = set(row[9].split())
        for option in OF_GGML:
            if FEATURE_OF[option] in has - TURNED_OFF.get(name, set()) and option not in on:
                out.append(f"{option}: we plan for it, GCC {driver.version} ({name}) does not")
            if FEATURE_OF[option] not in has and option in on:
                out.append(f"{option}: GCC {driver.version} ({name}) has it, we do not")
    return out


def main():
    chance, table = random.Random(int(os.environ.get("LLAMA_FLEET_SEED", "5"))), features()
    dumps = sorted(glob.glob(f"{ROOT}/../shared/data/cpu/qemu/*.cpuid"))
    if not dumps:
        print("not tried: the dumps of ../shared/data/cpu/qemu, which is not there")
    dumps += [made_up(chance, table, f"{WORK}/{n}.cpuid") for n in range(HOW_MANY)]
    said = subprocess.run([TOOL], input="\n".join(dumps) + "\n", capture_output=True, text=True, check=True).stdout
    rows, bad = [line.split("\t") for line in said.splitlines()], 0
    assert len(rows) == len(dumps)
    for driver in drivers():
        wrong = {row[0]: found for row in rows if (found := differences(driver, row))}
        for path, found in list(wrong.items())[:20]:
            print(os.path.basename(path), *found, sep="\n  ")
        bad += len(wrong)
        print(f"GCC {driver.version}: {len(rows) - len(wrong)} of {len(rows)} CPUs agree")
    sys.exit(bad > 0)


main()
