#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/lint.py LLAMA_FLEET [REPEATS]: how long `check --lint` takes on one large repository, as a ratio to Nix's own parser.

The repository is made of the cases of tests/overlays, each in a folder of its own, over and over until it has 2,000 Nix files. In turn,
`check --lint` judges all of them and `nix-instantiate --parse` parses them (one process for all files, its output thrown away).
"""
import glob
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

program = os.path.abspath(sys.argv[1])
source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 9
FILES = 2000


def seconds(argv, allowed):
    begin = time.perf_counter()
    code = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
    if code not in allowed:
        sys.exit(f"{argv[:3]} …: exit {code}")
    return time.perf_counter() - begin


def repository(folder):
    """Every file once a round; names without a dot in front, so that all are read."""
    cases = sorted(glob.glob(os.path.join(source, "tests/overlays/*/before")))
    found, number = [], 0
    while len(found) < FILES:
        for case in cases:
            place = os.path.join(folder, f"{number:04}-{os.path.basename(os.path.dirname(case))}")
            shutil.copytree(case, place)
            found += glob.glob(os.path.join(place, "**/*.nix"), recursive=True)
            number += 1
    with open(os.path.join(folder, "flake.nix"), "w", encoding="utf-8") as file:
        file.write("{ outputs = { self }: { }; }\n")
    return found[:FILES] if len(found) == FILES else found


with tempfile.TemporaryDirectory() as work:
    files = repository(work)
    size = sum(os.path.getsize(path) for path in files)
    commands = {"nix-instantiate --parse": (["nix-instantiate", "--parse", *files], (0,)),
                "llama-fleet check --lint": ([program, "check", "--lint", work], (0, 1))}
    times = {name: [] for name in commands}
    for _ in range(repeats):
        for name, (argv, allowed) in commands.items():
            times[name].append(seconds(argv, allowed))

base = statistics.median(times["nix-instantiate --parse"])
print(f"{len(files)} files, {size / 1e6:.2f} MB, n={repeats}")
for name, values in times.items():
    median = statistics.median(values)
    print(f"{name:28}{median * 1e3:>8.0f} ms{min(values) * 1e3:>8.0f} ms least {median / base:>7.2f} of Nix's parser")
