// SPDX-License-Identifier: MIT
#include "probe/memory.h"

#include "base/text.h"
#include "probe/reading.h"

namespace lf::probe {

std::optional<std::int64_t> read_memory_mib(const FileSource& files, std::vector<std::string>& notes) {
    const std::string path = "/proc/meminfo";
    const auto text = files.read(path);
    if (!text) {
        notes.push_back("the memory is unknown: " + reason(path, text.error()));
        return std::nullopt;
    }
    constexpr std::string_view kKey = "MemTotal:";
    constexpr std::string_view kUnit = "kB";
    const std::string_view all = *text;
    if (const std::size_t at = all.find(kKey); at == 0 || (at != std::string_view::npos && all[at - 1] == '\n')) {
        std::string_view value = trim(all.substr(at + kKey.size(), all.find('\n', at) - at - kKey.size()));
        if (value.ends_with(kUnit)) value = trim(value.substr(0, value.size() - kUnit.size()));
        // 16 EiB: what facts may hold.
        if (const auto kib = parse_unsigned(value); kib && *kib / 1024 <= (1ULL << 44))
            return static_cast<std::int64_t>(*kib / 1024);
    }
    notes.push_back("the memory is unknown: " + path + " has no readable MemTotal");
    return std::nullopt;
}

}  // namespace lf::probe
