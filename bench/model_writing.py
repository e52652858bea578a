#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/model_writing.py MODEL_TOOL [FOLDER [SPECIFICATION [REPEATS]]]: how fast a synthetic model is written, in GB/s.

In turn with `dd` of zeros and with `cp` of the model itself, same size, same disk, each until its bytes are on the disk
(fdatasync): what the disk can do, and what copying a real model would take. MODEL_TOOL is tests/bench/model_tool of a build.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

tool = os.path.abspath(sys.argv[1])
folder = sys.argv[2] if len(sys.argv) > 2 else "."
specification = sys.argv[3] if len(sys.argv) > 3 else "synthetic:8B:Q4_K_M"
repeats = int(sys.argv[4]) if len(sys.argv) > 4 else 3


def seconds(argv):
    begin = time.perf_counter()
    subprocess.run(argv, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


with tempfile.TemporaryDirectory(dir=folder) as work:
    model, other = os.path.join(work, "model.gguf"), os.path.join(work, "other")
    subprocess.run([tool, "write", specification, model], check=True)
    size = os.path.getsize(model)
    mib = -(-size // (1 << 20))
    commands = {
        "dd of zeros": (other, ["dd", "if=/dev/zero", f"of={other}", "bs=1M", f"count={mib}", "conv=fdatasync"]),
        "cp (as dd) of the model": (other, ["dd", f"if={model}", f"of={other}", "bs=1M", "conv=fdatasync"]),
        "llama-fleet": (other, [tool, "write", specification, other]),
    }
    speeds = {name: [] for name in commands}
    for _ in range(repeats):
        for name, (made, argv) in commands.items():
            speeds[name].append(size / 1e9 / seconds(argv))
            os.unlink(made)

base = statistics.median(speeds["dd of zeros"])
print(f"{specification}, {size / 1e9:.2f} GB, n={repeats}\n{'':26}{'median':>12}{'least':>12}{'most':>12}  of dd")
for name, values in speeds.items():
    median = statistics.median(values)
    print(f"{name:26}{median:>7.2f} GB/s{min(values):>7.2f} GB/s{max(values):>7.2f} GB/s{median / base:>7.2f}")
