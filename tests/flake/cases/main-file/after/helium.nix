{ pkgs, ... }:
{
  environment = {
    variables.EDITOR = "nano";
    systemPackages = [ pkgs.llama-cpp-vulkan ];
  };
  programs.fish.enable = true;
}
