{ pkgs, ... }:
{
  nixpkgs.config.packageOverrides = super: let self = super.pkgs; in {
    # scanner of the office
    sane-backends = super.sane-backends.override { gt68xxFirmware = ./fw; };
    llama-cpp = super.llama-cpp.override { # the old one was slow
      openblasSupport = true;
    };
  };
  environment.systemPackages = [ pkgs.llama-cpp ];
}
