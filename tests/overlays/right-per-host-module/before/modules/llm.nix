{ config, lib, pkgs, ... }:
let
  cfg = config.my.llm;
  inherit (lib) mkEnableOption mkOption mkIf types;
  package =
    (pkgs.llama-cpp.override {
      cudaSupport = cfg.acceleration == "cuda";
      rocmSupport = cfg.acceleration == "rocm";
      vulkanSupport = cfg.acceleration == "vulkan";
      cpuArchDynamicDispatch = cfg.instructionSets == [ ];
    }).overrideAttrs
      (old: {
        cmakeFlags =
          old.cmakeFlags
          ++ map (set: lib.cmakeBool "GGML_${set}" true) cfg.instructionSets
          ++ lib.optionals (cfg.cudaTargets != [ ]) [
            (lib.cmakeFeature "CMAKE_CUDA_ARCHITECTURES" (lib.concatStringsSep ";" cfg.cudaTargets))
          ];
      });
in
{
  options.my.llm = {
    enable = mkEnableOption "a language model";
    acceleration = mkOption { type = types.nullOr (types.enum [ "cuda" "rocm" "vulkan" ]); default = null; };
    instructionSets = mkOption { type = types.listOf types.str; default = [ ]; };
    cudaTargets = mkOption { type = types.listOf types.str; default = [ ]; };
  };
  config = mkIf cfg.enable {
    services.llama-cpp.enable = true;
    services.llama-cpp.package = package;
  };
}
