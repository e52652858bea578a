// SPDX-License-Identifier: MIT
// A stranger's flake of any shape: fit ends with an answer or an error, never with an edit that it cannot prove; what
// it leaves parses; a second fit finds nothing to do; and undo gives back every byte.
//
// The input is flake.nix, then, each behind a zero byte, the other files of kNames.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "base/memory_files_test.h"
#include "base/text.h"
#include "flake/fit.h"
#include "flake/fleet.h"
#include "flake/undo.h"
#include "nixsyntax/tree.h"

namespace {

using Files = std::map<std::string, std::string>;

using lf::MemoryFiles;

void require(bool holds) {
    if (!holds) std::abort();
}

lf::flake::FitRequest request_for(const Files& files) {
    lf::flake::FitRequest request;
    const auto fleet = lf::flake::read_fleet(MemoryFiles(files));
    if (!fleet) return request;
    for (const lf::flake::Host& host : fleet->hosts) {
        request.plans[host.name].build.package = "llama-cpp-cuda";
        request.plan_json[host.name] = "{}\n";
    }
    return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    constexpr std::array kNames{"flake.nix", "machines/carbon.nix", "overlays/old.nix",
                                "home.nix",  "lib/default.nix",     "hosts/default.nix"};
    Files files;
    std::size_t n = 0;
    for (const std::string_view part : lf::split(input, '\0'))
        if (n < kNames.size()) files[kNames[n++]] = std::string(part);
    const Files original = files;
    const lf::flake::FitRequest request = request_for(files);
    const auto first = lf::flake::fit(request, MemoryFiles(files));
    if (!first) {
        require(first.error().id != "fit-unproved");
        return 0;
    }
    for (const lf::flake::FileChange& change : first->changes) {
        if (!change.after) {
            files.erase(change.path);
            continue;
        }
        files[change.path] = *change.after;
        if (change.path.ends_with(".nix")) require(lf::nixsyntax::parse(*change.after, change.path).has_value());
    }
    const auto second = lf::flake::fit(request, MemoryFiles(files));
    require(second.has_value());
    require(second->changes.empty());
    // Forced, because a flake may have named the files that fit makes before it made them.
    const auto undone = lf::flake::undo({"", true}, MemoryFiles(files));
    require(undone.has_value() && undone->instructions.empty());
    for (const lf::flake::FileChange& change : undone->changes) {
        if (change.after) files[change.path] = *change.after;
        else files.erase(change.path);
    }
    require(files == original);
    return 0;
}
