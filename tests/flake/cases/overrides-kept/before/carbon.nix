{ pkgs, ... }:
let
  llm = pkgs.llama-cpp.override { cudaSupport = true; };
in
{
  services.llama-cpp.enable = true;
  services.llama-cpp.package = llm;
  environment.systemPackages = [ llm ];
}
