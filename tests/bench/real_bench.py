# SPDX-License-Identifier: MIT
"""`llama-fleet bench` for real: Debian sid's llama-bench, unpacked here, on the model that llama-fleet writes.

Not a timed test: on a machine with AVX2 the plan's variant must read a prompt at least twice as fast as the official
default, where an idle machine shows 7 to 15 times. Skipped where the packages cannot be had (the network, Debian, or
another system), and says why. Packages and model are kept in LLAMA_FLEET_CACHE (default ~/.cache/llama-fleet).
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

SOURCE, WORK = pathlib.Path(os.environ["SOURCE_DIR"]), pathlib.Path(os.environ["WORK_DIR"])
CACHE = pathlib.Path(os.environ.get("LLAMA_FLEET_CACHE", "~/.cache/llama-fleet")).expanduser()
PACKAGES = CACHE / "sid-llama"


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def speeds(result, candidate, test):
    return [s["tokens_per_second"] for s in result["samples"] if s["candidate"] == candidate and s["test"] == test]


def busy(result):
    """Others want more CPUs than there are: threads that wait for each other then say nothing about the program."""
    return max(s["load_average"] for s in result["samples"]) > 1.5 * result["conditions"]["cpus"]


def main():
    flags = pathlib.Path("/proc/cpuinfo").read_text().split("flags", 1)[-1].split("\n", 1)[0].split()
    if "avx2" not in flags or "fma" not in flags:
        skip("this CPU has no AVX2: nothing is expected to be faster")
    unpacked = subprocess.run([SOURCE / "tools/sid-packages", PACKAGES, "llama.cpp-tools"], capture_output=True, text=True)
    if unpacked.returncode == 3:
        skip(unpacked.stderr.strip().splitlines()[-1])
    assert unpacked.returncode == 0, unpacked.stderr

    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    output = WORK / "bench.json"
    # The program's cache is a folder called llama-fleet: the model is shared with other runs where CACHE is such a one.
    cache = CACHE.parent if CACHE.name == "llama-fleet" else CACHE
    done = subprocess.run([os.environ["LLAMA_FLEET"], "bench", "--packages", PACKAGES, "--repeats", "1",
                           "--time-limit", "200", "--output", output],
                          env=os.environ | {"XDG_CACHE_HOME": str(cache)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(output.read_text())
    assert result["complete"] and len(result["samples"]) == 4, result
    assert result["build"]["packages"]["llama.cpp-tools"], result["build"]
    assert [c["variant"] for c in result["candidates"]][0] == "x64", result["candidates"]
    for word in ("not the revision that the flake pins", result["build"]["packages"]["llama.cpp-tools"], "random weights"):
        assert word in " ".join(done.stdout.split()), (word, done.stdout)
    for test in ("pp", "tg"):
        ratio = statistics.mean(speeds(result, "plan", test)) / statistics.mean(speeds(result, "official-default", test))
        print(f"{test}: {ratio:.1f} times ({result['candidates'][1]['variant']} against x64, one run each)")
        assert test != "pp" or ratio >= 2 or busy(result), f"only {ratio:.2f} times as fast"
    assert not any(w["id"] == "sigill" for w in result["warnings"]), result["warnings"]

    again = subprocess.run([os.environ["LLAMA_FLEET"], "bench", "--show", output], capture_output=True, text=True)
    assert again.returncode == 0 and again.stdout == done.stdout, again.stdout
    if busy(result):
        skip("it ran and all but the speed was checked: this machine is too busy to tell the speed")


main()
