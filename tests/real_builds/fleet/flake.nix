# SPDX-License-Identifier: MIT
# The packages of builds.py, which puts overlay.nix, guide-overlay.nix, plans/ and foreign.json beside this file.
# `packages` are built; `answers` says where each of them will lie.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, llama-cpp }@inputs:
    let
      inherit (nixpkgs) lib;
      ours = import ./overlay.nix;
      host = overlay: import nixpkgs {
        system = "x86_64-linux";
        config.allowUnfree = true;
        overlays = [ overlay ];
      };
      planned = lib.genAttrs (map (lib.removeSuffix ".json") (builtins.attrNames (builtins.readDir ./plans)))
        (name: host (ours { inherit inputs; plan = ./plans + "/${name}.json"; }));

      official = (host llama-cpp.overlays.default).llama-cpp;
      guide = host (import ./guide-overlay.nix { inherit inputs; });
      stock = import nixpkgs { system = "x86_64-linux"; config.allowUnfree = true; };
      plus = package: flags: package.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ flags; });
      on = map (name: "-D${name}=ON");
      avx2 = on [ "GGML_SSE42" "GGML_AVX" "GGML_F16C" "GGML_AVX2" "GGML_BMI2" "GGML_FMA" ];
      avx512 = on [ "GGML_AVX512" "GGML_AVX512_VBMI" "GGML_AVX512_VNNI" ];
      withoutDispatch = stock.llama-cpp.override { cpuArchDynamicDispatch = false; };
    in
    {
      packages.x86_64-linux = lib.mapAttrs (name: pkgs: pkgs.llama-cpp) planned // {
        zen-cpu = planned.zen.llama-cpp-cpu;
        universal-override = planned.universal-zen4.llama-cpp.override { variant = "haswell"; };
        zen-vulkan = planned.zen.llama-cpp-vulkan;
      }
      // lib.optionalAttrs (builtins.functionArgs ours ? rpc) {
        rpc = (host (ours { inherit inputs; plan = ./plans/cellar.json; rpc = true; })).llama-cpp;
      }
      // {
        # What people have today.
        inherit official;
        official-two-gpus = official.override { useCuda = true; useRocm = true; };
        guide-cpu = guide.llama-cpp-cpu;
        guide-vulkan = guide.llama-cpp-vulkan;
        # The guide's flags, once they do reach the package.
        guide-as-meant = plus official (on [ "GGML_NATIVE" ] ++ avx2 ++ avx512);
        native-loadable = plus official (on [ "GGML_NATIVE" "GGML_BACKEND_DL" ]);
        native-by-cflags = (official.override { useVulkan = true; }).overrideAttrs
          (old: { env = old.env // { NIX_CFLAGS_COMPILE = "-march=native"; }; });
        misspelt = plus official (avx2 ++ on [ "GGML_AVX512F" ]);
        no-epoch = official.overrideAttrs (old: { preConfigure = "unset SOURCE_DATE_EPOCH"; });

        nixpkgs-explicit = plus stock.llama-cpp (avx2 ++ avx512); # with dispatch at run time, as it comes
        nixpkgs-avx2 = plus withoutDispatch avx2;
        nixpkgs-foreign = plus withoutDispatch (on (builtins.fromJSON (builtins.readFile ./foreign.json)));
      };

      answers = lib.mapAttrs
        (name: package: {
          inherit (package) name;
          drv = package.drvPath;
          out = package.outPath; # by that name it would be all that JSON keeps
          features = package.requiredSystemFeatures or [ ];
          whole = if package ? whole then { drv = package.whole.drvPath; out = package.whole.outPath; } else null;
        })
        self.packages.x86_64-linux;
    };
}
