{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.llama-cpp pkgs.llama-cpp-described ];
}
