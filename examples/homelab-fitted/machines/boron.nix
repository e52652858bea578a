{pkgs, ...}: {
  networking.hostName = "boron";

  boot.loader.grub.enable = true;
  boot.loader.grub.device = "/dev/sda";

  environment.systemPackages = with pkgs; [
    htop
    llama-cpp-cpu # slow, but it does answer
    smartmontools
  ];

  # Disks first, everything else later.
  services.smartd.enable = true;

  system.stateVersion = "23.11";
}
