# SPDX-License-Identifier: MIT
"""fit --prove: the hosts before and after the edit, by every Nix there is; what would change something else is not written."""
import json
import os
import shutil

import golden

work = golden.work_dir()
HOSTS = ["carbon", "beryllium", "boron", "nitrogen", "this-machine"]
roots = [word for host in HOSTS for word in ("--root", f"{host}={golden.source / 'examples/captures' / host}")]
stand_ins = ("--stand-ins", golden.source / "examples/stand-ins", "--no-nix", "--prove")
programs = [("the one in PATH", None)] if shutil.which("nix") else []
if os.environ.get("LLAMA_FLEET_NIX_CURRENT"):
    programs.append(("the current one", os.environ["LLAMA_FLEET_NIX_CURRENT"]))
if not programs:
    golden.skip("no nix in PATH and no $LLAMA_FLEET_NIX_CURRENT")


def environment(program):
    return golden.clean_environment(**({"LLAMA_FLEET_NIX": program} if program else {}), XDG_CACHE_HOME=str(work / "cache"))


def proofs(done):
    return {one["host"]: (one["holds"], one["text"]) for one in json.loads(done.stdout)["proof"]}


for name, program in programs:
    env = environment(program)
    folder = work / name.replace(" ", "-")
    flake = golden.flake_copy("examples/homelab", folder / "homelab")
    (flake / "notes.nix").write_text("not known to git, and not Nix: {")
    # A first fit of one host: the others stay the very same systems.
    found = proofs(golden.run("fit", flake, *roots, *stand_ins, "--host", "boron", "--json", env=env))
    golden.check(set(found) == set(HOSTS) and all(holds for holds, _ in found.values()), f"{name}: {found}")
    golden.check(all(found[host][1] == "not planned, and the same system" for host in HOSTS if host != "boron"), f"{name}: {found}")
    # Of all hosts, and an update of one of them.
    found = proofs(golden.run("fit", flake, *roots, *stand_ins, "--write", "--git-add", "--json", env=env))
    golden.check(all(holds for holds, _ in found.values()), f"{name}: {found}")
    moved = ("--root", f"boron={golden.source / 'examples/captures/beryllium'}")
    found = proofs(golden.run("fit", flake, "--update", *moved, *stand_ins, "--json", env=env))
    golden.check(found["boron"][0] and "llama-cpp-vulkan" in found["boron"][1], f"{name}: {found}")

    # A host that throws as soon as its list has a fourth package: the edit would end it, so nothing is written.
    flake = golden.flake_copy("examples/homelab", folder / "trap", repository=False)
    machine = flake / "machines/nitrogen.nix"
    text = machine.read_text()
    golden.check(text.count("environment.systemPackages") == 1, "machines/nitrogen.nix has another list")
    machine.write_text(text.replace("{ pkgs", "{ lib, pkgs", 1).replace("{pkgs", "{lib, pkgs", 1).replace(
        "environment.systemPackages", "environment.etc.trap.text = if pkgs ? llama-cpp-universal then throw \"trap\" else \"\";\n  "
        "system.build.toplevel = lib.mkForce (derivation { name = \"t\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; "
        "trap = if pkgs ? llama-cpp-universal then throw \"trap\" else \"\"; });\n  environment.systemPackages", 1))
    golden.make_repository(flake)
    before = golden.tree(flake)
    done = golden.run("fit", flake, *roots, *stand_ins, "--write", "--json", code=1, env=env)
    found = proofs(done)
    golden.check(not found["nitrogen"][0] and "evaluated before" in found["nitrogen"][1], f"{name}: {found}")
    golden.check(golden.tree(flake) == before, f"{name}: an edit that is not proved was written")
    golden.check(not json.loads(done.stdout)["written"], f"{name}: says that it was written")
    shown = golden.run("fit", flake, *roots, *stand_ins, code=1, env=env).stdout
    golden.check("wrong: nitrogen:" in shown and "not written: the edit would do more or less" in shown, shown[-800:])
golden.finish()
