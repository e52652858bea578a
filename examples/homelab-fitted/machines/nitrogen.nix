{
  config,
  lib,
  pkgs,
  ...
}: {
  networking.hostName = "nitrogen";

  boot.loader.systemd-boot.enable = true;

  services.openssh.enable = true;
  services.openssh.settings.PasswordAuthentication = false;

  services.postgresql = {
    enable = true;
    package = pkgs.stable.postgresql_16;
  };

  environment.systemPackages = with pkgs; [
    numactl
    ipmitool
    /*
    perf only matches the running kernel, so take it from there:
    config.boot.kernelPackages.perf
    */
    git
    llama-cpp-cpu
  ];

  system.stateVersion = "25.05";
}
