# SPDX-License-Identifier: MIT
"""llama-fleet-probe: static, and it says what `llama-fleet probe` says. For aarch64 it is built with the cross compiler
and run under qemu's CPU models: what it finds is what the models have (QEMU 7.2, docs/system/arm/virt.rst and
target/arm/cpu64.c), and the -march string of the plan for them is one that GCC takes."""
import json
import os
import re
import shutil
import subprocess
import sys

ROOT, PROGRAM, BUILD = os.environ["SOURCE_DIR"], os.environ["LLAMA_FLEET"], sys.argv[1]
# model: (features that it has, features that it lacks, GGML_CPU_ARM_ARCH)
MODELS = {
    "cortex-a53": ({"fp", "asimd", "aes", "crc32"}, {"atomics", "asimddp", "sve"}, None),
    "cortex-a57": ({"fp", "asimd", "aes", "crc32"}, {"atomics", "asimddp", "sve"}, None),
    "cortex-a72": ({"fp", "asimd", "aes", "crc32"}, {"atomics", "asimddp", "sve"}, None),
    "cortex-a76": ({"atomics", "asimddp", "fphp", "asimdhp"}, {"sve", "i8mm"}, "armv8.2-a+dotprod+fp16"),
    "neoverse-n1": ({"atomics", "asimddp", "fphp", "asimdhp"}, {"sve", "i8mm"}, "armv8.2-a+dotprod+fp16"),
    "a64fx": ({"atomics", "sve", "fphp"}, {"asimddp", "i8mm", "sve2"}, "armv8.2-a+fp16+sve"),
    "max": ({"sve", "sve2", "i8mm", "asimddp", "bf16"}, set(), "armv8.2-a+dotprod+fp16+i8mm+sve+sve2+sme"),
}
bad = 0


def check(condition, message):
    global bad
    if not condition:
        print(message)
        bad += 1


def run(*words, **more):
    done = subprocess.run(words, capture_output=True, text=True, **more)
    if done.returncode:
        print(f"{words}: {done.returncode}\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
        sys.exit(1)
    return done.stdout


def is_static(program):
    with open(program, "rb") as file:
        return b"/ld-linux" not in file.read()


def loads_nothing(program):
    """A static glibc that loads a driver's library brings a second C library into the process, and crashes."""
    with open(program, "rb") as file:
        text = file.read()
    return b"libnvidia-ml.so" not in text and b"libvulkan.so" not in text and b"a static program cannot load it" in text


def this_machine():
    said = run("cmake", "--build", BUILD, "--target", "llama-fleet-probe")
    check("statically linked applications" not in said, f"it can only run beside our own C library: {said[-800:]}")
    program = f"{BUILD}/bin/llama-fleet-probe-{os.uname().machine}"
    check(is_static(program), "it needs a dynamic loader")
    check(loads_nothing(program), "it loads libraries of drivers")
    ours, whole = json.loads(run(program, "probe", "--host", "here")), json.loads(run(PROGRAM, "probe", "--host", "here"))
    check(ours["cpu"] == whole["cpu"] and ours["gpus"] == whole["gpus"], "it does not say what llama-fleet says")
    check(subprocess.run([program, "--capture"], capture_output=True).returncode == 2, "an unknown word is taken")
    check(subprocess.run([program, "--host", "a b"], capture_output=True).returncode == 2, "a bad name is taken")


def installed():
    """`cmake --install` lays it beside llama-fleet, where `probe --ssh … --send-binary` looks without a path."""
    where = os.path.join(os.environ["WORK_DIR"], "installed")
    shutil.rmtree(where, ignore_errors=True)
    run("cmake", "--install", BUILD, "--prefix", where)
    machine = os.uname().machine
    check({"llama-fleet", f"llama-fleet-probe-{machine}"} <= set(os.listdir(f"{where}/bin")), os.listdir(f"{where}/bin"))
    tools = f"{where}/tools"
    os.makedirs(tools)
    with open(f"{tools}/ssh", "w") as ssh:
        ssh.write('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nexec sh -c "$3"\n')
    os.chmod(f"{tools}/ssh", 0o755)
    sent = run(f"{where}/bin/llama-fleet", "probe", "--ssh", "here=localhost", "--send-binary",
               env=dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}"))
    check(json.loads(sent)["cpu"]["features"] == json.loads(run(PROGRAM, "probe"))["cpu"]["features"], "another machine")


def alone():
    """Without the rest of the project, as Nix builds it: cmake finds what it needs, and makes the one program."""
    folder = f"{BUILD}/probe-alone"
    run("cmake", "-G", "Ninja", "-S", ROOT, "-B", folder, "-DLLAMA_FLEET_PROBE_ONLY=ON", "-DCMAKE_BUILD_TYPE=Release")
    wanted = run("ninja", "-C", folder, "-t", "targets", "all")
    check(f"bin/llama-fleet-probe-{os.uname().machine}:" in wanted, "it is no target")
    check("bin/llama-fleet:" not in wanted, "all of the project is built")


def planned(facts, work):
    os.makedirs(work, exist_ok=True)
    with open(f"{work}/facts.json", "w") as out:
        json.dump(facts, out)
    text = run(PROGRAM, "plan", f"{work}/facts.json", "--format", "cmake")
    found = re.search(r"GGML_CPU_ARM_ARCH=([^\s\"']+)", text)
    return found[1] if found else None


def aarch64():
    if not shutil.which("aarch64-linux-gnu-g++") or not shutil.which("qemu-aarch64"):
        print("not tried: aarch64 (needs g++-aarch64-linux-gnu and qemu-user)")
        return
    folder = f"{BUILD}/probe-aarch64"
    run("cmake", "-G", "Ninja", "-S", ROOT, "-B", folder, f"-DCMAKE_TOOLCHAIN_FILE={ROOT}/cmake/aarch64.cmake",
        "-DLLAMA_FLEET_PROBE_ONLY=ON", "-DCMAKE_BUILD_TYPE=Release")
    run("cmake", "--build", folder)
    program = f"{folder}/bin/llama-fleet-probe-aarch64"
    check(is_static(program) and loads_nothing(program), "aarch64: it needs a dynamic loader, or loads libraries")
    for model, (has, lacks, march) in MODELS.items():
        facts = json.loads(run("qemu-aarch64", "-cpu", model, program, "--host", "judged"))
        cpu = facts["cpu"]
        found = set(cpu["features"])
        check(cpu["architecture"] == "aarch64" and cpu["source"] == "hwcap", f"{model}: from {cpu['source']}")
        check(has <= found and not lacks & found, f"{model}: missing {has - found}, too many {lacks & found}")
        said = planned(facts, os.environ["WORK_DIR"])
        check(said == march, f"{model}: planned {said}, expected {march}")
        if said:
            # The plan says in a note that +sme needs GCC 14.
            old = int(run("aarch64-linux-gnu-gcc", "-dumpversion").split(".")[0]) < 14
            known = said.removesuffix("+sme") if old else said
            taken = subprocess.run(["aarch64-linux-gnu-gcc", f"-march={known}", "-E", "-x", "c", os.devnull],
                                   capture_output=True)
            check(taken.returncode == 0, f"{model}: GCC does not take {known}")


this_machine()
installed()
alone()
aarch64()
sys.exit(bad > 0)
