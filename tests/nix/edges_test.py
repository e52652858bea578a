#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""nix/overlay.nix at its edges: what nixpkgs and owners do to `llama-cpp`, whatever the plan selects; the feature that a
builder needs; plans that are partly given or malformed; flags that contradict. Under every Nix there is (stand-ins)."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fleet_nix  # noqa: E402
from fleet_nix import SOURCE, STAND_INS, flags_of  # noqa: E402

# Around every expression: P "system" { build… } is a package set with that plan, O one with any argument of the overlay.
PRELUDE = """
let
  pkgs = system: overlays: import (standIns + "/nixpkgs") { inherit system overlays; config.allowUnfree = true; };
  overlay = import (source + "/nix/overlay.nix");
  official.llama-cpp = standIns + "/llama-cpp";
  Of = system: args: pkgs system [ (overlay ({ inputs = official; } // args)) ];
  O = Of "x86_64-linux";
  P = build: O { plan = { inherit build; }; };
  A = build: Of "aarch64-linux" { plan = { inherit build; }; };
  # On a builder that runs code of other systems, and on one that is another system.
  running = canExecute: build: pkgs "aarch64-linux" [
    (final: prev: { stdenv = prev.stdenv // { buildPlatform = prev.stdenv.buildPlatform // { inherit canExecute; }; }; })
    (overlay { inputs = official; plan = { inherit build; }; })
  ];
  cross = build: pkgs "aarch64-linux" [
    (final: prev: { stdenv = prev.stdenv // { buildPlatform.system = "x86_64-linux"; }; })
    (overlay { inputs = official; plan = { inherit build; }; })
  ];
  features = package: package.requiredSystemFeatures or [ ];
  haswell = { GGML_SSE42 = true; GGML_AVX = true; GGML_AVX2 = true; GGML_F16C = true; GGML_FMA = true; GGML_BMI2 = true; };
  zen4 = haswell // { GGML_AVX512 = true; GGML_AVX512_VBMI = true; GGML_AVX512_VNNI = true; GGML_AVX512_BF16 = true; };
  cpuOf = variant: flags: { cpu = { inherit variant flags; }; };
  nixpkgs = more: { source = "nixpkgs"; } // more;
  old = build: target ({ cuda = { architectures = "61-real"; packages = "cudaPackages_12"; }; } // build);
  target = build: { package = "llama-cpp-cpu"; cuda.architectures = "86-real"; rocm.targets = "gfx1100;gfx1103"; } // build;
in
"""


def wrapped(expression):
    return f'let source = "{SOURCE}"; standIns = "{STAND_INS}"; in {PRELUDE}{expression}'


# --- what others do to pkgs.llama-cpp

PACKAGES = ["cpu", "cuda", "vulkan", "rocm", "multi", "universal"]


def as_nixpkgs_uses_it(nix):
    """local-ai changes attributes and arguments of pkgs.llama-cpp: every package that a plan can select takes both."""
    every = "{ " + " ".join(
        f'{source}-{kind} = (P {{ package = "llama-cpp-{kind}"; source = "{source}"; multi = [ "cuda" "rocm" ]; }});'
        for kind in PACKAGES for source in ("flake", "nixpkgs")) + " }"
    about = """p: let used = p.local-ai.llama-cpp-rpc; build = used.whole or used; in {
      inherit (build) name drvPath cmakeFlags; inputs = map (input: input.name) build.buildInputs;
      used = used.drvPath; plain = p.llama-cpp.drvPath; version = p.llama-cpp.version; own = p.llama-cpp.cmakeFlags;
      names = [ used.pname p.llama-cpp.pname ]; }"""
    answers = nix.expression(wrapped(f"builtins.mapAttrs (name: {about}) {every}"))
    assert len(answers) == 12
    for name, got in answers.items():
        flags = flags_of(got)
        assert flags["LLAMA_LOCAL_AI"] is True and flags["GGML_RPC"] is True, (name, got)
        assert got["name"] == "llama-cpp-rpc" and "openssl-1.0" in got["inputs"], (name, got)
        assert got["used"] != got["plain"] and got["version"] in ("0.0.0", "9608"), (name, got)
        assert flags_of({"name": name, "cmakeFlags": got["own"]})["GGML_NATIVE"] is False
        kind = name.split("-")[1]
        assert got["names"] == [f"llama-cpp-{kind}"] * 2, got
    universal = nix.expression(wrapped(
        """let p = P { package = "llama-cpp-universal"; }; more = p.llama-cpp.overrideAttrs (old: { version = "7"; }); in {
          a = (more.override { variant = "zen4"; }).whole.version; b = more.name;
          twice = (more.overrideAttrs (old: { version = old.version + "8"; })).whole.version;
          shared = (p.llama-cpp.override { variant = "zen4"; }).whole.drvPath == p.llama-cpp.whole.drvPath; }"""))
    assert universal == {"a": "7", "b": "llama-cpp-universal-haswell", "twice": "78", "shared": True}, universal


def wrapped_programs(nix, folder):
    """A wrapper in a universal copy starts the copied program, not the one that lies among all variants."""
    flake = os.path.join(folder, "wrapped")
    os.mkdir(flake)
    with open(os.path.join(flake, "flake.nix"), "w", encoding="utf-8") as file:
        file.write("{ outputs = { self }: { it = " + wrapped("""
          ((P { package = "llama-cpp-universal"; }).llama-cpp.overrideAttrs (old: {
            installPhase = old.installPhase + ''
              mv "$out/bin/llama-cli" "$out/bin/.llama-cli-wrapped"
              printf '#!/bin/sh\\nexec %s/bin/.llama-cli-wrapped "$@"\\n' "$out" > "$out/bin/llama-cli"
              chmod +x "$out/bin/llama-cli"
            '';
          }))""").replace(f'"{SOURCE}"', "./source").replace(f'"{STAND_INS}"', "./stand-ins") + "; }; }")
    for name, path in (("source/nix", f"{SOURCE}/nix"), ("stand-ins", STAND_INS)):
        os.makedirs(os.path.dirname(os.path.join(flake, name)), exist_ok=True)
        subprocess.run(["cp", "-r", path, os.path.join(flake, name)], check=True)
    result = nix.build(flake, "it", [])
    names = sorted(os.listdir(f"{result}/bin"))
    assert names == [".llama-cli-wrapped", "libggml-cpu-haswell.so", "llama-bench", "llama-cli", "llama-server"], names
    text = open(f"{result}/bin/llama-cli", encoding="utf-8").read()
    assert text == f"#!/bin/sh\nexec {result.removeprefix(nix.store)}/bin/.llama-cli-wrapped \"$@\"\n", text


# --- what a builder must have: name → (expression, features)

FEATURES = {
    "its variant": ('P (nixpkgs (cpuOf "zen4" zen4))', ["llama-cpp-zen4"]),
    "fewer than its variant": ('P (nixpkgs (cpuOf "zen4" haswell))', ["llama-cpp-zen4"]),
    "beyond it": ('P (nixpkgs (cpuOf "zen4" (zen4 // { GGML_AVX_VNNI = true; })))', ["llama-cpp-zen4-avx_vnni"]),
    "beyond it, twice": ('P (nixpkgs (cpuOf "haswell" zen4))',
                         ["llama-cpp-haswell-avx512-avx512_bf16-avx512_vbmi-avx512_vnni"]),
    "by the owner": ('P (nixpkgs (cpuOf "haswell" haswell // { extraFlags.GGML_AVX512 = "on"; }))',
                     ["llama-cpp-haswell-avx512"]),
    "by the owner alone": ('P (nixpkgs (cpuOf "x64" { } // { extraFlags.GGML_AVX512 = true; }))',
                           ["llama-cpp-x64-avx512"]),
    "off by the owner": ('P (nixpkgs (cpuOf "x64" { GGML_AVX = true; } // { extraFlags.GGML_AVX = "OFF"; }))', []),
    "by the compiler": ('P (nixpkgs (cpuOf "x64" { } // { extraFlags.CMAKE_CXX_FLAGS = "-march=znver4"; }))',
                        ["llama-cpp-x64-arch=znver4"]),
    "other flags": ('P (nixpkgs (cpuOf "x64" { } // { extraFlags = { GGML_CUDA_FA_QUANTS = "all"; CMAKE_C_FLAGS = "-O3"; }; }))',
                    []),
    "no variant": ('P (nixpkgs (cpuOf null { GGML_AVX = true; }))', ["llama-cpp-tuned-avx"]),
    "arm": ('A (nixpkgs (cpuOf "armv8.2_2" { GGML_CPU_ARM_ARCH = "armv8.2-a+dotprod+fp16"; }))',
            ["llama-cpp-armv8.2-a+dotprod+fp16"]),
    "any arm": ('A (nixpkgs (cpuOf "armv8.0_1" { GGML_CPU_ARM_ARCH = "armv8-a"; }))', []),
    "risc-v": ('A (nixpkgs (cpuOf null { GGML_RVV = true; }))', ["llama-cpp-tuned-rvv"]),
    "the flake's": ('P (cpuOf "zen4" zen4)', []),
    "it chooses": ('P (nixpkgs { package = "llama-cpp-universal"; })', []),
    "runs by emulation": ('running (platform: true) (nixpkgs (cpuOf "armv8.2_1" { GGML_CPU_ARM_ARCH = "armv8.2-a"; }))',
                          ["llama-cpp-armv8.2-a"]),
    "does not run": ('running (platform: false) (nixpkgs (cpuOf "armv8.2_1" { GGML_CPU_ARM_ARCH = "armv8.2-a"; }))', []),
    "cross": ('cross (nixpkgs (cpuOf "armv8.2_1" { GGML_CPU_ARM_ARCH = "armv8.2-a"; }))', []),
    "native": ('P { strategy = "builder-native"; cpu = { variant = "zen4"; flags = zen4; native = "zen4-0a1b2c3d"; }; }',
               ["llama-cpp-native-zen4-0a1b2c3d"]),
    "native, an older plan": ('P { strategy = "builder-native"; cpu = { variant = "zen4"; flags = zen4; }; }',
                              ["llama-cpp-native-zen4"]),
}

# --- values: name → (expression, value)

VALUES = {
    "named after the CPU": ('(P { strategy = "builder-native"; cpu.native = "zen4-0a1b2c3d"; }).llama-cpp.name',
                            "llama-cpp-cpu-native-zen4-0a1b2c3d-0.0.0"),
    "no flags given": ('(P { cpu.variant = "zen4"; }).llama-cpp.cmakeFlags == (P { }).llama-cpp.cmakeFlags', True),
    "no variant given": ('(P { cpu.flags = haswell; }).llama-cpp-universal.name', "llama-cpp-universal-haswell"),
    "empty sets": ('(P { cuda = { }; rocm = { }; }).llama-cpp-cuda.drvPath == (P { }).llama-cpp-cuda.drvPath', True),
    "only the package": ('(P { package = "llama-cpp-universal"; }).llama-cpp.name', "llama-cpp-universal-haswell"),
    "dispatch stays": ('(P { source = "nixpkgs"; package = "llama-cpp-universal"; }).llama-cpp.whole.dispatches', True),
    # What an argument turns on has the plan's targets, by either source's name.
    "targets by override": (
        """map (package: builtins.filter (flag: builtins.match "-DCMAKE_(CUDA|HIP)_ARCHITECTURES.*" flag != null) package.cmakeFlags) [
          ((P (target { })).llama-cpp.override { useCuda = true; })
          ((P (target { })).llama-cpp.override { cudaSupport = true; })
          ((P (target { source = "nixpkgs"; })).llama-cpp.override { rocmSupport = true; })
          ((P (target { })).llama-cpp-rocm.override { useRocm = false; })
          ((P (target { })).llama-cpp-rocm.override { rocmGpuTargets = [ "gfx906" ]; })
          ((P (target { package = "llama-cpp-universal"; })).llama-cpp.override { useCuda = true; }).whole ]""",
        [["-DCMAKE_CUDA_ARCHITECTURES:STRING=86-real"], ["-DCMAKE_CUDA_ARCHITECTURES:STRING=86-real"],
         ["-DCMAKE_HIP_ARCHITECTURES:STRING=gfx1100;gfx1103"], [], ["-DCMAKE_HIP_ARCHITECTURES:STRING=gfx906"],
         ["-DCMAKE_CUDA_ARCHITECTURES:STRING=86-real"]]),
    # The CUDA that the plan names, for whatever is built with CUDA, and for nothing else.
    "CUDA set": (
        """map (package: map (input: input.name) (builtins.filter (input: input.pname == "cuda_nvcc") package.nativeBuildInputs)) [
          (P (target { })).llama-cpp-cuda
          (P (old { })).llama-cpp-cuda
          (P (old { source = "nixpkgs"; })).llama-cpp-cuda
          ((P (old { })).llama-cpp.override { useCuda = true; })
          (P (old { })).llama-cpp-vulkan
          (P (old { package = "llama-cpp-multi"; multi = [ "cuda" "rocm" ]; })).llama-cpp
          ((P (old { })).llama-cpp-cuda.override (args: { cudaPackages = (P { }).cudaPackages_13; })) ]""",
        [["cuda_nvcc-12.8"], ["cuda_nvcc-12.9"], ["cuda_nvcc-12.9"], ["cuda_nvcc-12.9"], [], ["cuda_nvcc-12.9"],
         ["cuda_nvcc-13.0"]]),
    "a set that is not there": (
        """let p = P { package = "llama-cpp-cpu"; cuda.packages = "cudaPackages_11"; }; in
          [ p.llama-cpp-cuda.meta.broken (builtins.isString p.llama-cpp.drvPath) p.llama-cpp-cuda.pname ]""",
        [True, True, "llama-cpp-cuda"]),
    "native may say so": ("""builtins.elem "-DCMAKE_C_FLAGS:STRING=-march=native" (P {
        strategy = "builder-native"; extraFlags.CMAKE_C_FLAGS = "-march=native"; }).llama-cpp.cmakeFlags""", True),
    "no server": ('builtins.elem "-DLLAMA_BUILD_SERVER:BOOL=FALSE" (P { server = false; }).llama-cpp.cmakeFlags', True),
    "no server, cross": ("""builtins.elem "-DLLAMA_BUILD_SERVER:BOOL=FALSE"
        (cross (nixpkgs { server = false; })).llama-cpp.cmakeFlags""", True),
}

# --- refused in one sentence: (expression, what is said after "llama-fleet: ")

REFUSED = [
    ("P { multi = \"cuda\"; }", "build.multi is of type string, not list"),
    ("P { package = 5; }", "build.package is of type int, not string"),
    ("P { blas = null; }", "build.blas is of type null, not bool"),
    ("P { openmp = \"yes\"; }", "build.openmp is of type string, not bool"),
    ("P { extraFlags = null; }", "build.extraFlags is of type null, not set"),
    ("P { cpu = null; }", "build.cpu is of type null, not set"),
    ("P { cpu.flags = null; }", "build.cpu.flags is of type null, not set"),
    ("P { cuda = \"86\"; }", "build.cuda is of type string, not set"),
    ("P { cuda.architectures = [ \"86\" ]; }", "build.cuda.architectures is of type list, not string or null"),
    ("P { cuda.architecturs = \"86\"; }", "the plan has an unknown field: build.cuda.architecturs"),
    ("P { cuda.packages = 12; }", "build.cuda.packages is of type int, not string or null"),
    ("P { package = \"llama-cpp-cuda\"; cuda.packages = \"cudaPackages\"; }", "cuda.packages is not a plain word"),
    ("P { package = \"llama-cpp-cuda\"; cuda.packages = \"cudaPackages_11\"; }",
     "this nixpkgs has no cudaPackages_11, the CUDA that the plan's cards and driver need: `nix flake update nixpkgs`"),
    ("P { cpu = { flags = { }; flgs = 1; }; }", "the plan has an unknown field: build.cpu.flgs"),
    ("P \"x\"", "build is of type string, not set"),
    ("P { strategy = \"builder-native\"; cpu.native = \"../x\"; }", "cpu.native is not a plain word"),
    ("O { plan = ./list.json; }", "the plan of list (FOLDER/list.json) is no JSON object: make it anew"),
    ("O { plan = ./text.json; }", "the plan of text (FOLDER/text.json) is no JSON object: make it anew"),
    ("O { inputs = { }; }", "the official flake is not among the inputs: inputs.llama-cpp.url = "),
    ("O { inputs.llama-cpp = null; }", "the official flake is not among the inputs"),
    ("P { strategy = \"universal\"; }", "the plan's strategy universal and its package llama-cpp-cpu contradict each other"),
    ("P { strategy = \"tailored\"; package = \"llama-cpp-universal\"; }",
     "the plan's strategy tailored and its package llama-cpp-universal contradict"),
    ("P { extraFlags = { GGML_CPU_ALL_VARIANTS = true; GGML_BACKEND_DL = \"ON\"; }; }",
     "llama-cpp-cpu: GGML_CPU_ALL_VARIANTS is on, and then ggml ignores the plan's flags for the CPU"),
    ("{ llama-cpp = (P { source = \"nixpkgs\"; }).llama-cpp.override { cpuArchDynamicDispatch = true; }; }",
     "llama-cpp-cpu: GGML_CPU_ALL_VARIANTS is on, and then ggml ignores"),
    ("P { extraFlags.CMAKE_CXX_FLAGS = \"-O3,-march=native\"; }",
     "llama-cpp-cpu: CMAKE_CXX_FLAGS has -O3,-march=native but the strategy is not builder-native"),
    ("P { extraFlags.CMAKE_C_FLAGS = \"-mcpu=native\"; }", "llama-cpp-cpu: CMAKE_C_FLAGS has -mcpu=native but"),
    ("A (cpuOf \"zen4\" zen4)", "llama-cpp-cpu: GGML_SSE42 is for x86 and this package for aarch64-linux"),
    ("P (nixpkgs { server = false; })",
     "llama-cpp-cpu: nixpkgs' llama-cpp runs its llama-server while it is built, so it cannot do without: leave server on"),
    ("P (nixpkgs { extraFlags.LLAMA_BUILD_SERVER = \"OFF\"; })", "llama-cpp-cpu: nixpkgs' llama-cpp runs its llama-server"),
]


def refusals(nix, folder):
    for name, text in (("list", "[1]"), ("text", "hello"), ("broken", '{ "build": ')):
        with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
            file.write(text)
    for expression, sentence in REFUSED:
        expression, sentence = expression.replace("./", f"{folder}/"), sentence.replace("FOLDER", folder)
        said = nix.refusal(wrapped(f"({expression}).llama-cpp.drvPath"))
        assert f"llama-fleet: {sentence}" in " ".join(said.split()), f"{expression}: {said}"
    said = nix.refusal(wrapped(f"(O {{ plan = {folder}/broken.json; }}).llama-cpp.drvPath"), "--show-trace")
    assert f"llama-fleet: while reading the plan {folder}/broken.json" in said, said


def check(nix, folder):
    as_nixpkgs_uses_it(nix)
    wrapped_programs(nix, folder)
    asked = "{ " + " ".join(f"{json.dumps(name)} = features ({text}).llama-cpp;" for name, (text, _) in FEATURES.items()) + " }"
    got = nix.expression(wrapped(asked))
    assert got == {name: wanted for name, (_, wanted) in FEATURES.items()}, got
    values = "{ " + " ".join(f"{json.dumps(name)} = {text};" for name, (text, _) in VALUES.items()) + " }"
    got = nix.expression(wrapped(values))
    assert got == {name: wanted for name, (_, wanted) in VALUES.items()}, got
    refusals(nix, folder)


fleet_nix.under_every_nix("the overlay's edges", check)
