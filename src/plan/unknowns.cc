// SPDX-License-Identifier: MIT
#include "plan/unknowns.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/unread.h"
#include "plan/rules_cpu.h"

namespace lf::plan {
namespace {

struct Unread {
    std::string_view note;  ///< how a note of the facts begins
    std::string_view line;
};
constexpr Unread kUnread[] = {
    {facts::kGpusUnread, "GPUs could not be read: planned as if there were none"},
    {facts::kOnlyCpuKnown, "only the CPU is known: planned as if there were no GPU"},
    {facts::kGpuUnread, "a display device could not be read: planned without it"},
    {facts::kChipUnread, "the chip of an NVIDIA card is unknown: see plan --why package"},
    {facts::kNvidiaUnread, "an NVIDIA card is there, but which one could not be read"},
};

constexpr std::size_t kMaxName = 16;

}  // namespace

std::vector<std::string> unknowns(const facts::Machine& machine) {
    std::vector<std::string> out;
    const std::string& architecture = machine.cpu.architecture;
    if (!has_cpu_rules(architecture))
        out.push_back(fmt::format("no rule knows the architecture {}: ggml's portable build",
                                  printable(architecture.substr(0, kMaxName)).substr(0, kMaxName)));
    else if (machine.cpu.features.empty())
        out.emplace_back("no CPU feature could be read: the architecture's minimum is built");
    const std::size_t before = out.size();
    for (const Unread& row : kUnread)
        if (std::ranges::any_of(machine.notes, [&](const std::string& note) { return note.starts_with(row.note); }))
            out.emplace_back(row.line);
    // Minimal facts have no notes.
    if (!machine.gpus_known && out.size() == before) out.emplace_back(kUnread[0].line);
    return out;
}

}  // namespace lf::plan
