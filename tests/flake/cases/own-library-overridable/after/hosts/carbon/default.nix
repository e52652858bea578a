{ pkgs, ... }:

{
  services.openssh.enable = true;

  environment.systemPackages = [
    pkgs.git
    pkgs.llama-cpp-cuda
  ];
}
