{ pkgs, ... }: {
  environment.systemPackages = [
    (pkgs.llama-cpp.override { blasSupport = true; }) # blas
    pkgs.git
  ];
}
