// SPDX-License-Identifier: MIT
#include "probe/dump_source.h"

#include <set>
#include <utility>

#include "facts/unread.h"
#include "probe/arm_registers.h"
#include "probe/saved_state.h"
#include "probe/whole_dump.h"

namespace lf::probe {
namespace {

Error missing() { return world_error("file-missing", "not part of a dump of CPUID"); }

}  // namespace

Result<std::string> TextFiles::read(const std::string& path) const {
    const auto found = texts.find(path);
    if (found == texts.end()) return fail(missing());
    return found->second;
}

Result<std::vector<std::string>> TextFiles::list(const std::string& path) const {
    std::set<std::string> names;
    for (const auto& [name, text] : texts)
        if (name.starts_with(path + "/"))
            names.insert(name.substr(path.size() + 1, name.find('/', path.size() + 1) - path.size() - 1));
    if (names.empty()) return fail(missing());
    return std::vector<std::string>(names.begin(), names.end());
}

Result<std::string> TextFiles::read_link(const std::string&) const { return fail(missing()); }

bool TextFiles::exists(const std::string& path) const { return texts.contains(path) || list(path).has_value(); }

DumpedMachine::DumpedMachine(RawDump dump, std::vector<std::string> notes)
    : dumps_(std::move(dump.cpus)), notes_(std::move(notes)) {
    if (dumps_.empty()) {
        architecture_ = arm_architecture(dump.arm);
        files_.texts["/proc/cpuinfo"] = arm_cpuinfo(dump.arm);
        notes_.emplace_back("the features are those that Linux would name after the ID registers in the dump");
        return;
    }
    architecture_ = is_64_bit(dumps_.begin()->second) ? "x86_64" : "i686";
    bool derived = false;
    bool assumed = false;
    bool apx_open = false;
    for (auto& [cpu, known] : dumps_) {
        if (known.xcr0) continue;
        const auto state = proven_state(known);
        if (!state) continue;
        known.xcr0 = state->xcr0;
        derived = true;
        assumed = assumed || state->assumed;
        apx_open = apx_open || state->apx_open;
    }
    if (assumed)
        notes_.emplace_back(
            "the dump has neither XCR0 nor leaf 0xD: whether the operating system saved the registers of AVX and wider "
            "is taken from OSXSAVE alone");
    else if (derived) notes_.emplace_back("XCR0 is not in the dump: it is what OSXSAVE and leaf 0xD prove");
    if (apx_open)
        notes_.emplace_back("whether the operating system saves the registers of APX cannot be proved: no APX");
}

Result<std::unique_ptr<DumpedMachine>> DumpedMachine::open(const std::string& file) {
    LF_ASSIGN(const std::string text, read_file(file));
    return parse(text, file);
}

Result<std::unique_ptr<DumpedMachine>> DumpedMachine::parse(std::string_view text, const std::string& file) {
    LF_ASSIGN(RawDump dump, parse_raw_dump(text, file));
    std::vector<std::string> notes = {std::string(facts::kOnlyCpuKnown) + ": nothing of memory, NUMA nodes and GPUs"};
    LF_TRY(check_whole(dump, file, notes));
    return std::unique_ptr<DumpedMachine>(new DumpedMachine(std::move(dump), std::move(notes)));
}

std::string DumpedMachine::architecture() const { return architecture_; }

std::vector<int> DumpedMachine::cpuid_cpus() const {
    std::vector<int> out;
    out.reserve(dumps_.size());
    for (const auto& [cpu, dump] : dumps_) out.push_back(cpu);
    return out;
}

std::optional<Registers> DumpedMachine::cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const {
    const auto found = dumps_.find(cpu);
    return found == dumps_.end() ? std::nullopt : found->second.find(leaf, subleaf);
}

std::optional<std::uint64_t> DumpedMachine::xcr0(int cpu) const {
    const auto found = dumps_.find(cpu);
    return found == dumps_.end() ? std::nullopt : found->second.xcr0;
}

}  // namespace lf::probe
