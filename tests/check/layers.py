# SPDX-License-Identifier: MIT
"""The layers of check over real Nixes: names by a source that the flake has, logs of builds made here, cards that are missed."""
import json
import os
import time

import fixture
from people import expect, layer, package

# A source as ggml and llama.cpp lay theirs out.
ROOT = """cmake_minimum_required(VERSION 3.14)
option(LLAMA_BUILD_SERVER "build the server" ON)
option(LLAMA_BUILD_UI "build the web page" ON)
llama_option_depr(FATAL_ERROR LLAMA_CUBLAS GGML_CUDA)
add_subdirectory(ggml)
"""
GGML = "set(GGML_VERSION_MAJOR 0)\nset(GGML_VERSION_MINOR 21)\nset(GGML_VERSION_PATCH 0)\n" + "".join(
    f'option(GGML_{name} "" OFF)\n' for name in ("NATIVE", "BLAS", "CUDA", "HIP", "METAL", "OPENMP", "RPC", "STATIC", "VULKAN")
) + "".join(f'option({name} "" OFF)\n' for name in fixture.AVX2 + fixture.AVX512 + fixture.OTHERS)

# The package's source is a path of the flake, one that it filters, one that is fetched (never done), and a store path.
SOURCES = """let
  all = names: value: builtins.listToAttrs (map (name: { inherit name value; }) names);
  variants = [ "llama-cpp-cpu" "llama-cpp-cuda" "llama-cpp-vulkan" "llama-cpp-rocm" ];
  from = src: more: [ (final: prev: builtins.mapAttrs (name: value: prev.${name}.overrideAttrs (old: {
    inherit src; cmakeFlags = old.cmakeFlags ++ more; })) (all variants null)) ];
  fetched = derivation { name = "fetched"; system = "x86_64-linux"; builder = "/no/such"; };
  filtered = builtins.path { path = ./source; name = "filtered"; filter = path: type: true; };
in
{
  carbon = from ./source [ ];
  beryllium = from ./source [ "-DGGML_AVX_512=ON" "-DLLAMA_CUBLAS=1" "-DGGML_CLBLAST=OFF" ];
  boron = from { outPath = filtered; origSrc = ./.; } [ ];
  nitrogen = from fetched [ "-DGGML_AVX_512=ON" ];
  neon = from "${./source}" [ ];
  "dot.host" = [ (final: prev: { llama-cpp-cpu = prev.llama-cpp-cpu.overrideAttrs (old: {
    buildInputs = [ (final.stdenv.mkDerivation { pname = "ggml"; version = "0.18.0"; }) ];
    cmakeFlags = old.cmakeFlags ++ [ "-DGGML_HIP_ROCWMMA_FATTN=ON" "-DGGML_CUDA_NCCL=ON" ]; }); }) ];
}"""


def with_source(folder, later=SOURCES):
    fleet = fixture.make(folder, later=later)
    fixture.write(f"{fleet}/source/CMakeLists.txt", ROOT)
    fixture.write(f"{fleet}/source/ggml/CMakeLists.txt", GGML)
    fixture.write(f"{fleet}/source/ggml/src/ggml-hip/CMakeLists.txt", 'option(GGML_DEEP "" ON)\n')
    fixture.write(f"{fleet}/source/.hidden/CMakeLists.txt", 'option(GGML_HIDDEN "" ON)\n')
    return fleet


def names_by_the_source(someone, folder):
    report, hosts = someone.report(with_source(folder))
    expect(report["processes"] == 1, someone, "the sources come with the one evaluation", report["processes"])
    for host in ("carbon", "boron", "neon"):
        names = layer(hosts[host], package(hosts[host], "llama-cpp-cpu")["package"], "names")
        expect(names["verdict"] == "shown" and names["basis"] == "the pinned source, ggml 0.21.0", someone, host, names)
        expect(any("LLAMA_BUILD_WEBUI" in note for note in names["notes"]), someone, "what the package itself gives", names)
    slip = layer(hosts["beryllium"], "llama-cpp-vulkan", "names")
    seen = {one["name"]: one["advice"] for one in slip["differences"]}
    expect(seen == {"GGML_AVX_512": "did you mean GGML_AVX512?", "LLAMA_CUBLAS": "instead: GGML_CUDA"}, someone, "advice", slip)
    expect(hosts["beryllium"]["verdict"] == "not-shown", someone, "a name that is none is no", hosts["beryllium"]["layers"])
    fetched = layer(hosts["nitrogen"], "llama-cpp-cpu", "names")
    expect(fetched["verdict"] == "cannot-tell" and "fetched" in fetched["why"] and hosts["nitrogen"]["verdict"] == "shown", someone,
           "a source that would have to be built is left alone", fetched)
    table = layer(hosts["dot.host"], "llama-cpp-cpu", "names")
    expect(table["basis"] == "the table of options, ggml 0.18.0" and
           table["different"] == [("GGML_HIP_ROCWMMA_FATTN", "an option of ggml 0.18.0", "a retired name")], someone,
           "a ggml of its own package is judged by the table", table)
    expect(any("GGML_AVX_512" in note for note in fetched["notes"]), someone, "with a word about the odd name", fetched)


def names_in_a_source_that_is_broken(someone, folder):
    """Bytes that no answer of Nix can carry end the evaluation: then all but the names is still told."""
    fleet = with_source(folder)
    with open(f"{fleet}/source/ggml/CMakeLists.txt", "wb") as file:
        file.write(b"option(GGML_AVX2)\0\xff")
    report, hosts = someone.report(fleet, hosts=["carbon"])
    expect(layer(hosts["carbon"], "llama-cpp-cuda")["verdict"] == "shown", someone, "the derivation", hosts["carbon"])
    expect(hosts["carbon"]["verdict"] == "shown" and report["verdict"] == "shown", someone, "is what counts", hosts["carbon"]["layers"])


def log_line(flags):
    return f"""{{ prev, name }}: prev.${{name}}.overrideAttrs (old: {{ installPhase = ''
      echo "-- Adding CPU backend variant ggml-cpu: {flags} GGML_AVX2"
    '' + old.installPhase; }})"""


def build(someone, fleet, hosts, *more, option=""):
    """Builds the package of each host by the command that check prints."""
    script = someone.check(fleet, "--show", "commands", *more, hosts=hosts).stdout.replace("\\\n", " ")
    head = script[:script.index("\n# ")] + "\n"
    for host in hosts:
        name = f'"{host}"' if "." in host else host
        command = next(line for line in script.splitlines() if " build " in line and name in line and ".pkgs." in line)
        done = someone.run(["sh", "-c", f"{head}{command} {option}"])
        expect(done.returncode == 0, someone, command, done.stderr[-1500:])


GOOD = "-msse4.2;-mf16c;-mfma;-mbmi2;-mavx;-mavx2"


def the_log_of_a_build(someone, folder):
    fleet = fixture.make(folder, later=f"""{{
      boron = [ (final: prev: {{ llama-cpp-cpu = ({log_line(GOOD)}) {{ inherit prev; name = "llama-cpp-cpu"; }}; }}) ];
      "dot.host" = [ (final: prev: {{ llama-cpp-cpu = ({log_line("-msse4.2")}) {{ inherit prev; name = "llama-cpp-cpu"; }}; }}) ];
    }}""")
    asked = ["boron", "dot.host"]
    before, hosts = someone.report(fleet, hosts=asked)
    expect(before["verdict"] == "shown" and before["logs"] == 0, someone, "what was never built is no reason for doubt", before["logs"])
    expect(layer(hosts["boron"], "llama-cpp-cpu", "build")["why"] == "not built here", someone, "and said", hosts["boron"])
    build(someone, fleet, asked)
    after, hosts = someone.report(fleet, hosts=asked)
    expect(after["processes"] == 1 and after["logs"] == 2, someone, "logs are counted apart", (after["processes"], after["logs"]))
    expect(layer(hosts["boron"], "llama-cpp-cpu", "build")["verdict"] == "shown", someone, "the log agrees", hosts["boron"])
    wrong = layer(hosts["dot.host"], "llama-cpp-cpu", "build")
    expect(wrong["different"] == [("ggml-cpu", "-mavx -mavx2 -mbmi2 -mf16c -mfma -msse4.2", "-msse4.2")], someone,
           "the log contradicts", wrong)
    expect(hosts["dot.host"]["verdict"] == "not-shown", someone, "which is a no", hosts["dot.host"]["layers"])


def a_log_that_cannot_be_read(someone, folder):
    """Too long, or a pipe: a matter of the layer build alone, and never waited for longer than --time-limit."""
    fleet = fixture.make(folder, later=f"""{{
      boron = [ (final: prev: {{ llama-cpp-cpu = ({log_line("-mavx of its own")}) {{ inherit prev; name = "llama-cpp-cpu"; }}; }}) ]; }}""")
    build(someone, fleet, ["boron"])
    store = os.path.join(someone.home, "store/nix/var/log/nix/drvs")
    name = package(someone.report(fleet, hosts=["boron"])[1]["boron"], "llama-cpp-cpu")["drvPath"].removeprefix("/nix/store/")
    log = os.path.join(store, name[:2], name[2:])
    os.remove(log + ".bz2")
    with open(log, "w", encoding="utf-8") as file:
        file.write("a line of a log\n" * (5 << 20))
    os.chmod(log, 0o644)
    def why():
        report, hosts = someone.report(fleet, "--time-limit", "20", hosts=["boron", "carbon"])
        expect(report["verdict"] == "shown", someone, "all else is told", report)
        return layer(hosts["boron"], "llama-cpp-cpu", "build")["why"]
    expect("more than 64 MiB" in why(), someone, "too long", why())
    os.remove(log)
    os.mkfifo(log, 0o644)
    start = time.monotonic()
    expect("not a regular file" in why() and time.monotonic() - start < 15, someone, "a pipe", why())
    os.remove(log)


def the_log_behind_a_copy(someone, folder):
    """A pinned copy of a whole build was compiled by another derivation, which it names."""
    fleet = fixture.make(folder, later=f"""{{ boron = [ (final: prev:
      let whole = ({log_line(GOOD)}) {{ inherit prev; name = "llama-cpp-cpu"; }}; in
      {{ llama-cpp-cpu = final.runCommand "llama-cpp-copy" {{ inherit whole; passthru = {{ inherit whole; }}; }}
          "echo copying; cp -r $whole $out"; }}) ]; }}""")
    build(someone, fleet, ["boron"])
    report, hosts = someone.report(fleet, hosts=["boron"])
    expect(layer(hosts["boron"], "llama-cpp-cpu")["verdict"] == "shown", someone, "the flags of the whole", hosts["boron"])
    found = layer(hosts["boron"], "llama-cpp-cpu", "build")
    expect(found["verdict"] == "shown" and report["logs"] == 1, someone, "the log of the whole", found)


def cards_that_are_missed(someone, folder):
    fleet = fixture.make(folder)
    more = [fixture.gpu("cuda"), fixture.gpu("cuda", name="GB202 [GeForce RTX 5090]", compute_capability="12.0")]
    fixture.write(f"{fleet}/facts/carbon.json", json.dumps(fixture.facts("carbon", more)))
    report, hosts = someone.report(fleet)
    targets = layer(hosts["carbon"], "llama-cpp-cuda", "targets")
    expect(targets["different"] == [("CMAKE_CUDA_ARCHITECTURES", "code for GB202 [GeForce RTX 5090] (12.0)", "86-real")], someone,
           "the new card", targets)
    expect(layer(hosts["neon"], "llama-cpp-rocm", "targets")["verdict"] == "shown", someone, "ROCm", hosts["neon"])
    text = someone.check(fleet)
    expect(text.returncode == 1 and "carbon: code for the host's GPUs: not shown" in text.stdout, someone, "the text", text.stdout)
    blind, hosts = someone.report(fleet, hosts=["carbon", "boron"], with_facts=False)
    expect(layer(hosts["carbon"], "llama-cpp-cuda", "targets")["verdict"] == "cannot-tell", someone, "without facts", hosts["carbon"])
    expect(blind["verdict"] == "cannot-tell" and hosts["boron"]["verdict"] == "shown", someone, "who needs none is fine", blind)


def one_process_each_when_one_is_guilty(someone, folder):
    """Six hosts, one of which ends the evaluation: one for all, one for each, and some for the guilty one."""
    fleet = fixture.make(folder, later="{ boron = [ (final: prev: { llama-cpp-vulkan = final.no-such-thing.llama; }) ]; }")
    start = time.monotonic()
    report, hosts = someone.report(fleet)
    guilty = 1 + 6 + 1  # bare, each of five packages and the plain name, what is installed
    expect(report["processes"] <= 1 + len(fixture.HOSTS) + guilty, someone, "processes", report["processes"])
    expect([name for name, host in hosts.items() if host["verdict"] != "shown"] == ["boron"], someone, "the guilty one", report)
    expect(time.monotonic() - start < 60, someone, "in time")


CASES = [names_by_the_source, names_in_a_source_that_is_broken, the_log_of_a_build, a_log_that_cannot_be_read, the_log_behind_a_copy,
         cards_that_are_missed, one_process_each_when_one_is_guilty]
