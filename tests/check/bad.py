# SPDX-License-Identifier: MIT
"""Bad input: flakes that do not evaluate, inputs that are gone, stores that cannot be, machines without Nix."""
import json
import os
import shutil
import subprocess
import time

import fixture
from people import TOOL, Someone, expect


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
    report, hosts = someone.report(endless, "--time-limit", "12")
    expect("did not finish within 2 s" in hosts["carbon"]["why"] and time.monotonic() - start < 40, someone,
           "an evaluation that never ends", hosts["carbon"])
    expect([name for name, host in hosts.items() if host["verdict"] != "shown"] == ["carbon"], someone, "hides no other", report)
    missing = someone.check(fixture.make(f"{folder}-input"), "--override", "nixpkgs=/no/such/folder")
    expect(missing.returncode == 3 and "nix-input-missing" in missing.stderr, someone, "an input that is gone", missing.stderr)
    full = someone.check(fixture.make(f"{folder}-store"), environment={"LLAMA_FLEET_NIX_STORE": "/proc/llama-fleet"})
    expect(full.returncode == 3 and "nix-store" in full.stderr, someone, "a store that cannot be", full.stderr)


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
        print(f"{someone.name}: a closed system store: not tried, this Nix lives in /nix or there is no mount of one's own (unshare -m)")
        return
    report = json.loads(done.stdout or "{}")
    socket = "/nix/var/nix/daemon-socket/socket"
    private = report.get("nix", {}).get("store") == wanted or os.path.exists(socket)
    expect(report.get("verdict") == "shown" and private, someone, "a private store was found by itself", done.stdout[:500] + done.stderr)


def store_without_room(someone, folder):
    if someone.prefix or subprocess.run(["unshare", "-m", "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        print(f"{someone.name}: a store without room: not tried, needs root and a mount of its own (unshare -m)")
        return
    fleet = fixture.make(folder)
    small = os.path.join(someone.home, "small")
    os.makedirs(small)
    for options in ("size=200k", "ro"):
        done = someone.run(["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o {options} none "{small}" && "$@"', "sh", TOOL,
                            *fixture.words(fleet)], env={**someone.environment, "LLAMA_FLEET_NIX_STORE": small})
        expect(done.returncode == 3 and done.stderr.startswith("nix-store:"), someone, options, done.stderr + done.stdout)


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
