{ pkgs, ... }:
{
  imports = [ ./llm.nix ];
  my.services = {
    census.enable = true;
    llama-cpp = {
      enable = true;
      extraFlags.reranking = true;
    };
  };
}
