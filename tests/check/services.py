# SPDX-License-Identifier: MIT
"""What a host really gets: a service whose package a later overlay changes, a build of its own, one beside the chosen one."""
import fixture
from people import expect

SERVICE = "{ pkgs, ... }: { nixpkgs.config.allowUnfree = true; services.llama-cpp = { enable = true; %s }; }"


def changed(name, flag):
    return f"""{{ boron = [ (final: prev: {{ {name} = prev.llama-cpp.overrideAttrs (old: {{
      cmakeFlags = old.cmakeFlags ++ [ "{flag}" ]; }}); }}) ]; }}"""


# What the service runs, the overlay behind ours, the verdict, and what is said of it.
CASES_OF_SERVICES = [
    ("", "{ }", "shown", None),
    ("", changed("llama-cpp", "-DGGML_AVX2=OFF"), "not-shown", "which is none of the variants: GGML_AVX2 is OFF"),
    ("", changed("llama-cpp", "-DGGML_RPC=ON"), "shown", None),
    ("package = pkgs.llama-cpp-vulkan;", "{ }", "shown", None),
    ("package = pkgs.own;", changed("own", "-DGGML_FMA=OFF"), "not-shown", "which is none of the variants: GGML_FMA is OFF"),
]


def services(someone, folder):
    for setting, later, verdict, said in CASES_OF_SERVICES:
        fleet = fixture.make(folder, later=later, unfree=SERVICE % setting)
        report, hosts = someone.report(fleet, hosts=["boron"])
        found = [one["got"] for one in hosts["boron"]["differences"] if one["name"] == "services.llama-cpp.package"]
        expect(report["processes"] == 1 and hosts["boron"]["verdict"] == verdict, someone, (setting, later), hosts["boron"])
        expect((said is None and not found) or (said is not None and said in found[0]), someone, "what it is", found)


CASES = [services]
