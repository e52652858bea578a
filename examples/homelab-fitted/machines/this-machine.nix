{pkgs, ...}: {
  networking.hostName = "this-machine";

  boot.loader.systemd-boot.enable = true;

  environment.systemPackages = with pkgs; [git htop llama-cpp-cpu];

  system.stateVersion = "25.11";
}
