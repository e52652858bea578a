{ pkgs, ... }: {
  environment.systemPackages = with pkgs; [
    llama-cpp-cuda # works best here
    git
  ];
}
