# SPDX-License-Identifier: MIT
"""The speed of decoding and of the whole verb, in one run with objdump -d.

    python3 bench/audit.py build/bench/bin/x86_bench [FILE] [RUNS]
    python3 bench/audit.py build/release/bin/llama-fleet [RUNS] [FILE…]

The first compares objdump -d, the decoder library alone and our two passes over FILE, a library of some size (default: the
machine's libLLVM-14, 50 MB of code), then the verb. Everything is run RUNS (5) times in turn and the fastest counts, so that
what else the machine does hits all alike. Figures are MB of code a second of processor time on one core, and how many times
objdump that is; objdump's is the time of the whole process, its text thrown away.

The second is a table of the verb alone, `llama-fleet audit FILE` for the machine it runs on, over libraries that never ask
the CPU, that do, and a static program (built here, where there is a static C library): decoding is the smaller part of it, the
larger is to follow what the CPU answers. Processor time (user and system) and largest memory stand beside objdump's and the file's; memory below
Python's own, some 15 MB, is not seen.
"""
import json
import os
import subprocess
import sys
import tempfile

BENCH = sys.argv[1]
TABLE = os.path.basename(BENCH) == "llama-fleet"
PROGRAM = BENCH if TABLE else os.path.join(os.path.dirname(BENCH), "llama-fleet")
LIBRARIES = "/usr/lib/x86_64-linux-gnu/"
FILE = sys.argv[2] if len(sys.argv) > 2 and not TABLE else LIBRARIES + "libLLVM-14.so.1"
RUNS = int(next(iter(sys.argv[2:3] if TABLE else sys.argv[3:4]), 5))
# What asks the CPU never, in one place, in many; large ones; assembly.
FILES = ["libLLVM-14.so.1", "libpython3.11.so.1.0", "libsqlite3.so.0", "libstdc++.so.6", "libperl.so.5.36", "liblzma.so.5",
         "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "libcrypto.so.3", "libgcrypt.so.20", "libgnutls.so.30", "libnettle.so.8",
         "libzstd.so.1", "libpcre2-8.so.0", "libmpg123.so.0", "libjpeg.so.62", "libopus.so.0", "libyuv.so.0", "libdav1d.so.6",
         "libaom.so.3", "libx265.so.199", "libSvtAv1Enc.so.1", "librsvg-2.so.2"]
NAMES = ["library_alone", "decode_slowly", "decode"]


def code_size(file):
    """Of the executable sections: a segment may hold read-only data too, as libLLVM's does."""
    text = subprocess.run(["readelf", "-SW", file], capture_output=True, text=True, check=True).stdout
    rows = [line.split("] ", 1)[1].split() for line in text.splitlines() if "] ." in line]
    return sum(int(row[4], 16) for row in rows if "X" in row[6])


def measured(command, codes):
    """What one process used: processor time (user and system) in s, largest memory in bytes."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in codes:
        sys.exit(f"{command[0]} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def whole_verb(file):
    """objdump -d and the verb in turn: what each used in the run with the least time."""
    # The verb's answer may be no (1), or that something cannot be told (3): its time is the same.
    commands = {"objdump -d": (["objdump", "-d", file], (0,)), "audit": ([PROGRAM, "audit", file], (0, 1, 3))}
    best = {}
    for _ in range(RUNS):
        for name, (command, codes) in commands.items():
            best[name] = min(best.get(name, (float("inf"),)), measured(command, codes))
    return best["objdump -d"], best["audit"]


def table(files):
    print(f"{'':26} {'file':>8} {'code':>8} {'objdump':>8} {'audit':>8} {'times':>6} {'memory':>8} {'x file':>7}")
    for file in files:
        if not os.path.exists(file):
            print(f"{os.path.basename(file):26} not here")
            continue
        base, verb = whole_verb(file)
        size = os.path.getsize(file)
        print(f"{os.path.basename(file):26} {size / 1e6:6.2f}MB {code_size(file) / 1e6:6.2f}MB {base[0]:7.2f}s {verb[0]:7.3f}s "
              f"{base[0] / verb[0]:6.1f} {verb[1] / 1e6:6.1f}MB {verb[1] / size:7.1f}", flush=True)


def verbs():
    if len(sys.argv) > 3:
        return table(sys.argv[3:])
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "static hello")
        made = subprocess.run(["cc", "-O2", "-static", "-x", "c", "-", "-o", program], capture_output=True, text=True,
                              input='#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n')
        if made.returncode != 0:
            print("static hello: not built:", (made.stderr.strip().splitlines() or ["no compiler"])[-1])
        return table([LIBRARIES + name for name in FILES] + ([program] if made.returncode == 0 else []))


def objdump():
    return code_size(FILE) / measured(["objdump", "-d", FILE], (0,))[0]


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
    print(f"{FILE}, {code_size(FILE) / 1e6:.1f} MB of code, fastest of {RUNS} runs in turn, load {os.getloadavg()[0]:.1f}")
    for name, speed in best.items():
        print(f"{name:14} {speed / 1e6:7.1f} MB/s {speed / best['objdump -d']:6.1f} x objdump")
    threads = bench("^decode_threads/")
    if threads[0].get("error_occurred"):
        print("scaling:", threads[0]["error_message"])
    else:
        for row in threads:
            print(f"{row['threads']} threads: {row['bytes_per_second'] / 1e6:.1f} MB/s")
    print("The whole program:")
    table([FILE])


if TABLE:
    print(f"fastest of {RUNS} runs in turn, load {os.getloadavg()[0]:.1f}")
    verbs()
else:
    main()
