# SPDX-License-Identifier: MIT
"""A small fitted fleet, made anew for every case: six hosts over the examples' stand-ins and our own overlay."""
import json
import os
import shutil

SOURCE = os.environ["SOURCE_DIR"]
STAND_INS = os.path.join(SOURCE, "examples/stand-ins")
INPUTS = {"nixpkgs": "nixpkgs", "llama-cpp": "llama-cpp", "home-manager": "home-manager"}

AVX2 = ["GGML_SSE42", "GGML_AVX", "GGML_F16C", "GGML_AVX2", "GGML_BMI2", "GGML_FMA"]
AVX512 = ["GGML_AVX512", "GGML_AVX512_VBMI", "GGML_AVX512_VNNI", "GGML_AVX512_BF16"]
OTHERS = ["GGML_AVX_VNNI", "GGML_AMX_TILE", "GGML_AMX_INT8", "GGML_AMX_BF16"]
HOSTS = {"carbon": ("llama-cpp-cuda", AVX2 + AVX512, {"cuda": "86-real"}),
         "beryllium": ("llama-cpp-vulkan", AVX2 + AVX512, {"rocm": "gfx1103"}),
         "boron": ("llama-cpp-cpu", AVX2, {}),
         "nitrogen": ("llama-cpp-cpu", AVX2 + AVX512 + OTHERS[1:], {}),
         "neon": ("llama-cpp-rocm", AVX2, {"rocm": "gfx1100"}),
         "dot.host": ("llama-cpp-cpu", AVX2, {})}
GPUS = {"cuda": ("nvidia", "GA107M [GeForce RTX 3050 Mobile]", "nvidia", False, {"compute_capability": "8.6"}),
        "gfx1103": ("amd", "Phoenix1", "amdgpu", True, {"gfx_target": "gfx1103"}),
        "gfx1100": ("amd", "Navi 31 [Radeon RX 7900 XTX]", "amdgpu", False, {"gfx_target": "gfx1100"})}

FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, ... }@inputs:
    let
      overlay-llama-cpp = host: import ./overlay.nix { inherit inputs; plan = ./plan + "/${host}.json"; };
      host = name: nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ({ pkgs, ... }: {
            networking.hostName = name;
            nixpkgs.overlays = [ (overlay-llama-cpp name) ] ++ (import ./later.nix).${name} or [ ];
            environment.systemPackages = [ pkgs.git pkgs.${(import ./selected.nix).${name}} ];
          })
          ./unfree.nix
        ];
      };
    in
    { nixosConfigurations = nixpkgs.lib.genAttrs (builtins.attrNames (import ./selected.nix)) host; };
}
"""


def plan(host):
    package, on, targets = HOSTS[host]
    flags = {name: name in on for name in AVX2 + AVX512 + OTHERS}
    return {"schema": "llama-fleet/plan", "version": 1, "host": host, "system": "x86_64-linux", "because": [], "notes": [],
            "build": {"strategy": "tailored", "package": package, "source": "flake", "blas": False, "openmp": True,
                      "server": True, "cpu": {"flags": {"GGML_NATIVE": False, **flags}, "variant": "haswell"},
                      "cuda": {"architectures": targets.get("cuda")}, "rocm": {"targets": targets.get("rocm")},
                      "multi": [], "extraFlags": {}}}


def gpu(what, **more):
    vendor, name, driver, integrated, target = GPUS[what]
    return {"chip": None, "compute_capability": None, "device_id": "25a2", "driver": driver, "gfx_target": None,
            "integrated": integrated, "name": name, "pci_address": "0000:01:00.0", "vendor": vendor,
            "vendor_id": {"nvidia": "10de", "amd": "1002"}[vendor], **target, **more}


def facts(host, cards=None):
    """The machine that the plan of this host was made for, or one with other cards."""
    targets = HOSTS[host][2]
    cards = cards if cards is not None else [gpu("cuda") if kind == "cuda" else gpu(target) for kind, target in targets.items()]
    unknown = dict.fromkeys(("cores", "cpus", "family", "hypervisor", "microarchitecture", "model", "model_name", "numa_nodes",
                             "sockets", "stepping", "vendor"))
    return {"schema": "llama-fleet/facts", "version": 1, "host": host, "system": "x86_64-linux", "memory_mib": None, "notes": [],
            "cpu": {**unknown, "architecture": "x86_64", "features": [], "features_some": []}, "gpus": cards}


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make(folder, later="{ }", unfree="{ nixpkgs.config.allowUnfree = true; }", flake=FLAKE):
    """`later`: overlays behind ours, by host. The folder is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    write(f"{folder}/flake.nix", flake)
    write(f"{folder}/later.nix", later)
    write(f"{folder}/unfree.nix", unfree)
    write(f"{folder}/selected.nix", "{ " + " ".join(f'"{h}" = "{HOSTS[h][0]}";' for h in HOSTS) + " }")
    for host in HOSTS:
        write(f"{folder}/plan/{host}.json", json.dumps(plan(host)))
        write(f"{folder}/facts/{host}.json", json.dumps(facts(host)))
    shutil.copy(os.path.join(SOURCE, "nix/overlay.nix"), f"{folder}/overlay.nix")
    return folder


def words(folder, hosts=HOSTS, with_facts=True):
    """The arguments of check_tool for this fleet."""
    out = [folder, "--stand-ins"]
    for name, place in INPUTS.items():
        out += ["--override", f"{name}={STAND_INS}/{place}"]
    for host in hosts:
        out += ["--plan", f"{host}={folder}/plan/{host}.json"]
        if with_facts:
            out += ["--facts", f"{host}={folder}/facts/{host}.json"]
    return out
