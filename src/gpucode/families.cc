// SPDX-License-Identifier: MIT
#include "gpucode/families.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace lf::gpucode {
namespace {

constexpr int kTegra[] = {32, 53, 62, 72, 87, 88, 101, 110};

struct Generic {
    std::string_view name;
    std::string_view members;  ///< blank-separated
};

// As of LLVM 23.
constexpr Generic kGeneric[] = {
    {"gfx9-generic", "gfx900 gfx902 gfx904 gfx906 gfx909 gfx90c"},
    {"gfx9-4-generic", "gfx940 gfx941 gfx942 gfx950"},
    {"gfx10-1-generic", "gfx1010 gfx1011 gfx1012 gfx1013"},
    {"gfx10-3-generic", "gfx1030 gfx1031 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036"},
    {"gfx11-generic", "gfx1100 gfx1101 gfx1102 gfx1103 gfx1150 gfx1151 gfx1152 gfx1153 gfx1154"},
    {"gfx11-7-generic", "gfx1170 gfx1171 gfx1172"},
    {"gfx12-generic", "gfx1200 gfx1201"},
    {"gfx12-5-generic", "gfx1250 gfx1251"},
    {"gfx13-generic", "gfx1310"},
};

}  // namespace

bool is_tegra(int capability) {
    return std::find(std::begin(kTegra), std::end(kTegra), capability) != std::end(kTegra);
}

bool same_major_and_not_older(int card, int made_for) { return card / 10 == made_for / 10 && card >= made_for; }

bool in_generic(std::string_view generic, std::string_view gfx_target) {
    const auto* row =
        std::find_if(std::begin(kGeneric), std::end(kGeneric), [&](const Generic& g) { return g.name == generic; });
    return row != std::end(kGeneric) && has_word(row->members, gfx_target);
}

}  // namespace lf::gpucode
