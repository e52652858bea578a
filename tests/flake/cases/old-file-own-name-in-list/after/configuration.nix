{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    git
    llama-cpp-cuda # the fast one
  ];
}
