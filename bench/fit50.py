#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/fit50.py LLAMA_FLEET [REPEATS [HOSTS]]: how long a `fit` of a repository with 50 hosts takes, Nix not asked.

Three repositories are made, one a pattern: every host written out with a machine file of its own, all hosts through a helper of the flake,
and hosts generated from a list. Facts of every host lie in the repository (those of examples/captures, in turn). A fit is read, plan,
edit, proof and diff; nothing is written. Every command runs in turn with the others; the whole time of the process counts, its start and the
`git` that it asks too. Beside it stands the processor time (user and system, `git` included), which other work on the machine lengthens less.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

program = os.path.abspath(sys.argv[1])
source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 15
HOSTS = [f"host{number:02}" for number in range(int(sys.argv[3]) if len(sys.argv) > 3 else 50)]
CAPTURES = ("carbon", "beryllium", "boron", "nitrogen")
INPUTS = '  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";\n\n  outputs ='
MACHINE = """{ config, lib, pkgs, ... }:

{
  networking.hostName = "%s";
  boot.loader.systemd-boot.enable = true;
  environment.systemPackages = with pkgs; [
    git
    htop
    llama-cpp # asked at night
    vim
  ];
%s  system.stateVersion = "24.05";
}
"""
# Some sixty lines of what machine files are made of, so that they are as long as real ones.
SERVICES = "".join(f'  services.example{n} = {{\n    enable = lib.mkDefault true;\n    listen = [ "127.0.0.1:{9000 + n}" ];\n  }};\n\n'
                   for n in range(15))


def plain():
    hosts = "".join(f"      {host} = nixpkgs.lib.nixosSystem {{\n        system = \"x86_64-linux\";\n"
                    f"        modules = [\n          ./machines/{host}.nix\n        ];\n      }};\n" for host in HOSTS)
    return f"{{\n{INPUTS} {{ self, nixpkgs }}: {{\n    nixosConfigurations = {{\n{hosts}    }};\n  }};\n}}\n"


def helper():
    hosts = "".join(f"        {host} = mkHost \"{host}\";\n" for host in HOSTS)
    return (f"{{\n{INPUTS} {{ self, nixpkgs }}:\n    let\n      mkHost = name: nixpkgs.lib.nixosSystem {{\n"
            "        system = \"x86_64-linux\";\n        modules = [\n          ./machines/${name}.nix\n        ];\n      };\n"
            f"    in\n    {{\n      nixosConfigurations = {{\n{hosts}      }};\n    }};\n}}\n")


def generated():
    names = " ".join(f'"{host}"' for host in HOSTS)
    return (f"{{\n{INPUTS} {{ self, nixpkgs }}: {{\n    nixosConfigurations = nixpkgs.lib.genAttrs [ {names} ] (name:\n"
            "      nixpkgs.lib.nixosSystem {\n        system = \"x86_64-linux\";\n        modules = [\n"
            "          ./machines/${name}.nix\n        ];\n      });\n  };\n}\n")


def repository(folder, flake):
    os.makedirs(os.path.join(folder, "machines"))
    os.makedirs(os.path.join(folder, "llama-fleet/facts"))
    with open(os.path.join(folder, "flake.nix"), "w", encoding="utf-8") as file:
        file.write(flake)
    for number, host in enumerate(HOSTS):
        with open(os.path.join(folder, "machines", f"{host}.nix"), "w", encoding="utf-8") as file:
            file.write(MACHINE % (host, SERVICES))
        capture = os.path.join(source, "examples/captures", CAPTURES[number % len(CAPTURES)])
        facts = subprocess.run([program, "probe", "--host", host, "--root", capture], check=True, capture_output=True).stdout
        with open(os.path.join(folder, "llama-fleet/facts", f"{host}.json"), "wb") as file:
            file.write(facts)
    git = ["git", "-C", folder, "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "before"]):
        subprocess.run([*git, *arguments], check=True)


def measure(argv):
    """(seconds on the clock, seconds of processor, exit code)"""
    begin = time.perf_counter()
    actions = [(os.POSIX_SPAWN_OPEN, n, "/dev/null", os.O_WRONLY, 0) for n in (1, 2)]
    _, status, usage = os.wait4(os.posix_spawn(argv[0], argv, os.environ, file_actions=actions), 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 4):  # 4: something is left to the owner's hand; the work is the same
        sys.exit(f"{argv}: exit {code}")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, code


with tempfile.TemporaryDirectory() as work:
    times = {"llama-fleet --version (the start alone)": []}
    commands = {"llama-fleet --version (the start alone)": [program, "--version"]}
    for pattern in (plain, helper, generated):
        place = os.path.join(work, pattern.__name__)
        repository(place, pattern())
        name = f"llama-fleet fit, {len(HOSTS)} hosts, {pattern.__name__}"
        times[name], commands[name] = [], [program, "fit", place, "--no-nix"]
    codes = {}
    for _ in range(repeats):
        for name, argv in commands.items():
            clock, processor, codes[name] = measure(argv)
            times[name].append((clock, processor))

print(f"{'':44}{'median':>9}{'least':>9}   processor: median and least   exit   (n={repeats})")
for name, values in times.items():
    columns = [f"{statistics.median(column) * 1e3:>6.1f} ms{min(column) * 1e3:>6.1f} ms" for column in zip(*values)]
    print(f"{name:44}{columns[0]}{columns[1]:>31}{codes[name]:>7}")
