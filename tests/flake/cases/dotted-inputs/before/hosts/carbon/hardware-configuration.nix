{ lib, ... }: { boot.kernelModules = [ "kvm-amd" ]; }
