{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    git
    llama-cpp-native # the fast one
  ];
}
