{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    git
    unstable.llama-cpp # newer than stable
    unstable.ollama
  ];
}
