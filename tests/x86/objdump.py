# SPDX-License-Identifier: MIT
"""Instruction sets of whole libraries, counted from `objdump -d` by mnemonic and operands, against ours.

Run as objdump.py DECODE_TOOL [FILE...]. objdump_sets.tsv says which mnemonic belongs where; what it does not name is the
baseline, or AVX and AVX-512F where the bytes say VEX and EVEX. Every difference must be a line of KNOWN.
"""
import bisect
import collections
import os
import pathlib
import re
import subprocess
import sys

TOOL, SOURCE = sys.argv[1], pathlib.Path(os.environ["SOURCE_DIR"])
CACHE = pathlib.Path(os.environ.get("LLAMA_FLEET_CACHE", "~/.cache/llama-fleet")).expanduser()
SID = CACHE / "sid-backends/root/usr/lib/x86_64-linux-gnu"
SYSTEM = pathlib.Path("/usr/lib/x86_64-linux-gnu")
# Each set that ggml's 14 variants have is in one of these; the others agree too (give them as FILE).
VARIANTS = ["x64", "sse42", "piledriver", "haswell", "alderlake", "skylakex", "zen4", "sapphirerapids"]
FILES = [*(SID / f"ggml/backends0/libggml-cpu-{name}.so" for name in VARIANTS), *SID.glob("libllama.so.0.*"),
         *(SYSTEM / name for name in ("libcrypto.so.3", "libc.so.6", "libm.so.6", "libstdc++.so.6", "libgmp.so.10"))]
# Sets that every x86-64 CPU has, or hints that all run: by mnemonic they cannot be told from each other, nor need be.
BASELINE = {"BASE", "I86", "I186", "I286PROTECTED", "I286REAL", "I386", "I486", "I486REAL", "CMOV", "FCMOV", "FAT_NOP",
            "LONGMODE", "PAUSE", "PENTIUMREAL", "PENTIUMMMX", "PPRO", "SSE", "SSE2", "SSE2MMX", "SSEMXCSR", "CLFSH",
            "SSE_PREFETCH", "X87", "CET", "FXSAVE", "FXSAVE64", "RDTSCP", "PREFETCH_NOP", "RDPMC", "SMX"}
PREFIXES = re.compile(r"^(?:(?:lock|rep|repz|repnz|bnd|notrack|data16|addr32|cs|ds|es|fs|gs|ss|xacquire|xrelease|rex\S*|"
                      r"\{\w+\d*\}) +)+")
SCALAR = re.compile(r"v(?:add|sub|mul|div|min|max|sqrt|mov|rcp14|rsqrt14|rcp28|rsqrt28|rcp|rsqrt|getexp|getmant|rndscale|reduce|"
                    r"range|scalef|fixupimm|fpclass|comi|ucomi|cmp\w*|f[n]?m(?:add|sub)(?:132|213|231)|4fn?madd|fc?m(?:add|ul)c|"
                    r"cvts[sdh]2|cvtu?si2)s[sdh][lq]?$|vcvtt?s[sdh]2u?si[lq]?$")
LINE = re.compile(r"^ *([0-9a-f]+):\t([0-9a-f ]+?) *\t(.*)")
# set → why objdump's count may differ from ours by any number. Empty: none does.
KNOWN = {}


def load_sets():
    legacy, vector = {}, []
    for line in (SOURCE / "tests/x86/objdump_sets.tsv").read_text().splitlines():
        if line and line[0] != "#":
            kind, name, words = line.split("\t")
            if kind == "legacy":
                legacy.update({word: name for word in words.split()})
            else:
                vector.append((kind, name, re.compile(f"(?:{words})$")))
    return legacy, vector


LEGACY, VECTOR = load_sets()


def width(operands):
    return 512 if "%zmm" in operands else 256 if "%ymm" in operands else 128


def encoding(code):
    """"vex", "evex" or "legacy"; the bytes have no legacy prefix that is also an opcode in front of VEX."""
    for byte in code:
        if byte in ("66", "67", "f2", "f3", "2e", "36", "3e", "26", "64", "65", "f0"):
            continue
        return {"c4": "vex", "c5": "vex", "8f": "xop", "62": "evex"}.get(byte, "legacy")
    return "legacy"


def by_length(name, mnemonic, operands):
    if name.endswith("_"):
        if SCALAR.match(mnemonic):
            return name + "SCALAR"
        # With memory only, objdump's suffix tells the width.
        suffix = {"x": 128, "y": 256, "z": 512}.get(mnemonic[-1]) if re.match(r"vfpclass|vcvtt?p\w+[xyz]$", mnemonic) else None
        return f"{name}{suffix if suffix and 'mm' not in operands.replace('%mm', '') else width(operands)}"
    return name


def vector_set(kind, mnemonic, operands):
    wide = width(operands)
    text = f"{mnemonic}@{wide}"
    memory = "(" in operands or "0x" in operands.split(",")[-1]
    for at, name, words in VECTOR:
        if at in (kind, f"{kind}-{'memory' if memory else 'registers'}") and words.match(text):
            return by_length(name, mnemonic, operands)
    return by_length("AVX512F_", mnemonic, operands) if kind == "evex" else "AVX"


def set_of(code, text):
    text = PREFIXES.sub("", text.split("#")[0].split("<")[0].strip())
    mnemonic, _, operands = text.partition(" ")
    kind = encoding(code)
    if kind in ("vex", "evex"):
        if mnemonic.startswith("v") or mnemonic.startswith("k") or mnemonic in ("ldtilecfg",):
            return vector_set(kind, mnemonic, operands)
        if kind == "vex" or mnemonic not in LEGACY:
            return LEGACY.get(mnemonic, "?" + mnemonic)
    if kind == "xop" and (mnemonic.startswith("vp") or mnemonic.startswith("vfrcz")):
        return "XOP"
    return LEGACY.get(mnemonic, "baseline")


def objdump(path, *words):
    done = subprocess.run(["objdump", "-d", "-w", *words, path], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        found = LINE.match(line)
        if found:
            yield int(found[1], 16), found[2].split(), found[3]


def theirs_in(path, addresses, insns, start, end):
    """objdump's instructions of a function; asked again where its sweep did not begin at the function's first byte."""
    first, last = bisect.bisect_left(addresses, start), bisect.bisect_left(addresses, end)
    if first < len(addresses) and addresses[first] == start:
        if last == len(addresses) or addresses[last] == end or insns[last - 1][0] + len(insns[last - 1][1]) <= end:
            return insns[first:last]
    return list(objdump(path, f"--start-address={start:#x}", f"--stop-address={end:#x}"))


def compare(path):
    done = subprocess.run([TOOL, "functions", path], capture_output=True, text=True)
    assert done.returncode == 0, (path, done.stderr[:1000])
    insns = list(objdump(path))
    addresses = [at for at, _, _ in insns]
    ours, theirs, total, example = collections.Counter(), collections.Counter(), 0, {}
    for line in done.stdout.splitlines():
        start, end, source, count, _, sets = line.split("\t")
        if source != "eh_frame":
            continue  # tables of data between functions: two sweeps need not agree there
        mine = collections.Counter({n: int(c) for n, c in (s.rsplit(":", 1) for s in sets.split()) if n not in BASELINE})
        other = collections.Counter()
        for at, code, text in theirs_in(path, addresses, insns, int(start, 16), int(end, 16)):
            other[set_of(code, text)] += 1
        del other["baseline"]
        for name in {*mine, *other}:
            if mine[name] != other[name]:
                example.setdefault(name, f"{start}: {mine[name]} of ours, {other[name]} of objdump's")
        ours, theirs, total = ours + mine, theirs + other, total + int(count)
    bad = 0
    for name, where in sorted(example.items()):
        print(f"{path.name}: {name}: {ours[name]} of ours, {theirs[name]} of objdump's; first in the function at {where}",
              "" if name not in KNOWN else f"({KNOWN[name]})")
        bad += name not in KNOWN
    print(f"{path.name}: {total} instructions, {sum(ours.values())} beyond the baseline in {len(ours)} sets, {bad} sets differ")
    return bad


def main():
    if subprocess.run(["which", "objdump"], capture_output=True).returncode:
        print("skipped: no objdump here")
        sys.exit(77)
    files = [pathlib.Path(name) for name in sys.argv[2:]] or FILES
    there = [path for path in files if path.exists()]
    if not SID.exists() and not sys.argv[2:]:
        print("not tried: Debian sid's libraries are not unpacked (tests/bench/variants.py does)")
    if not there:
        print("skipped: none of the libraries is here")
        sys.exit(77)
    sys.exit(sum(map(compare, there)) > 0)


main()
