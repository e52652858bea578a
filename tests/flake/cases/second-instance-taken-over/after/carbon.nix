{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    git
    llama-cpp-cuda # newer than stable
    unstable.ollama
  ];
}
