#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""plan --format cmake|nix|json for people without our overlay: the three must say the same. The line for CMake is pasted
into a shell and configures a project without languages, which tells what CMake took; the Nix text is evaluated."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

SOURCE, WORK, PROGRAM = (os.environ[name] for name in ("SOURCE_DIR", "WORK_DIR", "LLAMA_FLEET"))
PROJECT = """cmake_minimum_required(VERSION 3.18)
project(taken NONE)
get_cmake_property(names CACHE_VARIABLES)
foreach(name ${names})
  if(name MATCHES "^(GGML|LLAMA|CMAKE_CUDA_ARCH|CMAKE_HIP_ARCH|CMAKE_BUILD_TYPE)")
    file(APPEND ${CMAKE_BINARY_DIR}/taken "${name}=${${name}}\\n")
  endif()
endforeach()
"""


def plan(facts, form):
    return subprocess.run([PROGRAM, "plan", facts, "--format", form], check=True, capture_output=True, text=True).stdout


def by_cmake(facts, folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(folder, "CMakeLists.txt"), "w", encoding="utf-8") as file:
        file.write(PROJECT)
    subprocess.run(["bash", "-c", plan(facts, "cmake")], cwd=folder, check=True, capture_output=True)
    with open(os.path.join(folder, "build", "taken"), encoding="utf-8") as file:
        taken = dict(line.rstrip("\n").split("=", 1) for line in file)
    assert taken.pop("CMAKE_BUILD_TYPE") == "Release"
    return {name: {"ON": True, "OFF": False}.get(value, value) for name, value in taken.items()}


def by_nix(facts):
    done = subprocess.run(["nix-instantiate", "--eval", "--strict", "--json", "-E", plan(facts, "nix")], check=True,
                          capture_output=True, text=True, env=dict(os.environ, NIX_REMOTE=f"local?root={WORK}/nix-root"))
    return json.loads(done.stdout)


def main():
    hosts = sorted(glob.glob(os.path.join(SOURCE, "tests/plan/facts/*.json")))
    assert hosts, "no facts"
    nix = shutil.which("nix-instantiate")
    for facts in hosts:
        host = os.path.basename(facts)
        build = json.loads(plan(facts, "json"))["build"]
        taken = by_cmake(facts, os.path.join(WORK, "scratch", host))
        for name, value in build["cpu"]["flags"].items():
            assert taken.get(name) == value, f"{host}: {name} is {value} in the plan, CMake took {taken.get(name)}"
        assert taken["GGML_CUDA"] == (build["package"] == "llama-cpp-cuda"), host
        if taken["GGML_CUDA"]:
            assert taken["CMAKE_CUDA_ARCHITECTURES"] == build["cuda"]["architectures"], host
        assert not re.search(r"native", json.dumps(taken["GGML_NATIVE"])), host
        if nix:
            assert by_nix(facts) == taken, f"{host}: Nix and CMake differ"
    print(f"{len(hosts)} hosts, {'with' if nix else 'without'} Nix")
    if not nix:
        print("skipped: the Nix text was not evaluated, there is no nix-instantiate")
        sys.exit(77)


main()
