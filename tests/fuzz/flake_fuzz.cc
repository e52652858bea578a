// SPDX-License-Identifier: MIT
// A stranger's flake of any shape: fit ends with an answer or an error, never with an edit that it cannot prove; what
// it leaves parses; and a second fit finds nothing to do.
//
// The input is flake.nix, then, each behind a zero byte, machines/carbon.nix, overlays/old.nix and home.nix.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "flake/fit.h"
#include "flake/fleet.h"
#include "nixsyntax/tree.h"

namespace {

using Files = std::map<std::string, std::string>;

class MemoryFiles final : public lf::FileSource {
  public:
    explicit MemoryFiles(const Files& files) : files_(files) {}
    lf::Result<std::string> read(const std::string& path) const override {
        const auto it = files_.find(path.substr(1));
        if (it == files_.end()) return lf::fail(lf::world_error("file-missing", "cannot read"));
        return it->second;
    }
    lf::Result<std::vector<std::string>> list(const std::string& path) const override {
        std::set<std::string> names;
        const std::string prefix = path == "/" ? "" : path.substr(1) + "/";
        for (const auto& [name, text] : files_)
            if (name.starts_with(prefix))
                names.insert(name.substr(prefix.size(), name.find('/', prefix.size()) - prefix.size()));
        if (names.empty()) return lf::fail(lf::world_error("file-unreadable", "cannot list"));
        return std::vector<std::string>(names.begin(), names.end());
    }
    lf::Result<std::string> read_link(const std::string& /*path*/) const override {
        return lf::fail(lf::world_error("file-unreadable", "not a link"));
    }
    bool exists(const std::string& path) const override {
        return files_.contains(path.substr(1)) || list(path).has_value();
    }

  private:
    const Files& files_;
};

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
    constexpr const char* kNames[] = {"flake.nix", "machines/carbon.nix", "overlays/old.nix", "home.nix"};
    Files files;
    std::size_t n = 0;
    for (const std::string_view part : lf::split(input, '\0'))
        if (n < 4) files[kNames[n++]] = std::string(part);
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
    return 0;
}
