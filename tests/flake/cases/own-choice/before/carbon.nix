{ pkgs, stable, inputs, ... }: {
  imports = [ ./service.nix ];
  environment.systemPackages = with pkgs; [
    git
    (llama-cpp.override { rpcSupport = true; cudaSupport = true; })
  ];
  users.users.ada.packages = [ stable.llama-cpp ];
  users.users.bob.packages = [ inputs.llama-cpp.packages.x86_64-linux.cuda ];
}
