# SPDX-License-Identifier: MIT
"""The speed of decoding, in one run: objdump -d, the decoder library alone, our two passes; and of the whole verb.

    python3 bench/audit.py build/bench/bin/x86_bench [FILE] [RUNS]

FILE: a library of some size (default: the machine's libLLVM-14, 50 MB of code). Everything is run RUNS (5) times in turn and
the fastest counts, so that what else the machine does hits all alike. Figures are MB of code a second of processor time on
one core, and how many times objdump that is; objdump's is the time of the whole process, its text thrown away. The verb is
`llama-fleet audit FILE` of the program beside x86_bench, for the machine it runs on: decoding is the smaller part of it, the
larger is to follow what the CPU answers. Its user time and largest memory stand beside objdump's; memory below Python's own,
some 15 MB, is not seen.
"""
import json
import os
import subprocess
import sys

BENCH = sys.argv[1]
PROGRAM = os.path.join(os.path.dirname(BENCH), "llama-fleet")
FILE = sys.argv[2] if len(sys.argv) > 2 else "/usr/lib/x86_64-linux-gnu/libLLVM-14.so.1"
RUNS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
NAMES = ["library_alone", "decode_slowly", "decode"]


def code_size():
    """Of the executable sections: a segment may hold read-only data too, as libLLVM's does."""
    text = subprocess.run(["readelf", "-SW", FILE], capture_output=True, text=True, check=True).stdout
    rows = [line.split("] ", 1)[1].split() for line in text.splitlines() if "] ." in line]
    return sum(int(row[4], 16) for row in rows if "X" in row[6])


SIZE = code_size()


def measured(command, codes):
    """What one process used: user time in s, user and system time in s, largest memory in bytes."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in codes:
        sys.exit(f"{command[0]} ended with {child.returncode}")
    return used.ru_utime, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def whole_verb():
    """objdump -d and the verb in turn; of each the run with the least user time."""
    size = os.path.getsize(FILE)
    # The verb's answer may be no (1), or that something cannot be told (3): its time is the same.
    commands = {"objdump -d": (["objdump", "-d", FILE], (0,)), "audit": ([PROGRAM, "audit", FILE], (0, 1, 3))}
    best = {}
    for _ in range(RUNS):
        for name, (command, codes) in commands.items():
            best[name] = min(best.get(name, (float("inf"),)), measured(command, codes))
    base = best["objdump -d"][0]
    for name, (user, _, memory) in best.items():
        print(f"{name:14} {user:7.2f} s user, {SIZE / 1e6 / user:6.1f} MB/s, {base / user:5.2f} x objdump; "
              f"{memory / 1e6:7.1f} MB, {memory / size:5.1f} x the file")


def objdump():
    return SIZE / measured(["objdump", "-d", FILE], (0,))[1]


def bench(pattern):
    done = subprocess.run([BENCH, f"--benchmark_filter={pattern}", "--benchmark_format=json"], capture_output=True, text=True,
                          check=True, env=os.environ | {"LLAMA_FLEET_X86_FILE": FILE})
    return json.loads(done.stdout)["benchmarks"]


def main():
    best = dict.fromkeys(["objdump -d", *NAMES], 0.0)
    for _ in range(RUNS):
        best["objdump -d"] = max(best["objdump -d"], objdump())
        for name in NAMES:
            found = bench(f"^{name}$")[0]
            if found.get("error_occurred"):
                sys.exit(found["error_message"])
            best[name] = max(best[name], found["bytes_per_second"])
    print(f"{FILE}, {SIZE / 1e6:.1f} MB of code, fastest of {RUNS} runs in turn, load {os.getloadavg()[0]:.1f}")
    for name, speed in best.items():
        print(f"{name:14} {speed / 1e6:7.1f} MB/s {speed / best['objdump -d']:6.1f} x objdump")
    threads = bench("^decode_threads/")
    if threads[0].get("error_occurred"):
        print("scaling:", threads[0]["error_message"])
    else:
        for row in threads:
            print(f"{row['threads']} threads: {row['bytes_per_second'] / 1e6:.1f} MB/s")
    print("The whole program:")
    whole_verb()


main()
