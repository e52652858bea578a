# SPDX-License-Identifier: MIT
# Is CUDA refused? `question [ HOST … ] nixosConfigurations`. Asked of what llama.cpp is built with, because a llama-cpp-cuda that is
# there before the flake is fitted may be broken for other reasons; of that only where nixpkgs has none of the parts.
hosts: configurations:
let
  works = value: (builtins.tryEval (builtins.seq value true)).success;
  parts = [ "cuda_nvcc" "cuda_cudart" "cuda_cccl" "libcublas" ];
  host = name:
    let
      inherit (configurations.${name}) pkgs;
      cuda = pkgs.cudaPackages or { };
      there = builtins.filter (part: cuda ? ${part}) parts;
    in
    if !(configurations ? ${name}) then { asked = [ ]; refused = [ ]; }
    else if there != [ ] then {
      asked = map (part: "cudaPackages.${part}") there;
      refused = map (part: "cudaPackages.${part}") (builtins.filter (part: !(works cuda.${part}.drvPath)) there);
    }
    else if pkgs ? llama-cpp-cuda then {
      asked = [ "llama-cpp-cuda" ];
      refused = if works pkgs.llama-cpp-cuda.drvPath then [ ] else [ "llama-cpp-cuda" ];
    }
    else { asked = [ ]; refused = [ ]; };
in
builtins.listToAttrs (map (name: { inherit name; value = host name; }) hosts)
