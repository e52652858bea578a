{ pkgs, ... }: {
  environment.systemPackages = [
    (pkgs.llama-cpp.overrideAttrs (old: { pname = "mine"; }))
  ];
}
