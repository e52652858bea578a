# What the stand-in's module evaluator must get right: priorities, order, conditions on other options, imports once.
{ config, lib, pkgs, ... }: {
  imports = [ ./modules-more.nix ./modules-more.nix ];

  networking.hostName = lib.mkDefault "weak";
  test.list = lib.mkAfter [ "last" ];
  test.forced = lib.mkForce "strong";
  test.both = lib.mkMerge [ { a = 1; } (lib.mkIf config.test.flag { b = 2; }) ];
  environment.systemPackages = lib.mkIf (config.networking.hostName == "strong") [ pkgs.hello.name ];
}
