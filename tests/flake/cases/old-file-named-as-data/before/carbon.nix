{ pkgs, ... }: {
  environment.systemPackages = with pkgs; [
    llama-cpp-vulkan # works best here, see llama-cpp-variants.nix
    git
  ];
  environment.etc."llama".source = ./pkgs + "/llama-cpp-variants.nix";
}
