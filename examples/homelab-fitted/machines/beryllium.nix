{
  config,
  lib,
  pkgs,
  ...
}: {
  networking.hostName = "beryllium";

  boot.loader.systemd-boot.enable = true;
  hardware.graphics.enable = true;

  # It sits next to people who sleep.
  powerManagement.cpuFreqGovernor = lib.mkDefault "schedutil";

  environment.systemPackages = with pkgs; [
    mpv
    # kodi   # not since the update
    vulkan-tools
    llama-cpp-vulkan
  ];

  system.stateVersion = "25.05";
}
