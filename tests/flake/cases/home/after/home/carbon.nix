{ pkgs, ... }: {
  imports = [ ./common.nix ];
  home.packages = [
    pkgs.llama-cpp-cuda # chat
  ];
}
