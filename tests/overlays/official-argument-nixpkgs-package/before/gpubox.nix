{ pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  environment.systemPackages = with pkgs; [
    nvtopPackages.full
    (llama-cpp.override { useCuda = true; useWebUi = true; })
  ];
}
