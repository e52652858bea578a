// SPDX-License-Identifier: MIT
#include "probe/whole_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "facts/x86_features.h"
#include "probe/cpu_x86.h"

namespace lf::probe {
namespace {

constexpr std::uint32_t kExtended = 0x80000000;
constexpr std::uint32_t kExtendedFeatures = 0x80000001;
constexpr std::uint32_t kRange = 0xffff0000;  // 0 basic, 0x8000 extended; those of hypervisors and of VIA are not asked

bool has_leaf(const CpuDump& dump, std::uint32_t leaf) {
    const auto at = dump.leaves.lower_bound({leaf, 0});
    return at != dump.leaves.end() && at->first.first == leaf;
}

/// Would the CPU answer this leaf, by what it says itself? One that says nothing, because its dump ends before: yes.
bool promises(const CpuDump& dump, std::uint32_t leaf) {
    const std::uint32_t range = leaf & kRange;
    if (range != 0 && range != kExtended) return false;
    const auto top = dump.find(range, 0);
    return !top || top->eax >= leaf;
}

/// Only leaves that tell something of the CPU count: dumps are known that lack nothing but an empty last line.
bool ends_early(const CpuDump& dump, const CpuDump& whole) {
    if (!has_leaf(dump, 0) || !has_leaf(dump, 1)) return true;
    return std::ranges::any_of(facts::x86_features(), [&](const facts::X86Feature& feature) {
        if (has_leaf(dump, feature.leaf) || !promises(dump, feature.leaf)) return false;
        const auto answer = whole.find(feature.leaf, feature.subleaf);
        return answer && facts::is_shown(feature, answer->at(feature.where));
    });
}

/// Old CPUs answer leaf 0x80000000 with rubbish, or with 0.
bool lacks_extended_leaves(const CpuDump& dump) {
    const auto top = dump.find(kExtended, 0);
    if (!top) return true;
    return (top->eax & kRange) == kExtended && top->eax >= kExtendedFeatures && !dump.find(kExtendedFeatures, 0);
}

}  // namespace

Done check_whole(RawDump& dump, const std::string& file, std::vector<std::string>& notes) {
    if (dump.cpus.empty()) return {};
    const auto& [first_number, first] = *dump.cpus.begin();
    if (!first.find(0, 0) || !first.find(1, 0)) {
        Error error =
            world_error("cpuid-dump", "the dump lacks leaf 0 or 1 of its first CPU: what CPU it is, nobody can say",
                        "is the file whole? It begins with leaf 0");
        error.where.file = file;
        return fail(std::move(error));
    }
    const auto last = std::prev(dump.cpus.end());
    if (last->first != first_number && ends_early(last->second, first)) {
        notes.push_back(
            fmt::format("the dump ends in the middle of CPU {}, which is left out: is the file whole? The "
                        "machine has more CPUs than are counted here",
                        last->first));
        dump.cpus.erase(last);
    }
    if (lacks_extended_leaves(first))
        notes.push_back(
            fmt::format("the dump lacks leaf {:#x}: features of it and of later leaves are not known; is the "
                        "file whole?",
                        first.find(kExtended, 0) ? kExtendedFeatures : kExtended));
    return {};
}

bool is_64_bit(const CpuDump& dump) {
    const auto bit = [](std::uint32_t value, unsigned number) { return ((value >> number) & 1) != 0; };
    if (!lacks_extended_leaves(dump)) {
        const auto extended = dump.find(kExtendedFeatures, 0);
        return dump.find(kExtended, 0)->eax >= kExtendedFeatures && extended && bit(extended->edx, 29);  // LM
    }
    const Registers leaf_1 = dump.find(1, 0).value_or(Registers{});
    constexpr std::uint32_t kAmdEbx = 0x68747541;  // "Auth"
    const bool amd = dump.find(0, 0).value_or(Registers{}).ebx == kAmdEbx;
    return bit(leaf_1.ecx, 13) || bit(leaf_1.ecx, 28) || (amd && signature(leaf_1.eax).family >= 15);
}

}  // namespace lf::probe
