{ pkgs, ... }:
let
  llm = pkgs.llama-cpp-cuda;
in
{
  services.llama-cpp.enable = true;
  services.llama-cpp.package = llm;
  environment.systemPackages = [ llm ];
}
