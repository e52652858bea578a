// SPDX-License-Identifier: MIT
/// \file
/// \brief What GCC's `-march=native` says of an x86 CPU, and the names of it that Nix and the psABI have.
/// All of this goes by facts alone, so it works for CPUID, /proc/cpuinfo and foreign machines alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/machine.h"

namespace lf::facts {

/// The versions of GCC whose rules we know: Debian 12 has 12, nixpkgs 13 to 15, Debian sid 16.
inline constexpr int kOldestGcc = 12;
inline constexpr int kNewestGcc = 16;

/// The name that GCC `version` resolves `-march=native` to on this CPU (gcc/config/i386/driver-i386.cc). nullopt: not
/// an x86 CPU, vendor or features unknown, a version that we do not know, a CPU that this GCC refuses to name (Xeon Phi
/// since 15), one with the 64-bit mode that it takes for a 32-bit one, or VIA's without that mode.
std::optional<std::string> gcc_march(const Cpu& cpu, int version = kNewestGcc);

/// GCC's `native` is that name and one option for every feature. Of those that ggml asks about, these are the ones
/// where the CPU differs from the name: "-mavx512vl", "-mno-avx512f"; empty where the name alone says it. The features
/// named in ggml's options: src/ggml-cpu/CMakeLists.txt.
std::vector<std::string> gcc_march_delta(const Cpu& cpu, std::string_view name);

/// 1 to 4 of the x86-64 psABI (gitlab.com/x86-psABIs/x86-64-ABI, "Micro-Architecture Levels"); nullopt: not x86-64.
std::optional<int> x86_64_level(const Cpu& cpu);

/// The "gccarch-…" that a Nix builder on this CPU can promise: the name of the newest GCC, or its nearest ancestor,
/// that nixpkgs knows and all of whose features (gcc_names.h) the CPU has; at the end of the line the psABI level. On
/// aarch64 the highest "armv8.N-a" or "armv9.N-a" that the features prove. nullopt: nothing is known of the CPU.
std::optional<std::string> gccarch(const Cpu& cpu);

}  // namespace lf::facts
