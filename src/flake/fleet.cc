// SPDX-License-Identifier: MIT
#include "flake/fleet.h"

#include <array>

#include "flake/framework.h"
#include "flake/reach.h"

namespace lf::flake {
namespace {

constexpr std::array<std::string_view, 5> kPatternNames{"plain", "dotted", "helper", "generated", "other"};

std::string system_of(const Outline& outline, const OutlineHost& host) {
    if (host.site == kNoSite) return {};
    const Ref arguments = outline.sites[host.site].arguments;
    const Tree& tree = *arguments.tree;
    for (const auto& found : nixsyntax::find_bindings(tree, arguments.id, "system")) {
        if (found.match != nixsyntax::Match::exact) continue;
        const Ref value{&tree, found.value == kNone ? found.name : found.value};
        return outline.values->text_of(value, host.bound).value_or("");
    }
    return {};
}

}  // namespace

std::string_view pattern_name(Pattern pattern) { return kPatternNames[static_cast<std::size_t>(pattern)]; }

Result<Fleet> read_fleet(const std::string& root) { return read_fleet(RootedFiles(root)); }

Result<Fleet> read_fleet(const FileSource& files) {
    Sources sources(files);
    LF_ASSIGN(const Outline outline, read_outline(sources));
    const Reach reach(sources, outline);
    Fleet fleet;
    fleet.framework = outline.framework;
    for (std::size_t i = 0; i < outline.hosts.size(); ++i) {
        const OutlineHost& from = outline.hosts[i];
        Host host{from.name, from.pattern, from.at.tree->file(), 0, 0, system_of(outline, from), {}, from.cannot};
        const Error place = from.at.tree->at({}, from.at.id);
        host.line = place.where.line;
        host.column = place.where.column;
        for (const Reached& reached : reach.files(i)) host.files.push_back(reached.path);
        fleet.hosts.push_back(std::move(host));
    }
    if (fleet.hosts.empty())
        for (const FrameworkHost& from : framework_hosts(sources, outline, find_framework(sources, outline)))
            fleet.hosts.push_back(
                {from.name, Pattern::other, from.file, 0, 0, {}, {}, outline.framework + " makes it"});
    return fleet;
}

}  // namespace lf::flake
