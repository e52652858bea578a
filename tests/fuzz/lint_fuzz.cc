// SPDX-License-Identifier: MIT
// A stranger's repository of any shape: the lint ends; what fix() leaves parses, has every comment of the owner's,
// holds no fix that it would still do, and no more findings than it began with that nobody can mend (within reason: a
// mended place may show others).
//
// The input is flake.nix, then, each behind a zero byte, overlay.nix, host.nix and llama-fleet/facts/carbon.json.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "base/memory_files_test.h"
#include "base/text.h"
#include "lint/comments.h"
#include "lint/lint.h"
#include "lint/render.h"
#include "nixsyntax/tree.h"

namespace {

using Files = std::map<std::string, std::string>;

// A package that could not be understood before may show what each of a handful of rules has to say.
constexpr std::size_t kShownByOneFix = 8;

void require(bool holds) {
    if (!holds) std::abort();
}

std::size_t without_fix(const lf::lint::Report& report) {
    std::size_t count = 0;
    for (const auto& finding : report.findings) count += finding.fix ? 0 : 1;
    return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    constexpr const char* kNames[] = {"flake.nix", "overlay.nix", "host.nix", "llama-fleet/facts/carbon.json"};
    Files files;
    std::size_t n = 0;
    for (const std::string_view part : lf::split(input, '\0'))
        if (n < std::size(kNames)) files[kNames[n++]] = std::string(part);
    const lf::lint::Report found = lf::lint::lint(lf::MemoryFiles(files));
    require(!lf::lint::to_text(found).empty() && !lf::lint::to_json(found).empty());
    const auto fixed = lf::lint::fix(lf::MemoryFiles(files));
    require(fixed.has_value());
    require(without_fix(fixed->rest) <= without_fix(found) + kShownByOneFix * (fixed->done + 1));
    for (const auto& change : fixed->changes) {
        require(change.after.has_value() && lf::nixsyntax::parse(*change.after, change.path).has_value());
        require(lf::lint::keeps_comments(files[change.path], *change.after));
        files[change.path] = *change.after;
    }
    const auto again = lf::lint::fix(lf::MemoryFiles(files));
    require(again.has_value() && again->changes.empty());
    return 0;
}
