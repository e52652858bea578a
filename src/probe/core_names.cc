// SPDX-License-Identifier: MIT
// Sources: Intel's architecture-day and product briefs, Linux arch/x86/include/asm/intel-family.h (the comment of each
// model names its cores), AMD's processor programming references.
#include "probe/core_names.h"

#include <algorithm>
#include <array>

namespace lf::probe {
namespace {

struct Row {
    std::string_view design;
    std::string_view performance;  ///< also of a design with one kind of core
    std::string_view efficiency = {};
    std::string_view low_power = {};
};

// The small cores of Lunar Lake and Wildcat Lake are a low-power island, which Linux calls efficiency cores.
constexpr auto kRows = std::to_array<Row>({
    {"icelake", "sunnycove"},
    {"icelake-server", "sunnycove"},
    {"lakefield", "sunnycove", "tremont"},
    {"tigerlake", "willowcove"},
    {"rocketlake", "cypresscove"},
    {"alderlake", "goldencove", "gracemont"},
    {"alderlake-n", "gracemont"},
    {"raptorlake", "raptorcove", "gracemont"},
    {"bartlettlake", "raptorcove"},
    {"meteorlake", "redwoodcove", "crestmont", "crestmont"},
    {"arrowlake", "lioncove", "skymont", "crestmont"},
    {"arrowlake-s", "lioncove", "skymont"},
    {"arrowlake-u", "redwoodcove", "crestmont", "crestmont"},
    {"lunarlake", "lioncove", "skymont", "skymont"},
    {"pantherlake", "cougarcove", "darkmont", "darkmont"},
    {"wildcatlake", "cougarcove", "darkmont", "darkmont"},
    {"novalake", "coyotecove", "arcticwolf", "arcticwolf"},
    {"sapphirerapids", "goldencove"},
    {"emeraldrapids", "raptorcove"},
    {"graniterapids", "redwoodcove"},
    {"graniterapids-d", "redwoodcove"},
    {"diamondrapids", "panthercove"},
    {"sierraforest", "crestmont"},
    {"grandridge", "crestmont"},
    {"clearwaterforest", "darkmont"},
    {"zen4", "zen4", "zen4c"},
    {"zen5", "zen5", "zen5c"},
    {"zen6", "zen6", "zen6c"},
});

}  // namespace

std::optional<std::string> core_name(const facts::Cpu& cpu, const std::optional<std::string>& role) {
    if (!cpu.microarchitecture) return std::nullopt;
    const auto* row =
        std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.design == *cpu.microarchitecture; });
    std::string_view name = *cpu.microarchitecture;
    if (row != kRows.end())
        name = role == "efficiency" ? row->efficiency : role == "low-power" ? row->low_power : row->performance;
    else if (role && *role != "performance") name = {};
    if (name.empty()) return std::nullopt;
    return std::string(name);
}

}  // namespace lf::probe
