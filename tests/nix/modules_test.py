#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""nix/nixos-module.nix and nix/home-module.nix, under every Nix there is (stand-in inputs), and with nixpkgs' own module
system where NIXPKGS_LIB names its lib. doc/options.md is what the modules declare."""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fleet_nix  # noqa: E402
from fleet_nix import SOURCE, STAND_INS  # noqa: E402
from plans import HASWELL, SAPPHIRE, ZEN4, build, expected, has, write_plans  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
REAL_LIB = os.environ.get("NIXPKGS_LIB")
INPUTS = {name: os.path.join(STAND_INS, name) for name in ("nixpkgs", "llama-cpp", "home-manager")} | {
    "nixpkgs-lib": REAL_LIB or os.path.join(STAND_INS, "nixpkgs")}
PLANS = {
    "zen": build("llama-cpp-cuda", "zen4", ZEN4, cuda="86-real"),
    "from-nixpkgs": build("llama-cpp-cuda", "zen4", ZEN4, cuda="86-real", source="nixpkgs"),
    "cellar": build("llama-cpp-cpu", "haswell", HASWELL),
    "native": build("llama-cpp-cpu", "haswell", HASWELL + ["NATIVE"], strategy="builder-native"),
    "this-native": build("llama-cpp-cpu", "haswell", HASWELL + ["NATIVE"], strategy="builder-native"),
    "beyond": build("llama-cpp-cpu", "haswell", HASWELL + ["AVX_VNNI"], source="nixpkgs"),
    "flat": build("llama-cpp-cpu", "x64", []),
    "untold": build("llama-cpp-cpu", None, []),
    "radeon": build("llama-cpp-rocm", "zen4", ZEN4, rocm="gfx1100"),
    "apu": build("llama-cpp-vulkan", "zen4", ZEN4),
    "multi": build("llama-cpp-multi", "sapphirerapids", SAPPHIRE, cuda="90-real", rocm="gfx1100",
                   multi=["cuda", "rocm"]),
    "universal": build("llama-cpp-universal", "haswell", ZEN4, cuda="86-real", strategy="universal", multi=["cuda"]),
}
PLANS["this-native"]["cpu"]["native"] = "haswell-0a1b2c3d"
PLANS["untold"]["cpu"]["flags"]["GGML_RVV"] = True
ODD = {
    "list": [1],
    "bad-package": {"schema": "llama-fleet/plan", "version": 1, "build": {"package": "llama-cpp-metal"}},
    "no-text": {"schema": "llama-fleet/plan", "version": 1, "build": {"package": 5}},
    "other-schema": {"schema": "llama-fleet/facts", "version": 1},
    "other-version": {"schema": "llama-fleet/plan", "version": 2, "build": {}},
    "no-build": {"schema": "llama-fleet/plan", "version": 1},
}
REFUSED = {
    "missing": r"^llama-fleet: there is no plan for missing \(\S+/plans/missing.json\): on that machine, run "
               r"`llama-fleet fit . --here missing --write --git-add`; a flake sees only files that git knows$",
    "other-schema": r'^llama-fleet: \S+/other-schema.json is "llama-fleet/facts" version 1, this module reads '
                    r'"llama-fleet/plan" version 1: make it anew with `llama-fleet fit . --write`$',
    "other-version": r'^llama-fleet: \S+/other-version.json is "llama-fleet/plan" version 2, this module reads',
    "bad-package": r'^llama-fleet: the plan of bad-package has the package "llama-cpp-metal", not one of llama-cpp-cpu, ',
    "no-text": r"^llama-fleet: the plan of no-text has the package 5, not one of llama-cpp-cpu, llama-cpp-cuda, ",
    "list": r'^llama-fleet: \S+/list.json is "no JSON object" version null, this module reads',
    "no-build": r"^llama-fleet: the plan of no-build has no `build`$",
    "no-plans": r"^llama-fleet: where the plans are is not said: programs.llama-fleet.plans = ./llama-fleet/plan;$",
    "no-flake": r"^llama-fleet: the official llama.cpp flake is not given: programs.llama-fleet.llama-cpp = ",
    "no-name": r'^llama-fleet: no plan can be looked up for the host "": programs.llama-fleet.host = "…";$',
    "contradiction": r"^llama-fleet: the strategy tailored and the package llama-cpp-universal contradict each other",
}


def make(folder):
    shutil.copytree(os.path.join(HERE, "modules"), folder)
    shutil.copytree(os.path.join(SOURCE, "nix"), os.path.join(folder, "nix"))
    shutil.copy(os.path.join(SOURCE, "tools/options-doc.nix"), folder)
    write_plans(os.path.join(folder, "plans"), PLANS)
    for host, plan in ODD.items():
        with open(os.path.join(folder, "plans", f"{host}.json"), "w", encoding="utf-8") as file:
            json.dump(plan, file)


def service(answer):
    return {name: json.loads(value) for name, value in answer["service"].items()}


def the_package(answers):
    """This host's package is installed, served, and is pkgs.llama-cpp; the file that fit writes gives the same."""
    zen = answers["zen"]
    names = {"zen": "llama-cpp-cuda-0.0.0", "cellar": "llama-cpp-cpu-0.0.0", "radeon": "llama-cpp-rocm-0.0.0",
             "apu": "llama-cpp-vulkan-0.0.0", "multi": "llama-cpp-multi-0.0.0",
             "universal": "llama-cpp-universal-haswell"}
    for host, name in names.items():
        got = answers[host]
        assert got["name"] == name and got["packages"] == [got["drvPath"]], (host, got)
        assert got["served"] == got["plain"] == got["drvPath"] and got["overlays"] == 1, (host, got)
    for host in ("zen-old", "zen-idle", "zen-bare", "by-host", "by-plan", "unchecked", "fitted", "from-flake"):
        assert answers[host]["drvPath"] == answers[host]["plain"] == zen["drvPath"], host
    assert answers["zen-bare"]["served"] is None and answers["zen-idle"]["served"] == zen["drvPath"]
    assert answers["fitted-nixpkgs"]["plain"] == answers["fitted-nixpkgs"]["drvPath"] == answers["from-nixpkgs"]["drvPath"]
    # Without the overlay, or with another one after it, pkgs.llama-cpp is another; the service has the right one.
    for host in ("no-overlay", "official"):
        got = answers[host]
        assert got["served"] == got["drvPath"] == zen["drvPath"] != got["plain"], (host, got)
    assert answers["no-overlay"]["overlays"] == 0
    disabled = answers["disabled"]
    assert disabled["packages"] == [] and disabled["overlays"] == 0 and disabled["activation"] == ""
    assert disabled["served"] == disabled["plain"] != zen["drvPath"]
    assert service(disabled)["MemoryDenyWriteExecute"] is True and "ExecStartPre" not in service(disabled)


def the_options(answers, flags):
    assert answers["by-attrs"]["name"] == "llama-cpp-vulkan-0.0.0"
    assert answers["by-attrs"]["activation"] == answers["by-attrs-flags"]["activation"] != "", "portable is AVX2 too"
    assert answers["variant"]["name"] == "llama-cpp-cpu-0.0.0"
    assert answers["variant-universal"]["name"] == "llama-cpp-universal-zen4"
    assert answers["strategy"]["drvPath"] == answers["variant-universal"]["drvPath"]
    assert answers["back-to-tailored"]["drvPath"] == answers["zen"]["drvPath"]
    assert answers["no-longer-native"]["drvPath"] == answers["cellar"]["drvPath"]
    assert answers["native"]["name"] == "llama-cpp-cpu-native-haswell-0.0.0"
    assert answers["from-nixpkgs"]["name"] == "llama-cpp-cuda-9608"
    every = {name: {"name": name, "cmakeFlags": value} for name, value in flags.items()}
    has(every["zen"], expected(PLANS["zen"], "llama-cpp-cuda"))
    has(every["from-nixpkgs"], expected(PLANS["zen"], "llama-cpp-cuda") | {"GGML_CPU_ALL_VARIANTS": False})
    has(every["from-flake"], expected(PLANS["zen"], "llama-cpp-cuda"))
    has(every["variant-universal"], {"GGML_CUDA": True, "GGML_HIP": False, "GGML_CPU_ALL_VARIANTS": True,
                                     "CMAKE_CUDA_ARCHITECTURES": "86-real"})
    has(every["native"], {"GGML_NATIVE": True, "GGML_AVX2": True})
    has(every["rpc"], {"GGML_RPC": True, "LLAMA_BUILD_WEBUI": False})
    # What runs its own code while it is built may be built here.
    assert answers["from-nixpkgs"]["settings"] == {"extra-system-features": ["llama-cpp-zen4"]}
    assert answers["native"]["settings"] == {"extra-system-features": ["llama-cpp-native-haswell"]}
    assert answers["this-native"]["name"] == "llama-cpp-cpu-native-haswell-0a1b2c3d-0.0.0"
    assert answers["this-native"]["settings"] == {"extra-system-features": ["llama-cpp-native-haswell-0a1b2c3d"]}
    assert answers["beyond"]["settings"] == {"extra-system-features": ["llama-cpp-haswell-avx_vnni"]}
    assert not answers["zen"]["settings"]


def the_service(answers):
    """What the back end needs, in both forms of the module, and nothing else."""
    for host in ("zen", "zen-old", "radeon", "apu", "multi", "variant-universal"):
        got = service(answers[host])
        assert got["MemoryDenyWriteExecute"] is False and got["PrivateDevices"] is False, host
        assert got["SupplementaryGroups"] == ["render", "video"] and "DeviceAllow" not in got
    for host in ("zen", "zen-old", "multi", "variant-universal"):
        assert answers[host]["environment"] == {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, host
    for host in ("cellar", "radeon", "apu"):
        assert answers[host]["environment"] == {}, host
    for host in ("cellar", "variant"):
        got = service(answers[host])
        assert got["MemoryDenyWriteExecute"] is True and "SupplementaryGroups" not in got, (host, got)
    assert service(answers["zen"])["ExecStart"].endswith("/bin/llama-server --ctx-size 4096")
    assert service(answers["zen-old"])["ExecStart"].endswith("/bin/llama-server --port 8080 -ngl 99")
    assert service(answers["zen"])["ProtectSystem"] == "strict"
    for host in ("multi", "universal", "variant-universal"):
        assert service(answers[host])["WorkingDirectory"] == service(answers[host])["ExecStart"].split("/llama-server")[0]
    assert "WorkingDirectory" not in service(answers["zen"])
    assert answers["zen-idle"]["services"] == [] and answers["zen-bare"]["services"] == []

    owner = answers["owner"]
    got = service(owner)
    assert owner["served"] == owner["drvPath"], "his word on the unit, our package"
    assert got["MemoryDenyWriteExecute"] is True and sorted(got["SupplementaryGroups"]) == ["models", "render", "video"]
    assert len(got["ExecStartPre"]) == 2 and got["ExecStartPre"][1] == "/bin/true"
    # A service with a package of his own is as if there were no module; a package that he sets here is ours.
    theirs = answers["owner-package"]
    assert theirs["served"] != theirs["drvPath"] and theirs["packages"] == [theirs["drvPath"]]
    got = service(theirs)
    assert "-hello-1.0/bin/llama-server" in got["ExecStart"] and got["SupplementaryGroups"] == ["models"], got
    assert got["MemoryDenyWriteExecute"] is True and not {"ExecStartPre", "WorkingDirectory"} & set(got), got
    changed = answers["owner-changed"]
    assert changed["served"] == changed["drvPath"] != answers["multi"]["drvPath"]
    assert service(changed)["MemoryDenyWriteExecute"] is False and "WorkingDirectory" in service(changed)


def the_check(answers):
    for host in ("zen", "cellar", "universal", "zen-bare", "from-nixpkgs"):
        assert re.fullmatch(r"/\S+-llama-fleet-cpu-check \|\| true", answers[host]["activation"]), answers[host]
    before = service(answers["zen"])["ExecStartPre"]
    assert before == ["+" + answers["zen"]["activation"].removesuffix(" || true")], before
    assert answers["unchecked"]["activation"] == "" and "ExecStartPre" not in service(answers["unchecked"])
    assert answers["flat"]["activation"] == "" and "ExecStartPre" not in service(answers["flat"]), "it runs everywhere"
    assert answers["untold"]["activation"] != "" and "ExecStartPre" not in service(answers["untold"])
    assert answers["by-host"]["activation"] == answers["zen"]["activation"], "the name is the plan's, not the machine's"


def the_refusals(nix, fleet, answers):
    for host, sentence in REFUSED.items():
        failed = answers[host].get("failed")
        assert failed and len(failed) == 1 and re.search(sentence, failed[0]), (host, answers[host])
        assert answers[host]["packages"] == [], "nothing is installed instead"
    said = nix.error(fleet, "toplevel.missing", INPUTS)
    assert "Failed assertions:\n       - llama-fleet: there is no plan for missing" in said, said
    said = nix.error(fleet, "nixosConfigurations.missing.pkgs.llama-cpp.drvPath", INPUTS)
    assert "llama-fleet: there is no plan for missing" in said, said
    value, warnings = nix.value(fleet, "toplevel.zen", INPUTS)
    assert value.endswith("-nixos-system-zen-stand-in.drv") and not warnings, (value, warnings)


def the_homes(nix, fleet, zen, cellar):
    homes, warnings = nix.value(fleet, "homes", INPUTS)
    assert not warnings, warnings
    for name in ("with-system", "own-pkgs", "alone-in-system", "alone-own-pkgs", "standalone"):
        assert homes[name]["packages"] == [zen["drvPath"]] and homes[name]["failed"] == [], (name, homes[name])
        assert homes[name]["check"] == zen["activation"], homes[name]
    assert homes["other"]["packages"] != [zen["drvPath"]] and homes["other"]["failed"] == []
    # The system's one plan is not that of another host, or of a home that has other plans.
    assert homes["with-plan"]["packages"] == [zen["drvPath"]], homes["with-plan"]
    for name in ("with-plan-other-host", "with-plan-other-plans"):
        assert homes[name]["packages"] == [cellar["drvPath"]] and homes[name]["failed"] == [], (name, homes[name])
    assert homes["with-plan-own-plan"]["packages"] == [cellar["drvPath"]], homes["with-plan-own-plan"]
    assert homes["missing"]["packages"] == [] and re.search(REFUSED["missing"], homes["missing"]["failed"][0])
    assert re.search(REFUSED["no-name"], homes["nameless"]["failed"][0]), homes["nameless"]
    if REAL_LIB:
        real, warnings = nix.value(fleet, "realHomes", INPUTS)
        assert not warnings and len(real) == 5, warnings
        assert real == {name: homes[name] for name in real}, f"with nixpkgs' module system: {real} {homes}"


def the_check_runs(nix, fleet):
    """The script that a system would run, against captured machines."""
    script = nix.build(fleet, "check.zen", INPUTS)
    for machine, code in (("carbon", 0), ("nitrogen", 0), ("boron", 1)):
        cpuinfo = os.path.join(SOURCE, "examples/captures", machine, "proc/cpuinfo")
        done = subprocess.run([script], env={"LLAMA_FLEET_CPUINFO": cpuinfo}, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == code, (machine, done)
        assert ("THIS CPU CANNOT RUN THE llama.cpp OF zen" in done.stderr) == (code == 1), done.stderr
    done = subprocess.run([nix.build(fleet, "check.untold", INPUTS)], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, (
        "llama-fleet: not everything in the plan of untold was compared with this CPU:\n"
        "  /proc/cpuinfo has no word for GGML_RVV\n")), done


def without_types(page):
    """The names that types have are not the same in every nixpkgs."""
    return re.sub(r"^\| type \| .* \|$", "| type |", page, flags=re.M)


def the_reference(nix, fleet):
    page, warnings = nix.value(fleet, "reference", INPUTS)
    assert not warnings, warnings
    path = os.path.join(SOURCE, "doc/options.md")
    if os.environ.get("LLAMA_FLEET_ACCEPT") == "1":
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)
        print("skipped: doc/options.md is written anew")
        sys.exit(77)
    kept = open(path, encoding="utf-8").read()
    assert kept == page, "doc/options.md is stale: LLAMA_FLEET_ACCEPT=1 writes it anew"
    assert kept.count("### programs.llama-fleet.") >= 23, "the page is not what it was"
    if REAL_LIB:
        real, _ = nix.value(fleet, "realReference", INPUTS)
        assert without_types(real) == without_types(page), "nixpkgs' lib gives another reference"


def check(nix, folder):
    fleet = os.path.join(folder, "fleet")
    make(fleet)
    answers, warnings = nix.value(fleet, "answers", INPUTS)
    assert not warnings, f"evaluation is not silent: {warnings}"
    flags, _ = nix.value(fleet, "flags", INPUTS)
    the_package(answers)
    the_options(answers, flags)
    the_service(answers)
    the_check(answers)
    the_refusals(nix, fleet, answers)
    the_homes(nix, fleet, answers["zen"], answers["cellar"])
    the_check_runs(nix, fleet)
    the_reference(nix, fleet)
    if REAL_LIB:
        real, warnings = nix.value(fleet, "real", INPUTS)
        assert not warnings, warnings
        different = [host for host in answers if real[host] != answers[host]]
        assert not different, f"with nixpkgs' module system: {[(real[host], answers[host]) for host in different]}"
    return {host: answer for host, answer in answers.items() if host not in REFUSED}  # the others name folders


if REAL_LIB:
    assert os.path.exists(REAL_LIB), f"NIXPKGS_LIB is {REAL_LIB}, which is not there"
else:
    print("not tried: nixpkgs' own module system (NIXPKGS_LIB names no lib)")
fleet_nix.under_every_nix("the modules", check)
