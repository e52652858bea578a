#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the guide's own overlay really does, and what nix/overlay.nix does, under every Nix there is (stand-ins)."""
import copy
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fleet_nix  # noqa: E402
from fleet_nix import SOURCE, STAND_INS, flags_of  # noqa: E402
from plans import HASWELL, OPTIONS, SAPPHIRE, ZEN4, build, expected, has, write_plans  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
INPUTS = ["nixpkgs", "llama-cpp"]
ALL_INPUTS = ["nixpkgs", "nixpkgs-stable", "nixos-hardware", "waybar", "home-manager", "llama-cpp"]

PLANS = {
    "zen": build("llama-cpp-cuda", "zen4", ZEN4, cuda="86-real"),
    "zen-twin": build("llama-cpp-cuda", "zen4", ZEN4, cuda="86-real"),
    "cellar": build("llama-cpp-cpu", "haswell", HASWELL),
    "rack": build("llama-cpp-cpu", "sapphirerapids", SAPPHIRE),
    "radeon": build("llama-cpp-rocm", "zen4", ZEN4, rocm="gfx1100;gfx1103"),
    "apu": build("llama-cpp-vulkan", "zen4", ZEN4),
    "wishes": build("llama-cpp-cpu", "haswell", HASWELL, blas=True, openmp=False,
                    extraFlags={"GGML_AVX512": True, "GGML_CUDA_FA_QUANTS": "all", "CMAKE_SKIP_BUILD_RPATH": False}),
    "multi": build("llama-cpp-multi", "zen4", ZEN4, cuda="86-real", rocm="gfx1100", multi=["cuda", "rocm"]),
    "native": build("llama-cpp-cpu", "zen4", ZEN4, strategy="builder-native"),
    "universal": build("llama-cpp-universal", "zen4", ZEN4, strategy="universal"),
    "universal-twin": build("llama-cpp-universal", "haswell", HASWELL, strategy="universal"),
    "universal-wrong": build("llama-cpp-universal", "armv8.2_1", [], strategy="universal"),
}
USUAL = ["llama-cpp-cpu", "llama-cpp-cuda", "llama-cpp-vulkan", "llama-cpp-rocm"]
IN_ANSWERS = ["zen", "zen-twin", "cellar", "rack", "radeon", "apu", "wishes"]


def make_fleet(folder, plans):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(os.path.join(HERE, "fleet"), folder)
    shutil.copy(os.path.join(HERE, "guide-overlay.nix"), folder)
    shutil.copy(os.path.join(SOURCE, "nix/overlay.nix"), folder)
    write_plans(os.path.join(folder, "plans"), plans)
    # An older llama.cpp: no Vulkan, and ROCm's targets are no argument.
    old = os.path.join(folder, "old-llama-cpp")
    shutil.copytree(os.path.join(STAND_INS, "llama-cpp"), old)
    path = os.path.join(old, ".devops/nix/package.nix")
    text = open(path, encoding="utf-8").read()
    for before, after in [(", useVulkan ? false\n", ""), (", rocmGpuTargets ? ", "# "), ("= useVulkan", "= false"),
                          ("useVulkan", "false"), ("= rocmGpuTargets", '= "gfx906"')]:
        assert before in text, before
        text = text.replace(before, after)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def the_guide(nix, fleet, answers):
    guide, stock = answers["guide"], answers["stock"]
    assert guide["llama-cpp-cpu"]["drvPath"] == stock["drvPath"], "the guide's cpu is the stock package"
    assert guide["llama-cpp-vulkan"]["drvPath"] == answers["stock-vulkan-blas"]["drvPath"]
    assert guide["llama-cpp-vulkan"]["drvPath"] != stock["drvPath"]
    for package in guide.values():
        flags = flags_of(package)
        assert flags["GGML_NATIVE"] is False and not any(f"GGML_{name}" in flags for name in OPTIONS), flags
    for variant in ("cuda", "rocm"):
        said = nix.error(fleet, f"nixosConfigurations.guide.pkgs.llama-cpp-{variant}.drvPath", INPUTS)
        assert f"attribute '{variant}' missing" in said, said
    # The warning that the guide's prev.system causes is seen here, so that its absence below means something.
    assert "evaluation warning: 'system' has been renamed" in said, said


def every_flag_once(answers):
    for host in IN_ANSWERS:
        plan = PLANS[host]
        for package in USUAL:
            has(answers[host][package], expected(plan, package))
            assert answers[host][package]["main"] == "llama-cli"
            assert answers[host][package]["name"] == f"{package}-0.0.0"
            stock_names = set(flags_of(answers["stock"]))
            extra = set(flags_of(answers[host][package])) - stock_names - set(expected(plan, package))
            assert extra <= {"CMAKE_HIP_COMPILER", "CMAKE_HIP_ARCHITECTURES"}, extra
            assert stock_names <= set(flags_of(answers[host][package])), "a flag of the official package was lost"
        assert answers[host]["llama-cpp"] == answers[host][plan["package"]], f"{host}: llama-cpp is the selected one"


def equal_plans_share(answers):
    assert answers["zen"] == answers["zen-twin"]
    assert answers["zen"]["llama-cpp-cpu"]["drvPath"] == answers["apu"]["llama-cpp-cpu"]["drvPath"]
    different = {answers[host]["llama-cpp-cpu"]["drvPath"] for host in ("zen", "cellar", "rack", "wishes", "no-plan")}
    assert len(different) == 4, "cellar's plan is what no plan means, the others differ"
    assert answers["no-plan"]["llama-cpp"] == answers["cellar"]["llama-cpp-cpu"]


def surroundings(answers):
    """The owner's configuration and other overlays."""
    zen = answers["zen"]
    assert answers["global-cuda"] == zen, "a global cudaSupport changes nothing"
    assert answers["only-cuda"] == zen
    assert answers["official-before"] == zen
    for package in USUAL:
        assert answers["official-after"][package] == zen[package], "suffixed names survive the official overlay"
    assert answers["official-after"]["llama-cpp"] == answers["stock"], "and `llama-cpp` does not"
    assert answers["later-openssl"]["llama-cpp"]["drvPath"] != zen["llama-cpp"]["drvPath"], "later overlays count"
    assert answers["later-alias"]["llama-cpp"] == answers["cellar"]["llama-cpp"], "`llama-cpp` is not its own ancestor"
    assert answers["evaluates"] == {"refused-cuda": False, "refused-cpu": True}
    assert flags_of({"name": "refused", "cmakeFlags": answers["refused-flags"]})["GGML_CUDA"] is True
    assert answers["names"]["zen"] == answers["names"]["missing"] == answers["names"]["no-plan"]
    assert set(answers["names"]["zen"]) >= {*USUAL, "llama-cpp", "llama-cpp-multi", "llama-cpp-universal"}
    for package in answers["arm"].values():
        flags = flags_of(package)
        assert flags["GGML_NATIVE"] is False and "GGML_AVX2" not in flags
    has(answers["old"]["llama-cpp-rocm"], expected(PLANS["radeon"], "llama-cpp-rocm"))
    assert answers["old"]["llama-cpp"] == answers["old"]["llama-cpp-rocm"]


def other_strategies(answers):
    native = answers["native"]["llama-cpp"]
    has(native, PLANS["native"]["cpu"]["flags"] | {"GGML_NATIVE": True})
    assert native["name"] == "llama-cpp-cpu-native-zen4-0.0.0" and native["features"] == ["llama-cpp-native-zen4"]
    assert native["env"] == {"NIX_ENFORCE_NO_NATIVE": "0", "rocm": False} and native["local"]
    assert answers["native"]["llama-cpp-rocm"]["env"] == {"NIX_ENFORCE_NO_NATIVE": "0", "rocm": True}, "env is extended"
    assert answers["zen"]["llama-cpp-cpu"]["env"] == {"rocm": False} and not answers["zen"]["llama-cpp-cpu"]["local"]
    has(answers["multi"]["llama-cpp"], PLANS["multi"]["cpu"]["flags"] | {
        "GGML_BACKEND_DL": True, "GGML_CUDA": True, "GGML_HIP": True, "GGML_VULKAN": False,
        "CMAKE_CUDA_ARCHITECTURES": "86-real", "CMAKE_HIP_ARCHITECTURES": "gfx1100"})
    whole = answers["universal"]["whole"]
    has(whole, {"GGML_BACKEND_DL": True, "GGML_CPU_ALL_VARIANTS": True, "GGML_NATIVE": False})
    assert not any(f"GGML_{name}" in flags_of(whole) for name in OPTIONS)
    assert whole == answers["universal-twin"]["whole"], "one build serves the whole fleet"


def refusals(nix, fleet):
    """Each refusal is one sentence that says what to do or why."""
    for attribute, sentence in [
        ("refused.pkgs.llama-cpp-cuda.drvPath", "because it has an unfree license (‘CUDA EULA’)"),
        ("missing.pkgs.llama-cpp.drvPath",
         "llama-fleet: no plan for missing: on that machine, run `llama-fleet fit . --here missing --write --git-add`"),
        ("arm.pkgs.llama-cpp-rocm.cmakeFlags",
         "llama-fleet: llama-cpp-rocm needs ROCm, which is only on x86_64-linux, not on aarch64-linux"),
        ("old.pkgs.llama-cpp-vulkan.drvPath",
         "llama-fleet: the pinned llama.cpp has no useVulkan, which llama-cpp-vulkan needs: "
         "`nix flake update llama-cpp`"),
        ("zen.pkgs.llama-cpp-multi.drvPath", "‘llama-cpp-multi-0.0.0’ in the stand-in for nixpkgs is marked as broken"),
        ("zen.pkgs.llama-cpp-multi.cmakeFlags", "llama-fleet: the plan names no backends for llama-cpp-multi"),
    ]:
        said = nix.error(fleet, f"nixosConfigurations.{attribute}", INPUTS)
        assert sentence in said, f"{attribute}: {said}"


BAD_PLANS = [
    ({"cuda": {"architectures": "86; touch /tmp/x"}}, "llama-cpp-cuda", "cuda.architectures is not a plain word"),
    ({"rocm": {"targets": "gfx1100 $(id)"}}, "llama-cpp-rocm", "rocm.targets is not a plain word"),
    ({"extraFlags": {"A B": True}}, "llama-cpp", "a flag's name is not a plain word"),
    ({"extraFlags": {"A": "1' '2"}}, "llama-cpp", "the value of A is not a plain word"),
    ({"package": "llama-cpp-metal"}, "llama-cpp", 'package is "llama-cpp-metal", not one of'),
    ({"strategy": "fast"}, "llama-cpp", 'strategy is "fast", not one of tailored, universal, builder-native'),
    ({"extraFlags": {"GGML_NATIVE": "ON"}}, "llama-cpp-cpu", "the result would be plain SSE2"),
    ({"source": "git"}, "llama-cpp-cpu", 'source is "git", not one of flake, nixpkgs'),
    ({"multi": ["metal"]}, "llama-cpp-multi", 'multi is "metal", not one of cuda, rocm, vulkan'),
    ({"gpu": 1}, "llama-cpp", "the plan has an unknown field: build.gpu"),
    ({"extraFlags": {"GGML_NATIVE": True}}, "llama-cpp", "the result would be plain SSE2"),
    ({"strategy": "builder-native", "multi": ["cuda"]}, "llama-cpp-multi",
     "ggml refuses GGML_NATIVE with GGML_BACKEND_DL"),
    ({"cpu": {"variant": "../x", "flags": {}}}, "llama-cpp-universal", "cpu.variant is not a plain word"),
    ({"cpu": {"variant": None, "flags": {}}}, "llama-cpp-universal", "cpu.variant is not a plain word: null"),
]


def bad_plans(nix, folder):
    plans = {f"bad{number}": build("llama-cpp-cpu", "haswell", HASWELL) | change
             for number, (change, _, _) in enumerate(BAD_PLANS)}
    fleet = os.path.join(folder, "bad")
    make_fleet(fleet, plans)
    for number, (_, package, sentence) in enumerate(BAD_PLANS):
        said = nix.error(fleet, f"nixosConfigurations.bad{number}.pkgs.{package}.drvPath", INPUTS)
        assert f"llama-fleet: {sentence}" in said or sentence in said and "llama-fleet: " in said, f"{sentence}: {said}"


def one_plan_changes(nix, folder, answers):
    plans = copy.deepcopy(PLANS)
    plans["rack"]["cpu"]["flags"]["GGML_AMX_INT8"] = False
    fleet = os.path.join(folder, "changed")
    make_fleet(fleet, plans)
    changed, _ = nix.value(fleet, "answers", INPUTS)
    assert changed["rack"]["llama-cpp"]["drvPath"] != answers["rack"]["llama-cpp"]["drvPath"]
    assert {**changed, "rack": 0} == {**answers, "rack": 0}, "a change of one host's plan reached another host"


def real_builds(nix, fleet):
    result = nix.build(fleet, "nixosConfigurations.cellar.pkgs.llama-cpp-cpu", INPUTS)
    said = subprocess.run([os.path.join(result, "bin/llama-cli")], check=True, stdout=subprocess.PIPE, text=True).stdout
    assert said.startswith("stand-in llama-cli: configured with -D"), said
    assert "-DGGML_AVX2:BOOL=TRUE" in said and "-DGGML_AVX512:BOOL=FALSE" in said, said
    one = nix.build(fleet, "nixosConfigurations.universal.pkgs.llama-cpp", INPUTS)
    files = sorted(os.listdir(os.path.join(one, "bin")))
    assert files == ["libggml-cpu-zen4.so", "llama-bench", "llama-cli", "llama-server"], files
    assert not os.path.islink(os.path.join(one, "bin/llama-cli")), "ggml follows links: programs have to be copies"
    attribute = "nixosConfigurations.universal-wrong.pkgs.llama-cpp"
    wrong = nix.run("build", fleet, attribute, "--no-link", "-L", inputs=INPUTS)
    assert wrong.returncode != 0 and "has no CPU variant armv8.2_1" in wrong.stderr, wrong.stderr


def the_modules(answers):
    """The stand-in's own module evaluator."""
    got = answers["modules"]
    assert got["networking"]["hostName"] == "strong" and got["environment"]["systemPackages"] == ["hello-1.0"], got
    wanted = {"flag": True, "list": ["first", "last"], "forced": "strong", "both": {"a": 1, "b": 2, "c": 3}}
    assert got["test"] == wanted, got


def the_example(nix, folder):
    """examples/homelab as it is, and fitted where that is there: everything evaluates, flags are the plan's."""
    before = os.path.join(folder, "homelab")
    shutil.copytree(os.path.join(SOURCE, "examples/homelab"), before)
    hosts = ["carbon", "beryllium", "boron", "nitrogen", "this-machine"]
    for host in hosts:
        toplevel = f"nixosConfigurations.{host}.config.system.build.toplevel.drvPath"
        value, _ = nix.value(before, toplevel, ALL_INPUTS[:-1])
        assert value.endswith(f"-nixos-system-{host}-stand-in.drv"), value
    fitted = os.path.join(SOURCE, "examples/homelab-fitted")
    if not os.path.exists(fitted):
        print("examples/homelab-fitted is not there: not looked at")
        return
    after = os.path.join(folder, "homelab-fitted")
    shutil.copytree(fitted, after)
    for name in sorted(os.listdir(os.path.join(after, "llama-fleet/plan"))):
        host = name.removesuffix(".json")
        plan = json.load(open(os.path.join(after, "llama-fleet/plan", name), encoding="utf-8"))["build"]
        where = f"nixosConfigurations.{host}.pkgs.{plan['package']}"
        flags, warnings = nix.value(after, f"{where}.cmakeFlags", ALL_INPUTS)
        assert not warnings, warnings
        has({"name": host, "cmakeFlags": flags}, expected(plan, plan["package"]))
        value, _ = nix.value(after, f"nixosConfigurations.{host}.config.system.build.toplevel.drvPath", ALL_INPUTS)
        assert value.endswith(".drv"), value
    assert len(os.listdir(os.path.join(after, "llama-fleet/plan"))) >= 4


def check(nix, folder):
    fleet = os.path.join(folder, "fleet")
    make_fleet(fleet, PLANS)
    answers, warnings = nix.value(fleet, "answers", INPUTS)
    assert not warnings, f"evaluation is not silent: {warnings}"
    the_guide(nix, fleet, answers)
    every_flag_once(answers)
    equal_plans_share(answers)
    surroundings(answers)
    other_strategies(answers)
    the_modules(answers)
    refusals(nix, fleet)
    bad_plans(nix, folder)
    one_plan_changes(nix, folder, answers)
    real_builds(nix, fleet)
    the_example(nix, folder)
    return answers


fleet_nix.under_every_nix("the overlay", check)
