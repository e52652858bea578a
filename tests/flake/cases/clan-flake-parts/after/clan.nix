{ inputs, ... }:
{
  clan = {
    meta.name = "home";
    specialArgs = { inherit inputs; };
  };
}
