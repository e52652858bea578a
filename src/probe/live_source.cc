// SPDX-License-Identifier: MIT
#include "probe/live_source.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "probe/gpu_overrides.h"
#include "probe/live_answers.h"
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
    if (wanted.leaf > value(0).eax) return false;
    return (wanted.leaf != 0x7 && wanted.leaf != 0x14) || wanted.subleaf <= value(wanted.leaf).eax;
}

/// Did the subleaf before this one end its list? Asking costs a microsecond or more in a virtual machine.
bool list_ended(const CpuDump& dump, const WantedLeaf& wanted) {
    if (wanted.subleaf == 0) return false;
    const auto before = dump.find(wanted.leaf, wanted.subleaf - 1);
    switch (wanted.leaf) {
        case 0x4:
        case 0x8000001d: return !before || (before->eax & 0x1f) == 0;  // the type of the cache
        case 0xb:
        case 0x1f:
        case 0x80000026: return !before || ((before->ecx >> 8) & 0xff) == 0;  // the type of the level
        default: return false;
    }
}

CpuDump dump_this_cpu() {
    CpuDump dump;
    for (const WantedLeaf& wanted : wanted_leaves())
        if (answers(dump, wanted) && !list_ended(dump, wanted))
            dump.leaves[{wanted.leaf, wanted.subleaf}] = ask_cpuid(wanted.leaf, wanted.subleaf);
    const bool osxsave = ((dump.find(1, 0).value_or(Registers{}).ecx >> 27) & 1) != 0;
    if (osxsave) dump.xcr0 = ask_xcr0();
    return dump;
}

/// One CPU is asked by a thread that is born there. In a virtual machine each CPUID is an exit to the hypervisor, so
/// the CPUs of a large one take as long together as one does alone.
struct Visit {
    explicit Visit(int number) : cpu(number) {}
    int cpu;
    pthread_t thread{};
    bool started = false;
    std::optional<CpuDump> dump;
};

constexpr std::size_t kVisitsAtOnce = 64;

void* ask_here(void* visit) {
    static_cast<Visit*>(visit)->dump = dump_this_cpu();
    return nullptr;
}

/// Not started: this CPU is not allowed, or no thread is; the caller then goes there itself.
void start(Visit& visit) {
    pthread_attr_t attributes;
    if (::pthread_attr_init(&attributes) != 0) return;
    std::vector<unsigned long> only(kMaxCpus / (8 * sizeof(unsigned long)));
    const std::size_t bytes = only.size() * sizeof(unsigned long);
    auto* const set = reinterpret_cast<cpu_set_t*>(only.data());
    CPU_SET_S(static_cast<std::size_t>(visit.cpu), bytes, set);
    visit.started = ::pthread_attr_setaffinity_np(&attributes, bytes, set) == 0 &&
                    ::pthread_attr_setstacksize(&attributes, std::size_t{256} << 10) == 0 &&
                    ::pthread_create(&visit.thread, &attributes, ask_here, &visit) == 0;
    ::pthread_attr_destroy(&attributes);
}

#endif

}  // namespace

LiveMachine::LiveMachine(LiveOptions options) : options_(std::move(options)), files_("/") {
#ifdef LF_HAS_CPUID
    ask(online_cpus(files_));
#endif
}

void LiveMachine::ask([[maybe_unused]] const std::vector<int>& online) {
#ifdef LF_HAS_CPUID
    const Affinity affinity;
    const std::vector<int> cpus = online.empty() ? affinity.cpus() : online;
    std::vector<int> refused;
    for (std::size_t begin = 0; begin < cpus.size(); begin += kVisitsAtOnce) {
        std::vector<Visit> visits;
        visits.reserve(kVisitsAtOnce);  // threads keep pointers to them
        for (std::size_t i = begin; i < std::min(begin + kVisitsAtOnce, cpus.size()); ++i)
            start(visits.emplace_back(cpus[i]));
        for (Visit& visit : visits) {
            if (visit.started) ::pthread_join(visit.thread, nullptr);
            else if (affinity.bind_to(visit.cpu)) visit.dump = dump_this_cpu();
            else refused.push_back(visit.cpu);
            if (visit.dump) dumps_.emplace(visit.cpu, std::move(*visit.dump));
        }
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

std::optional<std::string> LiveMachine::answer(Question question) const {
    switch (question) {
        case Question::nvml: return options_.driver_libraries ? ask_nvml(files_, options_.ask) : std::nullopt;
        case Question::vulkan: return options_.driver_libraries ? ask_vulkan(files_, options_.ask) : std::nullopt;
        case Question::overrides: return find_overrides(files_);
        default: return live_answer(question);
    }
}

}  // namespace lf::probe
