# SPDX-License-Identifier: MIT
"""Flags shown, flags broken on purpose and seen, CUDA refused, git, the printed commands, the example."""
import json
import os
import re
import shutil
import subprocess

import fixture
from people import TOOL, expect, layer, package, snapshot

SHOWN = "flags reach the derivation: shown (stand-in inputs)"

# Overlays behind ours that break one host each: a flag dropped, one turned over behind the other, an attribute that is not
# there (tryEval cannot catch that), endless recursion, and an option for the compiler.
LATER = """{
  carbon = [ (final: prev: { llama-cpp-cuda = prev.llama-cpp-cuda.overrideAttrs (old: {
    cmakeFlags = builtins.filter (flag: builtins.match "-DGGML_AVX2.*" flag == null) old.cmakeFlags; }); }) ];
  beryllium = [ (final: prev: { llama-cpp-vulkan = prev.llama-cpp-vulkan.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [ "-DGGML_FMA=off" "-DGGML_AVX=1" ]; }); }) ];
  boron = [ (final: prev: { llama-cpp-vulkan = final.no-such-thing.llama; }) ];
  nitrogen = [ (final: prev: { llama-cpp-vulkan = final.llama-cpp-vulkan.override { }; }) ];
  "dot.host" = [ (final: prev: { llama-cpp-cpu = prev.llama-cpp-cpu.overrideAttrs (old: {
    NIX_CFLAGS_COMPILE = "-O2 -march=native"; }); }) ];
}"""


def everything_shown(someone, folder):
    fleet = fixture.make(folder)
    before = snapshot(fleet)
    report, hosts = someone.report(fleet)
    expect(report["processes"] == 1, someone, "one evaluation for six hosts", report["processes"])
    expect(report["nix"]["store"].startswith(someone.home), someone, "the private store was used", report["nix"])
    expect(report["verdict"] == "shown" and report["standIns"], someone, "all is shown", json.dumps(report)[:3000])
    expect(package(hosts["boron"], "llama-cpp-cuda")["verdict"] == "not-planned", someone, "boron has no CUDA")
    expect(package(hosts["beryllium"], "llama-cpp-rocm")["verdict"] == "shown", someone, "beryllium has a gfx target")
    expect("-DCMAKE_CUDA_ARCHITECTURES:STRING=86-real" in package(hosts["carbon"], "llama-cpp-cuda")["cmakeFlags"], someone,
           "the card's target is in the derivation")
    same = {package(hosts[host], "llama-cpp-cpu")["drvPath"] for host in ("boron", "dot.host")}
    expect(len(same) == 1, someone, "equal builds have one derivation", same)
    text = someone.check(fleet).stdout
    expect(text.count(SHOWN) == 6 and "passed" not in text, someone, "stand-ins are named, never passed", text)
    too_long = [line for line in text.splitlines() if len(line) > 80 and "store" not in line]
    expect(not too_long, someone, "80 columns", too_long)
    expect(snapshot(fleet) == before, someone, "nothing is written into the flake")


def broken_is_seen(someone, folder):
    fleet = fixture.make(folder, later=LATER)
    report, hosts = someone.report(fleet)
    seen = json.dumps({name: [host["verdict"], host["why"], host["notes"]] for name, host in hosts.items()}, indent=1)
    cuda = layer(hosts["carbon"], "llama-cpp-cuda")
    expect(cuda["different"] == [("GGML_AVX2", "ON", "not set")], someone, "the dropped flag", seen)
    expect(any("pkgs.llama-cpp is not pkgs." in note for note in hosts["carbon"]["notes"]), someone, "redefinition", seen)
    vulkan = layer(hosts["beryllium"], "llama-cpp-vulkan")
    expect(vulkan["different"] == [("GGML_FMA", "ON", "off")], someone, "the last one wins", vulkan)
    expect(any("GGML_AVX is given 2 times" in note for note in vulkan["notes"]), someone, "duplicates", vulkan["notes"])
    boron = package(hosts["boron"], "llama-cpp-vulkan")
    expect(boron["verdict"] == "cannot-tell" and "no-such-thing" in boron["why"], someone, "the guilty is named", boron["why"])
    expect(boron["failure"]["file"] == "later.nix", someone, "and its place", boron["failure"])
    expect(package(hosts["boron"], "llama-cpp-cpu")["verdict"] == "shown", someone, "it hides no other package", seen)
    recursion = package(hosts["nitrogen"], "llama-cpp-vulkan")
    expect(recursion["failure"]["id"] == "nix-infinite-recursion", someone, "endless recursion", recursion)
    native = layer(hosts["dot.host"], "llama-cpp-cpu")
    expect(native["different"] == [("NIX_CFLAGS_COMPILE", "no -m option", "-O2 -march=native")], someone, "-march=native", native)
    text = someone.check(fleet)
    expect(text.returncode == 1 and "GGML_AVX2: wanted ON, got not set" in text.stdout, someone, "the text says so", text.stdout)


def unfree_is_asked(someone, folder):
    fleet = fixture.make(folder, unfree="{ }")
    refused = someone.check(fleet, "--show", "unfree").stdout.splitlines()
    expect(len(refused) == len(fixture.HOSTS) and all(re.fullmatch(r"\S+: refused cuda_\w+-[0-9.]+", line) for line in refused),
           someone, "CUDA is refused", refused)
    _, hosts = someone.report(fleet)
    cuda = package(hosts["carbon"], "llama-cpp-cuda")
    expect(cuda["verdict"] == "cannot-tell" and cuda["failure"]["id"] == "nix-unfree", someone, "and check says so", cuda["why"])
    expect(hosts["boron"]["verdict"] == "shown", someone, "hosts without CUDA do not suffer", hosts["boron"])
    predicate = someone.run([TOOL, ".", "--show", "predicate"]).stdout
    fleet = fixture.make(folder, unfree="{\n" + predicate + "}\n")
    allowed = someone.check(fleet, "--show", "unfree").stdout.splitlines()
    expect(all(line.endswith(": allowed ") for line in allowed) and allowed, someone, "the proposed predicate allows it", allowed)
    broken = "{ carbon = [ (final: prev: { llama-cpp-cuda = prev.no-such-scope.cuda; }) ]; }"
    bare = fixture.make(folder, unfree="{ }", later=broken, flake=fixture.FLAKE.replace("(overlay-llama-cpp name)", "")
                        .replace("pkgs.${(import ./selected.nix).${name}}", ""))
    before = someone.check(bare, "--show", "unfree", hosts=["carbon"]).stdout
    expect(before.startswith("carbon: refused cuda_"), someone, "asked before there is an overlay", before)


def git_repository(someone, folder):
    """A flake in git: only what git knows is seen, whatever the environment says."""
    fleet = fixture.make(folder)
    git = ["git", "-C", fleet, "-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "rm", "-q", "--cached", "later.nix"], check=True)
    if someone.prefix:
        subprocess.run(["chown", "-R", "65534:65534", fleet], check=True)
    done = someone.check(fleet)
    expect(done.returncode == 3 and "nix-not-tracked" in done.stderr, someone, "a file that git does not know", done.stderr)
    lies, _ = someone.report(fleet, "--as-files-lie")
    expect(lies["verdict"] == "shown", someone, "the folder as it lies", lies["verdict"])
    someone.run([*git, "add", "."])
    report, _ = someone.report(fleet, environment={"GIT_DIR": "/nowhere", "NIX_PATH": "nixpkgs=/nowhere"})
    expect(report["verdict"] == "shown", someone, "what git knows, whatever GIT_DIR says", report)
    odd = folder + " odd%20ä"
    os.rename(fleet, odd)
    done = someone.check(odd)
    understood = done.returncode == 0 or (done.returncode == 3 and "nix-folder-name" in done.stderr)
    expect(understood, someone, "a folder with an odd name: works, or (Nix 2.8) is refused by name", done.stderr)


def printed_commands_run(someone, folder):
    fleet = fixture.make(folder)
    text = someone.check(fleet, "--show", "commands").stdout
    blocks = re.split(r"^# (.+)\n", text, flags=re.M)
    place, hosts = blocks[0], dict(zip(blocks[1::2], blocks[2::2]))
    expect(set(hosts) == set(fixture.HOSTS), someone, "commands for every host", text)
    loader = "sid-start" in text or "ld-linux" in text  # such a Nix cannot start itself again, as `nix run` does
    for host, typed in hosts.items():
        commands = typed.replace("\\\n", " ").splitlines()
        for command in commands:
            if loader and " run " in command:
                continue
            done = someone.run(["sh", "-c", place + command])
            expect(done.returncode == 0, someone, f"{host}: {command}", done.stderr[-2000:])
            if " run " in command:
                expect("GGML_AVX2:BOOL=TRUE" in done.stdout, someone, f"{host}: it runs, and tells its flags", done.stdout)
    expect(os.path.exists(os.path.join(someone.home, "store/nix/store")), someone, "it was built in the private store")
    expect(not os.path.lexists(os.path.join(fleet, "result")), someone, "no link into a private store is left")


def homelab(someone, folder):
    source = os.path.join(fixture.SOURCE, "examples/homelab-fitted")
    if not os.path.exists(os.path.join(source, "flake.nix")):
        return
    shutil.copytree(source, folder)
    words = [TOOL, folder, "--stand-ins"]
    for name in ("nixpkgs", "llama-cpp", "home-manager", "waybar", "nixos-hardware"):
        words += ["--override", f"{name}={fixture.STAND_INS}/{name}"]
    words += ["--override", f"nixpkgs-stable={fixture.STAND_INS}/nixpkgs"]
    for name in sorted(os.listdir(os.path.join(folder, "llama-fleet/plan"))):
        for what in ("plan", "facts"):
            words += [f"--{what}", f"{name.removesuffix('.json')}={folder}/llama-fleet/{what}/{name}"]
    done = someone.run([*words, "--show", "json"])
    report = json.loads(done.stdout)
    expect(report["processes"] == 1 and report["verdict"] == "shown", someone, "the example", done.stdout[:4000])
    installed = {where["where"] for host in report["hosts"] for where in host["installed"]}
    expect({"environment.systemPackages", "home-manager.users.mira.home.packages"} <= installed, someone,
           "where it is installed", installed)
