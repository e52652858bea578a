# SPDX-License-Identifier: MIT
"""Bad input to `llama-fleet check` itself, with real Nixes: what it says, where, and with which exit code."""
import json
import os
import subprocess
import time

import fixture
from people import Someone, expect, snapshot

PROGRAM = os.environ.get("LLAMA_FLEET", "")


def fleet_of(folder, **change):
    """The fleet as fit leaves one: plans and facts under llama-fleet/."""
    fleet = fixture.make(folder, **{"flake": fixture.FLAKE, **change})
    for what in ("plan", "facts"):
        for host in fixture.HOSTS:
            with open(f"{fleet}/{what}/{host}.json", encoding="utf-8") as file:
                fixture.write(f"{fleet}/llama-fleet/{what}/{host}.json", file.read())
    return fleet


def run(someone, fleet, *more, hosts=("carbon", "boron"), environment=None):
    words = [PROGRAM, "check", fleet, "--stand-ins", fixture.STAND_INS, *more]
    for host in hosts:
        words += ["--host", host]
    return someone.run(words, env={**someone.environment, **(environment or {})})


def said(done, code, *texts):
    whole = done.stdout + done.stderr
    return done.returncode == code and all(text in whole for text in texts)


ENDLESS = "{ carbon = let f = n: if n == 0 then [ ] else f (n - 1) ++ f (n - 1); in f 99; }"
MISSING = "{ boron = [ (final: prev: { llama-cpp-vulkan = final.no-such-thing.llama; }) ]; }"

# What is wrong, how the fleet is made, more words, exit code, what is said.
CASES_OF_INPUT = [
    ("a syntax error", {"later": "{ carbon = [ ;"}, [], 3, ["later.nix:1:"]),
    ("no hosts", {"flake": fixture.FLAKE.replace("nixosConfigurations", "systems")}, [], 3, ["nixosConfigurations"]),
    ("code that throws", {"later": 'throw "no, thanks"'}, [], 3, ["no, thanks"]),
    ("an attribute that is missing", {"later": MISSING}, [], 3, ["'no-such-thing' missing (later.nix:1:"]),
    ("a later overlay that throws", {"later": "{ carbon = [ (final: prev: { llama-cpp-cuda = throw \"not today\"; }) ]; }"}, [], 3,
     ["not today"]),
    ("an evaluation that never ends", {"later": ENDLESS}, ["--time-limit", "6"], 3,
     ["carbon: flags reach the derivation: cannot tell\n  nix did not finish within 3 s; --time-limit", "boron: flags reach the derivation: shown"]),
    ("an input that is gone", {}, ["--override-input", "nixpkgs=/no/such/folder"], 3, ["/no/such/folder"]),
]


def program_with_bad_input(someone, folder):
    for what, change, more, code, texts in CASES_OF_INPUT:
        start = time.monotonic()
        done = run(someone, fleet_of(f"{folder}-{what.replace(' ', '-')}", **change), *more)
        expect(said(done, code, *texts), someone, what, f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
        expect(time.monotonic() - start < 60, someone, f"{what}: in time")


def program_with_broken_files(someone, folder):
    """A plan or facts that cannot be read are their host's affair; what is wrong and where stands beside it."""
    good = "boron: flags reach the derivation: shown"
    for what, text, where in (("plan", "{", "carbon.json:1:"), ("plan", "[]", "llama-fleet/plan/carbon.json"), ("facts", "{}", "carbon.json"),
                              ("facts", '{"a":', "llama-fleet/facts/carbon.json:1:")):
        fleet = fleet_of(f"{folder}-{what}-{len(text)}")
        fixture.write(f"{fleet}/llama-fleet/{what}/carbon.json", text)
        done = run(someone, fleet)
        expect(said(done, 3, good, "carbon: ", where), someone, (what, text), done.stdout + done.stderr)
        json_report = json.loads(run(someone, fleet, "--json").stdout)
        verdicts = {host["host"]: host["verdict"] for host in json_report["hosts"]}
        expect(verdicts == {"carbon": "cannot-tell", "boron": "shown"}, someone, "as JSON", verdicts)


def program_says_all(someone, folder):
    fleet = fleet_of(folder)
    before = snapshot(fleet)
    done = run(someone, fleet, "--json", hosts=fixture.HOSTS)
    report = json.loads(done.stdout)
    expect(done.returncode == 0 and report["verdict"] == "shown" and report["processes"] == 1, someone, "six hosts", done.stderr)
    expect(report["version"] == 3 and all(host["layers"]["derivation"] == "shown" for host in report["hosts"]), someone, "layers")
    os.remove(f"{fleet}/llama-fleet/facts/carbon.json")
    blind = run(someone, fleet)
    expect(said(blind, 3, "no facts of this host are at hand"), someone, "facts decide about targets", blind.stdout)
    del before[f"{fleet}/llama-fleet/facts/carbon.json"]
    expect(snapshot(fleet) == before, someone, "nothing is written into the flake")


def program_without_room(someone, folder):
    if someone.prefix or subprocess.run(["unshare", "-m", "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        print(f"{someone.name}: a store without room: not tried, needs root and a mount of its own (unshare -m)")
        return
    fleet = fleet_of(folder)
    small = os.path.join(someone.home, "small-program")
    os.makedirs(small)
    done = someone.run(["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size=200k none "{small}" && "$@"', "sh", PROGRAM, "check", fleet,
                        "--stand-ins", fixture.STAND_INS, "--host", "carbon"], env={**someone.environment, "LLAMA_FLEET_NIX_STORE": small})
    expect(said(done, 3, "LLAMA_FLEET_NIX_STORE"), someone, "no room", f"{done.returncode} {done.stdout}{done.stderr}")


def program_without_nix(folder):
    """No Nix, one that is too old, one that is none."""
    someone = Someone("the program without Nix", None, [], folder)
    fleet = fleet_of(os.path.join(folder, "program"))
    bare = os.path.join(folder, "program-bin")
    os.makedirs(bare)
    someone.environment.update(PATH=bare)
    usual = any(os.path.exists(p) for p in ("/run/current-system/sw/bin/nix", "/nix/var/nix/profiles/default/bin/nix"))
    if not usual:
        done = run(someone, fleet)
        expect(said(done, 3, "not checked: nix not found"), someone, "no Nix is no yes", done.stdout + done.stderr)
    for words, text in (("echo 'nix (Nix) 2.3.16'", "nix 2.3.16 is too old: 2.8 or newer is needed"), ("exit 1", "nix --version")):
        with open(os.path.join(bare, "nix"), "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\necho started >> "$0.log"\n{words}\n')
        os.chmod(os.path.join(bare, "nix"), 0o755)
        done = run(someone, fleet)
        with open(os.path.join(bare, "nix.log"), encoding="utf-8") as file:
            expect(file.read() == "started\n", someone, "asked for its version once")
        os.remove(os.path.join(bare, "nix.log"))
        expect(said(done, 3, text), someone, words, f"{done.returncode} {done.stdout}{done.stderr}")


CASES = [program_with_bad_input, program_with_broken_files, program_says_all, program_without_room] if PROGRAM else []
