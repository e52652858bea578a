// SPDX-License-Identifier: MIT
/// \file
/// \brief The product family that a CPU was sold from ("Raphael", "Alder Lake-S"). For people: no rule reads it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "facts/machine.h"

namespace lf::probe {

/// One line of the tables. Every condition that is given must hold; of the lines of a family the first counts.
struct CodenameRow {
    int first_model, last_model;
    std::string_view brand;  ///< found in the brand string, runs of blanks as one; # any digit, @ any capital
    std::string_view name;
    int first_stepping = 0, last_stepping = 15;
    int l2_kib = 0;  ///< size of one cache of level 2; 0: any, -1: there is none
    int cores = 0;   ///< 0: any
};

struct CodenameTable {
    std::string_view vendor;
    int family;  ///< display family
    std::span<const CodenameRow> rows;
};

/// Parts of the whole, one file each.
std::span<const CodenameTable> intel_core_codenames();   // family 6, Core and Xeon, and later families
std::span<const CodenameTable> intel_other_codenames();  // family 6, Atom; families 5 and 15; P6
std::span<const CodenameTable> amd_codenames();          // family 0x15 and later, and Hygon
std::span<const CodenameTable> amd_old_codenames();      // K5 to family 0x14
std::span<const CodenameTable> centaur_codenames();      // VIA and Zhaoxin

/// nullopt where no line holds. Reads vendor, family, model, stepping, model_name, caches and cores.
std::optional<std::string> codename(const facts::Cpu& cpu);

/// Does `text` hold `pattern`, in which # stands for any digit and @ for any capital letter?
bool holds_pattern(std::string_view text, std::string_view pattern);

}  // namespace lf::probe
