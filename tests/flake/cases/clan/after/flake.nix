{
  inputs.clan-core.url = "https://git.clan.lol/clan/clan-core/archive/main.tar.gz";
  inputs.nixpkgs.follows = "clan-core/nixpkgs";

  outputs =
    { self, clan-core, ... }:
    let
      clan = clan-core.lib.clan {
        inherit self;
        meta.name = "home";
        machines.boron = {
          nixpkgs.hostPlatform = "x86_64-linux";
          environment.etc."motd".text = "hello";
        };
      };
    in
    {
      inherit (clan.config) nixosConfigurations;
    };
}
