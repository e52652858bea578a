# SPDX-License-Identifier: MIT
# What a build asks of a CPU, in the words of /proc/cpuinfo (lines `flags` and `Features`): `needs tuning` is a list of
# them, and `untold tuning` what cpuinfo has no words for. tuning is a package's own (nix/overlay.nix): the options that are
# on in the end, ARM's -march, and what else is said to the compiler.
# The tables are those of the planner (src/plan/cpu_options.cc, arm_arch.cc); tests/nix/cpu_check_test.py compares.
{ lib }:
let
  words = text: builtins.filter (word: builtins.isString word && word != "") (builtins.split " +" text);

  # Option of ggml → what its code needs.
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
  # What no compiler emits unasked (ssbs, dit, dcpop …) is left out.
  armv81 = "fp asimd crc32 atomics asimdrdm";
  armv83 = "${armv81} paca pacg lrcpc jscvt fcma";
  armv84 = "${armv83} asimddp asimdfhm uscat ilrcpc flagm";
  armv85 = "${armv84} sb flagm2 frint";
  armv86 = "${armv85} i8mm bf16";
  armv9 = "fphp asimdhp sve sve2";
  armVersions = {
    "armv7-a" = "";
    "armv8-a" = "";
    "armv8.1-a" = armv81;
    "armv8.2-a" = armv81;
    "armv8.3-a" = armv83;
    "armv8.4-a" = armv84;
    "armv8.5-a" = armv85;
    "armv8.6-a" = armv86;
    "armv8.7-a" = armv86;
    "armv9-a" = "${armv85} ${armv9}";
    "armv9.1-a" = "${armv86} ${armv9}";
    "armv9.2-a" = "${armv86} ${armv9}";
  };
  armExtensions = {
    dotprod = "asimddp";
    fp16 = "fphp asimdhp";
    i8mm = "i8mm";
    bf16 = "bf16";
    sve = "sve";
    sve2 = "sve2";
    sme = "sme";
    neon-vfpv4 = "neon vfpv4";
  };
  # What goes with an extension that is taken away.
  armAbove = { fp16 = [ "sve" "sve2" "sme" ]; sve = [ "sve2" "sme" ]; sve2 = [ "sme" ]; };

  # "armv8.2-a+dotprod+nosve": a version, what is added, what is taken away again.
  partsOf = march: builtins.filter builtins.isString (builtins.split "[+]" march);
  ofMarch = march:
    let
      extensions = builtins.tail (partsOf march);
      off = map (lib.removePrefix "no") (builtins.filter (name: lib.hasPrefix "no" name) extensions);
      taken = lib.concatMap (name: words (armExtensions.${name} or "")) (lib.concatMap (name: [ name ] ++ armAbove.${name} or [ ]) off);
      all = words (armVersions.${builtins.head (partsOf march)} or "")
        ++ lib.concatMap (name: words (armExtensions.${name} or "")) extensions;
    in
    builtins.filter (word: !(builtins.elem word taken)) all;
  unknownInMarch = march:
    lib.optionals (march != "") (
      builtins.filter (name: !(armVersions ? ${name})) [ (builtins.head (partsOf march)) ]
      ++ map (name: "+${name}") (builtins.filter (name: !(armExtensions ? ${lib.removePrefix "no" name}))
        (builtins.tail (partsOf march))));
in
{
  inherit options armExtensions armVersions;
  needs = tuning: lib.unique (lib.concatMap (name: words (options.${name} or "")) tuning.on ++ ofMarch tuning.march);
  untold = tuning:
    builtins.filter (name: !(options ? ${name})) tuning.on ++ unknownInMarch tuning.march ++ tuning.other;
}
