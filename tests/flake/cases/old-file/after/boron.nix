{ pkgs, ... }: {
  environment.systemPackages = [
    pkgs.llama-cpp-cpu # blas
    pkgs.git
  ];
}
