#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Nix really builds what nix/overlay.nix says, for every strategy, variant and source, and what people do by hand. The
results are taken apart and run, on this CPU and on ones that qemu pretends to be. features.py says what must come out.
"""
import glob
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time

from features import (EMULATED, HASWELL, VARIANTS, best_variant, checksum, compiler_flags, instructions, is_wide,
                      of_native, of_this_cpu, runs_on, shown_by)
from fleet import (FROM_NIXPKGS, HERE, NATIVE_NAME, PLANS, SYSTEM, TWINS, BuildingNix, elf_files, fleet_nix, make_fleet,
                   plan)

CPU = of_this_cpu()
BEST = best_variant(CPU)
NATIVE = of_native()
# A CPU that this one is not, for what runs while it is built.
FOREIGN = next((name for name, needs in VARIANTS.items() if not runs_on(needs, CPU)), None)

# What people build by hand: name → (features in its libggml-cpu, other backends)
BY_HAND = {
    "official": (set(), ["BLAS []"]),
    "guide-cpu": (set(), ["BLAS []"]),
    "guide-vulkan": (set(), ["BLAS []", "VULKAN []"]),
    "guide-as-meant": (set(), ["BLAS []"]),  # -march=native was taken away, nine explicit options were not looked at
    "native-by-cflags": (NATIVE, ["VULKAN []"]),
    "misspelt": (HASWELL, ["BLAS []"]),
    "no-epoch": (HASWELL, ["BLAS []"]),
    "nixpkgs-avx2": (HASWELL, ["BLAS []"]),
}
# name → what the log says
FAILING = {"native-loadable": "GGML_NATIVE is not compatible with GGML_BACKEND_DL",
           "universal-wrong": "has no CPU variant armv8.2_1"}
FAILING |= {"nixpkgs-foreign": "Illegal instruction"} if FOREIGN else {}
COUNTED = {"ymm": ".*%ymm", "zmm": ".*%zmm", "vpdpbusd": r"(\{vex\} )?vpdpbusd", "vdpbf16ps": "vdpbf16ps",
           "tdpbusd": "tdpbusd"}


def libraries(folder):
    """{variant, or "" for the only one: path} of the CPU backend's libraries."""
    found = {}
    for path in glob.glob(os.path.join(folder, "[lb]i[bn]/libggml-cpu*")):
        found[re.fullmatch(r"libggml-cpu-?(.*)\.so", os.path.basename(path))[1]] = path
    return found


def needed(path):
    """The libraries that an ELF file is linked to."""
    return subprocess.run(["objdump", "-p", path], check=True, stdout=subprocess.PIPE, text=True).stdout


class Results:
    """What lies in the store, read once: objdump takes longer than a build."""

    def __init__(self, nix):
        self.nix, self.code, self.counts = nix, {}, {}

    def folder(self, name):
        return self.nix.place(self.nix.answers[name]["out"])

    def code_of(self, path):
        if path not in self.code:
            self.code[path] = instructions(path)
        return self.code[path]

    def has(self, name, path, features):
        code = self.code_of(path)
        got = shown_by(code)
        where = f"{name}: {os.path.basename(path)}"
        assert got == features, f"{where}: lacks {features - got}, has {got - features} too"
        self.counts[where] = [sum(bool(re.match(what, text)) for text in code) for what in COUNTED.values()]

    def is_plain_elsewhere(self, name, folder):
        """Flags reached libggml-cpu and nothing else: no other library or program, no tool that runs while building."""
        files = {inside: path for inside, path in elf_files(folder).items() if "libggml-cpu" not in inside}
        wide = [inside for inside, path in files.items() if is_wide(self.code_of(path))]
        assert len(files) >= 5 and not wide, f"{name}: wide instructions in {wide} of {sorted(files)}"

    def runs(self, name, features, backends=(), program="llama-cli", cpu=None, has=CPU, folder="/"):
        """Ends well with the right number if the CPU has what it needs; else it dies of an illegal instruction."""
        where = f"{name} on {cpu or 'this CPU'}"
        path = f"{self.nix.answers[name]['out']}/bin/{program}"
        code, said, errors = self.nix.start(path, cpu=cpu, folder=folder)
        if not runs_on(features, has):
            assert code == -signal.SIGILL, f"{where}: should die of SIGILL: {code} {said} {errors}"
            return None
        assert code == 0, f"{where}: exit code {code}: {said} {errors}"
        assert f"checksum: {checksum()}\n" in said, f"{where}: computes something else than {checksum()}: {said}"
        in_use = set(re.search(r"system_info: CPU : (.*)", said)[1].replace(" = 1", "").split(" | ")) - {""}
        assert in_use == features - {"AMX_TILE"}, f"{where}: {in_use} in use, not {features}"
        found = re.findall(r"^backend: (.*?\]) (.*)$", said, re.M)
        others = [backend for backend, _ in found if backend != "CPU []"]
        assert others == list(backends), f"{where}: backends are {others}, not {backends}"
        return dict(found)["CPU []"]


def planned_packages(results, hosts):
    """Tailored packages: exactly the plan's features in libggml-cpu, plain code elsewhere, the plan's GPU targets."""
    for name, (build, features, backends) in hosts.items():
        if build["strategy"] == "universal":
            continue
        folder = results.folder(name)
        found = libraries(folder)
        assert list(found) == [""], f"{name}: one library for the CPU: {found}"
        assert ("/bin/" in found[""]) == bool(build["multi"]), "with GGML_BACKEND_DL beside the programs"
        results.has(name, found[""], features)
        results.is_plain_elsewhere(name, folder)
        if not build["multi"] or runs_on(features, CPU):
            results.runs(name, features, backends)
    log = results.nix.log(results.nix.answers["zen"]["drv"])
    line = f"-- Adding CPU backend variant ggml-cpu: {compiler_flags(PLANS['zen'][1])} GGML_SSE42;"
    assert line in log, f"zen: the log has no line {line!r}:\n{log[:3000]}"
    results.runs("cellar", HASWELL, program="llama-server")
    results.runs("cellar", HASWELL, program="llama-bench")
    wishes = results.folder("wishes")
    assert sorted(os.listdir(f"{wishes}/bin")) == ["llama-bench", "llama-cli"], "LLAMA_BUILD_SERVER is off"
    assert "libgomp" in needed(f"{results.folder('cellar')}/lib/libggml-cpu.so"), "GGML_OPENMP is on"
    assert "libgomp" not in needed(f"{wishes}/lib/libggml-cpu.so"), "GGML_OPENMP is off"
    for name, backends in [("zen-cpu", []), ("zen-vulkan", ["VULKAN []"])]:
        results.has(name, libraries(results.folder(name))[""], PLANS["zen"][1])
        results.is_plain_elsewhere(name, results.folder(name))
        results.runs(name, PLANS["zen"][1], backends)
    if "rpc" in results.nix.answers:
        results.runs("rpc", HASWELL, ["RPC []"])
    else:
        print("not tried: rpc (the overlay does not know it)")
    assert "libexec/vulkan-shaders-gen" in elf_files(results.folder("zen-vulkan")), "the tool that ran was looked at"


def all_variants(results, name, folder):
    """Every variant has its own features and no others, whatever else was asked for."""
    found = libraries(folder)
    assert sorted(found) == sorted(VARIANTS), f"{name}: {sorted(found)}"
    for variant, path in found.items():
        results.has(name, path, VARIANTS[variant])
    results.is_plain_elsewhere(name, folder)


def universal_packages(results, hosts):
    answers = results.nix.answers
    whole = answers["universal-haswell"]["whole"]["out"]
    assert whole == answers["universal-zen4"]["whole"]["out"], "one build for the fleet"
    all_variants(results, "universal", results.nix.place(whole))
    answers["whole"] = answers["universal-haswell"]["whole"]
    if "universal-haswell-from-nixpkgs" in hosts:
        theirs = answers["universal-haswell-from-nixpkgs"]["whole"]["out"]
        all_variants(results, "universal-from-nixpkgs", results.nix.place(theirs))
    for name, (build, features, backends) in hosts.items():
        if build["strategy"] != "universal":
            continue
        folder, variant = results.folder(name), build["cpu"]["variant"]
        assert sorted(os.listdir(f"{folder}/bin")) == sorted(
            [f"libggml-cpu-{variant}.so", "llama-cli", "llama-bench", "llama-server"]
            + [f"libggml-{backend.split()[0].lower()}.so" for backend in backends]), os.listdir(f"{folder}/bin")
        for program in ("llama-cli", "llama-bench", "llama-server"):
            assert not os.path.islink(f"{folder}/bin/{program}"), "ggml follows links: a program has to be a copy"
        inside = answers[name]["out"]
        for start in ["/", "/tmp", f"{inside}/bin", f"{inside}/lib"] if features <= CPU else []:
            used = results.runs(name, features, backends, folder=start)
            assert used == f"{inside}/bin/libggml-cpu-{variant}.so", f"started in {start}: {used}"
    # ggml also looks in the current folder: started among all variants, even a copy takes the widest one. That is why
    # a service has a folder of its own.
    used = results.runs("universal-haswell", VARIANTS[BEST], folder=f"{whole}/bin")
    assert used == f"{whole}/bin/libggml-cpu-{BEST}.so", used
    assert results.runs("whole", VARIANTS[BEST]) == f"{whole}/bin/libggml-cpu-{BEST}.so"


def by_hand(results):
    """The guide's overlay and the ways in which hand-written ones fail, none of which says a word."""
    nix, answers = results.nix, results.nix.answers
    for name, (features, backends) in BY_HAND.items():
        if name not in answers:
            continue
        results.has(name, libraries(results.folder(name))[""], features)
        results.runs(name, features, backends)
        if name != "native-by-cflags":
            results.is_plain_elsewhere(name, results.folder(name))
    assert answers["guide-cpu"] == answers["official"], "the guide's overlay builds the stock package"
    assert "Skipping impure flag -march=native" in nix.log(answers["guide-as-meant"]["drv"])
    assert "GGML_AVX512F" not in nix.log(answers["misspelt"]["drv"]), "CMake would say that a flag is misspelt"

    # -march=native in NIX_CFLAGS_COMPILE is in every file, and in a program that runs while building.
    plain = {inside for inside, path in elf_files(results.folder("native-by-cflags")).items()
             if not is_wide(results.code_of(path))}
    expected = {"lib/libggml-base.so", "lib/libllama.so", "bin/llama-cli", "libexec/vulkan-shaders-gen"}
    assert "AVX" not in NATIVE or not plain & expected, f"-march=native did not reach {plain & expected}"

    # Two GPU backends that are linked in: both are built, one is lost.
    folder = results.folder("official-two-gpus")
    assert {"lib/libggml-cuda.so", "lib/libggml-hip.so"} <= set(elf_files(folder))
    code, said, errors = nix.start(f"{answers['official-two-gpus']['out']}/bin/llama-cli")
    assert code == 0 and said.count("backend: CUDA [") + said.count("backend: HIP [") == 1, said + errors

    # GGML_CPU_ALL_VARIANTS does not look at explicit options either: x64 is plain, sandybridge has no AVX-512.
    all_variants(results, "nixpkgs-explicit", results.folder("nixpkgs-explicit"))
    results.runs("nixpkgs-explicit", VARIANTS[BEST], ["BLAS []"])
    with open(f"{results.folder('nixpkgs-explicit')}/share/bash-completion/completions/llama-server", encoding="utf-8") as file:
        assert file.read() == "complete -W '--model --help' llama-server\n"

    for name, words in FAILING.items():
        log = nix.log(answers[name]["drv"])
        assert words in log and not nix.is_built(name), f"{name}: {log[-2000:]}"


def features_are_asked_for(results, hosts, refused):
    """A builder needs a CPU's feature where it runs tuned code or makes code for itself, and only there."""
    for name, (build, features, _) in hosts.items():
        runs_itself = name.endswith("-from-nixpkgs") and build["strategy"] == "tailored"
        asked = [f"llama-cpp-{build['cpu']['variant']}"] if runs_itself else []
        assert results.nix.answers[name]["features"] == asked, f"{name}: {results.nix.answers[name]['features']}"
    for name, said in refused.items():
        (feature,) = results.nix.answers[name]["features"]
        # 2.8: with features {…} is required … but I am …; 2.34: Required features: {…}
        assert said.returncode != 0 and re.search(rf"features:? \{{{feature}\}}", said.stderr), f"{name}: {said.stderr}"


def built_on_this_cpu(results):
    """builder-native: this CPU's code, in libggml-cpu alone."""
    for name, version in (("native", "0.0.0"), ("native-from-nixpkgs", "9608")):
        if name not in results.nix.answers:
            continue
        assert results.nix.answers[name]["name"] == f"llama-cpp-cpu-native-{NATIVE_NAME}-{version}"
        assert results.nix.answers[name]["features"] == [f"llama-cpp-native-{NATIVE_NAME}"]
        log = results.nix.log(results.nix.answers[name]["drv"])
        assert "-- Adding CPU backend variant ggml-cpu: -march=native" in log and "impure" not in log, log
        results.has(name, libraries(results.folder(name))[""], NATIVE)
        results.is_plain_elsewhere(name, results.folder(name))
        results.runs(name, NATIVE)


def emulated(results):
    """Other CPUs: what is built for one runs on it, and what is built for a later one does not."""
    if not os.path.exists("/usr/bin/qemu-x86_64"):
        print("not tried: other CPUs (Debian: apt-get install qemu-user)")
        return
    whole = results.nix.answers["whole"]["out"]
    for model, variant in EMULATED.items():
        used = results.runs("whole", VARIANTS[variant], cpu=model)
        assert used == f"{whole}/bin/libggml-cpu-{variant}.so", f"{model}: {used}"
    for name, model, features in [
        ("cellar", "Haswell", HASWELL), ("cellar", "IvyBridge", HASWELL), ("zen-cpu", "Haswell", PLANS["zen"][1]),
        ("alder", "Haswell", PLANS["alder"][1]), ("official", "qemu64", set()), ("guide-as-meant", "qemu64", set()),
        ("universal-haswell", "Haswell", HASWELL), ("native", "qemu64", NATIVE),
    ]:
        backends = BY_HAND[name][1] if name in BY_HAND else []
        results.runs(name, features, backends, cpu=model, has=VARIANTS[EMULATED[model]])
    # A backend that is loaded is asked first, so nothing dies; there is just none.
    for name in ("multi", "universal-zen4"):
        code, said, errors = results.nix.start(f"{results.nix.answers[name]['out']}/bin/llama-cli", cpu="Haswell")
        assert code == 1 and "no backends are loaded" in errors, f"{name}: {code} {said} {errors}"
    if "AVX" in NATIVE:
        tool = f"{results.nix.answers['native-by-cflags']['out']}/libexec/vulkan-shaders-gen"
        assert results.nix.start(tool, "/tmp/never-written", cpu="qemu64")[0] == -signal.SIGILL
        tool = f"{results.nix.answers['zen-vulkan']['out']}/libexec/vulkan-shaders-gen"
        assert results.nix.start(tool, "/dev/null", cpu="qemu64")[0] == 0


def equal_plans_share(results):
    """One store path, built once: there is one log for each derivation, and none of any other llama.cpp."""
    answers = results.nix.answers
    for twin, host in TWINS.items():
        assert answers[twin] == answers[host], f"{twin} is not {host}"
    assert answers["universal-override"]["out"] == answers["universal-haswell"]["out"], "`.override` picks a variant"
    distinct = {answer["drv"] for answer in answers.values()}
    distinct |= {answer["whole"]["drv"] for answer in answers.values() if answer.get("whole")}
    distinct = {os.path.basename(path) for path in distinct}
    made = {os.path.basename(os.path.dirname(path)) + os.path.basename(path).removesuffix(".bz2")
            for path in results.nix.logs()}
    compiled = {name for name in made if "-llama-cpp" in name}
    copies = {name for name in distinct if "-llama-cpp-universal-" in name}  # compile nothing
    assert compiled - copies == distinct - copies, compiled ^ distinct
    return len(compiled - copies)


def knows_nixpkgs(nix):
    """Whether the overlay knows `source = "nixpkgs"`; the packages of it are left out if not."""
    done = nix.run("eval", nix.flake, f"{SYSTEM}.cellar-from-nixpkgs.drvPath", inputs=nix.inputs)
    if done.returncode == 0:
        return True
    assert 'only "flake" is known' in done.stderr, f"source = \"nixpkgs\" does not evaluate: {done.stderr[-2000:]}"
    print("not tried: source = \"nixpkgs\" (the overlay does not know it)")
    for host in FROM_NIXPKGS:
        os.remove(f"{nix.flake}/plans/{host}-from-nixpkgs.json")
    os.remove(f"{nix.flake}/plans/native-from-nixpkgs.json")
    return False


def leave_out(answers, hosts):
    """Packages that start what they built cannot be made for a CPU that this one is not."""
    needs = {name: features for name, (_, features, _) in hosts.items() if name.endswith("-from-nixpkgs")}
    needs |= {"nixpkgs-avx2": HASWELL, "nixpkgs-foreign": set() if FOREIGN else {"another CPU"}}
    for name, features in needs.items():
        if not runs_on(features, CPU):
            print(f"not tried: {name} (this CPU cannot run it, or none is foreign to it)")
            del answers[name]
            hosts.pop(name, None)


def build(nix):
    """(results, hosts, {name: what Nix said to a build that needs a feature, on a machine that does not have it})"""
    native = plan("llama-cpp-cpu", VARIANTS[BEST], BEST, strategy="builder-native")
    make_fleet(nix.flake, native, [f"GGML_{name}" for name in sorted(VARIANTS[FOREIGN or "sapphirerapids"])])
    hosts = dict(PLANS)
    if knows_nixpkgs(nix):
        hosts |= {f"{host}-from-nixpkgs": PLANS[host] for host in FROM_NIXPKGS}
    nix.answers, warnings = nix.value(nix.flake, "answers", nix.inputs)
    assert len(warnings) <= 1 and all("'system' has been renamed" in line for line in warnings), warnings  # the guide's
    leave_out(nix.answers, hosts)
    refused = {name: nix.build_all([name], "--option", "build-hook", f"{HERE}/decline.sh")
               for name in ("native", "cellar-from-nixpkgs") if name in nix.answers}
    features = {feature for answer in nix.answers.values() for feature in answer["features"]}
    done = nix.build_all(nix.answers, "--option", "system-features", " ".join(sorted(features)))
    missing = [name for name in nix.answers if name not in FAILING and not nix.is_built(name)]
    assert not missing, f"not built: {missing}: {done.stderr[-6000:]}"
    assert done.returncode != 0, "the ones that must fail did"
    return Results(nix), hosts, refused


def check(name, words, folder):
    start = time.monotonic()
    nix = BuildingNix(words, folder)
    results, hosts, refused = build(nix)
    built = time.monotonic()
    count = equal_plans_share(results)
    planned_packages(results, hosts)
    universal_packages(results, hosts)
    by_hand(results)
    features_are_asked_for(results, hosts, refused)
    built_on_this_cpu(results)
    emulated(results)
    end = time.monotonic()
    print(f"{name}: {nix.version()}: {count} builds in {built - start:.0f} s, "
          f"taken apart and run in {end - built:.0f} s")
    return nix.answers, results.counts


def main():
    if platform.machine() != "x86_64":
        print(f"skipped: the stand-in has kernels for x86-64 only, this machine is {platform.machine()}")
        sys.exit(77)
    found = fleet_nix.programs()
    if not found:
        print("skipped: no nix here (Debian: apt-get install nix-bin)")
        sys.exit(77)
    answers, counts = [], []
    for name, words in found:
        # Not below WORK_DIR: a path: flake inside a git repository is taken for that repository's by old Nixes.
        folder = tempfile.mkdtemp(prefix="llama-fleet-builds-")
        try:
            answer, numbers = check(name, words, folder)
        finally:
            fleet_nix.remove(folder)
        answers.append(answer)
        counts.append(numbers)
    assert all(answer == answers[0] for answer in answers), "two Nixes disagree"
    assert all(numbers == counts[0] for numbers in counts), "two Nixes built different code"
    print(f"instructions ({' '.join(COUNTED)}):")
    for where, numbers in counts[0].items():
        print(f"  {where}: {' '.join(map(str, numbers))}")
    if len(answers) == 1:
        print("not tried: another Nix (LLAMA_FLEET_NIX_CURRENT names none)")


main()
