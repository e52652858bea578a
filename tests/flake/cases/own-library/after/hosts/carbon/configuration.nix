{pkgs, ...}: {
  environment.systemPackages = with pkgs; [
    git
    vim
    llama-cpp-cuda
  ];

  system.stateVersion = "25.05";
}
