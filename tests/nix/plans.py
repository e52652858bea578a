# SPDX-License-Identifier: MIT
"""Plans for the tests of the overlay and the modules, and what a plan says about a package, worked out once more."""
import json
import os

from fleet_nix import flags_of

OPTIONS = ["SSE42", "AVX", "F16C", "AVX2", "BMI2", "FMA", "AVX_VNNI", "AVX512", "AVX512_VBMI", "AVX512_VNNI",
           "AVX512_BF16", "AMX_TILE", "AMX_INT8", "AMX_BF16"]
HASWELL = OPTIONS[:6]
ZEN4 = HASWELL + ["AVX512", "AVX512_VBMI", "AVX512_VNNI", "AVX512_BF16"]
SAPPHIRE = ZEN4 + ["AMX_TILE", "AMX_INT8"]


def build(package, variant, on, cuda=None, rocm=None, **more):
    flags = {f"GGML_{name}": name in on for name in [*OPTIONS, "NATIVE"]}
    return {"strategy": "tailored", "package": package, "source": "flake",
            "blas": False, "openmp": True, "server": True,
            "cpu": {"flags": flags, "variant": variant}, "cuda": {"architectures": cuda}, "rocm": {"targets": rocm},
            "multi": [], "extraFlags": {}} | more


def write_plans(folder, plans):
    os.mkdir(folder)
    for host, plan in plans.items():
        with open(os.path.join(folder, f"{host}.json"), "w", encoding="utf-8") as file:
            json.dump({"schema": "llama-fleet/plan", "version": 1, "host": host, "build": plan}, file)


def expected(plan, package):
    """What the plan says about a package, worked out here once more."""
    flags = plan["cpu"]["flags"] | {
        "GGML_OPENMP": plan["openmp"], "LLAMA_BUILD_SERVER": plan["server"], "GGML_BLAS": plan["blas"],
        "GGML_CUDA": package == "llama-cpp-cuda", "GGML_HIP": package == "llama-cpp-rocm",
        "GGML_VULKAN": package == "llama-cpp-vulkan"}
    if package == "llama-cpp-cuda":
        flags["CMAKE_CUDA_ARCHITECTURES"] = plan["cuda"]["architectures"] or "75;80;86;89;90;100;120"
    if package == "llama-cpp-rocm" and plan["rocm"]["targets"]:
        flags["CMAKE_HIP_ARCHITECTURES"] = plan["rocm"]["targets"]
    return flags | plan["extraFlags"]


def has(package, wanted):
    got = flags_of(package)
    wrong = {name: (value, got.get(name)) for name, value in wanted.items() if got.get(name) != value}
    assert not wrong, f"{package['name']}: wanted and got differ: {wrong}"
