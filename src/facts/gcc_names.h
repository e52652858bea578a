// SPDX-License-Identifier: MIT
/// \file
/// \brief The names that GCC's -march takes on x86-64, what each makes the compiler emit, and those that nixpkgs knows.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "facts/machine.h"

namespace lf::facts {

/// A name, as the difference to another: GCC's own tables (gcc/config/i386/i386.h, PTA_*) are built that way.
struct GccName {
    std::string_view name;
    std::string_view parent;   ///< "" = plain x86-64
    std::string_view adds;     ///< features, blank-separated, as /proc/cpuinfo names them
    std::string_view removes;  ///< of the parent's
};

std::span<const GccName> gcc_names();

/// nullptr = GCC 12 to 16 know no such name for a 64-bit x86 CPU.
const GccName* find_gcc_name(std::string_view name);

/// Everything that `-march=name` makes compilers emit or programs use: instructions that compute. Left out is what no
/// compiler emits of itself and no program takes for granted: hints, cache control, and what belongs to the operating
/// system (hle, sgx, pku, clwb, xsavec, ptwrite, …), which firmware and hypervisors hide from CPUs that are otherwise
/// complete. Empty for a name that is not known.
FeatureSet gcc_name_features(std::string_view name);

/// May a Nix builder say so in its `system-features` as "gccarch-<name>", as far as nixpkgs knows the name
/// (lib/systems/architectures.nix, of 2026)? All architectures.
bool is_nix_gccarch(std::string_view name);

}  // namespace lf::facts
