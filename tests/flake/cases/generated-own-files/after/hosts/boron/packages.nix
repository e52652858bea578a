{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    git
    jq
    llama-cpp-cpu
  ];
}
