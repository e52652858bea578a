# SPDX-License-Identifier: MIT
"""real_nix.py CHECK_TOOL: check asks real Nixes about a fitted fleet over stand-in inputs: flags shown, flags broken on purpose
and seen, as root and as a plain user, with a private store, without Nix; and the commands it prints are run.

Every Nix there is takes part: the one in PATH, and $LLAMA_FLEET_NIX_CURRENT (words that start another).
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import fixture

TOOL = sys.argv[1]
# Not below WORK_DIR: old Nixes take a folder inside a git repository for a part of it.
WORK = os.path.join(tempfile.mkdtemp(prefix="llama-fleet-check-"), "work")
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
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


class Someone:
    """A Nix, a user, a store of his own."""

    def __init__(self, name, nix, prefix, stores):
        self.name, self.prefix = name, prefix
        self.home = os.path.join(stores, re.sub(r"\W+", "-", name))
        os.makedirs(self.home)
        if prefix:
            os.chown(self.home, 65534, 65534)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("NIX_", "XDG_"))}
        self.environment.update(HOME=self.home, LLAMA_FLEET_NIX_STORE=os.path.join(self.home, "store"))
        self.environment.pop("LLAMA_FLEET_NIX", None)
        if nix:
            self.environment["LLAMA_FLEET_NIX"] = nix

    def run(self, words, **more):
        return subprocess.run([*self.prefix, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=300, check=False,
                              **{"env": self.environment, **more})

    def check(self, fleet, *more, hosts=fixture.HOSTS, environment=None):
        return self.run([TOOL, *fixture.words(fleet, hosts), *more], env={**self.environment, **(environment or {})})

    def report(self, fleet, *more, **how):
        done = self.check(fleet, "--show", "json", *more, **how)
        assert done.returncode in (0, 1), f"{self.name}: exit code {done.returncode}: {done.stderr}"
        report = json.loads(done.stdout)
        return report, {host["host"]: host for host in report["hosts"]}


def package(host, name):
    return next(one for one in host["packages"] if one["package"] == name)


def snapshot(folder):
    found = {}
    for place, _, files in os.walk(folder):
        for name in files:
            with open(os.path.join(place, name), "rb") as file:
                found[os.path.join(place, name)] = file.read()
    return found


def expect(condition, someone, what, seen=""):
    if not condition:
        raise AssertionError(f"{someone.name}: {what}\n{seen}")


def everything_shown(someone, folder):
    fleet = fixture.make(folder)
    before = snapshot(fleet)
    report, hosts = someone.report(fleet)
    expect(report["processes"] == 1, someone, "one evaluation for five hosts", report["processes"])
    expect(report["nix"]["store"].startswith(someone.home), someone, "the private store was used", report["nix"])
    expect(report["verdict"] == "shown" and report["standIns"], someone, "all is shown", json.dumps(report)[:3000])
    expect(package(hosts["boron"], "llama-cpp-cuda")["verdict"] == "not-planned", someone, "boron has no CUDA")
    expect(package(hosts["beryllium"], "llama-cpp-rocm")["verdict"] == "shown", someone, "beryllium has a gfx target")
    expect("-DCMAKE_CUDA_ARCHITECTURES:STRING=86-real" in package(hosts["carbon"], "llama-cpp-cuda")["cmakeFlags"], someone,
           "the card's target is in the derivation")
    same = {package(hosts[host], "llama-cpp-cpu")["drvPath"] for host in ("boron", "dot.host")}
    expect(len(same) == 1, someone, "equal builds have one derivation", same)
    text = someone.check(fleet).stdout
    expect(text.count(SHOWN) == 10 and "passed" not in text, someone, "stand-ins are named, never passed", text)
    too_long = [line for line in text.splitlines() if len(line) > 80 and "store" not in line]
    expect(not too_long, someone, "80 columns", too_long)
    expect(snapshot(fleet) == before, someone, "nothing is written into the flake")


def broken_is_seen(someone, folder):
    fleet = fixture.make(folder, later=LATER)
    report, hosts = someone.report(fleet)
    seen = json.dumps({name: [host["verdict"], host["why"], host["notes"]] for name, host in hosts.items()}, indent=1)
    cuda = package(hosts["carbon"], "llama-cpp-cuda")
    expect(cuda["differences"] == [{"name": "GGML_AVX2", "wanted": "ON", "got": "not set"}], someone, "the dropped flag", seen)
    expect(any("pkgs.llama-cpp is not pkgs." in note for note in hosts["carbon"]["notes"]), someone, "redefinition", seen)
    vulkan = package(hosts["beryllium"], "llama-cpp-vulkan")
    expect(vulkan["differences"] == [{"name": "GGML_FMA", "wanted": "ON", "got": "off"}], someone, "the last one wins", vulkan)
    expect(any("GGML_AVX is given 2 times" in note for note in vulkan["notes"]), someone, "duplicates", vulkan["notes"])
    boron = package(hosts["boron"], "llama-cpp-vulkan")
    expect(boron["verdict"] == "cannot-tell" and "no-such-thing" in boron["why"], someone, "the guilty is named", boron["why"])
    expect(boron["failure"]["file"] == "later.nix", someone, "and its place", boron["failure"])
    expect(package(hosts["boron"], "llama-cpp-cpu")["verdict"] == "shown", someone, "it hides no other package", seen)
    recursion = package(hosts["nitrogen"], "llama-cpp-vulkan")
    expect(recursion["failure"]["id"] == "nix-infinite-recursion", someone, "endless recursion", recursion)
    native = package(hosts["dot.host"], "llama-cpp-cpu")
    expect(native["differences"] == [{"name": "NIX_CFLAGS_COMPILE", "wanted": "no -m option", "got": "-O2 -march=native"}],
           someone, "-march=native", native)
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


def bad_flakes(someone, folder):
    cases = [("syntax", {"flake": fixture.FLAKE.replace("let", "let ;", 1)}, "nix-syntax: flake.nix:9:9:"),
             ("output", {"flake": fixture.FLAKE.replace("nixosConfigurations", "systems")}, "nix-no-output"),
             ("abort", {"flake": fixture.FLAKE.replace("host = name:", 'host = name: abort "no, thanks"')
                        .replace("nixpkgs.lib.nixosSystem {", "{")}, "no, thanks")]
    for name, change, wanted in cases:
        done = someone.check(fixture.make(f"{folder}-{name}", **change))
        expect(done.returncode == 3 and wanted in done.stderr, someone, name, done.stderr + done.stdout)
    endless = fixture.make(f"{folder}-endless", later="{ carbon = let f = n: if n == 0 then [ ] else f (n - 1) ++ f (n - 1); in f 99; }")
    start = time.monotonic()
    done = someone.check(endless, "--time-limit", "2")
    expect(done.returncode == 3 and "nix-timeout" in done.stderr and time.monotonic() - start < 20, someone,
           "an evaluation that never ends", done.stderr)
    missing = someone.check(fixture.make(f"{folder}-input"), "--override", "nixpkgs=/no/such/folder")
    expect(missing.returncode == 3 and "nix-input-missing" in missing.stderr, someone, "an input that is gone", missing.stderr)
    full = someone.check(fixture.make(f"{folder}-store"), environment={"LLAMA_FLEET_NIX_STORE": "/proc/llama-fleet"})
    expect(full.returncode == 3 and "nix-store" in full.stderr, someone, "a store that cannot be", full.stderr)


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
        words += ["--plan", f"{name.removesuffix('.json')}={folder}/llama-fleet/plan/{name}"]
    done = someone.run([*words, "--show", "json"])
    report = json.loads(done.stdout)
    expect(report["processes"] == 1 and report["verdict"] == "shown", someone, "the example", done.stdout[:4000])
    installed = {where["where"] for host in report["hosts"] for where in host["installed"]}
    expect({"environment.systemPackages", "home-manager.users.mira.home.packages"} <= installed, someone,
           "where it is installed", installed)


def system_store_closed(someone, folder):
    """No store was named: a plain user finds the system's closed or missing; root is shown a machine without one."""
    fleet = fixture.make(folder)
    wanted = os.path.join(someone.home, ".cache/llama-fleet/nix")
    words = [TOOL, *fixture.words(fleet), "--show", "json"]
    environment = {key: value for key, value in someone.environment.items() if key != "LLAMA_FLEET_NIX_STORE"}
    if someone.prefix:
        done = someone.run(words, env=environment)
    elif os.path.isdir("/nix") and not os.path.realpath(shutil.which("nix") or "/nix/").startswith("/nix/") and \
            subprocess.run(["unshare", "-m", "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0:
        done = someone.run(["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /nix && "$@"', "sh", *words], env=environment)
    elif not os.path.isdir("/nix"):
        done = someone.run(words, env=environment)
    else:
        return
    report = json.loads(done.stdout or "{}")
    socket = "/nix/var/nix/daemon-socket/socket"
    private = report.get("nix", {}).get("store") == wanted or os.path.exists(socket)
    expect(report.get("verdict") == "shown" and private, someone, "a private store was found by itself", done.stdout[:500] + done.stderr)


def store_without_room(someone, folder):
    if someone.prefix or subprocess.run(["unshare", "-m", "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        return
    fleet = fixture.make(folder)
    small = os.path.join(someone.home, "small")
    os.makedirs(small)
    for options in ("size=200k", "ro"):
        done = someone.run(["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o {options} none "{small}" && "$@"', "sh", TOOL,
                            *fixture.words(fleet)], env={**someone.environment, "LLAMA_FLEET_NIX_STORE": small})
        expect(done.returncode == 3 and done.stderr.startswith("nix-store:"), someone, options, done.stderr + done.stdout)


CASES = [everything_shown, broken_is_seen, unfree_is_asked, bad_flakes, git_repository, printed_commands_run, system_store_closed,
         store_without_room, homelab]


def without_nix(folder):
    someone = Someone("without Nix", None, [], folder)
    fleet = fixture.make(os.path.join(folder, "fleet"))
    bare = os.path.join(folder, "bin")
    os.makedirs(bare)
    someone.environment.update(PATH=bare)
    done = someone.check(fleet)
    usual = any(os.path.exists(p) for p in ("/run/current-system/sw/bin/nix", "/nix/var/nix/profiles/default/bin/nix"))
    if not usual:
        expect(done.returncode == 1 and done.stdout.startswith("not checked: nix not found\n"), someone, "it says so", done.stdout)
    with open(os.path.join(bare, "nix"), "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\necho 'nix (Nix) 2.3.16'\n")
    os.chmod(os.path.join(bare, "nix"), 0o755)
    done = someone.check(fleet)
    expect(done.stdout.startswith("not checked: nix 2.3.16 is too old"), someone, "too old", done.stdout + done.stderr)


def everybody(stores):
    found = [("nix in PATH", None)] if shutil.which("nix") else []
    if os.environ.get("LLAMA_FLEET_NIX_CURRENT"):
        found.append(("current nix", os.environ["LLAMA_FLEET_NIX_CURRENT"]))
    people = [Someone(name, nix, [], stores) for name, nix in found]
    reachable = shutil.which("setpriv") and os.geteuid() == 0 and \
        subprocess.run([*NOBODY, "sh", "-c", f'test -x "{TOOL}" && test -r "{fixture.STAND_INS}/nixpkgs/flake.nix" && test -x "{WORK}"'],
                       check=False).returncode == 0
    if reachable:
        for name, nix in found:
            starts = subprocess.run([*NOBODY, *(nix or "nix").split(), "--version"], check=False, capture_output=True)
            if starts.returncode == 0:
                people.append(Someone(f"{name}, as nobody", nix, NOBODY, stores))
            else:
                print(f"{name}: not tried as a plain user, who cannot start it there")
    else:
        print("not tried as a plain user: needs root, setpriv and a build folder that others may read")
    return people


def remove(folder):
    # Nix makes what it has built read-only.
    subprocess.run(["chmod", "-R", "u+w", folder], check=False, stderr=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)


def main():
    remove(WORK)
    os.makedirs(WORK)
    os.chmod(os.path.dirname(WORK), 0o755)
    os.chmod(WORK, 0o755)
    try:
        without_nix(os.path.join(WORK, "without"))
        people = everybody(os.path.join(WORK, "people"))
        if not people:
            print("skipped: no nix in PATH and no $LLAMA_FLEET_NIX_CURRENT")
            return 77
        for person in people:
            for case in CASES:
                start = time.monotonic()
                case(person, os.path.join(person.home, case.__name__))
                print(f"{person.name}: {case.__name__}: {time.monotonic() - start:.1f} s", flush=True)
    finally:
        remove(os.path.dirname(WORK))
    return 0


sys.exit(main())
