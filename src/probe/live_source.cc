// SPDX-License-Identifier: MIT
#include "probe/live_source.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/utsname.h>

#include <vector>

#include "probe/pci_ids.h"
#include "probe/topology.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#define LF_HAS_CPUID 1
#endif

namespace lf::probe {
namespace {

/// The CPUs that the calling thread may run on; given back at the end.
class Affinity {
  public:
    Affinity() : before_(kWords), known_(::sched_getaffinity(0, bytes(), set(before_)) == 0) {}
    ~Affinity() {
        if (known_) ::sched_setaffinity(0, bytes(), set(before_));
    }
    Affinity(const Affinity&) = delete;
    Affinity& operator=(const Affinity&) = delete;

    bool bind_to(int cpu) const {
        std::vector<unsigned long> only(kWords);
        CPU_SET_S(static_cast<std::size_t>(cpu), bytes(), set(only));
        return known_ && ::sched_setaffinity(0, bytes(), set(only)) == 0;
    }
    std::vector<int> cpus() const {
        std::vector<int> out;
        for (int cpu = 0; known_ && cpu < kMaxCpus; ++cpu)
            if (CPU_ISSET_S(static_cast<std::size_t>(cpu), bytes(), set(before_))) out.push_back(cpu);
        return out;
    }

  private:
    static constexpr std::size_t kWords = kMaxCpus / (8 * sizeof(unsigned long));
    static constexpr std::size_t bytes() { return kWords * sizeof(unsigned long); }
    static cpu_set_t* set(std::vector<unsigned long>& words) { return reinterpret_cast<cpu_set_t*>(words.data()); }
    static const cpu_set_t* set(const std::vector<unsigned long>& words) {
        return reinterpret_cast<const cpu_set_t*>(words.data());
    }
    std::vector<unsigned long> before_;
    bool known_;
};

#ifdef LF_HAS_CPUID

Registers ask_cpuid(std::uint32_t leaf, std::uint32_t subleaf) {
    Registers r;
    __cpuid_count(leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
    return r;
}

std::uint64_t ask_xcr0() {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    __asm__ volatile(".byte 0x0f, 0x01, 0xd0" : "=a"(low), "=d"(high) : "c"(0));  // xgetbv
    return (std::uint64_t{high} << 32) | low;
}

/// Is `wanted` within what the CPU says it answers? Beyond that Intel CPUs answer with another leaf's values.
bool answers(const CpuDump& dump, const WantedLeaf& wanted) {
    const auto value = [&](std::uint32_t leaf) { return dump.find(leaf, 0).value_or(Registers{}); };
    if (wanted.leaf == 0 || wanted.leaf == 0x80000000) return true;
    if (wanted.leaf == 0x40000000) return ((value(1).ecx >> 31) & 1) != 0;
    if (wanted.leaf > 0x80000000) return wanted.leaf <= value(0x80000000).eax;
    return wanted.leaf <= value(0).eax && (wanted.subleaf == 0 || wanted.subleaf <= value(wanted.leaf).eax);
}

CpuDump dump_this_cpu() {
    CpuDump dump;
    for (const WantedLeaf& wanted : wanted_leaves())
        if (answers(dump, wanted)) dump.leaves[{wanted.leaf, wanted.subleaf}] = ask_cpuid(wanted.leaf, wanted.subleaf);
    const bool osxsave = ((dump.find(1, 0).value_or(Registers{}).ecx >> 27) & 1) != 0;
    if (osxsave) dump.xcr0 = ask_xcr0();
    return dump;
}

#endif

}  // namespace

LiveMachine::LiveMachine() : files_("/") {
#ifdef LF_HAS_CPUID
    ask(online_cpus(files_));
#endif
}

void LiveMachine::ask([[maybe_unused]] const std::vector<int>& online) {
#ifdef LF_HAS_CPUID
    const Affinity affinity;
    std::vector<int> refused;
    for (const int cpu : online.empty() ? affinity.cpus() : online) {
        if (affinity.bind_to(cpu)) dumps_.emplace(cpu, dump_this_cpu());
        else refused.push_back(cpu);
    }
    if (dumps_.empty()) dumps_.emplace(0, dump_this_cpu());  // whichever we run on: better than none
    if (!refused.empty())
        notes_.push_back(fmt::format(
            "{} of {} CPUs could not be asked (not allowed to run there): the features are those of the rest",
            refused.size(), online.size()));
#endif
}

std::string LiveMachine::architecture() const {
    utsname name{};
    return ::uname(&name) == 0 ? std::string(name.machine) : "unknown";
}

std::vector<int> LiveMachine::cpuid_cpus() const {
    std::vector<int> out;
    for (const auto& [cpu, dump] : dumps_) out.push_back(cpu);
    return out;
}

std::optional<Registers> LiveMachine::cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const {
    const auto found = dumps_.find(cpu);
    return found == dumps_.end() ? std::nullopt : found->second.find(leaf, subleaf);
}

std::optional<std::uint64_t> LiveMachine::xcr0(int cpu) const {
    const auto found = dumps_.find(cpu);
    return found == dumps_.end() ? std::nullopt : found->second.xcr0;
}

std::optional<std::string> LiveMachine::pci_ids() const { return read_pci_ids(files_); }

}  // namespace lf::probe
