#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/gpucode.py GPU_TOOL [ROUNDS]: how long it takes to say which cards a library has code for, and how much of it is read.

Over the libraries that tests/gpucode/real.py has put into LLAMA_FLEET_CACHE, with GPU_TOOL built of tests/gpucode/gpu_tool.cc.
In the same run: reading all of the file (`cat`), and cuobjdump and clang-offload-bundler where they are installed; both name
targets, the bundler of one bundle only. The file is in memory before each; "read" is what of it is in memory afterwards when
nothing was before. The aim: a HIP library of 1.2 GB in under a second, without reading what need not be read.
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

TOOL = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 15
CACHE = pathlib.Path(os.environ.get("LLAMA_FLEET_CACHE", "~/.cache/llama-fleet")).expanduser()
BACKENDS = "root/usr/lib/x86_64-linux-gnu/ggml/backends0"
LIBRARIES = {
    "Debian's HIP backend": CACHE / "sid-gpucode" / BACKENDS / "libggml-hip.so",
    "Debian's CUDA backend": CACHE / "sid-gpucode" / BACKENDS / "libggml-cuda.so",
    "npm's CUDA backend": CACHE / "npm-gpucode/package/bins/linux-x64-cuda/libggml-cuda.so",
    "Debian's Vulkan backend": CACHE / "sid-backends" / BACKENDS / "libggml-vulkan.so",
}


def seconds(*argv):
    begin = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main():
    found = {name: path for name, path in LIBRARIES.items() if path.exists()}
    for name in LIBRARIES.keys() - found.keys():
        print(f"skipped: {name} is not in {CACHE} (LLAMA_FLEET_DOWNLOADS=1 tests/gpucode/real.py puts it there)")
    if not found:
        sys.exit(77)
    print(f"{'library':<24} {'MiB':>6} {'answer':>9} {'fastest':>9} {'cat':>9} {'ratio':>7} {'read':>9}  others")
    slow = []
    for name, path in found.items():
        ways = {"answer": (TOOL, "list", str(path)), "cat": ("cat", str(path))}
        if shutil.which("cuobjdump") and "CUDA" in name:
            ways["cuobjdump --list-elf"] = ("cuobjdump", "--list-elf", str(path))
        times = {way: [] for way in ways}
        seconds(*ways["cat"])
        for _ in range(ROUNDS):
            for way, argv in ways.items():
                times[way].append(seconds(*argv))
        middle = {way: statistics.median(values) for way, values in times.items()}
        read = int(subprocess.run([TOOL, "pages", str(path)], check=True, capture_output=True, text=True).stdout)
        others = ", ".join(f"{way} {middle[way] * 1000:.0f} ms" for way in list(ways)[2:])
        print(f"{name:<24} {path.stat().st_size >> 20:>6} {middle['answer'] * 1000:>6.1f} ms {min(times['answer']) * 1000:>6.1f} ms "
              f"{middle['cat'] * 1000:>6.0f} ms {middle['cat'] / middle['answer']:>6.1f}x {read >> 20:>5} MiB  {others}")
        if middle["answer"] >= 1:
            slow.append(name)
    print("whole processes, the median of", ROUNDS, "rounds in turn")
    sys.exit(f"not under a second: {', '.join(slow)}" if slow else 0)


main()
