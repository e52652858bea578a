// SPDX-License-Identifier: MIT
// Instruction sets that a host of the facts does not have.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"
#include "lint/overlay_shape.h"
#include "lint/rule.h"
#include "nixsyntax/query.h"
#include "plan/cpu_options.h"

namespace lf::lint {
namespace {

/// Does a text name the host, as a word of its own: "hosts/carbon/llama.nix", `llama-cpp-carbon`?
bool names_host(std::string_view text, std::string_view host) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    for (std::size_t at = text.find(host); at != std::string_view::npos; at = text.find(host, at + 1)) {
        const std::size_t end = at + host.size();
        if ((at == 0 || !letter(text[at - 1])) && (end == text.size() || !letter(text[end]))) return true;
    }
    return false;
}

/// carbon, of `nixosConfigurations.carbon = … node …;`; "" = no such binding is around it.
std::string host_around(const Tree& tree, NodeId node) {
    for (NodeId at = node; at != kNone; at = tree.parent(at)) {
        if (!tree.is(at, Kind::binding)) continue;
        const auto path = flake::full_path(tree, at);
        const auto word = std::ranges::find(path, "nixosConfigurations");
        if (path.end() - word >= 2) return *(word + 1);
    }
    return "";
}

// A module that is imported by a module, and so on; a person follows fewer steps.
constexpr int kMaxImports = 6;

/// The hosts that a place of a file is for: by what stands around it, or around those that name the file. nullopt =
/// some of them stands around no host, so that every host may have it.
std::optional<std::set<std::string>> hosts_of(FileUses& uses, const Tree& tree, NodeId node, int steps = 0) {
    if (auto host = host_around(tree, node); !host.empty()) return std::set{std::move(host)};
    const auto& by = uses.of(tree.file());
    if (by.empty() || steps == kMaxImports) return std::nullopt;
    std::set<std::string> out;
    for (const FileUse& use : by) {
        const auto hosts = hosts_of(uses, *use.tree, use.path, steps + 1);
        if (!hosts) return std::nullopt;
        out.insert(hosts->begin(), hosts->end());
    }
    return out;
}

/// Those of the facts that a file speaks of, in its text, its name or the name of a file that imports it; all where it
/// speaks of none.
std::set<std::string> hosts_named(const FileView& view) {
    std::set<std::string> all;
    std::set<std::string> named;
    for (const auto& entry : view.known.machines) {
        const std::string& host = entry.first;
        all.insert(host);
        const bool by_use = std::ranges::any_of(view.uses.of(view.tree.file()),
                                                [&](const FileUse& use) { return names_host(use.tree->file(), host); });
        if (by_use || names_host(view.tree.file(), host) || names_host(view.tree.text(), host)) named.insert(host);
    }
    return named.empty() ? all : named;
}

/// The first feature of a flag that a machine lacks; "" = it has them all, or nobody knows.
std::string lacking(const Knowledge& known, const std::string& host, std::string_view flag) {
    const plan::CpuArchitecture* x86 = plan::find_architecture("x86_64");
    const auto machine = known.machines.find(host);
    if (machine == known.machines.end() || x86 == nullptr) return "";
    const facts::Cpu& cpu = machine->second.cpu;
    const auto row = std::ranges::find(x86->options, flag, &plan::CpuOption::name);
    if (cpu.architecture != "x86_64" || cpu.features.empty() || row == x86->options.end()) return "";
    for (const std::string_view feature : split(row->features, ' '))
        if (!cpu.features.contains(std::string(feature))) return std::string(feature);
    return "";
}

/// Each host of the list has it for certain: it stands in its modules, or is the overlay's `llama-cpp`.
bool is_had(const FileView& view, const Package& package) {
    const bool plain = package.bound_to.size() == 1 && package.bound_to.front() == "llama-cpp";
    return plain || !overlay_around(view.tree, package.chain);
}

void needs_more(const FileView& view, Sink& sink) {
    if (view.known.machines.empty()) return;
    for (const Package& package : view.packages) {
        if (package.flags.on("GGML_CPU_ALL_VARIANTS") || dispatches(package, view.known) == true) continue;
        if (native_on(package) != nullptr) continue;  // the flags are ignored
        const auto certain = hosts_of(view.uses, view.tree, package.chain);
        const std::set<std::string> hosts = certain ? *certain : hosts_named(view);
        for (const Flag* flag : x86_flags_on(package.flags)) {
            if (flag->conditional || package.flags.find(flag->name) != flag) continue;
            std::vector<std::string> without;
            std::string feature;
            for (const std::string& host : hosts) {
                const std::string one = lacking(view.known, host, flag->name);
                if (one.empty()) continue;
                if (feature.empty()) feature = one;
                without.push_back(host);
            }
            // Where it may be meant for some hosts alone, only what none of them has is a fault.
            if (without.empty() || (without.size() < hosts.size() && !(certain && is_had(view, package)))) continue;
            sink.at(view.tree, flag->node,
                    fmt::format("{} {} no {}: there this dies of an illegal instruction", join(without, ", "),
                                without.size() == 1 ? "has" : "have", feature))
                .remedy = "let each host have its own:  llama-fleet fit  writes an overlay that does";
        }
    }
}

constexpr TextRule kRules[] = {
    {{"needs-more-than-a-host-has", Severity::error, "an instruction set that a host does not have"}, needs_more},
};

}  // namespace

std::span<const TextRule> cpu_rules() { return kRules; }

}  // namespace lf::lint
