# SPDX-License-Identifier: MIT
"""Intel XED's answers against ours: sets and lengths of real encodings, XED's decode tests, counts by function.

Run as xed.py DECODE_TOOL. The data lies beside the checkout (../shared/data/isa) and is not ours to copy; without it the
test is skipped. Every difference must be a line of xed_exceptions.tsv.
"""
import collections
import glob
import hashlib
import os
import pathlib
import subprocess
import sys

TOOL, SOURCE = sys.argv[1], pathlib.Path(os.environ["SOURCE_DIR"])
DATA = SOURCE.parent / "shared/data/isa"
CACHE = pathlib.Path(os.environ.get("LLAMA_FLEET_CACHE", "~/.cache/llama-fleet")).expanduser()
NO_COUNT = {"BASE", "I86", "I186", "I286PROTECTED", "I286REAL", "I386", "I486", "I486REAL", "CMOV", "FCMOV", "FCOMI",
            "FAT_NOP", "LONGMODE", "PAUSE", "PENTIUMREAL", "PENTIUMMMX", "PPRO", "SSE", "SSE2", "SSE2MMX", "SSEMXCSR",
            "SSE_PREFETCH", "X87", "CET", "CLFSH", "FXSAVE", "FXSAVE64", "RDTSCP", "PREFETCH_NOP", "CLDEMOTE", "MPX"}


def rows(path):
    return [line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8") if line.strip() and line[0] != "#"]


def ask(codes):
    done = subprocess.run([TOOL, "hex"], input="\n".join(codes) + "\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:2000]
    return [(name, int(length)) for name, length in (line.split() for line in done.stdout.splitlines())]


class Exceptions:
    def __init__(self):
        table = rows(SOURCE / "tests/x86/xed_exceptions.tsv")
        self.sets = {(row[1], row[2]) for row in table if row[0] == "set"}
        self.codes = {row[1]: row[2] for row in table if row[0] == "hex"}

    def same_set(self, theirs, ours):
        plain = ours.removeprefix("APX_F_")
        return theirs == ours or (theirs, ours) in self.sets or ours == "APX_F" or theirs == plain or (theirs, plain) in self.sets


def samples(known):
    table, bad = rows(DATA / "samples.tsv"), 0
    for row, (name, length) in zip(table, ask([row[2] for row in table]), strict=True):
        apx = name.startswith("APX_F") and not row[0].startswith("APX")
        if length != len(row[2]) // 2 or not known.same_set(row[0], name) or apx:
            print("sample", row, "ours:", name, length)
            bad += 1
    print(f"{len(table)} samples, {bad} differ")
    return bad


def decode_cases(known):
    table, bad, errors = rows(DATA / "xed/decode64.tsv"), 0, 0
    for row, (name, length) in zip(table, ask([row[1] for row in table]), strict=True):
        code, theirs, error = row[1], row[4], row[5] == "ERROR"
        errors += error
        if code in known.codes:
            good = known.codes[code] in (name, "any")
        elif error:
            good = name == "unknown"
        else:
            good = name != "unknown" and (theirs == "" or known.same_set(theirs, name))
        if not good:
            print("case", row, "ours:", name, length)
            bad += 1
    print(f"{len(table)} decode cases ({errors} must fail), {bad} differ")
    return bad


def library_of(place, digest):
    """A file of that content, where the machine or the unpacked packages of sid have it."""
    name = place.split(":", 1)[1].lstrip("/")
    for folder in ["/", *glob.glob(str(CACHE / "*/root"))]:
        path = pathlib.Path(folder, name)
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
            return path
    return None


def expected_counts(path):
    """start → (end, instructions, bad, counts by set without the baseline)."""
    table = {}
    for line in open(path, encoding="utf-8"):
        if line.startswith("#") or not line.strip():
            continue
        start, end, count, bad, sets = (line.rstrip("\n").split("\t") + [""])[:5]
        table[int(start, 16)] = (int(end, 16), int(count), int(bad), dict(s.rsplit(":", 1) for s in sets.split()))
    return table


def comparable(known, sets):
    """Counts under the names that both know: XED's finer ones folded into ours."""
    fold = collections.defaultdict(set)
    for theirs, ours in known.sets:
        fold[ours].add(theirs)
    out = collections.Counter()
    for name, count in sets.items():
        if name in NO_COUNT or fold[name] & NO_COUNT:
            continue
        names = [ours for theirs, ours in known.sets if theirs == name and ours.endswith(("KOP", "_TZCNT"))]
        out[names[0] if names else "AVX" if name == "AVX_PCLMULQDQ" else name] += int(count)
    return out


def functions(known):
    bad = seen = 0
    for row in rows(DATA / "oracle/SOURCES.txt"):
        table = DATA / "oracle" / row[0]
        if not table.is_file():
            continue
        library = library_of(row[1], row[2])
        if library is None:
            print(f"not tried: {row[0]}: no such file of that content here ({row[1]})")
            continue
        done = subprocess.run([TOOL, "functions", library], capture_output=True, text=True)
        assert done.returncode == 0, (library, done.stderr[:1000])
        expected = expected_counts(table)
        for line in done.stdout.splitlines():
            start, end, source, count, undecodable, sets = line.split("\t")
            ours = comparable(known, dict(s.rsplit(":", 1) for s in sets.split()))
            theirs = expected.pop(int(start, 16), None) if source == "eh_frame" else None
            if source != "eh_frame":
                continue
            seen += 1
            want = (0, comparable(known, theirs[3])) if theirs else (0, collections.Counter())
            if (int(undecodable), ours) != want or (theirs and int(count) != theirs[1]):
                print(row[0], start, "ours:", count, undecodable, dict(ours), "XED:", theirs)
                bad += 1
        for start in expected:
            print(row[0], f"{start:x}: no function of ours begins there")
            bad += 1
    print(f"{seen} functions, {bad} differ")
    return bad


def main():
    if not (DATA / "samples.tsv").is_file():
        print("skipped: ../shared/data/isa is not there")
        sys.exit(77)
    known = Exceptions()
    sys.exit(samples(known) + decode_cases(known) + functions(known) > 0)


main()
