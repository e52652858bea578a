#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/syntax.py LLAMA_FLEET [FOLDER] [REPEATS]: parsing, against Nix's own parser over the same files.

FOLDER holds Nix files of any kind (at least 2,000 of them for a figure that means something); without it the cases of tests/ are
taken, over and over. Files that some Nix refuses are left out, so that every program does all of them. Every program gets all files in
one process, in turn with the others; output goes to /dev/null. What counts is the user time of the process (one core), with what the same
program takes for one small file taken off.

`nix-instantiate --parse` always prints the tree, so two figures of ours stand beside it: parsing alone with the check of the round trip
(`syntax`), and with the tree printed in the same shape (`syntax --tree`). How much of Nix's time is printing cannot be told from outside.
$LLAMA_FLEET_NIX_CURRENT names another Nix (words that start `nix`).
"""
import glob
import os
import shlex
import shutil
import statistics
import sys
import tempfile

program = os.path.abspath(sys.argv[1])
source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
folder = sys.argv[2] if len(sys.argv) > 2 else None
repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 7
MOST_BYTES = 1_900_000  # of names on one command line


def run(argv):
    """(user seconds, exit code)"""
    actions = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]
    child = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    _, status, usage = os.wait4(child, 0)
    return usage.ru_utime, os.waitstatus_to_exitcode(status)


def refused(parser, files):
    """The files that this Nix refuses. It stops at the first one: halves until one is left."""
    if not files or run([*parser, *files])[1] == 0:
        return []
    if len(files) == 1:
        return files
    middle = len(files) // 2
    return refused(parser, files[:middle]) + refused(parser, files[middle:])


def corpus():
    places = [folder] if folder else [os.path.join(source, name) for name in ("tests", "examples", "nix")]
    found = sorted(path for place in places for path in glob.glob(os.path.join(place, "**/*.nix"), recursive=True)
                   if os.path.isfile(path))
    kept, total = [], 0
    for path in found:
        total += len(path) + 9
        if total < MOST_BYTES:
            kept.append(path)
    return kept


with tempfile.TemporaryDirectory() as work:
    for name, place in (("NIX_STATE_DIR", "state"), ("NIX_STORE_DIR", "store"), ("NIX_LOG_DIR", "log")):
        os.environ[name] = os.path.join(work, place)
    current = shlex.split(os.environ.get("LLAMA_FLEET_NIX_CURRENT", ""))
    parsers = {}
    if shutil.which("nix-instantiate"):
        parsers["nix-instantiate of PATH"] = ["nix-instantiate", "--parse"]
    if current:
        parsers["nix-instantiate of LLAMA_FLEET_NIX_CURRENT"] = [*current[:-1], "nix-instantiate", "--parse"]
    files = corpus()
    for parser in parsers.values():
        bad = set(refused(parser, files))
        files = [path for path in files if path not in bad]
    files *= max(1, -(-2000 // len(files)))
    megabytes = sum(os.path.getsize(path) for path in files) / 1e6
    small = os.path.join(work, "small.nix")
    with open(small, "w", encoding="utf-8") as file:
        file.write("1\n")
    ours = {"llama-fleet syntax": [program, "syntax"], "llama-fleet syntax --tree": [program, "syntax", "--tree"]}
    commands = {**parsers, **ours}
    times = {name: [] for name in commands}
    for _ in range(repeats):
        for name, argv in commands.items():
            start = run([*argv, small])[0]
            seconds, code = run([*argv, *files])
            if code != 0:
                sys.exit(f"{name}: exit {code}")
            times[name].append(max(seconds - start, 1e-6))

print(f"{len(files)} files, {megabytes:.1f} MB, n={repeats}; user time, start of the program taken off")
print(f"{'':44}{'median':>9}{'least':>9}{'MB/s':>8}  times as fast as " + " / ".join(parsers))
for name, values in times.items():
    median = statistics.median(values)
    ratios = " / ".join(f"{statistics.median(times[parser]) / median:.2f}" for parser in parsers)
    print(f"{name:44}{median * 1e3:>6.0f} ms{min(values) * 1e3:>6.0f} ms{megabytes / median:>8.1f}  {ratios}")
