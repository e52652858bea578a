# SPDX-License-Identifier: MIT
# llama-fleet itself, as a package of nixpkgs.
{ lib, stdenv, cmake, ninja, fmt, tl-expected, nlohmann_json, cli11, libmd, zlib, zstd, zydis }:
stdenv.mkDerivation {
  pname = "llama-fleet";
  version = "0.1.0";

  src = import ./source.nix { inherit lib; };
  nativeBuildInputs = [ cmake ninja ];
  buildInputs = [ fmt tl-expected nlohmann_json cli11 libmd zlib zstd zydis ];
  cmakeFlags = [ (lib.cmakeBool "LLAMA_FLEET_TESTS" false) ];

  meta = {
    description = "The fastest llama.cpp on every machine you own, and proof of it";
    license = lib.licenses.mit;
    mainProgram = "llama-fleet";
    platforms = [ "x86_64-linux" "aarch64-linux" ];
  };
}
