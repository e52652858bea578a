# SPDX-License-Identifier: MIT
# llama-fleet itself, as a package of nixpkgs.
{ lib, stdenv, cmake, ninja, fmt, tl-expected, nlohmann_json, cli11, libmd }:
stdenv.mkDerivation {
  pname = "llama-fleet";
  version = "0.1.0";

  # What the build reads; a changed page of doc/ rebuilds nothing.
  src = lib.cleanSourceWith {
    src = ../.;
    filter = path: type:
      let part = builtins.head (builtins.split "/" (lib.removePrefix "${toString ../.}/" (toString path))); in
      builtins.elem part [ "CMakeLists.txt" "LICENSE" "cmake" "nix" "src" "tools" ];
  };

  nativeBuildInputs = [ cmake ninja ];
  buildInputs = [ fmt tl-expected nlohmann_json cli11 libmd ];
  cmakeFlags = [ (lib.cmakeBool "LLAMA_FLEET_TESTS" false) ];

  meta = {
    description = "The fastest llama.cpp on every machine you own, and proof of it";
    license = lib.licenses.mit;
    mainProgram = "llama-fleet";
    platforms = [ "x86_64-linux" "aarch64-linux" ];
  };
}
