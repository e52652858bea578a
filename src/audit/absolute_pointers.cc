// SPDX-License-Identifier: MIT
// Pointers of a program that does not move: nothing lists them, they lie in its data as they are.
#include <algorithm>

#include "audit/code_scan.h"

namespace lf::audit {
namespace {

constexpr std::uint32_t kLoad = 1, kExecutable = 1;  // PT_LOAD, PF_X
constexpr std::uint64_t kWord = 8;

}  // namespace

// Words of eight bytes that are addresses of the file: of code, or of data that may hold such in turn.
void Pointers::add_absolute(const elf::Image& image) {
    std::vector<Slot> found;
    for (const elf::Segment& s : image.segments) {
        if (s.type != kLoad || (s.flags & kExecutable) != 0) continue;
        const auto all = image.loaded(s.address, s.file_size);
        if (!all) continue;
        for (std::uint64_t at = (kWord - s.address % kWord) % kWord; at + kWord <= all->size(); at += kWord) {
            const std::uint64_t to = elf::read_at<std::uint64_t>(*all, at).value_or(0);
            const auto holds = [to](const elf::Segment& t) {
                return t.type == kLoad && to >= t.address && to - t.address < t.memory_size &&
                       ((t.flags & kExecutable) != 0 || to % kWord == 0);
            };
            if (to == 0 || std::none_of(image.segments.begin(), image.segments.end(), holds)) continue;
            if (this->at(s.address + at).kind != Pointed::Kind::unknown) continue;
            found.push_back({s.address + at, {Pointed::Kind::address, to, {}}});
        }
    }
    slots_.insert(slots_.end(), found.begin(), found.end());
    std::stable_sort(slots_.begin(), slots_.end(), [](const Slot& a, const Slot& b) { return a.slot < b.slot; });
}

}  // namespace lf::audit
