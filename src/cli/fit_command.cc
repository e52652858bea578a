// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "check/unfree.h"
#include "cli/arguments.h"
#include "cli/check_inputs.h"
#include "cli/finish.h"
#include "cli/fit_output.h"
#include "cli/fit_ways.h"
#include "cli/fit_write.h"
#include "cli/fleet_facts.h"
#include "cli/prove_fit.h"
#include "cli/verbs.h"
#include "facts/codec.h"
#include "flake/fit.h"
#include "flake/fleet.h"
#include "flake/pin.h"
#include "flake/repository.h"
#include "flake/transaction.h"
#include "flake/update.h"
#include "plan/codec.h"

namespace lf::cli {
namespace {

/// Everything that is known before the first edit is computed.
struct Fleet {
    flake::Repository repository;
    std::vector<std::string> hosts;  ///< of the flake, in its order
    FleetFacts facts;
    std::map<std::string, plan::Plan> plans;
    std::vector<std::string> notes;  ///< of what is left out
};

Error unknown_host(const std::string& host, const std::vector<std::string>& hosts) {
    const auto near = did_you_mean(host, hosts);
    return usage_error(
        "unknown-host", fmt::format("the flake has no host '{}'", printable(host)),
        near ? fmt::format("did you mean '{}'?", *near) : fmt::format("its hosts are: {}", join(hosts, ", ")));
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// The hosts that options name.
std::vector<std::string> named_hosts(const Arguments& arguments) {
    std::vector<std::string> named = arguments.values("--host");
    if (const auto here = arguments.value("--here")) named.push_back(*here);
    for (const std::string_view option : {"--root", "--facts"})
        for (const std::string& word : arguments.values(option)) named.push_back(word.substr(0, word.find('=')));
    return named;
}

/// Hosts that somebody names have to be there. Facts that lie in the repository may outlive their host: they are left
/// out, and named.
Done check_hosts(Fleet& fleet, const Arguments& arguments) {
    const std::vector<std::string> named = named_hosts(arguments);
    for (const std::string& host : named) {
        if (!fleet.hosts.empty() && !holds(fleet.hosts, host)) return fail(unknown_host(host, fleet.hosts));
        if (!facts::is_host_name(host)) return fail(bad_host_name(host));
    }
    if (fleet.hosts.empty()) return {};  // a framework makes them, and the facts are all that names them
    std::erase_if(fleet.facts, [&](const auto& one) {
        const std::string& host = one.first;
        if (holds(fleet.hosts, host)) return false;
        std::vector<std::string> files;
        for (const std::string_view folder : {kFactsFolder, kPlanFolder}) {
            std::error_code error;
            std::string file = fmt::format("{}/{}.json", folder, host);
            if (std::filesystem::exists(std::filesystem::path(fleet.repository.root) / file, error))
                files.push_back(std::move(file));
        }
        fleet.notes.push_back(fmt::format("the flake has no host '{}' any more, so its facts are not read; delete {}",
                                          host, join(files, " and ")));
        return true;
    });
    return {};
}

/// Hosts that were asked for (or all), but whose facts nobody has.
Done check_facts(const Fleet& fleet, const Arguments& arguments) {
    std::vector<std::string> wanted = arguments.values("--host");
    if (wanted.empty()) wanted = fleet.hosts;
    // fit says of them that they cannot be fitted; where one is asked for by name that was an error already.
    std::erase_if(wanted, [](const std::string& host) { return !facts::is_host_name(host); });
    if (wanted.empty() && !fleet.hosts.empty()) return fail(bad_host_name(fleet.hosts.front()));
    // An update is about hosts that are fitted.
    if (arguments.has("--update"))
        std::erase_if(wanted, [&](const std::string& host) {
            std::error_code error;
            return !std::filesystem::exists(fmt::format("{}/{}/{}.json", fleet.repository.root, kPlanFolder, host),
                                            error);
        });
    std::vector<std::string> missing;
    for (const std::string& host : wanted)
        if (!fleet.facts.contains(host)) missing.push_back(host);
    // Where a framework makes the hosts, the text may not tell one of them.
    const bool about_hosts = !arguments.has("--update") && !arguments.has("--pin");
    const bool none = about_hosts && fleet.hosts.empty() && fleet.facts.empty() && missing.empty();
    if (missing.empty() && !none) return {};
    std::string hint;
    for (const std::string& host : none ? std::vector<std::string>{"HOST"} : missing)
        hint += fmt::format("on {0}: llama-fleet probe --host {0} --output {1}\n", shell_word(host), kFactsFolder);
    hint += "and copy the file here; or --here HOST for this machine; or --host NAME for one host only";
    return fail(owner_error("no-facts", fmt::format("no facts of {}", none ? "any host" : join(missing, ", ")),
                            std::move(hint)));
}

Result<Fleet> read_all(const Arguments& arguments, ProcessRunner& processes, Terminal& terminal) {
    Fleet fleet;
    LF_ASSIGN(fleet.repository, flake::read_repository(arguments.positional()[0], processes));
    const std::string& root = fleet.repository.root;
    LF_ASSIGN(const flake::RecoverResult recovered, flake::recover(root));
    terminal.talk(recovery_text(recovered));
    LF_ASSIGN(const flake::Fleet text, flake::read_fleet(root));
    for (const flake::Host& host : text.hosts) fleet.hosts.push_back(host.name);
    LF_ASSIGN(fleet.facts, gather_facts(root, arguments));
    LF_TRY(check_hosts(fleet, arguments));
    LF_TRY(check_facts(fleet, arguments));
    const std::string overrides_file = (std::filesystem::path(root) / kOverridesFile).string();
    LF_ASSIGN(const plan::Overrides overrides, read_overrides(overrides_file));
    if (!fleet.hosts.empty()) LF_TRY(check_override_hosts(overrides, fleet.hosts, overrides_file));
    const std::vector<std::string> only = arguments.values("--host");
    for (const auto& [host, machine] : fleet.facts) {
        if (!only.empty() && std::find(only.begin(), only.end(), host) == only.end()) continue;
        const std::string bench_file = fmt::format("{}/{}/{}.json", root, kBenchFolder, host);
        LF_ASSIGN(const auto choice, read_choice(bench_file));
        LF_ASSIGN(fleet.plans[host], plan::make_plan(machine, overrides, choice));
    }
    return fleet;
}

/// Hosts with CUDA planned for which evaluation says that the owner's configuration refuses it.
std::set<std::string> ask_unfree(const Fleet& fleet, const Arguments& arguments, ProcessRunner& processes,
                                 Terminal& terminal) {
    std::set<std::string> refused;
    std::vector<check::HostRequest> hosts;
    for (const auto& [host, plan] : fleet.plans)
        if (plan.build.package == "llama-cpp-cuda" || plan.build.package == "llama-cpp-multi")
            hosts.push_back({host, plan});
    const auto no_effect = [&] {
        if (arguments.has("--allow-unfree"))
            terminal.talk(
                "fit: --allow-unfree had no effect: it adds a predicate only where Nix says that CUDA is refused\n");
    };
    if (hosts.empty() || arguments.has("--no-nix")) {
        no_effect();
        return refused;
    }
    auto request = check_request(fleet.repository.root, arguments);
    auto nix = check::Nix::find(processes, check::search_from_environment());
    if (!request || !nix) {
        no_effect();
        terminal.talk(fmt::format("fit: whether CUDA's licence is allowed was not asked: {}\n",
                                  nix ? request.error().message : nix.error().message));
        return refused;
    }
    request->hosts = std::move(hosts);
    terminal.progress("fit: asking Nix whether CUDA's licence is allowed …");
    const auto answers = check::ask_unfree(*request, *nix);
    if (!answers) {
        no_effect();
        terminal.talk(fmt::format("fit: whether CUDA's licence is allowed cannot be told: {}\n",
                                  printable(answers.error().message)));
        return refused;
    }
    for (const auto& [host, answer] : *answers) {
        if (answer.verdict == check::Unfree::refused) refused.insert(host);
        if (answer.verdict == check::Unfree::cannot_tell)
            terminal.talk(fmt::format("fit: {}: whether CUDA's licence is allowed cannot be told: {}\n", host,
                                      printable(answer.why)));
    }
    return refused;
}

flake::FitRequest request_of(const Fleet& fleet, const Arguments& arguments, std::set<std::string> refused) {
    flake::FitRequest request;
    request.root = fleet.repository.root;
    request.plans = fleet.plans;
    for (const auto& [host, plan] : fleet.plans) {
        request.facts_json[host] = facts::to_json(facts::without_environment(fleet.facts.at(host)));
        request.plan_json[host] = plan::to_json(plan);
    }
    for (const std::string& host : arguments.values("--host")) request.only_hosts.insert(host);
    request.pin = arguments.value("--pin").value_or("");
    request.allow_unfree = arguments.has("--allow-unfree");
    request.unfree_refused = std::move(refused);
    return request;
}

Result<flake::UpdateResult> edits_of(const flake::FitRequest& request, const Arguments& arguments) {
    if (arguments.has("--update")) return flake::update(request);
    LF_ASSIGN(flake::FitResult fit, flake::fit(request));
    return flake::UpdateResult{std::move(fit), {}};
}

Result<int> fit_verb(const Arguments& arguments, Terminal& terminal) {
    RealProcesses processes;
    if (arguments.has("--git-add") && !arguments.has("--write"))
        return fail(usage_error("usage-option", "--git-add has nothing to add without --write"));
    // An empty word, of a variable that is not set, is not the same as no --pin.
    for (const std::string& pin : arguments.values("--pin")) LF_TRY(flake::parse_revision(pin));
    if (arguments.has("--undo")) return undo_fit(arguments, processes, terminal);
    LF_ASSIGN(const Fleet fleet, read_all(arguments, processes, terminal));
    if (arguments.has("--stand-ins")) LF_TRY(check_request(fleet.repository.root, arguments).map([](const auto&) {}));
    std::set<std::string> refused = ask_unfree(fleet, arguments, processes, terminal);
    LF_ASSIGN(flake::UpdateResult result, edits_of(request_of(fleet, arguments, std::move(refused)), arguments));
    flake::FitResult& fit = result.fit;
    if (fit.pinned) {
        LF_ASSIGN(const flake::Revision revision, flake::parse_revision(arguments.value("--pin").value_or("")));
        const std::string& before = fit.pinned->before;
        if (!fit.instructions.empty() || flake::bare_name(before) == revision.text)
            fit.notes.push_back(flake::unchanged_note(fit.pinned->input, before));
        else
            for (std::string& note : flake::pin_notes(fit.pinned->input, before, revision, fleet.plans))
                fit.notes.push_back(std::move(note));
    }
    fit.notes.insert(fit.notes.begin(), fleet.notes.begin(), fleet.notes.end());
    std::vector<std::string> planned;
    planned.reserve(fleet.plans.size());
    for (const auto& [host, plan] : fleet.plans) planned.push_back(host);
    LF_TRY(look_at_changes(fleet.repository, fit, planned, processes));
    std::vector<std::string> order = fleet.hosts;
    if (order.empty())
        for (const auto& [host, plan] : fleet.plans) order.push_back(host);
    std::vector<check::HostProof> proof;
    if (arguments.has("--prove") && !fit.changes.empty() && fit.instructions.empty()) {
        LF_ASSIGN(proof, prove_fit(fleet.repository, fit, fleet.plans, arguments, processes, terminal));
    }
    FitOutput output{.root = fleet.repository.root,
                     .hosts = std::move(order),
                     .facts = fleet.facts,
                     .plans = fleet.plans,
                     .fit = fit,
                     .whole_diff = arguments.has("--diff"),
                     .update = arguments.has("--update"),
                     .proof = std::move(proof),
                     .changed = std::move(result.changed),
                     .nothing = arguments.has("--update") ? "nothing to do: the flake is as its plans say"
                                                          : "nothing to do: the flake is fitted"};
    const bool proved = proof_holds(output);
    output.written = arguments.has("--write") && proved;
    if (output.written && !fit.changes.empty())
        LF_TRY(write_changes(fleet.repository, fit, true, arguments, processes, terminal));
    terminal.answer(arguments.has("--json") ? fit_json(output) : fit_text(output, terminal));
    if (!proved) return kNo;
    return fit.instructions.empty() ? kYes : kNeedsOwner;
}

}  // namespace

int run_fit(const Arguments& arguments, Terminal& terminal) { return finish(fit_verb(arguments, terminal), terminal); }

}  // namespace lf::cli
