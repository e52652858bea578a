// SPDX-License-Identifier: MIT
// Instruction sets that a host of the facts does not have.
#include <fmt/format.h>

#include <algorithm>
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

/// The hosts that a file is for, as far as the text tells: those that it, its name or a file that names it speaks of.
/// All of the facts where none is named.
std::set<std::string> hosts_of(const FileView& view) {
    std::set<std::string> all;
    std::set<std::string> named;
    const auto& uses = view.uses.of(view.tree.file());
    for (const auto& [host, machine] : view.known.machines) {
        all.insert(host);
        const bool by_use =
            std::ranges::any_of(uses, [&](const FileUse& use) { return names_host(use.tree->file(), host); });
        if (by_use || names_host(view.tree.file(), host) || names_host(view.tree.text(), host)) named.insert(host);
    }
    return named.empty() ? all : named;
}

/// The first feature of a flag that a machine lacks; "" = it has them all, or its features are not known.
std::string lacking(const facts::Machine& machine, std::string_view flag) {
    const plan::CpuArchitecture* x86 = plan::find_architecture("x86_64");
    if (machine.cpu.architecture != "x86_64" || machine.cpu.features.empty() || x86 == nullptr) return "";
    const auto row = std::ranges::find(x86->options, flag, &plan::CpuOption::name);
    if (row == x86->options.end()) return "";
    for (const std::string_view feature : split(row->features, ' '))
        if (!machine.cpu.features.contains(std::string(feature))) return std::string(feature);
    return "";
}

/// Every host that registers the overlay gets it: the plain name, for certain, and in an overlay.
bool is_for_all(const FileView& view, const Package& package) {
    return overlay_around(view.tree, package.chain).has_value() && package.bound_to.size() == 1 &&
           package.bound_to.front() == "llama-cpp";
}

void needs_more(const FileView& view, Sink& sink) {
    if (view.known.machines.empty()) return;
    for (const Package& package : view.packages) {
        if (package.flags.on("GGML_CPU_ALL_VARIANTS") || dispatches(package, view.known) == true) continue;
        if (native_on(package) != nullptr) continue;  // the flags are ignored
        const auto hosts = hosts_of(view);
        for (const Flag* flag : x86_flags_on(package.flags)) {
            if (flag->conditional || package.flags.find(flag->name) != flag) continue;
            std::vector<std::string> short_of;
            std::string feature;
            for (const std::string& host : hosts) {
                const std::string one = lacking(view.known.machines.at(host), flag->name);
                if (one.empty()) continue;
                if (feature.empty()) feature = one;
                short_of.push_back(host);
            }
            // For one of several hosts it may be meant alone; which, the text does not tell.
            if (short_of.empty() || (short_of.size() < hosts.size() && !is_for_all(view, package))) continue;
            sink.at(view.tree, flag->node,
                    fmt::format("{} {} no {}: there this dies of an illegal instruction", join(short_of, ", "),
                                short_of.size() == 1 ? "has" : "have", feature))
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
