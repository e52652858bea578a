#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The project's own flake.nix, default.nix and template: every output evaluates, with one input, under every Nix there is
(stand-ins). Not built: there is no compiler in a stand-in."""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fleet_nix  # noqa: E402
from fleet_nix import SOURCE, STAND_INS  # noqa: E402
from plans import expected, has  # noqa: E402

SYSTEMS = ["x86_64-linux", "aarch64-linux"]
PARTS = ["flake.nix", "default.nix", "CMakeLists.txt", "LICENSE", "nix", "cmake", "templates", "tools", "doc",
         "examples/stand-ins"]
INPUTS = ["nixpkgs"]


def copy(root):
    for part in PARTS:
        source, target = os.path.join(SOURCE, part), os.path.join(root, part)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, target)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def the_outputs(nix, root):
    """What `nix flake show` lists, and nothing else; `nix flake check` evaluates all of it."""
    shown = nix.run("flake show", root, "", "--json", inputs=INPUTS)
    assert shown.returncode == 0, shown.stderr
    listed = json.loads(shown.stdout)
    listed = listed.get("inventory", listed)
    assert set(listed) >= {"apps", "checks", "devShells", "nixosModules", "overlays", "packages", "templates"}, set(listed)
    # In a private store Nix 2.8 sees a path where it really lies, and then says that it is not in the store.
    path = os.path.join(root, "flake.nix")
    text = open(path, encoding="utf-8").read()
    changed = text.replace("path = ./templates/fleet;", 'path = "${self}/templates/fleet";')
    assert changed != text
    write(path, changed)
    checked = nix.run("flake check", root, "", "--no-build", inputs=INPUTS)
    write(path, text)
    assert checked.returncode == 0, checked.stderr
    wrong = [line for line in checked.stderr.splitlines() if "warning:" in line and not any(
        known in line for known in ("lock file", "unknown flake output", "Git tree", "incompatible systems",
                                    "The check omitted"))]
    assert not wrong, wrong


def the_probes(system, value):
    """Both static programs, whatever this system is: its own is native, the other is cross-compiled for by it."""
    probes = f"packages.{system}.probes"
    assert value(f"{probes}.drvPath").endswith("-llama-fleet-probes-0.1.0.drv")
    other = {"x86_64-linux": "aarch64", "aarch64-linux": "x86_64"}[system]
    cross = {"aarch64": "aarch64-multiplatform-musl-stdenv", "x86_64": "musl64-stdenv"}
    for machine in ("x86_64", "aarch64"):
        probe = f"{probes}.{machine}"
        assert value(f"{probe}.meta.mainProgram") == f"llama-fleet-probe-{machine}"
        assert value(f"{probe}.system") == system, "built on another system than asked for"
        assert value(f"{probe}.stdenvName") == (cross[machine] if machine == other else "static-stdenv")
        assert value(f"{probe}.cmakeFlags") == ["-DLLAMA_FLEET_PROBE_ONLY:BOOL=TRUE"]
        assert value(f"{probes}.{machine}.drvPath").endswith("-llama-fleet-probe-0.1.0.drv")
    script = value(f"{probes}.buildCommand")
    for machine in ("x86_64", "aarch64"):
        assert f"${machine}/bin/llama-fleet-probe-{machine}" in script, script


def the_values(nix, root):
    def value(attribute):
        got, warnings = nix.value(root, attribute, INPUTS)
        assert not warnings, warnings
        return got
    for system in SYSTEMS:
        drv = value(f"packages.{system}.default.drvPath")
        assert drv.endswith("-llama-fleet-0.1.0.drv") and drv == value(f"packages.{system}.llama-fleet.drvPath")
        the_probes(system, value)
        for app in ("default", "llama-fleet"):
            assert value(f"apps.{system}.{app}.program").endswith("-llama-fleet-0.1.0/bin/llama-fleet")
        assert value(f"devShells.{system}.default.drvPath").endswith("-nix-shell.drv")
        for check in ("llama-fleet", "options"):
            assert value(f"checks.{system}.{check}.drvPath").endswith(".drv")
        # The starter's machines are x86: on ARM their flags are the same, because hosts say their own system.
        text = value(f"checks.{system}.starter.text")
        assert "desk: llama-cpp-cpu-9608 " in text and "-DGGML_AMX_INT8:BOOL=TRUE" in text, text
    assert value("packages.x86_64-linux.default.drvPath") != value("packages.aarch64-linux.default.drvPath")
    names = nix.run("eval", root, "nixosModules", "--apply", "builtins.attrNames", "--json", inputs=INPUTS)
    assert json.loads(names.stdout) == ["default", "llama-fleet"], names.stderr
    names = nix.run("eval", root, "homeModules", "--apply", "builtins.attrNames", "--json", inputs=INPUTS)
    assert json.loads(names.stdout) == ["default", "llama-fleet"], names.stderr
    kind = nix.run("eval", root, "lib.overlay", "--apply", "builtins.functionArgs", "--json", inputs=INPUTS)
    assert json.loads(kind.stdout) == {"inputs": False, "plan": True, "rpc": True, "webUi": True}, kind.stderr
    about = json.loads(nix.run("flake metadata", root, "", "--json", inputs=INPUTS).stdout)
    assert about["locks"]["nodes"]["root"]["inputs"] == {"nixpkgs": "nixpkgs"}, "users inherit one input"


def a_page_rebuilds_nothing(nix, root):
    package = nix.value(root, "packages.x86_64-linux.default.drvPath", INPUTS)[0]
    for page in ("README.md", "doc/overlay.md"):
        write(os.path.join(root, page), "a page")
        assert nix.value(root, "packages.x86_64-linux.default.drvPath", INPUTS)[0] == package, f"{page} rebuilds the program"
    manual = os.path.join(root, "doc/llama-fleet.1")
    text = open(manual, encoding="utf-8").read()
    write(manual, text + ".\n")
    assert nix.value(root, "packages.x86_64-linux.default.drvPath", INPUTS)[0] != package, "the manual is installed"
    write(manual, text)
    return package


def without_flakes(nix, root, package):
    """default.nix has what the flake has."""
    same = f"""let
      pkgs = import {STAND_INS}/nixpkgs {{ system = "x86_64-linux"; }};
      ours = import {root} {{ inherit pkgs; }};
      extended = import {STAND_INS}/nixpkgs {{ system = "x86_64-linux"; overlays = [ ours.overlays.default ]; }};
    in {{
      names = builtins.attrNames ours;
      drv = ours.llama-fleet.drvPath;
      probes = ours.probes.drvPath;
      shell = ours.shell.drvPath;
      overlay = extended.llama-fleet.drvPath;
      args = builtins.attrNames (builtins.functionArgs ours.lib.overlay);
      modules = map builtins.attrNames [ ours.nixosModules ours.homeModules ];
    }}"""
    got = nix.expression(same)
    assert got["names"] == ["homeModules", "lib", "llama-fleet", "nixosModules", "overlays", "probes", "shell"], got
    assert got["drv"] == got["overlay"] and got["drv"].endswith("-llama-fleet-0.1.0.drv"), got
    assert got["probes"].endswith("-llama-fleet-probes-0.1.0.drv"), got
    assert got["shell"].endswith("-nix-shell.drv"), got
    assert got["modules"] == [["default", "llama-fleet"]] * 2 and "plan" in got["args"], got
    assert os.path.basename(package).split("-", 1)[1] == os.path.basename(got["drv"]).split("-", 1)[1]


def the_template(nix, root, folder):
    """What `nix flake init` gives, with the module on it: both hosts evaluate, the flags are their plans'."""
    fleet = os.path.join(folder, "started")
    path, _ = nix.value(root, "templates.default.path", INPUTS)
    shutil.copytree(nix.store + path, fleet, copy_function=shutil.copyfile)
    fleet_nix.writable(fleet)
    inputs = {name: os.path.join(STAND_INS, name) for name in ("nixpkgs", "llama-cpp")} | {"llama-fleet": root}
    for host in ("desk", "rack"):
        with open(os.path.join(fleet, "llama-fleet/plan", f"{host}.json"), encoding="utf-8") as file:
            plan = json.load(file)["build"]
        where = f"nixosConfigurations.{host}"
        flags, warnings = nix.value(fleet, f"{where}.config.programs.llama-fleet.package.cmakeFlags", inputs)
        assert not warnings, warnings
        has({"name": host, "cmakeFlags": flags}, expected(plan, plan["package"]))
        drv, _ = nix.value(fleet, f"{where}.config.programs.llama-fleet.package.drvPath", inputs)
        assert nix.value(fleet, f"{where}.pkgs.llama-cpp.drvPath", inputs)[0] == drv
        top, _ = nix.value(fleet, f"{where}.config.system.build.toplevel.drvPath", inputs)
        assert top.endswith(f"-nixos-system-{host}-stand-in.drv"), top
    served, _ = nix.value(fleet, "nixosConfigurations.rack.config.systemd.services.llama-cpp.serviceConfig", inputs)
    assert re.fullmatch(r"\S+-llama-cpp-cpu-0.0.0/bin/llama-server ", served["ExecStart"]), served
    assert re.search("-llama-fleet-cpu-check$", served["ExecStartPre"][0]), served
    program = os.environ.get("LLAMA_FLEET", "")
    if os.path.exists(program):  # the plans that are there are what the program makes of the facts
        for host in ("desk", "rack"):
            made = subprocess.run([program, "plan", fleet, "--host", host, "--format", "json"], check=True,
                                  stdout=subprocess.PIPE, text=True).stdout
            path = os.path.join("templates/fleet/llama-fleet/plan", f"{host}.json")
            assert made == open(os.path.join(SOURCE, path), encoding="utf-8").read(), f"{path} is stale"
        fitted = subprocess.run([program, "fit", fleet, "--no-nix"], check=True, stdout=subprocess.PIPE, text=True).stdout
        assert "nothing to do: the flake is fitted" in fitted, fitted
    else:
        print("llama-fleet is not built: the template's plans were not made anew")


def check(nix, folder):
    root = os.path.join(folder, "root")
    copy(root)
    the_outputs(nix, root)
    the_values(nix, root)
    package = a_page_rebuilds_nothing(nix, root)
    without_flakes(nix, root, package)
    the_template(nix, root, folder)


fleet_nix.under_every_nix("the project's flake", check)
