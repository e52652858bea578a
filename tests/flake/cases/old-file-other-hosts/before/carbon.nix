{ pkgs, ... }: {
  environment.systemPackages = with pkgs; [
    llama-cpp-vulkan # works best here
    git
  ];
}
