{ pkgs, ... }: {
  imports = [ ./common.nix ];
  home.packages = [
    pkgs.llama-cpp # chat
  ];
}
