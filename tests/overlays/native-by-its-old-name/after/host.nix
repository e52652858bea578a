{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.llama-cpp pkgs.llama-cpp-off pkgs.llama-cpp-rpc ];
}
