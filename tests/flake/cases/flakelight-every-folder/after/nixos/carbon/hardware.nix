{ ... }:
{
  boot.initrd.availableKernelModules = [ "nvme" "xhci_pci" ];
  nixpkgs.hostPlatform = "x86_64-linux";
}
