#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""nix/overlay.nix: where the package comes from (the official flake, nixpkgs), its optional pieces, what a builder must
have, systems that lack something, and that nothing of nixpkgs breaks. Under every Nix there is (stand-ins)."""
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fleet_nix  # noqa: E402
from fleet_nix import SOURCE, STAND_INS, flags_of  # noqa: E402
from plans import HASWELL, OPTIONS, ZEN4, build, expected, has, write_plans  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
REAL_LIB = os.environ.get("NIXPKGS_LIB")
INPUTS = {name: os.path.join(STAND_INS, name) for name in ("nixpkgs", "llama-cpp")} | {
    "nixpkgs-lib": REAL_LIB or os.path.join(STAND_INS, "nixpkgs")}
USUAL = ["llama-cpp-cpu", "llama-cpp-cuda", "llama-cpp-vulkan", "llama-cpp-rocm"]
NIXPKGS = {"source": "nixpkgs"}
ARM = {"cpu": {"variant": "armv8.2_1", "flags": {"GGML_CPU_ARM_ARCH": "armv8.2-a+dotprod"}}}
PLANS = {
    "flake": build("llama-cpp-cuda", "zen4", ZEN4, cuda="86-real"),
    "nixpkgs": build("llama-cpp-cuda", "zen4", ZEN4, cuda="86-real", **NIXPKGS),
    "nixpkgs-twin": build("llama-cpp-cuda", "zen4", ZEN4, cuda="86-real", **NIXPKGS),
    "radeon": build("llama-cpp-rocm", "zen4", ZEN4, rocm="gfx1100;gfx1103"),
    "nixpkgs-radeon": build("llama-cpp-rocm", "zen4", ZEN4, rocm="gfx1100;gfx1103", **NIXPKGS),
    "multi": build("llama-cpp-multi", "zen4", ZEN4, cuda="86-real", rocm="gfx1100", multi=["cuda", "rocm"]),
    "nixpkgs-multi": build("llama-cpp-multi", "zen4", ZEN4, cuda="86-real", rocm="gfx1100", multi=["cuda", "rocm"],
                           **NIXPKGS),
    "arm": build("llama-cpp-rocm", "armv8.2_1", [], rocm="gfx1100") | ARM,
    "nixpkgs-arm": build("llama-cpp-rocm", "armv8.2_1", [], rocm="gfx1100", **NIXPKGS) | ARM,
    "native": build("llama-cpp-cpu", "zen4", ZEN4, strategy="builder-native", **NIXPKGS),
    "universal": build("llama-cpp-universal", "zen4", ZEN4, strategy="universal", **NIXPKGS),
    "flat": build("llama-cpp-cpu", "x64", [], **NIXPKGS),
    "no-variant": build("llama-cpp-cpu", None, HASWELL, **NIXPKGS),
    "multi-not-dl": build("llama-cpp-multi", "zen4", ZEN4, multi=["cuda", "rocm"],
                          extraFlags={"GGML_BACKEND_DL": "off"}),
    "cuda-and-hip": build("llama-cpp-cuda", "zen4", ZEN4, extraFlags={"GGML_HIP": "ON"}),
    "cuda-not-hip": build("llama-cpp-cuda", "zen4", ZEN4, extraFlags={"GGML_HIP": "OFF", "GGML_NATIVE": "0"}),
    "cuda-and-hip-dl": build("llama-cpp-cuda", "zen4", ZEN4, extraFlags={"GGML_HIP": True, "GGML_BACKEND_DL": True}),
}
# nixpkgs' package of other days.
OLD_NIXPKGS = {
    "no-argument": [(", cpuArchDynamicDispatch ? true\n", ""), ("cpuArchDynamicDispatch", "false")],
    "always-dispatches": [(", cpuArchDynamicDispatch ? true\n", ""), ("cpuArchDynamicDispatch", "true")],
    "no-vulkan": [(", vulkanSupport ? false\n", ""), ("vulkanSupport", "false")],
}
OLD_FLAKE = [(", useRpc ? false\n", ""), ("useRpc", "false")]


def changed(path, pairs, target):
    text = open(path, encoding="utf-8").read()
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)


def make(folder):
    shutil.copytree(os.path.join(HERE, "sources"), folder)
    shutil.copy(os.path.join(SOURCE, "nix/overlay.nix"), folder)
    write_plans(os.path.join(folder, "plans"), PLANS)
    os.mkdir(os.path.join(folder, "old-nixpkgs"))
    for name, pairs in OLD_NIXPKGS.items():
        changed(os.path.join(STAND_INS, "nixpkgs/pkgs/llama-cpp.nix"), pairs,
                os.path.join(folder, "old-nixpkgs", f"{name}.nix"))
    shutil.copytree(os.path.join(STAND_INS, "llama-cpp"), os.path.join(folder, "old-llama-cpp"))
    package = os.path.join(folder, "old-llama-cpp/.devops/nix/package.nix")
    changed(package, OLD_FLAKE, package)


def nixpkgs_source(answers):
    """The plan's flags on nixpkgs' package, which then chooses nothing when it starts."""
    stock = answers["stock"]
    assert flags_of(stock)["GGML_CPU_ALL_VARIANTS"] is True, "the stand-in dispatches as nixpkgs does"
    for host in ("nixpkgs", "nixpkgs-radeon", "no-argument", "always-dispatches"):
        plan = PLANS.get(host, PLANS["nixpkgs"])
        for package in USUAL:
            got = answers[host][package]
            has(got, expected(plan, package))
            assert got["name"] == f"{package}-9608" and got["main"] == stock["main"], got["name"]
            assert got["platforms"] == stock["platforms"], "meta is kept"
            lost = set(flags_of(stock)) - set(flags_of(got))
            assert not lost, f"a flag of nixpkgs' package was lost: {lost}"
            has(got, {"GGML_CPU_ALL_VARIANTS": False, "GGML_BACKEND_DL": False})
            assert got["dispatches"] is (host == "always-dispatches"), "the argument is given where there is one"
        assert answers[host]["llama-cpp"] == answers[host][plan["package"]]
    assert answers["nixpkgs"] == answers["nixpkgs-twin"], "equal plans share"
    assert answers["nixpkgs"]["llama-cpp-cpu"]["drvPath"] != answers["flake"]["llama-cpp-cpu"]["drvPath"]
    has(answers["portable"]["llama-cpp"], {f"GGML_{name}": name in HASWELL for name in OPTIONS})
    has(answers["nixpkgs-multi"]["llama-cpp"], PLANS["multi"]["cpu"]["flags"] | {
        "GGML_BACKEND_DL": True, "GGML_CUDA": True, "GGML_HIP": True, "CMAKE_HIP_ARCHITECTURES": "gfx1100",
        "CMAKE_CUDA_ARCHITECTURES": "86-real"})
    assert not flags_of(answers["nixpkgs-multi"]["llama-cpp"]).get("GGML_CPU_ALL_VARIANTS")
    assert answers["whole"]["dispatches"] is True
    has(answers["whole"], {"GGML_CPU_ALL_VARIANTS": True, "GGML_BACKEND_DL": True, "GGML_NATIVE": False})
    has(answers["native"]["llama-cpp"], PLANS["native"]["cpu"]["flags"] | {"GGML_NATIVE": True})


def who_can_build(answers):
    """nixpkgs' package runs llama-server while it is built: a builder needs the CPU. The flake's does not."""
    for package in USUAL:
        assert answers["nixpkgs"][package]["features"] == ["llama-cpp-zen4"], package
        assert answers["flake"][package]["features"] == []
        assert answers["flat"][package]["features"] == [], "plain code runs everywhere"
        assert answers["no-variant"][package]["features"] == ["llama-cpp-tuned-avx-avx2-bmi2-f16c-fma-sse42"]
        assert answers["native"][package]["features"] == ["llama-cpp-native-zen4"] and answers["native"][package]["local"]
        assert not answers["nixpkgs"][package]["local"]
    assert answers["portable"]["llama-cpp"]["features"] == ["llama-cpp-haswell"]
    assert answers["nixpkgs-multi"]["llama-cpp"]["features"] == ["llama-cpp-zen4"]
    assert answers["multi"]["llama-cpp"]["features"] == []
    assert answers["whole"]["features"] == [], "run-time dispatch chooses what the builder can run"


def any_order(answers):
    assert answers["twice"] == answers["nixpkgs"], "the overlay twice is the overlay once"
    assert answers["flake-twice"] == answers["flake"]
    assert answers["global-gpus"] == answers["nixpkgs"], "a global cudaSupport or rocmSupport changes nothing"
    assert answers["both"] == answers["nixpkgs"], "the later plan wins"
    for package in USUAL:
        assert answers["official-after"][package] == answers["nixpkgs"][package], "suffixed names survive"
    assert answers["no-aliases"] == answers["flake"] and answers["no-aliases-nixpkgs"] == answers["nixpkgs"]
    assert answers["no-vulkan"]["llama-cpp-cuda"]["cmakeFlags"], "what is off may be missing"


def pieces(answers):
    for host, plain in (("rpc", "flake"), ("rpc-nixpkgs", "nixpkgs")):
        for package in USUAL:
            has(answers[host][package], flags_of(answers[plain][package]) | {"GGML_RPC": True})
            assert flags_of(answers[plain][package])["GGML_RPC"] is False
    has(answers["no-web"]["llama-cpp"], {"LLAMA_BUILD_WEBUI": False})
    assert answers["web"] == answers["flake"], "the web page is the package's default"
    has(answers["old"]["llama-cpp"], {"GGML_RPC": False})


def overrides(nix, fleet):
    """Arguments by either source's names, and packages of nixpkgs that are made of llama-cpp."""
    for name, wanted in {
        "local-ai": {"GGML_RPC": True, "GGML_CUDA": False, "GGML_AVX512_VNNI": True, "GGML_NATIVE": False},
        "local-ai-nixpkgs": {"GGML_RPC": True, "GGML_CUDA": False, "GGML_CLBLAST": False, "GGML_AVX512_VNNI": True},
        "by-nixpkgs-names": {"GGML_VULKAN": True, "GGML_BLAS": True, "GGML_AVX512": True},
        "by-flake-names": {"GGML_VULKAN": True, "GGML_AVX512": True},
        "targets-list": {"CMAKE_HIP_ARCHITECTURES": "gfx906;gfx942", "GGML_AVX512": True},
        "targets-text": {"CMAKE_HIP_ARCHITECTURES": "gfx906;gfx942", "GGML_AVX512": True},
        "attrs-then-args": {"A": True, "GGML_RPC": True, "GGML_AVX512": True},
        "universal": {"GGML_CPU_ALL_VARIANTS": True, "GGML_RPC": True},
    }.items():
        got, warnings = nix.value(fleet, f"overridden.{name}", INPUTS)
        assert not warnings, warnings
        has(got, wanted)


def elsewhere(nix, fleet):
    """ROCm on ARM: the package says in its meta that it is not for this system; its flags say why."""
    arm, warnings = nix.value(fleet, "arm", INPUTS)
    assert not warnings, warnings
    for host in ("arm", "arm-nixpkgs"):
        assert arm["available"][host] == {
            "llama-cpp": False, "llama-cpp-rocm": False, "llama-cpp-cpu": True, "llama-cpp-cuda": True,
            "llama-cpp-vulkan": True}, arm["available"]
    assert arm["names"]["arm-multi"][-1] == "llama-cpp-multi-0.0.0"
    assert arm["evaluates"]["llama-cpp-rocm"] is False and arm["evaluates"]["llama-cpp-vulkan"] is True
    assert arm["main"] == "llama-cli" and arm["universal"] == "armv8.0_1"
    assert flags_of(arm["vulkan"])["GGML_VULKAN"] is True
    listed, warnings = nix.value(fleet, "listed", INPUTS)
    assert not warnings and all(len(names) >= 7 for names in listed.values()), (listed, warnings)


REFUSALS = [
    ("official-before.llama-cpp-cpu.drvPath",
     "llama-fleet: pkgs.llama-cpp is the official flake's before this overlay comes, so nixpkgs' own is out of reach"),
    ("no-vulkan.llama-cpp-vulkan.drvPath",
     "llama-fleet: nixpkgs' llama-cpp has no vulkanSupport, which llama-cpp-vulkan needs: `nix flake update nixpkgs`"),
    ("rpc-old.llama-cpp.drvPath",
     "llama-fleet: the pinned llama.cpp has no useRpc, which llama-cpp-cuda needs: `nix flake update llama-cpp`"),
    ("web-nixpkgs.llama-cpp.drvPath",
     "llama-fleet: nixpkgs' llama-cpp has no argument for the web page: leave webUi null or take the source flake"),
    ("multi-not-dl.llama-cpp.drvPath",
     "llama-fleet: llama-cpp-multi has GGML_CUDA and GGML_HIP without GGML_BACKEND_DL: one of the two would be lost"),
    ("cuda-and-hip.llama-cpp.drvPath", "llama-fleet: llama-cpp-cuda has GGML_CUDA and GGML_HIP without GGML_BACKEND_DL"),
    ("arm.llama-cpp-rocm.drvPath", "is not available on the requested hostPlatform: aarch64-linux"),
    ("arm.llama-cpp-rocm.cmakeFlags",
     "llama-fleet: llama-cpp-rocm needs ROCm, which is only on x86_64-linux, not on aarch64-linux"),
    ("arm-forced.llama-cpp-rocm.drvPath", "llama-fleet: llama-cpp-rocm needs ROCm, which is only on x86_64-linux"),
    ("arm-multi.llama-cpp-multi.cmakeFlags", "llama-fleet: llama-cpp-multi needs ROCm, which is only on x86_64-linux"),
    ("facts.llama-cpp.drvPath",
     "llama-fleet: the plan is llama-fleet/facts version 1, this overlay reads llama-fleet/plan version 1"),
    ("version-2.llama-cpp.drvPath",
     "llama-fleet: the plan is llama-fleet/plan version 2, this overlay reads llama-fleet/plan version 1: make both anew"),
    ("no-build.llama-cpp.drvPath", "llama-fleet: the plan has no `build`"),
    ("native.llama-cpp-universal.drvPath",
     "llama-fleet: llama-cpp-whole cannot be builder-native: ggml refuses GGML_NATIVE with GGML_BACKEND_DL"),
    ("no-aliases.system", "does not provide attribute"),
]


def refusals(nix, fleet):
    for attribute, sentence in [("hosts." + attribute, sentence) for attribute, sentence in REFUSALS] + [
            ("overridden.opencl.drvPath", "llama-fleet: the pinned llama.cpp has no switch for opencl"),
            ("overridden.sycl.drvPath", "llama-fleet: the pinned llama.cpp has no switch for sycl"),
            ("overridden.both-gpus.drvPath", "llama-fleet: llama-cpp-cuda has GGML_CUDA and GGML_HIP without")]:
        said = nix.error(fleet, attribute, INPUTS)
        assert sentence in said, f"{attribute}: {said}"
    for host in ("cuda-not-hip", "cuda-and-hip-dl"):
        nix.value(fleet, f"hosts.{host}.llama-cpp.drvPath", INPUTS)


def builders_are_asked(nix, fleet):
    """Nix itself refuses a builder that was not given the feature, in words, and takes one that was."""
    words = (fleet, "hosts.nixpkgs.llama-cpp-cpu", "--no-link")
    # Before it gives up Nix 2.8 asks its own hook for another builder, which these tests turn off elsewhere.
    if nix.words == ["nix"]:
        del nix.settings["build-hook"]
    refused = nix.run("build", *words, inputs=INPUTS)
    said = refused.stderr.replace("\n", " ")
    assert refused.returncode != 0 and "llama-cpp-zen4" in said and "feature" in said, refused.stderr
    given = nix.run("build", *words, "--option", "extra-system-features", "llama-cpp-zen4", inputs=INPUTS)
    assert given.returncode == 0, given.stderr


def with_real_lib(nix, fleet, answers):
    """The same derivations, when pkgs.lib is nixpkgs' own."""
    real, warnings = nix.value(fleet, "real.answers", INPUTS)
    assert not warnings, warnings

    def same(one):  # nixpkgs knows more platforms
        return {key: same(value) for key, value in one.items() if key != "platforms"} if isinstance(one, dict) else one
    different = [host for host in answers if same(real[host]) != same(answers[host])]
    assert not different, different
    for name in ("overridden.local-ai", "overridden.by-flake-names", "overridden.targets-list",
                 "overridden.attrs-then-args", "overridden.universal", "arm"):
        one, two = (nix.value(fleet, prefix + name, INPUTS) for prefix in ("real.", ""))
        assert same(one[0]) == same(two[0]) and not one[1], name


def check(nix, folder):
    fleet = os.path.join(folder, "fleet")
    make(fleet)
    answers, warnings = nix.value(fleet, "answers", INPUTS)
    assert not warnings, f"evaluation is not silent: {warnings}"
    nixpkgs_source(answers)
    who_can_build(answers)
    any_order(answers)
    pieces(answers)
    overrides(nix, fleet)
    elsewhere(nix, fleet)
    refusals(nix, fleet)
    builders_are_asked(nix, fleet)
    if REAL_LIB:
        with_real_lib(nix, fleet, answers)
    return answers


if not REAL_LIB:
    print("not tried: nixpkgs' own lib (NIXPKGS_LIB names none)")
fleet_nix.under_every_nix("the overlay's sources", check)
