# SPDX-License-Identifier: MIT
"""Who asks check about a fleet: a Nix, a user, a store of his own. $CHECK_TOOL is the program, $CHECK_WORK the folder for it all."""
import json
import os
import re
import shutil
import subprocess

import fixture

TOOL = os.environ["CHECK_TOOL"]
WORK = os.environ["CHECK_WORK"]
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]


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

    def check(self, fleet, *more, hosts=fixture.HOSTS, environment=None, with_facts=True):
        return self.run([TOOL, *fixture.words(fleet, hosts, with_facts), *more], env={**self.environment, **(environment or {})})

    def report(self, fleet, *more, **how):
        done = self.check(fleet, "--show", "json", *more, **how)
        assert done.returncode in (0, 1), f"{self.name}: exit code {done.returncode}: {done.stderr}"
        report = json.loads(done.stdout)
        return report, {host["host"]: host for host in report["hosts"]}


def package(host, name):
    return next(one for one in host["packages"] if one["package"] == name)


def layer(host, name, which="derivation"):
    """One layer of one package; what differs in it is a list of (name, wanted, got)."""
    found = next(one for one in package(host, name)["layers"] if one["layer"] == which)
    found["different"] = [(one["name"], one["wanted"], one["got"]) for one in found["differences"]]
    return found


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
            starts = subprocess.run([*NOBODY, *(nix or "nix").split(), "--version"], check=False, capture_output=True,
                                    env={**os.environ, "HOME": "/nonexistent"})  # Nix 2.8 dies of a home that it may not read
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
