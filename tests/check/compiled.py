# SPDX-License-Identifier: MIT
"""The layer build over packages that are really compiled: the log is that of CMake and of this machine's compiler."""
import os
import platform
import shutil
import sys

import fixture
from layers import build
from people import expect, layer

sys.path.insert(0, os.path.join(fixture.SOURCE, "tests/real_builds"))
import fleet as real_builds

TOOLS = ["cmake", "ninja", "cc"]

# What no derivation shows for sure: a hook that gives CMake one word more when it is configured.
HOOK = """{
  nitrogen = [ (final: prev: { llama-cpp-cpu = prev.llama-cpp-cpu.overrideAttrs (old: {
    preConfigure = "cmakeFlags=\\"$cmakeFlags -DGGML_AVX512_VNNI=OFF\\""; }); }) ];
}"""


def log_of_a_compiler(someone, folder):
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing or platform.machine() != "x86_64":
        print(f"{someone.name}: a log of a compiler: not tried, needs x86-64 and {', '.join(missing or TOOLS)}")
        return
    inputs = f"{folder}-inputs"
    os.makedirs(inputs)
    real_builds.assemble_inputs(f"{inputs}/nixpkgs", f"{inputs}/llama-cpp")
    fleet = fixture.make(folder, later=HOOK)
    hosts = ["boron", "nitrogen"]
    compiled = ["--override", f"nixpkgs={inputs}/nixpkgs", "--override", f"llama-cpp={inputs}/llama-cpp"]
    build(someone, fleet, hosts, *compiled, option="--option sandbox false")
    report, answers = someone.report(fleet, *compiled, hosts=hosts)
    expect(report["logs"] == 2 and report["processes"] == 1, someone, "two logs", report["logs"])
    boron = layer(answers["boron"], "llama-cpp-cpu", "build")
    expect(boron["verdict"] == "shown", someone, "the compiler got what the plan says", boron)
    expect(layer(answers["nitrogen"], "llama-cpp-cpu")["verdict"] == "cannot-tell", someone, "what the hook does nobody can read", answers)
    nitrogen = layer(answers["nitrogen"], "llama-cpp-cpu", "build")
    expect(nitrogen["verdict"] == "not-shown", someone, "but the log does", nitrogen)
    _, wanted, got = nitrogen["different"][0]
    expect(set(wanted.split()) - set(got.split()) == {"-mavx512vnni"}, someone, "and what it was", nitrogen)
    names = layer(answers["boron"], "llama-cpp-cpu", "names")
    expect(names["verdict"] == "cannot-tell" and "together" in names["why"], someone, "names that only a run would tell", names)


CASES = [log_of_a_compiler]
