# SPDX-License-Identifier: MIT
"""The cases of this folder that evaluation can settle, over the examples' stand-ins: what `check --lint --eval` says of
the hosts before, that nothing is left of it after --fix, and what the host's package really is both times.

Every Nix there is takes part: the one in PATH, and $LLAMA_FLEET_NIX_CURRENT (words that start another).
Names of cases choose some: evaluated.py guide suffixed-name
"""
import dataclasses
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../nix"))

import fleet_nix

TUNED = {"GGML_AVX2": True, "GGML_FMA": True, "GGML_NATIVE": False}
PLAIN = {"GGML_AVX2": None}
# Where a host's package stands, as a function of what nixosSystem gives.
INSTALLED = "h: builtins.head (builtins.filter (p: builtins.substring 0 5 p.pname == \"llama\") h.config.environment.systemPackages)"
SERVICE = "h: h.config.services.llama-cpp.package"


def named(name):
    return f"h: h.pkgs.{name}"


@dataclasses.dataclass
class Case:
    """Flags: name → True, False, a text, or None (it is not given)."""
    name: str
    host: str
    rules: list            # what evaluation finds before
    after: dict            # flags of the package after --fix
    before: dict = None    # and before; None = the package does not evaluate then
    package: str = INSTALLED
    failure: str = ""      # said of the host before, where it could not be asked in full
    inputs: dict = dataclasses.field(default_factory=dict)  # beside nixpkgs and llama-cpp: name → stand-in
    left: list = dataclasses.field(default_factory=list)    # what evaluation still finds, and only the owner can mend


CASES = [
    Case("guide", "a", ["does-not-evaluate"], {**TUNED, "GGML_AVX512": True, "GGML_CUDA": False}, before=PLAIN,
         package=named("llama-cpp-cpu"), failure="attribute 'cuda' missing"),
    Case("guide", "a", ["does-not-evaluate"], {**TUNED, "GGML_CUDA": True, "GGML_BLAS": False},
         package=named("llama-cpp-cuda"), failure="attribute 'cuda' missing"),
    Case("guide", "a", ["does-not-evaluate"], {**TUNED, "GGML_HIP": True}, package=named("llama-cpp-rocm"),
         failure="attribute 'cuda' missing"),
    Case("precedence-in-a-module", "box", ["sse2-only"], {**TUNED, "GGML_VULKAN": True}, before=PLAIN, package=SERVICE),
    Case("flags-laid-over", "box", ["explicit-flags-with-all-variants"], {**TUNED, "GGML_CPU_ALL_VARIANTS": None},
         before={"GGML_AVX2": True, "GGML_CPU_ALL_VARIANTS": True}),
    Case("flags-of-another-package", "lab", ["explicit-flags-with-all-variants"],
         {**TUNED, "GGML_CPU_ALL_VARIANTS": None}, before={"GGML_AVX2": True, "GGML_CPU_ALL_VARIANTS": True}),
    Case("native-beside-booleans", "tower", ["native-silences-flags", "sse2-only"], TUNED,
         before={"GGML_AVX2": True, "GGML_NATIVE": True}, package=SERVICE, inputs={"llama": "llama-cpp"}),
    Case("native-stripped-with-plans", "lab", ["sse2-only"], TUNED, before={"GGML_NATIVE": True, "GGML_AVX2": None}),
    Case("march-native-with-plans", "lab", ["march-native", "retired-option"], {**TUNED, "GGML_AMX_INT8": True},
         before=PLAIN),
    Case("filter-by-spelling", "lab", [], {"GGML_AVX2": True, "GGML_NATIVE": None},
         before={"GGML_AVX2": True, "GGML_NATIVE": False}),
    Case("filter-by-list", "lab", [], {"GGML_NATIVE": None, "GGML_AVX2": True}, before={"GGML_NATIVE": False}),
    Case("flags-replaced", "lab", [], {"GGML_CUDA": True, "BUILD_SHARED_LIBS": True, "GGML_AVX2": True},
         before={"BUILD_SHARED_LIBS": None}),
    Case("flags-replaced-by-a-set", "lab", [], {**TUNED, "LLAMA_BUILD_SERVER": True}, before={"LLAMA_BUILD_SERVER": None}),
    Case("inputs-as-flags", "lab", [], {**TUNED, "GGML_HIP": True}, before={"GGML_AVX2": True, "GGML_HIP": None}),
    Case("sets-beside-all-variants", "gpubox", ["explicit-flags-with-all-variants"],
         {"GGML_AVX512": None, "GGML_CPU_ALL_VARIANTS": True}, before={"GGML_AVX512": True, "GGML_CPU_ALL_VARIANTS": True}),
    Case("nixpkgs-argument-official-package", "gpubox", ["does-not-evaluate"], {**TUNED, "GGML_CUDA": True},
         failure="unexpected argument 'cudaSupport'"),
    Case("official-argument-nixpkgs-package", "gpubox", [], {"GGML_CUDA": True, "GGML_CPU_ALL_VARIANTS": True},
         failure="unexpected argument 'useCuda'"),
    Case("arguments-of-nobody", "box", [], {"GGML_CUDA": True, "GGML_VULKAN": True, "GGML_BLAS": False},
         failure="unexpected argument 'buildAllCudaFaQuants'"),
    Case("suffixed-name", "gpubox", ["does-not-evaluate"], {**TUNED, "GGML_VULKAN": True},
         failure="unexpected argument 'vulkanSupport'"),
    Case("cuda-of-the-flake", "gpubox", ["sse2-only"], {**TUNED, "GGML_CUDA": True}, before=PLAIN),
    Case("official-in-a-scope", "gpubox", ["sse2-only"], {**TUNED, "GGML_VULKAN": True}, before=PLAIN),
    Case("official-overlay-alone", "den", ["sse2-only"], {"GGML_CPU_ALL_VARIANTS": True},
         before={"GGML_CPU_ALL_VARIANTS": None, "GGML_AVX2": None}),
    Case("capability-with-dot", "gpubox", [], {**TUNED, "CMAKE_CUDA_ARCHITECTURES": "86"},
         before={"CMAKE_CUDA_ARCHITECTURES": "8.6"}),
    Case("package-overrides", "gpubox", ["sse2-only"], {**TUNED, "GGML_CUDA": True}, package=named("llama-cpp"),
         before=PLAIN),
    Case("package-overrides-in-one-line", "gpubox", ["sse2-only"], {"GGML_VULKAN": True, "GGML_AVX2": True},
         before={"GGML_VULKAN": False, "GGML_AVX2": None}),
    Case("unstable-instance", "den", [], {"GGML_AVX2": True}, before=PLAIN, package=SERVICE,
         inputs={"nixpkgs-unstable": "nixpkgs"}),
    Case("unstable-argument", "den", [], {"GGML_AVX2": True}, before=PLAIN, inputs={"nixpkgs-unstable": "nixpkgs"}),
    Case("overlay-called-as-a-package", "den", ["does-not-evaluate"], TUNED),
    Case("retired-names", "lab", ["retired-option", "sse2-only"], {**TUNED, "GGML_CUDA": True, "LLAMA_CUBLAS": None},
         before={**PLAIN, "LLAMA_CUBLAS": True}),
    Case("misspelt-name", "lab", ["unknown-option"], {"GGML_AVX2": True, "GGML_AVX_2": None}, before={"GGML_AVX_2": True},
         left=["unknown-option"]),
    Case("amdgpu-targets", "lab", [], {"CMAKE_HIP_ARCHITECTURES": "gfx1103"}, before={"AMDGPU_TARGETS": "gfx1103"}),
    Case("cuda-and-rocm", "gpubox", ["cuda-and-hip"], {"GGML_BACKEND_DL": True, "GGML_CUDA": True, "GGML_HIP": True},
         before={"GGML_BACKEND_DL": None}),
    Case("blas-beside-a-gpu", "lab", ["blas-with-gpu"], {"GGML_BLAS": False, "GGML_VULKAN": True}, before={"GGML_BLAS": True}),
    Case("made-from-itself", "lab", ["does-not-evaluate"], {"GGML_VULKAN": True}, failure="infinite recursion"),
    Case("made-from-itself-by-with", "lab", ["does-not-evaluate"], {"GGML_VULKAN": True}, failure="infinite recursion"),
    Case("flags-of-a-name-called-old", "lab", ["sse2-only"], {"GGML_LTO": True, "BUILD_SHARED_LIBS": True},
         before={"BUILD_SHARED_LIBS": None}),
    Case("official-overlay-called-final", "den", ["sse2-only"], {"GGML_CPU_ALL_VARIANTS": True},
         before={"GGML_CPU_ALL_VARIANTS": None, "GGML_AVX2": None}),
    Case("rocm-targets-as-a-list", "gpubox", ["does-not-evaluate"],
         {"GGML_HIP": True, "CMAKE_HIP_ARCHITECTURES": "gfx1100;gfx1030"}, failure="unexpected argument 'rocmSupport'"),
    Case("rocm-targets-as-a-text", "lab", ["does-not-evaluate"],
         {"GGML_HIP": True, "CMAKE_HIP_ARCHITECTURES": "gfx1100;gfx1030"}, failure="a list"),
    Case("comments-between", "lab", [], {"GGML_LTO": True, "GGML_VULKAN": True}, before={"GGML_LTO": None, "GGML_VULKAN": True}),
    Case("scope-names", "gpubox", [], {"GGML_AVX2": True, "GGML_CUDA": True}, failure="attribute 'cuda' missing"),
    Case("arguments-as-attributes", "gpubox", [], {**TUNED, "GGML_VULKAN": True}, before={"GGML_VULKAN": False}),
    Case("targets-of-another-card", "gpubox", [], {"CMAKE_CUDA_ARCHITECTURES": "86-real"},
         before={"CMAKE_CUDA_ARCHITECTURES": "90a-real"}),
]


def effective(flags, name):
    """As CMake takes it: the last one of a name wins."""
    value = None
    for flag in flags:
        option, _, text = flag.removeprefix("-D").partition("=")
        if option.partition(":")[0] == name:
            value = {"ON": True, "TRUE": True, "OFF": False, "FALSE": False}.get(text, text)
    return value


class Fleet:
    """A copy of a case's before/ outside of any repository, asked by one Nix."""

    def __init__(self, case, nix, folder):
        self.case, self.nix, self.folder = case, nix, os.path.join(folder, case.name)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(os.path.join(HERE, case.name, "before"), self.folder)
        self.others = [f"{name}={fleet_nix.STAND_INS}/{stand_in}" for name, stand_in in case.inputs.items()]
        self.inputs = [name for name in ("nixpkgs", "llama-cpp") if f"{name}" in self.inputs_text()]

    def inputs_text(self):
        with open(os.path.join(self.folder, "flake.nix"), encoding="utf-8") as file:
            return file.read().partition("outputs")[0]

    def lint(self, *more):
        environment = {**self.nix.environment, "LLAMA_FLEET_NIX": shlex.join(self.nix.words),
                       "LLAMA_FLEET_NIX_STORE": self.nix.store}
        words = [os.environ["LLAMA_FLEET"], "check", "--lint", self.folder, "--json", *more]
        return subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=300, check=False)

    def evaluated(self):
        """(rules found by evaluation, notes)"""
        others = [word for other in self.others for word in ("--override-input", other)]
        done = self.lint("--eval", "--stand-ins", fleet_nix.STAND_INS, *others)
        assert done.returncode in (0, 1), f"{self.case.name}: exit code {done.returncode}: {done.stderr}"
        report = json.loads(done.stdout)
        found = [finding for finding in report["findings"] if finding["host"]]
        assert all(finding["host"] == self.case.host for finding in found), found
        return sorted({finding["rule"] for finding in found}), " ".join(report["notes"])

    def package(self):
        """{drv, flags}, or None where it does not evaluate."""
        more = [word for other in self.others for word in ("--override-input", *other.replace("=", "=path:", 1).split("=", 1))]
        apply = f"h: let p = ({self.case.package}) h; in {{ drv = p.drvPath; flags = p.cmakeFlags; }}"
        done = self.nix.run("eval", self.folder, f"nixosConfigurations.{self.case.host}", "--json", "--apply", apply, *more,
                            inputs=self.inputs)
        return json.loads(done.stdout) if done.returncode == 0 else None


def expect_flags(case, when, package, flags):
    if flags is None:
        assert package is None, f"{case.name}, {when}: evaluates, and should not: {package}"
        return
    assert package is not None, f"{case.name}, {when}: the package does not evaluate"
    seen = {name: effective(package["flags"], name) for name in flags}
    assert seen == flags, f"{case.name}, {when}: {seen}, not {flags}\n{package['flags']}"


def settle(case, nix, folder):
    fleet = Fleet(case, nix, folder)
    found, notes = fleet.evaluated()
    assert found == case.rules, f"{case.name}, before: found by evaluation {found}, not {case.rules}\n{notes}"
    assert case.failure in notes and bool(case.failure) == bool(notes), f"{case.name}, before: {notes!r}"
    before = fleet.package()
    expect_flags(case, "before", before, case.before)

    fixed = fleet.lint("--fix")
    assert fixed.returncode in (0, 1), fixed.stderr
    found, notes = fleet.evaluated()
    assert found == case.left and not notes, f"{case.name}, after: still {found}\n{notes}"
    after = fleet.package()
    expect_flags(case, "after", after, case.after)
    assert before is None or before["drv"] != after["drv"], f"{case.name}: --fix changed nothing: {after['drv']}"


def right_ones(nix, folder):
    """Configurations that the lint praises by their text have nothing to hide from evaluation either."""
    for name in sorted(os.listdir(HERE)):
        # Those that want programs, inputs or functions which the stand-ins do not have, and our own flake (nix.flake
        # evaluates that template).
        if not name.startswith("right-") or name in ("right-global-cuda-for-others", "right-home-with-overlay",
                                                     "right-official-by-another-name", "right-optional-attrs",
                                                     "right-other-programs", "right-another-unstable", "right-our-module",
                                                     "right-other-cpus", "right-overlays-by-computed-paths",
                                                     "right-patched-source"):
            continue
        with open(os.path.join(HERE, name, "before/flake.nix"), encoding="utf-8") as file:
            host = file.read().partition("nixosConfigurations.")[2].partition(" ")[0]
        found, notes = Fleet(Case(name, host, [], {}), nix, folder).evaluated()
        assert not found and not notes, f"{name}: {found} {notes}"


def main():
    chosen = sys.argv[1:]
    programs = fleet_nix.programs()
    if not programs:
        print("skipped: no nix in PATH and no $LLAMA_FLEET_NIX_CURRENT")
        return 77
    # Not below WORK_DIR: old Nixes take a folder inside a git repository for a part of it.
    work = tempfile.mkdtemp(prefix="llama-fleet-overlays-")
    try:
        for name, words in programs:
            folder = os.path.join(work, name.replace(" ", "-"))
            os.makedirs(folder)
            nix = fleet_nix.Nix(words, folder)
            for case in CASES:
                if not chosen or case.name in chosen:
                    settle(case, nix, folder)
            if not chosen:
                right_ones(nix, folder)
            print(f"{name}, {nix.version()}: {len(CASES)} settled", flush=True)
    finally:
        fleet_nix.remove(work)
    return 0


sys.exit(main())
