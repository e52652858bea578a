#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""nix/cpu-check.sh on captured machines, under every shell there is; nix/cpu-features.nix and nix/overlay.nix say of each
plan what the planner's own tables say (src/plan)."""
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
V85 = ("fp asimd atomics asimdrdm crc32 paca pacg lrcpc jscvt fcma asimddp asimdfhm uscat ilrcpc flagm sb flagm2 frint")
MARCHES = {
    "armv8.2-a+dotprod+fp16+i8mm+sve": "fp asimd atomics asimdrdm crc32 asimddp fphp asimdhp i8mm sve",
    "armv8.6-a+nosve": V85 + " bf16 i8mm",
    "armv8.6-a+noi8mm+fp16": V85 + " bf16 fphp asimdhp",
    "armv9-a+dotprod": V85 + " fphp asimdhp sve sve2",
    "armv9-a+nosve": V85 + " fphp asimdhp",
    "armv7-a+neon-vfpv4": "neon vfpv4",
    "armv8-a": "", "": "",
}


def nix_value(nix, folder, expression):
    """An expression over `features`, the tables of nix/cpu-features.nix, and tunings of builds (nix/overlay.nix)."""
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for name in ("cpu-features.nix", "overlay.nix"):
        shutil.copy(os.path.join(SOURCE, "nix", name), folder)
    shutil.copytree(os.path.join(STAND_INS, "llama-cpp"), os.path.join(folder, "llama-cpp"))
    shutil.copytree(FITTED, os.path.join(folder, "plans"))
    with open(os.path.join(folder, "flake.nix"), "w", encoding="utf-8") as file:
        file.write("{ inputs.nixpkgs.url = \"github:NixOS/nixpkgs\"; outputs = { self, nixpkgs }:\n"
                   "let features = import ./cpu-features.nix { inherit (nixpkgs) lib; };\n"
                   "tuning = system: build: let pkgs = import nixpkgs { inherit system; }; in ((import ./overlay.nix {\n"
                   "  inputs.llama-cpp = ./llama-cpp; plan = { inherit build; }; }) pkgs pkgs).llama-cpp.tuning;\n"
                   "needs = build: features.needs (tuning \"x86_64-linux\" build);\n"
                   "arm = build: features.needs (tuning \"aarch64-linux\" build);\n"
                   "untold = build: features.untold (tuning \"aarch64-linux\" build);\n"
                   "marched = march: { cpu = { variant = null; flags.GGML_CPU_ARM_ARCH = march; }; };\n"
                   "plan = name: builtins.fromJSON (builtins.readFile (./plans + \"/${name}.json\"));\n"
                   f"in {{ value = {expression}; }}; }}\n")
    value, warnings = nix.value(folder, "value", {"nixpkgs": os.path.join(STAND_INS, "nixpkgs")})
    assert not warnings, warnings
    return value


def planner_tables():
    """{ option: features }, { variant: options }, { extension: features }, { ARM variant: extensions }, { version of the
    architecture: (what it builds on, features) } out of the planner's source."""
    def source(name):
        with open(os.path.join(SOURCE, "src/plan", name), encoding="utf-8") as file:
            return file.read()
    options, variants = source("cpu_options.cc"), source("cpu_variants.cc")
    x86 = re.search(r"kX86\[\] = \{(.*?)\n\};", options, re.S)[1] + re.search(r"kLoongArch\[\] = \{(.*?)\n\};", options, re.S)[1]
    arm = re.search(r"kArm\[\] = \{(.*?)\n\};", source("arm_arch.cc"), re.S)[1]
    bases = re.search(r"kBases\[\] = \{(.*?)\n\};", source("arm_arch.cc"), re.S)[1]
    return (dict(re.findall(r'\{"(GGML_\w+)", "[\w-]+", "([\w ]*)"', x86)),
            dict(re.findall(r'\{"([\w.]+)", "([A-Z0-9_ ]*)",\s+\d+\}', re.search(r"kX86\[\] = \{(.*?)\n\};", variants, re.S)[1])),
            dict(re.findall(r'\{"(\w+)", "([\w ]*)"', arm)),
            dict(re.findall(r'\{"([\w.]+)", "([a-z0-9 ]*)", \d+\}', re.search(r"kArm\[\] = \{(.*?)\n\};", variants, re.S)[1])),
            {name: (below, features) for name, below, features
             in re.findall(r'\{"([\w.-]+)", "([\w.-]*)", "([\w ]*)"', bases)})


def the_tables(nix, folder):
    options, variants, extensions, arm_variants, bases = planner_tables()
    assert [len(table) for table in (options, variants, extensions, arm_variants, bases)] == [16, 14, 6, 8, 9], "not found in src/plan"
    got = nix_value(nix, folder, "{ inherit (features) options armExtensions armVersions; }")

    def all_of(base):
        return sorted((bases[base][1] + " " + (" ".join(all_of(bases[base][0])) if bases[base][0] else "")).split())
    assert {name: sorted(got["armVersions"][name].split()) for name in bases} == {name: all_of(name) for name in bases}
    assert got["options"] == options
    assert {name: got["armExtensions"][name] for name in extensions} == extensions

    def universal(names, of):
        return nix_value(nix, folder, "builtins.listToAttrs (map (name: { inherit name; value = " + of +
                         " { package = \"llama-cpp-universal\"; cpu = { variant = name; flags.GGML_NONE = true; }; }; })"
                         f" (builtins.fromJSON ''{json.dumps(list(names))}''))")
    by_variant = {name: sorted(" ".join(options[f"GGML_{word}"] for word in text.split()).split())
                  for name, text in variants.items()}
    assert {name: sorted(words) for name, words in universal(variants, "needs").items()} == by_variant
    of_arm = {name: " ".join(got["armExtensions"][word] for word in text.split()).split() for name, text in arm_variants.items()}
    assert universal(arm_variants, "arm") == of_arm
    assert not any(universal([*variants, *arm_variants], "untold").values()), "every variant is known"
    assert universal(["z15"], "untold") == {"z15": ["z15"]} and universal(["z15"], "needs") == {"z15": []}

    marches = nix_value(nix, folder, f"map (march: arm (marched march)) (builtins.fromJSON ''{json.dumps(list(MARCHES))}'')")
    assert [set(words) for words in marches] == [set(text.split()) for text in MARCHES.values()], marches
    odd = nix_value(nix, folder, "map (march: untold (marched march)) "
                    "[ \"armv8.2-a+dotprod+nosve\" \"armv8-a\" \"\" \"armv9.3-a\" \"armv9.2-a+sme2+nosve9\" ]")
    assert odd == [[], [], [], ["armv9.3-a"], ["+sme2", "+nosve9"]], odd

    # As the overlay takes it: whatever way "on" is written, the owner's word last, what is left out as without a plan.
    for build, wanted in {
        "{ cpu = { variant = \"x64\"; flags.GGML_AVX = true; }; extraFlags.GGML_AMX_INT8 = true; }": "amx_int8 avx",
        "{ cpu = { variant = \"x64\"; flags = { GGML_AVX = \"ON\"; GGML_FMA = \"off\"; }; }; }": "avx",
        "{ cpu = { variant = \"x64\"; flags.GGML_AVX = true; }; extraFlags.GGML_AVX = \"OFF\"; }": "",
        "{ package = \"llama-cpp-universal\"; cpu = { variant = \"sse42\"; flags.GGML_AVX512 = true; }; }": variants_need("sse42", options),
        "{ }": variants_need("SSE42 AVX F16C FMA BMI2 AVX2", options),
    }.items():
        assert sorted(nix_value(nix, folder, f"needs {build}")) == sorted(wanted.split()), build
    assert nix_value(nix, folder, "untold { cpu = { variant = null; flags.GGML_RVV = true; }; "
                     "extraFlags.CMAKE_C_FLAGS = \"-mtune=x\"; }") == ["GGML_RVV", "-mtune=x"]
    return nix_value(nix, folder, "builtins.listToAttrs (map (name: { inherit name; value = needs (plan name).build; }) "
                     "[ \"carbon\" \"beryllium\" \"boron\" \"nitrogen\" \"this-machine\" ])")


def variants_need(names, options):
    return " ".join(options[f"GGML_{name.upper()}"] for name in names.split())


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
    code, said = run(shell, mixed, r"a\nb\c", ["sse9"])
    assert code == 1 and r"THE llama.cpp OF a\nb\c" in said and r"--here a\nb\c --write" in said, "as it is written"
    asked = subprocess.run([*shell, SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    assert (asked.returncode, asked.stdout) == (2, "") and asked.stderr == (
        "usage: cpu-check.sh HOST FEATURE... (features are words of /proc/cpuinfo)\n"), asked


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
