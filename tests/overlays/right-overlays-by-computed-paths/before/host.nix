{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.llama-cpp-a pkgs.llama-cpp-h ];
}
