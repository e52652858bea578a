// SPDX-License-Identifier: MIT
/// \file
/// \brief ARM cores by MIDR_EL1: implementer and part number → who made it and what it is called.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lf::probe {

/// How a design is meant in a machine of several kinds (Arm's big.LITTLE): little cores save power.
enum class ArmClass : std::uint8_t { any, little };

struct ArmCore {
    std::uint8_t implementer;
    std::uint16_t part;
    std::string_view name;    ///< as Linux' arch/arm64/include/asm/cputype.h and lscpu write it: "Cortex-X925"
    std::string_view design;  ///< as GCC's -mcpu, else the same name in lower case: "cortex-x925", "apple-m1"
    ArmClass size = ArmClass::any;
};

/// nullptr: not in the table.
const ArmCore* find_arm_core(std::uint8_t implementer, std::uint16_t part);

/// "ARM", "Apple"; nullopt: not in the table. Arm's MIDR_EL1.Implementer.
std::optional<std::string_view> arm_implementer(std::uint8_t implementer);

}  // namespace lf::probe
