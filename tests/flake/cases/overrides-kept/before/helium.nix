{ lib, pkgs, ... }:
let
  llm = pkgs.llama-cpp;
in
{
  environment.systemPackages = [
    (pkgs.llama-cpp.override { rocmSupport = true; rocmGpuTargets = [ "gfx1100" ]; openclSupport = false; })
    (lib.lowPrio (pkgs.llama-cpp.override { blasSupport = true; }))
  ];
  systemd.services.llama.script = "${llm.override { rpcSupport = true; }}/bin/llama-server";
  systemd.services.other.script = "${(pkgs.llama-cpp.override { useRpc = true; }).overrideAttrs { doCheck = true; }}/bin/llama-server";
}
