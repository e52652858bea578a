{ lib, pkgs, self, ... }: {
  options.fleet.shares = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
  };

  config = {
    networking.hostName = "nas";
    services.samba.enable = true;
    environment.systemPackages = [
      pkgs.hdparm
      pkgs.llama-cpp-vulkan
    ];
    nixpkgs.overlays = [
      (import ../overlays/llama-cpp.nix {
        inherit (self) inputs;
        plan = ../llama-fleet/plan/nas.json;
      })
    ];
  };
}
