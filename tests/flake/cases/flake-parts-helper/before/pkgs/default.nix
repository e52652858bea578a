{ perSystem = { pkgs, ... }: { packages.hello = pkgs.hello; }; }
