{ pkgs, ... }:
{
  nixpkgs.config.packageOverrides = super: let self = super.pkgs; in {
    # scanner of the office
    sane-backends = super.sane-backends.override { gt68xxFirmware = ./fw; };
    # the old one was slow
  };
  environment.systemPackages = [ pkgs.llama-cpp-cpu ];
}
