# SPDX-License-Identifier: MIT
"""The whole program beside the machine's GCC, natively and under every CPU model that qemu-user can play: the name and
the features of ggml's list are what `gcc -march=native` says there."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

from gcc_options import FEATURE_OF, OF_GGML

PROGRAM = os.environ["LLAMA_FLEET"]


def gcc_says(start):
    run = subprocess.run([*start, shutil.which("gcc"), "-march=native", "-E", "-###", "-x", "c", os.devnull],
                         capture_output=True, text=True)
    words = [word for line in run.stderr.splitlines() if line.startswith(" ") for word in shlex.split(line)]
    names = [word[7:] for word in words if word.startswith("-march=") and word != "-march=native"]
    return (names[0] if names else None), {word[2:] for word in words if word.startswith("-m")}


def we_say(start):
    run = subprocess.run([*start, PROGRAM, "probe", "--host", "judged"], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)["cpu"]


def models():
    if not shutil.which("qemu-x86_64"):
        print("not tried: other CPUs (no qemu-x86_64 is installed)")
        return []
    text = subprocess.run(["qemu-x86_64", "-cpu", "help"], capture_output=True, text=True).stdout
    return re.findall(r"^x86 (\S+)", text, re.M)


def runs(start):
    return subprocess.run([*start, "/bin/true"], capture_output=True).returncode == 0


def differences(start, version):
    name, options = gcc_says(start)
    cpu = we_say(start)
    out = []
    if name in ("i386", "i486"):
        name = None
    if version == 16 and cpu.get("march") != name:
        out.append(f"name {cpu.get('march')}, GCC says {name}")
    for option in OF_GGML:
        if name and (option in options) != (FEATURE_OF[option] in cpu["features"]):
            out.append(f"{option}: GCC says {option in options}")
    return out


def main():
    if not shutil.which("gcc") or os.uname().machine != "x86_64":
        print("skipped: no GCC for x86-64 is installed here")
        sys.exit(77)
    version = int(subprocess.run(["gcc", "-dumpversion"], capture_output=True, text=True).stdout.split(".")[0])
    if version != 16:
        print(f"note: the program says GCC 16's names, this is GCC {version}: features only; gcc_judge has the names")
    bad = told = 0
    for start in [[]] + [["qemu-x86_64", "-cpu", model] for model in models()]:
        if start and not runs(start):
            continue  # a 32-bit model
        told += 1
        if found := differences(start, version):
            print(" ".join(start) or "this machine", *found, sep="\n  ")
            bad += 1
    print(f"{told - bad} of {told} CPUs agree")
    sys.exit(bad > 0)


main()
