# SPDX-License-Identifier: MIT
# A stand-in for flake-utils-plus: lib.mkFlake with hosts, hostDefaults and sharedOverlays. Modules get `inputs` by
# _module.args, as there. It leaves out channels' patches, outputsBuilder and macOS.
{
  description = "stand-in for flake-utils-plus";

  outputs = { self }: {
    lib.mkFlake = { self, inputs, hosts ? { }, hostDefaults ? { }, sharedOverlays ? [ ], ... }: {
      nixosConfigurations = builtins.mapAttrs
        (name: host: inputs.nixpkgs.lib.nixosSystem {
          system = host.system or hostDefaults.system or "x86_64-linux";
          modules = [
            {
              networking.hostName = name;
              nixpkgs.overlays = sharedOverlays;
              _module.args = { inherit inputs; } // (hostDefaults.extraArgs or { }) // (host.extraArgs or { });
            }
          ] ++ (hostDefaults.modules or [ ]) ++ (host.modules or [ ]);
          specialArgs = (hostDefaults.specialArgs or { }) // (host.specialArgs or { });
        })
        (inputs.nixpkgs.lib.filterAttrs (name: host: (host.output or "nixosConfigurations") == "nixosConfigurations") hosts);
    };
  };
}
