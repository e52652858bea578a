# SPDX-License-Identifier: MIT
# What a build asks of a CPU, in the words of /proc/cpuinfo (lines `flags` and `Features`): `needs build` is a list of them.
# The tables are those of the planner (src/plan/cpu_options.cc, cpu_variants.cc); tests/nix/cpu_check_test.py compares.
{ lib }:
let
  words = text: builtins.filter (word: builtins.isString word && word != "") (builtins.split " +" text);

  # Option of ggml → what its code needs. An option that is not here needs nothing that cpuinfo tells.
  options = {
    GGML_SSE42 = "pni ssse3 sse4_1 sse4_2 popcnt";
    GGML_AVX = "avx";
    GGML_F16C = "f16c";
    GGML_FMA = "fma";
    GGML_BMI2 = "bmi2";
    GGML_AVX2 = "avx2";
    GGML_AVX_VNNI = "avx_vnni";
    GGML_AVX512 = "avx512f avx512cd avx512vl avx512dq avx512bw";
    GGML_AVX512_VBMI = "avx512vbmi";
    GGML_AVX512_VNNI = "avx512_vnni";
    GGML_AVX512_BF16 = "avx512_bf16";
    GGML_AMX_TILE = "amx_tile";
    GGML_AMX_INT8 = "amx_int8";
    GGML_AMX_BF16 = "amx_bf16";
    GGML_LSX = "lsx";
    GGML_LASX = "lasx";
  };

  # A name in -march → what GCC then uses: the architecture's version, and what is added to it.
  armv81 = "atomics asimdrdm crc32";
  armv83 = "${armv81} lrcpc jscvt fcma";
  armv84 = "${armv83} asimddp";
  armv86 = "${armv84} bf16 i8mm";
  armVersions = {
    "armv8.1-a" = armv81;
    "armv8.2-a" = armv81;
    "armv8.3-a" = armv83;
    "armv8.4-a" = armv84;
    "armv8.5-a" = armv84;
    "armv8.6-a" = armv86;
    "armv8.7-a" = armv86;
    "armv9-a" = "${armv84} sve sve2";
    "armv9.1-a" = "${armv86} sve sve2";
    "armv9.2-a" = "${armv86} sve sve2";
  };
  armExtensions = {
    dotprod = "asimddp";
    fp16 = "fphp asimdhp";
    i8mm = "i8mm";
    bf16 = "bf16";
    sve = "sve";
    sve2 = "sve2";
    sme = "sme";
  };

  # "armv8.2-a+dotprod+nosve": a version, what is added, what is taken away again.
  ofMarch = march:
    let
      parts = builtins.filter builtins.isString (builtins.split "[+]" march);
      extensions = builtins.tail parts;
      taken = lib.concatMap (name: words (armExtensions.${lib.removePrefix "no" name} or ""))
        (builtins.filter (lib.hasPrefix "no") extensions);
      all = words (armVersions.${builtins.head parts} or "")
        ++ lib.concatMap (name: words (armExtensions.${name} or "")) extensions;
    in
    builtins.filter (word: !(builtins.elem word taken)) all;

  # ggml's CPU variants, of which a universal build's package has one.
  sandybridge = "GGML_SSE42 GGML_AVX";
  haswell = "${sandybridge} GGML_F16C GGML_FMA GGML_BMI2 GGML_AVX2";
  skylakex = "${haswell} GGML_AVX512";
  zen4 = "${skylakex} GGML_AVX512_VBMI GGML_AVX512_VNNI GGML_AVX512_BF16";
  variants = {
    x64 = "";
    sse42 = "GGML_SSE42";
    inherit sandybridge haswell skylakex zen4;
    ivybridge = "${sandybridge} GGML_F16C";
    piledriver = "${sandybridge} GGML_F16C GGML_FMA";
    alderlake = "${haswell} GGML_AVX_VNNI";
    cannonlake = "${skylakex} GGML_AVX512_VBMI";
    cascadelake = "${skylakex} GGML_AVX512_VNNI";
    icelake = "${skylakex} GGML_AVX512_VBMI GGML_AVX512_VNNI";
    cooperlake = "${skylakex} GGML_AVX512_VNNI GGML_AVX512_BF16";
    sapphirerapids = "${zen4} GGML_AMX_TILE GGML_AMX_INT8";
  };
  armVariants = {
    "armv8.0_1" = "";
    "armv8.2_1" = "dotprod";
    "armv8.2_2" = "dotprod fp16";
    "armv8.2_3" = "dotprod fp16 sve";
    "armv8.6_1" = "dotprod fp16 sve i8mm";
    "armv8.6_2" = "dotprod fp16 sve i8mm sve2";
    "armv9.2_1" = "dotprod fp16 sve i8mm sme";
    "armv9.2_2" = "dotprod fp16 sve i8mm sve2 sme";
  };

  ofOption = option: words (options.${option} or "");
  ofVariant = variant: lib.concatMap ofOption (words (variants.${variant} or ""))
    ++ lib.concatMap (name: words armExtensions.${name}) (words (armVariants.${variant} or ""));
  ofFlags = flags: lib.concatMap (option: if flags.${option} == true then ofOption option else [ ]) (builtins.attrNames flags)
    ++ ofMarch (flags.GGML_CPU_ARM_ARCH or "");
in
{
  inherit options variants armExtensions armVariants;
  needs = build: lib.unique (
    if !(build ? cpu) then [ ]
    else if build.package == "llama-cpp-universal" then ofVariant build.cpu.variant
    else ofFlags (build.cpu.flags // build.extraFlags or { })
  );
}
