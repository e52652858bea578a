// SPDX-License-Identifier: MIT
#include "x86/isa.h"

#include <algorithm>
#include <array>
#include <string>

#include "x86/isa_ids.h"

namespace lf::x86 {
namespace {

// Every set a second time: with APX's registers or forms. What the table holds of the first half, it holds of the
// second, but that an instruction which old CPUs run as something else is no such thing in APX's encodings.
constexpr std::array<IsaSet, std::size_t{2}* id::kCount> kIsaSets = {{
#define ISA_BASE(name) {#name, ""},
#define ISA_SET(name, features) {#name, features},
#define ISA_HARMLESS(name, features, why) {#name, features, OnOldCpu::harmless, why},
#define ISA_DIFFERS(name, features, why) {#name, features, OnOldCpu::differs, why},
#define ISA_SYSTEM(name) {#name, "", OnOldCpu::system, "needs rights that no program has"},
#define ISA_NONE(name, why) {#name, #name, OnOldCpu::illegal, why},
#define ISA_UNRECORDED(name, feature, sure, only) \
    {#name, feature, OnOldCpu::illegal, "facts record no such bit", false, sure, only},
#include "x86/isa_sets.def"
#define ISA_BASE(name) {"APX_F_" #name, "apx"},
#define ISA_SET(name, features) {"APX_F_" #name, "apx " features},
#define ISA_HARMLESS(name, features, why) {"APX_F_" #name, "apx " features},
#define ISA_DIFFERS(name, features, why) {"APX_F_" #name, "apx " features},
#define ISA_SYSTEM(name) {"APX_F_" #name, "", OnOldCpu::system, "needs rights that no program has"},
#define ISA_NONE(name, why) {"APX_F_" #name, "apx " #name, OnOldCpu::illegal, why},
#define ISA_UNRECORDED(name, feature, sure, only) \
    {"APX_F_" #name, "apx " feature, OnOldCpu::illegal, "facts record no such bit", false, sure, only},
#include "x86/isa_sets.def"
}};

}  // namespace

std::span<const IsaSet> isa_sets() { return kIsaSets; }

const IsaSet* isa_set(IsaId isa) { return isa < kIsaSets.size() ? &kIsaSets[isa] : nullptr; }

bool can_fault(IsaId isa) {
    const IsaSet* set = isa_set(isa);
    if (set == nullptr) return true;
    return !set->features.empty() && (set->without == OnOldCpu::illegal || set->without == OnOldCpu::differs);
}

IsaId find_isa_set(std::string_view name) {
    const auto* found =
        std::find_if(kIsaSets.begin(), kIsaSets.end(), [&](const auto& set) { return set.name == name; });
    return found == kIsaSets.end() ? kUnknownIsa : static_cast<IsaId>(found - kIsaSets.begin());
}

IsaId id::with_apx(IsaId isa) {
    const IsaSet& set = kIsaSets[isa];
    if (set.features.empty() && set.without != OnOldCpu::system) return APX_F;
    return isa < kCount && isa != APX_F ? static_cast<IsaId>(isa + kCount) : isa;
}

}  // namespace lf::x86
