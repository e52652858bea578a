{
  inputs,
  common,
}: {
  mkHost = {
    machine,
    system,
  }: let
    modules = common ++ [machine];
    specialArgs = {inherit inputs;};
  in
    inputs.nixpkgs.lib.nixosSystem {
      inherit system modules specialArgs;
    };
}
