#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""nix/cpu-check.sh on captured machines, under every shell there is; nix/cpu-features.nix says of each plan what the
planner's own tables say (src/plan)."""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fleet_nix  # noqa: E402
from fleet_nix import SOURCE, STAND_INS  # noqa: E402

SCRIPT = os.path.join(SOURCE, "nix/cpu-check.sh")
CAPTURES = os.path.join(SOURCE, "examples/captures")
FITTED = os.path.join(SOURCE, "examples/homelab-fitted/llama-fleet/plan")
WORK = os.environ["WORK_DIR"]
SHELLS = [[path] for path in map(shutil.which, ("dash", "bash")) if path] + [["/bin/sh"]] + (
    [["busybox", "sh"]] if shutil.which("busybox") else [])
GRAVITON = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp asimdrdm jscvt fcma lrcpc asimddp sve i8mm bf16"
N1 = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"

# March → what GCC may use, written down once more.
MARCHES = {
    "armv8.2-a+dotprod+fp16+i8mm+sve": "atomics asimdrdm crc32 asimddp fphp asimdhp i8mm sve",
    "armv8.6-a+nosve": "atomics asimdrdm crc32 lrcpc jscvt fcma asimddp bf16 i8mm",
    "armv8.6-a+noi8mm+fp16": "atomics asimdrdm crc32 lrcpc jscvt fcma asimddp bf16 fphp asimdhp",
    "armv8-a": "", "": "",
}


def nix_value(nix, folder, expression):
    """An expression over `features`, the table of nix/cpu-features.nix."""
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    shutil.copy(os.path.join(SOURCE, "nix/cpu-features.nix"), folder)
    shutil.copytree(FITTED, os.path.join(folder, "plans"))
    with open(os.path.join(folder, "flake.nix"), "w", encoding="utf-8") as file:
        file.write("{ inputs.nixpkgs.url = \"github:NixOS/nixpkgs\"; outputs = { self, nixpkgs }:\n"
                   "let features = import ./cpu-features.nix { inherit (nixpkgs) lib; };\n"
                   "plan = name: builtins.fromJSON (builtins.readFile (./plans + \"/${name}.json\"));\n"
                   f"in {{ value = {expression}; }}; }}\n")
    value, warnings = nix.value(folder, "value", {"nixpkgs": os.path.join(STAND_INS, "nixpkgs")})
    assert not warnings, warnings
    return value


def planner_tables():
    """{ option: features }, { variant: options }, { extension: features } out of the planner's source."""
    def source(name):
        with open(os.path.join(SOURCE, "src/plan", name), encoding="utf-8") as file:
            return file.read()
    options, variants = source("cpu_options.cc"), source("cpu_variants.cc")
    x86 = re.search(r"kX86\[\] = \{(.*?)\n\};", options, re.S)[1] + re.search(r"kLoongArch\[\] = \{(.*?)\n\};", options, re.S)[1]
    arm = re.search(r"kArm\[\] = \{(.*?)\n\};", options, re.S)[1]
    return (dict(re.findall(r'\{"(GGML_\w+)", "[\w-]+", "([\w ]*)"', x86)),
            dict(re.findall(r'\{"([\w.]+)", "([A-Z0-9_ ]*)",\s+\d+\}', re.search(r"kX86\[\] = \{(.*?)\n\};", variants, re.S)[1])),
            dict(re.findall(r'\{"(\w+)", "([\w ]*)"', arm)),
            dict(re.findall(r'\{"([\w.]+)", "([a-z0-9 ]*)", \d+\}', re.search(r"kArm\[\] = \{(.*?)\n\};", variants, re.S)[1])))


def the_tables(nix, folder):
    options, variants, extensions, arm_variants = planner_tables()
    assert len(options) == 16 and len(variants) == 14 and len(extensions) == 5 and len(arm_variants) == 8, "not found in src/plan"
    got = nix_value(nix, folder, "{ inherit (features) options variants armExtensions armVariants; }")
    assert got["options"] == options
    plain = {name: sorted(word.removeprefix("GGML_") for word in text.split()) for name, text in got["variants"].items()}
    assert plain == {name: sorted(text.split()) for name, text in variants.items()}
    assert {name: got["armExtensions"][name] for name in extensions} == extensions
    assert got["armVariants"] == arm_variants
    flat = "{ package = \"llama-cpp-cpu\"; cpu = { variant = null; flags = { GGML_AVX2 = false; GGML_CPU_ARM_ARCH = march; }; }; }"
    marches = nix_value(nix, folder, f"map (march: features.needs {flat}) (builtins.fromJSON ''{json.dumps(list(MARCHES))}'')")
    assert [set(words) for words in marches] == [set(text.split()) for text in MARCHES.values()], marches
    universal = nix_value(nix, folder, "features.needs { package = \"llama-cpp-universal\"; "
                          "cpu = { variant = \"haswell\"; flags.GGML_AVX512 = true; }; }")
    assert "avx2" in universal and "avx512f" not in universal, "one variant is loaded, whatever the flags are"
    extra = nix_value(nix, folder, "features.needs { package = \"llama-cpp-cpu\"; extraFlags.GGML_AMX_INT8 = true; "
                      "cpu = { variant = \"x64\"; flags.GGML_AVX = true; }; }")
    assert sorted(extra) == ["amx_int8", "avx"], extra
    return nix_value(nix, folder, "builtins.listToAttrs (map (name: { inherit name; value = features.needs (plan name).build; }) "
                     "[ \"carbon\" \"beryllium\" \"boron\" \"nitrogen\" \"this-machine\" ])")


def run(shell, cpuinfo, host, needs):
    done = subprocess.run([*shell, SCRIPT, host, *needs], env={"LLAMA_FLEET_CPUINFO": cpuinfo, "PATH": "/nonexistent"}
                          if os.path.isabs(shell[0]) else {"LLAMA_FLEET_CPUINFO": cpuinfo, "PATH": os.environ["PATH"]},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    assert done.stdout == "" and all(len(line.replace(WORK, "")) <= 80 for line in done.stderr.splitlines()), done.stderr
    return done.returncode, done.stderr


def lacking(said):
    return " ".join(re.findall(r"^  it lacks   (.*)$", said, re.M)).split()


def captured_machines(shell, needs):
    """Each fitted plan on each captured machine: it runs where the machine has the features, and nowhere else."""
    fitting = 0
    for host, wanted in needs.items():
        assert wanted, host
        for machine in sorted(os.listdir(CAPTURES)):
            cpuinfo = os.path.join(CAPTURES, machine, "proc/cpuinfo")
            with open(cpuinfo, encoding="utf-8") as file:
                has = set(re.search(r"^flags\s*:(.*)$", file.read(), re.M)[1].split())
            missing = [word for word in wanted if word not in has]
            code, said = run(shell, cpuinfo, host, wanted)
            assert code == (1 if missing else 0) and lacking(said) == missing, (shell, host, machine, said)
            assert (f"THIS CPU CANNOT RUN THE llama.cpp OF {host}" in said) == bool(missing), said
            assert not missing or "it is      " in said and f"--here {host} --write" in said
            fitting += not missing
        assert run(shell, os.path.join(CAPTURES, host, "proc/cpuinfo"), host, wanted) == (0, "")
    assert 5 <= fitting < 5 * len(needs), fitting


def odd_machines(shell):
    def cpuinfo(name, text):
        path = os.path.join(WORK, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path
    arm = cpuinfo("arm", "".join(f"processor\t: {n}\nBogoMIPS\t: 100\nFeatures\t: {GRAVITON}\n\n" for n in range(4)))
    wanted = MARCHES["armv8.2-a+dotprod+fp16+i8mm+sve"].split()
    assert run(shell, arm, "graviton", wanted) == (0, "")
    code, said = run(shell, cpuinfo("n1", f"processor\t: 0\nFeatures\t: {N1}\n"), "graviton", wanted)
    assert code == 1 and lacking(said) == ["i8mm", "sve"] and "it is " not in said, said
    # One weak core of many, without a line's end at the file's; and words that only look alike.
    mixed = cpuinfo("mixed", "flags\t\t: avx avx2 fma\nvmx flags\t: nothing\n\nflags\t\t: avx avx2x xfma")
    code, said = run(shell, mixed, "odd", ["avx", "avx2", "fma"])
    assert code == 1 and lacking(said) == ["avx2", "fma"], said
    many = [f"feature_{n:02}" for n in range(40)]
    code, said = run(shell, mixed, "odd", many)
    assert code == 1 and lacking(said) == many, said
    for path in (os.path.join(WORK, "none"), cpuinfo("riscv", "processor\t: 0\nisa\t: rv64imafdcv\n"), cpuinfo("empty", "")):
        code, said = run(shell, path, "odd", ["avx"])
        assert code == 0 and "nobody knows whether this CPU fits the plan of odd" in said, (path, said)
    assert run(shell, mixed, "odd", []) == (0, "")


def check(nix, folder):
    needs = the_tables(nix, os.path.join(folder, "flake"))
    for shell in SHELLS:
        captured_machines(shell, needs)
        odd_machines(shell)
    return needs


shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(WORK)
print(f"shells: {', '.join(' '.join(shell) for shell in SHELLS)}")
fleet_nix.under_every_nix("the CPU check", check)
