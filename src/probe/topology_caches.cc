// SPDX-License-Identifier: MIT
#include "probe/topology_caches.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "probe/reading.h"
#include "probe/topology.h"

namespace lf::probe {
namespace {

constexpr int kMaxIndices = 16;  // real CPUs have five at most
constexpr std::int64_t kMaxKib = std::int64_t{64} << 20;

/// "32K", "2M", "512 KB"; nullopt for 0, which some kernels write for what they do not know.
std::optional<std::int64_t> kib_of(std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_unsigned(text.substr(0, digits));
    const std::string_view unit = trim(text.substr(digits));
    if (!number || *number == 0 || *number > static_cast<std::uint64_t>(kMaxKib)) return std::nullopt;
    const auto value = static_cast<std::int64_t>(*number);
    if (unit.starts_with('K')) return value;
    if (unit.starts_with('M')) return std::min(value * 1024, kMaxKib);
    if (unit.empty() && value >= 1024) return value / 1024;
    return std::nullopt;
}

std::optional<int> small_number(std::optional<std::uint64_t> value) {
    if (!value || *value == 0 || *value > 1'000'000) return std::nullopt;
    return static_cast<int>(*value);
}

std::optional<std::string> type_of(std::string_view text) {
    for (const std::string_view type : {"Data", "Instruction", "Unified"})
        if (text == type) {
            std::string out(type);
            out[0] = static_cast<char>(out[0] - 'A' + 'a');
            return out;
        }
    return std::nullopt;
}

/// Collects equal caches.
class Caches {
  public:
    /// `instance`: nullopt if nobody knows whether it is the same as another's.
    void add(const facts::Cache& cache, std::optional<int> instance) {
        Entry& entry = entries_[{cache.level, cache.type, -cache.kib}];
        if (entry.instances.empty()) entry.cache = cache;
        if (instance) entry.instances.insert(*instance);
    }
    std::vector<facts::Cache> list() const {
        std::vector<facts::Cache> out;
        out.reserve(entries_.size());
        for (const auto& [key, entry] : entries_) {
            out.push_back(entry.cache);
            if (!entry.instances.empty()) out.back().instances = static_cast<int>(entry.instances.size());
        }
        return out;
    }

  private:
    struct Entry {
        facts::Cache cache;
        std::set<int> instances;
    };
    std::map<std::tuple<int, std::string, std::int64_t>, Entry> entries_;
};

std::optional<facts::Cache> cache_at(const FileSource& files, const std::string& folder) {
    const auto level = small_number(read_number(files, folder + "/level", 10));
    const auto type = read_text(files, folder + "/type");
    const auto size = read_text(files, folder + "/size");
    const auto kib = size ? kib_of(*size) : std::nullopt;
    const auto name = type ? type_of(*type) : std::nullopt;
    if (!level || *level > 4 || !name || !kib) return std::nullopt;
    facts::Cache cache{*level, *name, *kib, {}, {}, {}};
    cache.ways = small_number(read_number(files, folder + "/ways_of_associativity", 10));
    cache.line_bytes = small_number(read_number(files, folder + "/coherency_line_size", 10));
    return cache;
}

/// The CPUs that share it; only this one where nothing tells.
std::vector<int> sharers(const FileSource& files, const std::string& folder, int cpu) {
    std::vector<int> members = read_cpu_set(files, folder + "/shared_cpu_list", folder + "/shared_cpu_map");
    if (!std::binary_search(members.begin(), members.end(), cpu)) members = {cpu};
    return members;
}

Caches from_cache_folders(const FileSource& files, const std::vector<int>& online) {
    Caches caches;
    // index → CPUs whose cache of that index was counted with another CPU: one folder is read a cache, not one a CPU.
    std::array<std::set<int>, kMaxIndices> known;
    for (const int cpu : online)
        for (int index = 0; index < kMaxIndices; ++index) {
            if (known.at(static_cast<std::size_t>(index)).contains(cpu)) continue;
            const std::string folder = fmt::format("/sys/devices/system/cpu/cpu{}/cache/index{}", cpu, index);
            const auto cache = cache_at(files, folder);
            if (!cache) {
                if (!files.exists(folder)) break;
                continue;
            }
            const std::vector<int> members = sharers(files, folder, cpu);
            known.at(static_cast<std::size_t>(index)).insert(members.begin(), members.end());
            // Offline CPUs may stand first in the list.
            const auto first = std::ranges::find_if(
                members, [&](int member) { return std::binary_search(online.begin(), online.end(), member); });
            caches.add(*cache, *first);
        }
    return caches;
}

struct SparcFile {
    std::string_view name;
    int level;
    std::string_view type;
};
// Linux, arch/sparc/kernel/sysfs.c.
constexpr SparcFile kSparcFiles[] = {
    {"l1_dcache", 1, "data"}, {"l1_icache", 1, "instruction"}, {"l2_cache", 2, "unified"}};

void add_sparc(const FileSource& files, const std::vector<int>& online, Caches& caches) {
    for (const int cpu : online)
        for (const SparcFile& row : kSparcFiles) {
            const std::string stem = fmt::format("/sys/devices/system/cpu/cpu{}/{}", cpu, row.name);
            const auto bytes = read_number(files, stem + "_size", 10);
            if (!bytes || *bytes < 1024 || *bytes / 1024 > static_cast<std::uint64_t>(kMaxKib)) return;
            facts::Cache cache{row.level, std::string(row.type), static_cast<std::int64_t>(*bytes / 1024), {}, {}, {}};
            cache.line_bytes = small_number(read_number(files, stem + "_line_size", 10));
            caches.add(cache, cpu);
        }
}

/// The value of "key=value" among words.
std::string_view word_value(std::string_view line, std::string_view key) {
    for (const std::string_view word : split(line, ' '))
        if (word.starts_with(key)) return word.substr(key.size());
    return {};
}

/// s390: "cache0 : level=1 type=Data scope=Private size=128K line_size=256 associativity=8"
/// (Linux, arch/s390/kernel/cache.c, show_cacheinfo).
void add_s390(const FileSource& files, const std::vector<int>& online, Caches& caches) {
    const auto cpuinfo = files.read("/proc/cpuinfo");
    if (!cpuinfo) return;
    int lines = 0;
    for (const std::string_view line : split(*cpuinfo, '\n')) {
        if (!line.starts_with("cache") || ++lines > kMaxIndices) continue;
        const auto level = small_number(parse_unsigned(word_value(line, "level=")));
        const auto type = type_of(word_value(line, "type="));
        const auto kib = kib_of(word_value(line, "size="));
        if (!level || *level > 4 || !type || !kib) continue;
        facts::Cache cache{*level, *type, *kib, {}, {}, {}};
        cache.ways = small_number(parse_unsigned(word_value(line, "associativity=")));
        cache.line_bytes = small_number(parse_unsigned(word_value(line, "line_size=")));
        if (word_value(line, "scope=") == "Private")
            for (const int cpu : online) caches.add(cache, cpu);
        else caches.add(cache, std::nullopt);
    }
}

}  // namespace

std::vector<facts::Cache> read_caches(const FileSource& files, const std::vector<int>& online,
                                      std::string_view architecture) {
    Caches caches = from_cache_folders(files, online);
    if (caches.list().empty()) add_sparc(files, online, caches);
    std::vector<facts::Cache> found = caches.list();
    // The kernel of a large machine takes milliseconds for /proc/cpuinfo: only where caches may stand in it.
    if (!architecture.starts_with("s390")) return found;
    // s390 keeps the shared ones out of /sys in some versions: what is missing there is taken from /proc/cpuinfo.
    Caches listed;
    add_s390(files, online, listed);
    for (const facts::Cache& cache : listed.list()) {
        const bool there = std::ranges::any_of(
            found, [&](const facts::Cache& c) { return c.level == cache.level && c.type == cache.type; });
        if (!there) found.push_back(cache);
    }
    return found;
}

}  // namespace lf::probe
