{ inputs, lib, ... }: {
  nixpkgs.overlays = lib.mkBefore (with inputs; [ llama-cpp.overlays.default ]);
}
