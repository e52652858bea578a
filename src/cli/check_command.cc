// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "check/commands.h"
#include "check/render.h"
#include "cli/arguments.h"
#include "cli/check_inputs.h"
#include "cli/finish.h"
#include "cli/fleet_facts.h"
#include "cli/host_check.h"
#include "cli/lint_command.h"
#include "cli/verbs.h"
#include "flake/fleet.h"
#include "flake/repository.h"
#include "plan/codec.h"

namespace lf::cli {
namespace {

Result<std::optional<plan::Plan>> read_plan(const std::string& root, const std::string& host) {
    const std::string file = fmt::format("{}/{}/{}.json", root, kPlanFolder, host);
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return std::nullopt;
    LF_ASSIGN(const std::string text, read_file(file));
    LF_ASSIGN(plan::Plan plan, plan::from_json(text, file));
    return plan;
}

/// Facts decide which GPUs the code must cover; without them check says that it cannot tell.
Result<std::optional<facts::Machine>> read_host_facts(const std::string& root, const std::string& host) {
    const std::string file = fmt::format("{}/{}/{}.json", root, kFactsFolder, host);
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return std::nullopt;
    LF_ASSIGN(facts::Machine machine, read_facts(file, host));
    return machine;
}

/// "llama-fleet/plan/carbon.json:3:5: /build/cpu: what is wrong", for a line of the report.
std::string reason(const Error& error, const std::string& root) {
    std::string place = error.where.file;
    if (place.starts_with(root + "/")) place.erase(0, root.size() + 1);
    if (error.where.line != 0) place += fmt::format(":{}:{}", error.where.line, error.where.column);
    if (!error.where.json_path.empty()) place += ": " + error.where.json_path;
    return place.empty() || error.message.starts_with(error.where.file + ":")
               ? error.message
               : fmt::format("{}: {}", place, error.message);
}

/// What check is asked about one host. A plan or facts that cannot be read are that host's affair: the others are
/// judged all the same.
check::HostRequest host_request(const std::string& root, const std::string& host) {
    check::HostRequest out{host, std::nullopt, std::nullopt, {}};
    auto plan = read_plan(root, host);
    auto facts = read_host_facts(root, host);
    if (plan) out.plan = std::move(*plan);
    if (facts) out.facts = std::move(*facts);
    if (!plan) out.problem = reason(plan.error(), root);
    else if (!facts) out.problem = reason(facts.error(), root);
    return out;
}

/// The hosts asked for, or all of the flake; every one must be a host of it.
Result<std::vector<std::string>> hosts_to_check(const std::string& root, const Arguments& arguments) {
    LF_ASSIGN(const flake::Fleet fleet, flake::read_fleet(root));
    std::vector<std::string> all;
    for (const flake::Host& host : fleet.hosts) all.push_back(host.name);
    std::vector<std::string> asked = arguments.values("--host");
    // Where the text does not show the hosts (a framework makes them), the owner's word is taken and Nix will tell.
    if (asked.empty() && all.empty())
        return fail(usage_error("check-no-hosts", "the text of the flake does not show which hosts it has",
                                "name them: llama-fleet check FLAKE --host NAME"));
    if (asked.empty()) return all;
    for (const std::string& host : asked) {
        if (all.empty() || std::find(all.begin(), all.end(), host) != all.end()) continue;
        const auto near = did_you_mean(host, all);
        return fail(usage_error(
            "unknown-host", fmt::format("the flake has no host '{}'", printable(host)),
            near ? fmt::format("did you mean '{}'?", *near) : fmt::format("its hosts are: {}", join(all, ", "))));
    }
    return asked;
}

int code_of(const check::CheckReport& report) {
    if (!report.not_checked.empty()) return kWorldFailed;  // not a yes: nothing was asked
    switch (check::overall(report)) {
        case check::Verdict::shown:
        case check::Verdict::not_planned: return kYes;
        case check::Verdict::not_shown: return kNo;
        case check::Verdict::cannot_tell: return kWorldFailed;
    }
    return kWorldFailed;
}

Result<int> check_verb(const Arguments& arguments, Terminal& terminal) {
    RealProcesses processes;
    LF_ASSIGN(const flake::Repository repository, flake::read_repository(arguments.positional()[0], processes));
    LF_ASSIGN(check::CheckRequest request, check_request(repository.root, arguments));
    LF_ASSIGN(const std::vector<std::string> hosts, hosts_to_check(repository.root, arguments));
    for (const std::string& host : hosts) {
        check::HostRequest one = host_request(repository.root, host);
        if (one.plan || !one.problem.empty() || arguments.has("--host")) request.hosts.push_back(std::move(one));
        else terminal.talk(fmt::format("check: {} has no plan and is left out\n", printable(host)));
    }
    if (request.hosts.empty())
        return fail(usage_error("check-no-plans", fmt::format("no host has a plan in {}", kPlanFolder),
                                "fit it first: llama-fleet fit FLAKE --here HOST --write --git-add"));
    auto nix = check::Nix::find(processes, check::search_from_environment());
    terminal.progress("asking Nix …");
    LF_ASSIGN(const check::CheckReport report,
              nix ? check::check(request, *nix) : check::check_without(request, nix.error()));
    const auto commands = check::commands(request, nix ? &*nix : nullptr);
    if (arguments.has("--json")) terminal.answer(check::to_json(report, commands));
    else
        terminal.answer(check::to_text(report, arguments.has("--details")) + "\nCommands that build and run them:\n\n" +
                        check::to_script(commands, repository.root));
    return code_of(report);
}

}  // namespace

int run_check(const Arguments& arguments, Terminal& terminal) {
    if (wants_host_check(arguments)) return finish(host_check_verb(arguments, terminal), terminal);
    if (arguments.positional().empty())
        return finish(fail(usage_error("usage-argument", "'check' needs FLAKE",
                                       "for the machine itself: llama-fleet check --host")),
                      terminal);
    return finish(wants_lint(arguments) ? lint_verb(arguments, terminal) : check_verb(arguments, terminal), terminal);
}

}  // namespace lf::cli
