{ pkgs, ... }:
{
  networking.hostName = "carbon";
  gaming.enable = false;

  services.openssh.enable = true;

  environment.systemPackages = [ pkgs.llama-cpp-cuda ];

  system.stateVersion = "25.05";
}
