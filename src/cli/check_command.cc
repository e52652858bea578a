// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "base/text.h"
#include "check/commands.h"
#include "check/render.h"
#include "cli/arguments.h"
#include "cli/check_hosts.h"
#include "cli/check_inputs.h"
#include "cli/finish.h"
#include "cli/fleet_facts.h"
#include "cli/host_check.h"
#include "cli/lint_command.h"
#include "cli/verbs.h"
#include "flake/repository.h"

namespace lf::cli {
namespace {

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
    LF_ASSIGN(const std::vector<std::string> hosts, hosts_of_flake(repository.root, arguments));
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
