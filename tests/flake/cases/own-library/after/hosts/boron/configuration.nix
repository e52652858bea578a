{pkgs, ...}: {
  environment.systemPackages = with pkgs; [
    git
    vim
    llama-cpp-cpu
  ];

  system.stateVersion = "25.05";
}
