{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    (llama-cpp.override { vulkanSupport = true; })
    vulkan-tools
  ];
}
