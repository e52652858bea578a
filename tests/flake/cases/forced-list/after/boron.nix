{ lib, pkgs, ... }: {
  environment.systemPackages = with lib; mkOverride 50 [
    pkgs.git
    pkgs.llama-cpp-cpu
  ];
}
