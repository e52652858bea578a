// SPDX-License-Identifier: MIT
#include "check/prove.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "check/evaluate.h"
#include "check/survey.h"

namespace lf::embedded {
extern const std::string_view check_prove;
}

namespace lf::check {
namespace {

NixCall question(const CheckRequest& request, const std::string& wanted) {
    return evaluation(request, with_parts(embedded::check_prove) + " " + wanted);
}

/// { ok = true; value = …; }, or nothing.
template <class Value, class Read>
std::optional<Value> caught(ObjectReader& host, const std::string& key, const Read& read) {
    ObjectReader reader(host.value(key), host.file(), host.path_of(key));
    const bool ok = reader.boolean("ok");
    std::optional<Value> out;
    if (ok) out = read(reader);
    else (void)reader.value("value");
    host.take(reader.finish());
    return out;
}

Result<HostState> read_state(const Json& json, const std::string& host) {
    ObjectReader reader(json, "nix", "/" + host);
    HostState state;
    state.present = reader.boolean("present");
    state.overlays = caught<int>(reader, "overlays",
                                 [](ObjectReader& r) { return static_cast<int>(r.integer("value", 0, 1'000'000)); });
    state.packages =
        caught<std::vector<std::string>>(reader, "packages", [](ObjectReader& r) { return r.strings("value"); });
    state.toplevel = caught<std::string>(reader, "toplevel", [](ObjectReader& r) { return r.string("value"); });
    state.ours = caught<bool>(reader, "ours", [](ObjectReader& r) { return r.boolean("value"); }).value_or(false);
    LF_TRY(reader.finish());
    return state;
}

Result<std::vector<std::string>> names_of_hosts(const CheckRequest& request, Nix& nix) {
    LF_ASSIGN(const std::string out, nix.call(evaluation(request, "builtins.attrNames")));
    return read_names(out);
}

// ---- comparing ----

/// "environment.systemPackages llama-cpp-cuda-9608"
bool is_llama(std::string_view package) {
    const std::size_t blank = package.find(' ');
    const std::string_view name = blank == std::string_view::npos ? package : package.substr(blank + 1);
    return name.starts_with("llama-cpp") || name.starts_with("llama.cpp");
}

struct Difference {
    std::vector<std::string> gained, lost;
};

Difference difference(std::vector<std::string> before, std::vector<std::string> after) {
    std::sort(before.begin(), before.end());
    std::sort(after.begin(), after.end());
    Difference out;
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(out.gained));
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(out.lost));
    return out;
}

std::string listed(const std::vector<std::string>& names) { return printable(join(names, ", ")); }

std::string overlays(int count) { return fmt::format("{} overlay{}", count, count == 1 ? "" : "s"); }

/// A part that evaluated before and does not now; "" = none.
std::string lost_part(const HostState& before, const HostState& after) {
    if (before.failure) return {};
    if (after.failure) return fmt::format("evaluated before, and does not now: {}", *after.failure);
    if (before.overlays && !after.overlays) return "its nixpkgs.overlays evaluated before, and do not now";
    if (before.packages && !after.packages) return "its packages evaluated before, and do not now";
    if (before.toplevel && !after.toplevel) return "its system evaluated before, and does not now";
    return {};
}

HostProof unplanned(const std::string& host, const HostState& before, const HostState& after) {
    // A function that makes several hosts serves them all; the overlay is not read where nothing of it is used.
    const bool shared =
        before.overlays && after.overlays && *after.overlays == *before.overlays + 1 && after.ours && !before.ours;
    if (before.overlays != after.overlays && !shared)
        return {host, false,
                fmt::format("not planned, but it has {}, not {}", overlays(after.overlays.value_or(0)),
                            before.overlays.value_or(0))};
    const Difference packages = difference(before.packages.value_or(std::vector<std::string>()),
                                           after.packages.value_or(std::vector<std::string>()));
    if (!packages.gained.empty() || !packages.lost.empty())
        return {host, false,
                fmt::format("not planned, but its packages change: more {}; less {}", listed(packages.gained),
                            listed(packages.lost))};
    if (shared && before.toplevel && before.toplevel == after.toplevel)
        return {host, true,
                "not planned; made by the same function as others, so it has the overlay too, and the same "
                "system"};
    if (before.toplevel && before.toplevel == after.toplevel) return {host, true, "not planned, and the same system"};
    if (before.toplevel)
        return {host, true,
                "not planned; the same overlays and packages, but another derivation (it may hold the flake itself)"};
    return {host, true, "not planned; the same as far as it evaluates"};
}

/// What is wrong with the packages of a host that is planned; "" = nothing.
std::string wrong_packages(const std::vector<std::string>& before, const std::vector<std::string>& after,
                           const std::string& package) {
    const Difference change = difference(before, after);
    for (const auto* names : {&change.gained, &change.lost})
        for (const std::string& name : *names)
            if (!is_llama(name))
                return fmt::format("{} {}", names == &change.gained ? "gained" : "lost", printable(name));
    const bool has = std::any_of(after.begin(), after.end(), [&](const std::string& name) {
        return name.find(" " + package) != std::string::npos;
    });
    return has ? "" : fmt::format("{} is not among its packages", package);
}

HostProof planned_host(const std::string& host, const HostState& before, const HostState& after,
                       const std::string& package, bool superseded) {
    if (after.failure) return {host, true, fmt::format("does not evaluate, before as after: {}", *after.failure)};
    if (!after.ours) return {host, false, "the overlay does not reach its packages"};
    const int more = after.overlays.value_or(0) - before.overlays.value_or(0);
    const int wanted = before.ours ? 0 : 1;
    if (before.overlays && more != wanted && !(superseded && more < wanted && more > -wanted - 8))
        return {host, false,
                fmt::format("it has {}, not {}", overlays(after.overlays.value_or(0)), *before.overlays + wanted)};
    if (!after.packages) return {host, true, "has the overlay; its packages do not evaluate, before as after"};
    const std::string wrong =
        wrong_packages(before.packages.value_or(std::vector<std::string>()), *after.packages, package);
    if (before.packages && !wrong.empty()) return {host, false, wrong};
    return {host, true,
            fmt::format("{}{}; every other package as before{}",
                        before.ours              ? ""
                        : superseded && more < 1 ? "the overlay for the old ones, "
                                                 : "one overlay more, ",
                        package, after.toplevel ? ", and its system evaluates" : "")};
}

}  // namespace

Result<std::map<std::string, HostState>> read_states(std::string_view json) {
    auto parsed = parse_json(json, "nix");
    if (!parsed) return fail(not_understood(std::move(parsed.error())));
    if (!parsed->is_object()) return fail(not_understood(world_error("json-type", "not an object")));
    std::map<std::string, HostState> out;
    for (const auto& [host, value] : parsed->items()) {
        auto state = read_state(value, host);
        if (!state) return fail(not_understood(std::move(state.error())));
        out[host] = std::move(*state);
    }
    return out;
}

Result<std::map<std::string, HostState>> host_states(const CheckRequest& request, Nix& nix) {
    LF_TRY(require_flake(request.flake));
    LF_ASSIGN(const Nix::Answer all, nix.ask(question(request, "null")));
    if (all.ok) return read_states(all.out);
    if (lies_in_the_flake(all.failure.cause) || all.failure.cause == NixCause::timeout)
        return fail(to_error(all.failure));
    LF_ASSIGN(const std::vector<std::string> names, names_of_hosts(request, nix));
    std::map<std::string, HostState> out;
    for (const std::string& name : names) {
        LF_ASSIGN(const Nix::Answer one, nix.ask(question(request, fmt::format("[ {} ]", nix_string(name)))));
        if (!one.ok) {
            out[name].present = true;
            out[name].failure = one.failure.message;
            continue;
        }
        LF_ASSIGN(auto states, read_states(one.out));
        out.merge(states);
    }
    return out;
}

std::vector<HostProof> compare_hosts(const std::map<std::string, HostState>& before,
                                     const std::map<std::string, HostState>& after,
                                     const std::map<std::string, std::string>& planned, bool superseded) {
    std::vector<HostProof> out;
    for (const auto& [host, was] : before) {
        const auto is = after.find(host);
        if (is == after.end()) {
            out.push_back({host, false, "was a host, and is none now"});
            continue;
        }
        if (std::string lost = lost_part(was, is->second); !lost.empty()) {
            out.push_back({host, false, std::move(lost)});
            continue;
        }
        const auto plan = planned.find(host);
        out.push_back(plan == planned.end() ? unplanned(host, was, is->second)
                                            : planned_host(host, was, is->second, plan->second, superseded));
    }
    for (const auto& [host, is] : after)
        if (!before.contains(host)) out.push_back({host, false, "was no host, and is one now"});
    return out;
}

}  // namespace lf::check
