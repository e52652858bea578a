#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/report.py LLAMA_FLEET [REPEATS]: how long `report` takes for 1,000 hosts and how large the page is.

Each host has facts, a plan and a result as large as real ones: doc/bench/emerald-rapids-tg.json, a `bench --choose` of 333 runs
and 10 steps, every measured number in it varied. In turn, the page is written and the same files are read by `cat`. The aim is a second and 5 MB.
"""
import json
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/support"))
import made_fleet  # noqa: E402: it lies with the tests

program = os.path.abspath(sys.argv[1])
repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 9
HOSTS, MOST_SECONDS, MOST_BYTES = 1000, 1, 5_000_000
RESULTS = ("emerald-rapids-tg",)
KINDS = ("carbon", "boron", "nitrogen", "beryllium", "this-machine")


def used():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def seconds(argv):
    """By the clock, and of all CPUs together: where other work runs, the clock says more about that."""
    begin, before = time.perf_counter(), used()
    subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin, used() - before


def varied(value, made):
    """Every number that was measured, one by one: whatever is a fraction."""
    if isinstance(value, dict) and set(value) == {"mean", "low", "high"}:
        factor = made.uniform(0.9, 1.1)  # an interval stays one
        return {key: factor * one for key, one in value.items()}
    if isinstance(value, dict):
        return {key: varied(one, made) for key, one in value.items()}
    if isinstance(value, list):
        return [varied(one, made) for one in value]
    return value * made.uniform(0.9, 1.1) if isinstance(value, float) and value not in (0.0, 1.0) else value


def fleet(folder):
    real = [json.loads((made_fleet.SOURCE / f"doc/bench/{name}.json").read_text()) for name in RESULTS]
    for number in range(HOSTS):
        host = f"host-{number:04}"
        made_fleet.machine(folder, host, KINDS[number % len(KINDS)])
        facts = pathlib.Path(folder, f"llama-fleet/facts/{host}.json")
        value = json.loads(facts.read_text()) | {"memory_mib": 8192 + 16 * number}
        facts.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")
        made = varied(real[number % len(real)], random.Random(number)) | {"host": host, "seed": number}
        made_fleet.write(folder, "bench", host, made_fleet.measured_there(folder, host, made))


with tempfile.TemporaryDirectory() as work:
    fleet(work)
    files = sorted(map(str, pathlib.Path(work).rglob("*.json")))
    page = os.path.join(work, "report.html")
    commands = {"cat": ["cat", *files], "llama-fleet report": [program, "report", work, "--output", page]}
    times = {name: [] for name in commands}
    for _ in range(repeats):
        for name, argv in commands.items():
            times[name].append(seconds(argv))
    sizes = sum(map(os.path.getsize, files)), os.path.getsize(page)

print(f"{HOSTS} hosts, {len(files)} files of {sizes[0] / 1e6:.1f} MB; the page has {sizes[1] / 1e6:.2f} MB; n={repeats}")
for name, values in times.items():
    clock, cpu = zip(*values)
    print(f"{name:20}{statistics.median(clock) * 1e3:>8.0f} ms{min(clock) * 1e3:>8.0f} ms least {statistics.median(cpu) * 1e3:>8.0f} ms of CPUs")
reached = statistics.median(one for one, _ in times["llama-fleet report"]) <= MOST_SECONDS, sizes[1] <= MOST_BYTES
print("a second: {}, 5 MB: {}".format(*("reached" if one else "not reached" for one in reached)))
