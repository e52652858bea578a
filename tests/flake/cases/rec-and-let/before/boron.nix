{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    git
    htop
  ] ++ (with pkgs; [
    nmap
  ]);
}
