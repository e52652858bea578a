# SPDX-License-Identifier: MIT
"""The survey: what a flake has of llama.cpp, asked without a plan, in one evaluation; a host that ends it hides no other."""
import json

import fixture
from people import expect

# The official overlay as people add it: it shadows nixpkgs' package, whose argument names then no longer exist. tryEval
# cannot catch that.
OFFICIAL = "[ (final: prev: { llama-cpp = (final.callPackage (inputs.llama-cpp + \"/.devops/nix/scope.nix\") { }).llama-cpp;" \
           " llama-cpp-vulkan = final.llama-cpp.override { vulkanSupport = true; }; }) ]"

def ask(someone, fleet, hosts=()):
    done = someone.check(fleet, "--show", "survey", hosts=hosts)
    expect(done.returncode == 0, someone, "the survey", done.stderr)
    answer = json.loads(done.stdout)
    return answer["processes"], {host["host"]: host for host in answer["hosts"]}


def survey_of_all(someone, folder):
    fleet = fixture.make(folder)
    processes, hosts = ask(someone, fleet)
    expect(processes == 1 and set(hosts) == set(fixture.HOSTS), someone, "one evaluation, every host", (processes, list(hosts)))
    carbon = hosts["carbon"]
    expect([one["where"] for one in carbon["packages"]] == ["environment.systemPackages"], someone, "what is installed", carbon)
    package = carbon["packages"][0]
    expect(package["pname"] == "llama-cpp-cuda" and package["official"] and not package["nixpkgs"], someone, "whose it is", package)
    expect("-DGGML_AVX2:BOOL=TRUE" in package["cmakeFlags"] and package["drv"].endswith(".drv"), someone, "its flags", package)
    expect({"useCuda", "useBlas", "effectiveStdenv"} <= set(package["overridable"]), someone, "what .override takes", package)
    expect(carbon["evaluates"] == {name: True for name in ("llama-cpp", "llama-cpp-cuda", "llama-cpp-rocm", "llama-cpp-vulkan")},
           someone, "the attributes evaluate", carbon["evaluates"])
    expect(carbon["cudaSupport"] is False and carbon["gccArch"] is None, someone, "the package set's own settings", carbon)
    _, some = ask(someone, fleet, hosts=["boron"])
    expect(list(some) == ["boron"], someone, "only the hosts asked for", list(some))


def survey_hides_nothing(someone, folder):
    # The overlay file knows no inputs: they are given to it.
    flake = fixture.FLAKE.replace("(import ./later.nix).${name}", "(import ./later.nix inputs).${name}")
    fleet = fixture.make(folder, later=f"inputs: {{ boron = {OFFICIAL}; }}", flake=flake)
    processes, hosts = ask(someone, fleet)
    expect(processes <= 2 + len(hosts) + 6, someone, "one more for each host, and some for the guilty one", processes)
    boron = hosts["boron"]
    expect(boron["usable"] and boron["evaluates"]["llama-cpp-vulkan"] is False, someone, "the attribute that fails", boron)
    expect(boron["evaluates"]["llama-cpp"] is True and boron["packages"], someone, "hides no other", boron)
    expect(hosts["carbon"]["evaluates"]["llama-cpp-vulkan"] is True, someone, "and no other host", hosts["carbon"])


def survey_of_a_service(someone, folder):
    """Facts that only evaluation shows: the service, its hardening, the world's gcc.arch, a global cudaSupport."""
    module = ("{ lib, pkgs, ... }: { nixpkgs.config.allowUnfree = true; nixpkgs.config.cudaSupport = true; services.llama-cpp = { enable = true; package = pkgs.llama-cpp-cpu; };"
              " systemd.services.llama-cpp.serviceConfig.MemoryDenyWriteExecute = lib.mkForce \"yes\"; }")
    fleet = fixture.make(folder, unfree=module)
    _, hosts = ask(someone, fleet, hosts=["carbon"])
    carbon = hosts["carbon"]
    expect(carbon["cudaSupport"] is True and carbon["denyWriteExecute"] is True, someone, "settings", carbon)
    service = [one["name"] for one in carbon["packages"] if one["where"] == "services.llama-cpp.package"]
    expect(service == ["llama-cpp-cpu-0.0.0"], someone, "the service's package", carbon["packages"])


CASES = [survey_of_all, survey_hides_nothing, survey_of_a_service]
