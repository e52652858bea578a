{ config, lib, pkgs, ... }:

{
  nixpkgs.overlays = [
    (self: super: {
      mpv = super.mpv.override { scripts = [ self.mpvScripts.mpris ]; };

      llama-cpp = super.llama-cpp.override { blasSupport = true; };
    })
  ];

  environment.systemPackages = with pkgs; [
    mpv
    llama-cpp
  ];
}
