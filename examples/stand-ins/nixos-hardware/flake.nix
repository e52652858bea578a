# SPDX-License-Identifier: MIT
# A stand-in for nixos-hardware: the names of a few modules, which set nothing that matters here. It leaves out all the
# others.
{
  description = "stand-in for nixos-hardware";

  outputs = { self }: {
    nixosModules = {
      common-cpu-amd = { hardware.cpu.amd.updateMicrocode = true; };
      common-cpu-intel = { hardware.cpu.intel.updateMicrocode = true; };
      common-pc-laptop = { services.tlp.enable = true; };
      common-pc-laptop-ssd = { services.fstrim.enable = true; };
      common-pc-ssd = { services.fstrim.enable = true; };
    };
  };
}
