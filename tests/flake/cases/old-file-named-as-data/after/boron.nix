{ pkgs, ... }: {
  environment.systemPackages = [
    pkgs.llama-cpp # blas
    pkgs.git
  ];
}
