inputs:
{
  name,
  system ? "x86_64-linux",
  modules,
}:
inputs.nixpkgs.lib.nixosSystem {
  inherit system;
  modules = modules ++ [
    { networking.hostName = name; }
    {
      nixpkgs.overlays = [
        (import ../overlays/llama-cpp.nix {
          inherit inputs;
          plan = ../llama-fleet/plan + "/${name}.json";
        })
      ];
    }
  ];
}
