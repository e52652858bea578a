{
  config,
  lib,
  pkgs,
  ...
}: {
  networking.hostName = "carbon";

  boot.loader.systemd-boot.enable = true;
  boot.kernelPackages = pkgs.linuxPackages_latest;

  services.xserver.videoDrivers = ["nvidia"];
  hardware.nvidia = {
    open = true;
    modesetting.enable = true;
  };

  environment.systemPackages = with pkgs; [
    # desktop
    waybar
    stable.libreoffice # unstable breaks it every other week

    # the card
    nvtopPackages.nvidia
    pciutils
    llama-cpp-cuda
  ];

  system.stateVersion = "24.11";
}
