#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/main_job.py LLAMA_FLEET: how long probe + plan + fit take on the example (five hosts, Nix not asked), and how much memory.

Every command runs 30 times, in turn with the others; the median, the spread and the largest resident size are shown, and the ratio to
`lscpu` in the same run, so that a slow machine does not look like slow code.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

program = os.path.abspath(sys.argv[1])
source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 30


def measure(argv):
    begin = time.perf_counter()
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{argv}: exit {child.returncode}")
    return time.perf_counter() - begin, usage.ru_maxrss


with tempfile.TemporaryDirectory() as folder:
    flake = os.path.join(folder, "homelab")
    subprocess.run(["cp", "-R", os.path.join(source, "examples/homelab"), flake], check=True)
    captures = [f"{host}={source}/examples/captures/{host}" for host in ("carbon", "beryllium", "boron", "nitrogen")]
    fit = [program, "fit", flake, "--no-nix", "--here", "this-machine"]
    for capture in captures:
        fit += ["--root", capture]
    commands = {
        "lscpu": ["lscpu"],
        "llama-fleet probe": [program, "probe"],
        "llama-fleet plan": [program, "plan"],
        "llama-fleet fit (probe + plan + fit, 5 hosts)": fit,
    }
    times = {name: [] for name in commands}
    memory = {name: 0 for name in commands}
    for _ in range(repeats):
        for name, argv in commands.items():
            seconds, kib = measure(argv)
            times[name].append(seconds)
            memory[name] = max(memory[name], kib)

base = statistics.median(times["lscpu"])
print(f"{'':48}{'median':>9}{'min':>9}{'max':>9}{'memory':>9}  of lscpu   (n={repeats})")
for name, values in times.items():
    median = statistics.median(values)
    print(f"{name:48}{median * 1e3:>6.1f} ms{min(values) * 1e3:>6.1f} ms{max(values) * 1e3:>6.1f} ms"
          f"{memory[name] / 1024:>6.1f} MB{median / base:>9.2f}")
assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 0
