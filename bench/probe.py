#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/probe.py LLAMA_FLEET [ROUNDS]: how long a local probe takes, as a whole process.

In turn and in random order: `llama-fleet probe`, the same on a captured machine with two GPUs (so that pci.ids is read),
and `lscpu` and `lspci -nn` one after the other, which tell a part of the same. A process that does nothing (`true`) says what
starting one costs. The aims: under 3 ms, and at least 6 times faster than the two together. By the clock, median and fastest of
the rounds, and by the processor time of user and kernel, which says more where other work runs; the ratio is that of the medians.
"""
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import time

PROGRAM = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 200
CAPTURE = str(pathlib.Path(__file__).resolve().parents[1] / "examples/captures/carbon")
MOST_MS, LEAST_RATIO = 3.0, 6.0

help_text = subprocess.run([PROGRAM, "probe", "--help"], capture_output=True, text=True, check=True).stdout
BARE = ["--no-driver-libraries"] if "--no-driver-libraries" in help_text else []
WAYS = {
    "llama-fleet probe": [[PROGRAM, "probe", *BARE]],
    "probe of a capture with two GPUs": [[PROGRAM, "probe", "--root", CAPTURE]],
    "lscpu and lspci -nn": [["lscpu"], ["lspci", "-nn"]],
    "true": [["true"]],
}


def milliseconds(commands):
    """By the clock, and of the processor."""
    begin, used = time.perf_counter(), 0.0
    for argv in commands:
        # posix_spawn: Python's own fork would be most of the time.
        child = os.posix_spawnp(argv[0], argv, os.environ, file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
        _, status, usage = os.wait4(child, 0)
        assert status == 0, (argv, status)
        used += usage.ru_utime + usage.ru_stime
    return 1000 * (time.perf_counter() - begin), 1000 * used


missing = [argv[0] for ways in WAYS.values() for argv in ways if not shutil.which(argv[0])]
if missing:
    sys.exit(f"not installed: {', '.join(missing)} (Debian: util-linux, pciutils)")
times = {name: [] for name in WAYS}
made = random.Random(5)
for round_number in range(ROUNDS + 3):
    order = list(WAYS)
    made.shuffle(order)
    for name in order:
        taken = milliseconds(WAYS[name])
        if round_number >= 3:  # the first ones warm the caches
            times[name].append(taken)
def median(name, which):
    return statistics.median(taken[which] for taken in times[name])


for name, taken in times.items():
    fastest = min(clock for clock, _ in taken)
    print(f"{name:34} median {median(name, 0):6.2f} ms   fastest {fastest:6.2f} ms   processor {median(name, 1):6.2f} ms   n = {len(taken)}")
own = median("llama-fleet probe", 0)
ratio = median("lscpu and lspci -nn", 0) / own
print(f"the probe is {ratio:.1f} times as fast as lscpu and lspci -nn together (aim: {LEAST_RATIO:g}); of the processor it takes "
      f"{median('lscpu and lspci -nn', 1) / median('llama-fleet probe', 1):.1f} times less")
sys.exit(0 if own < MOST_MS and ratio >= LEAST_RATIO else 1)
