{ pkgs, unstable, ... }: {
  environment.systemPackages = with pkgs; [
    unstable.llama-cpp # to compare
    llama-cpp-vulkan
    llama-cpp-cuda # chat
  ];
  services.llama-cpp.package = pkgs.llama-cpp-cuda.override { useRpc = true; };
}
