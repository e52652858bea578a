# SPDX-License-Identifier: MIT
# llama-fleet-probe, the program that `probe --ssh … --send-binary` sends: for one architecture. It is static only where
# stdenv builds static programs, so call it of pkgsStatic: see probes.nix. Of its libraries only headers are used.
{ lib, stdenv, cmake, ninja, fmt, tl-expected, nlohmann_json }:
stdenv.mkDerivation {
  pname = "llama-fleet-probe";
  version = "0.1.0";
  src = import ./source.nix { inherit lib; };
  nativeBuildInputs = [ cmake ninja ];
  buildInputs = [ fmt tl-expected nlohmann_json ];
  cmakeFlags = [ (lib.cmakeBool "LLAMA_FLEET_PROBE_ONLY" true) ];
  meta = {
    description = "What a machine is, as JSON: one static program that needs nothing where it runs";
    license = lib.licenses.mit;
    mainProgram = "llama-fleet-probe-${stdenv.hostPlatform.parsed.cpu.name}";
    platforms = [ "x86_64-linux" "aarch64-linux" ];
  };
}
