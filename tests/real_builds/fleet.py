# SPDX-License-Identifier: MIT
"""The flake whose packages are built, its inputs, and a Nix that builds them into a store of its own."""
import bz2
import glob
import json
import os
import re
import shutil
import subprocess
import sys

from features import FEATURES, HASWELL, VARIANTS, ZEN4

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../nix"))
import fleet_nix  # noqa: E402

SYSTEM = "packages.x86_64-linux"


def plan(package, on, variant="zen4", cuda=None, rocm=None, **more):
    flags = {f"GGML_{name}": name in on for name in [*FEATURES, "AMX_BF16"]}
    return {"strategy": "tailored", "package": package, "source": "flake",
            "blas": False, "openmp": True, "server": True,
            "cpu": {"flags": flags | {"GGML_NATIVE": False}, "variant": variant},
            "cuda": {"architectures": cuda}, "rocm": {"targets": rocm}, "multi": [], "extraFlags": {}} | more


# host: (plan, features in its libggml-cpu, [GPU backends and what each was built for])
PLANS = {
    "cellar": (plan("llama-cpp-cpu", HASWELL, "haswell"), HASWELL, []),
    "zen": (plan("llama-cpp-cuda", ZEN4, cuda="86-real"), ZEN4, ["CUDA [86-real]"]),
    "radeon": (plan("llama-cpp-rocm", ZEN4, rocm="gfx1100;gfx1103"), ZEN4, ["HIP [gfx1100,gfx1103]"]),
    "alder": (plan("llama-cpp-cpu", VARIANTS["alderlake"], "alderlake"), VARIANTS["alderlake"], []),
    "rack": (plan("llama-cpp-cpu", VARIANTS["sapphirerapids"], "sapphirerapids"), VARIANTS["sapphirerapids"], []),
    "wishes": (plan("llama-cpp-cpu", HASWELL, "haswell", blas=True, openmp=False, server=False,
                    extraFlags={"GGML_BMI2": False, "GGML_AVX512": True}),
               HASWELL - {"BMI2"} | {"AVX512"}, ["BLAS []"]),
    "multi": (plan("llama-cpp-multi", ZEN4, cuda="89-real;86-real", rocm="gfx1100", multi=["cuda", "rocm", "vulkan"]),
              ZEN4, ["CUDA [89-real,86-real]", "HIP [gfx1100]", "VULKAN []"]),
    "universal-haswell": (plan("llama-cpp-universal", HASWELL, "haswell", strategy="universal"), HASWELL, []),
    "universal-zen4": (plan("llama-cpp-universal", ZEN4, "zen4", strategy="universal"), ZEN4, []),
    "universal-gpus": (plan("llama-cpp-universal", HASWELL, "haswell", strategy="universal", cuda="86-real", rocm="gfx1100",
                            multi=["cuda", "rocm", "vulkan"]),
                       HASWELL, ["CUDA [86-real]", "HIP [gfx1100]", "VULKAN []"]),
    "apu": (plan("llama-cpp-vulkan", HASWELL, "haswell"), HASWELL, ["VULKAN []"]),
}
TWINS = {"cellar-twin": "cellar", "universal-twin": "universal-haswell"}
NATIVE_NAME = "this-0a1b2c3d"
# The same with `source = "nixpkgs"`, once the overlay knows it.
FROM_NIXPKGS = ["cellar", "zen", "radeon", "multi", "universal-haswell", "apu"]


def assemble_inputs(nixpkgs, llama):
    """The examples' stand-ins for everything but the compiler and llama.cpp's source, which lie here."""
    shutil.copytree(os.path.join(fleet_nix.STAND_INS, "llama-cpp"), llama)
    shutil.copytree(os.path.join(HERE, "llama.cpp"), llama, dirs_exist_ok=True)
    shutil.copytree(os.path.join(HERE, "nixpkgs"), nixpkgs)
    shutil.copytree(os.path.join(fleet_nix.STAND_INS, "nixpkgs"), os.path.join(nixpkgs, "base"))
    shutil.copytree(os.path.join(HERE, "llama.cpp"), os.path.join(nixpkgs, "llama.cpp"))


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


def make_fleet(folder, native, foreign):
    """native: a plan for this CPU; foreign: the flags of a CPU that this one is not."""
    shutil.copytree(os.path.join(HERE, "fleet"), folder)
    shutil.copy(os.path.join(fleet_nix.SOURCE, "nix/overlay.nix"), folder)
    shutil.copy(os.path.join(HERE, "../nix/guide-overlay.nix"), folder)
    write_json(os.path.join(folder, "foreign.json"), foreign)
    os.mkdir(os.path.join(folder, "plans"))
    plans = {host: PLANS[host][0] for host in PLANS} | {twin: PLANS[host][0] for twin, host in TWINS.items()}
    plans |= {f"{host}-from-nixpkgs": PLANS[host][0] | {"source": "nixpkgs"} for host in FROM_NIXPKGS}
    wrong = plan("llama-cpp-universal", [], "armv8.2_1", strategy="universal")
    native = native | {"cpu": native["cpu"] | {"native": NATIVE_NAME}}
    plans |= {"native": native, "native-from-nixpkgs": native | {"source": "nixpkgs"}, "universal-wrong": wrong}
    for host, build in plans.items():
        write_json(os.path.join(folder, "plans", f"{host}.json"),
                   {"schema": "llama-fleet/plan", "version": 1, "host": host, "build": build})


class BuildingNix(fleet_nix.Nix):
    def __init__(self, words, folder):
        super().__init__(words, folder)
        self.inputs = {name: os.path.join(folder, name) for name in ("nixpkgs", "llama-cpp")}
        assemble_inputs(self.inputs["nixpkgs"], self.inputs["llama-cpp"])
        self.flake = os.path.join(folder, "fleet")
        self.answers = {}

    def build_all(self, names, *options):
        """Nix's process result; every package that can be built is."""
        first, *others = [f"{SYSTEM}.{name}" for name in names]
        more = [f"path:{self.flake}#{attribute}" for attribute in others]
        return self.run("build", self.flake, first, "--no-link", "--keep-going", "--max-jobs", str(os.cpu_count()),
                        "--cores", "1", *options, *more, inputs=self.inputs)

    def place(self, path):
        """Where a path of the store lies on this machine."""
        return self.store + path

    def is_built(self, name):
        return os.path.exists(self.place(self.answers[name]["out"]))

    def log(self, drv):
        name = os.path.basename(drv)
        path = os.path.join(self.store, "nix/var/log/nix/drvs", name[:2], name[2:] + ".bz2")
        return bz2.open(path, "rt", encoding="utf-8", errors="replace").read()

    def logs(self):
        return glob.glob(os.path.join(self.store, "nix/var/log/nix/drvs/*/*"))

    def start(self, path, *words, cpu=None, folder="/"):
        """(exit code, output, errors) of a program of the store, on this CPU or on one that qemu pretends to be."""
        emulator = ["/usr/bin/qemu-x86_64", "-cpu", cpu] if cpu else []
        done = subprocess.run(["sh", os.path.join(HERE, "enter.sh"), self.store, folder, *emulator, path, *words],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=60, check=False, cwd="/")
        return done.returncode, done.stdout, done.stderr


def elf_files(folder):
    """{path inside the package: real path} of programs and libraries; what it links to elsewhere is not its own."""
    found = {}
    for part in ("bin", "lib", "libexec"):
        for path in sorted(glob.glob(os.path.join(folder, part, "*"))):
            if os.path.isfile(path) and not os.path.islink(path) and not re.search(r"\.(cmake|txt)$", path):
                with open(path, "rb") as file:
                    if file.read(4) == b"\x7fELF":
                        found[os.path.relpath(path, folder)] = path
    return found
