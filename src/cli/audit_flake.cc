// SPDX-License-Identifier: MIT
// `audit --flake`: Nix says which llama.cpp each host gets, the store whether it is there, and audit what is in it.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/process.h"
#include "base/text.h"
#include "check/built.h"
#include "cli/audit_request.h"
#include "cli/check_hosts.h"
#include "cli/check_inputs.h"
#include "flake/repository.h"

namespace lf::cli {
namespace {

/// One llama.cpp of a host.
struct Gets {
    std::string what;  ///< "llama-cpp-cuda (chosen by the plan)", "llama-cpp (environment.systemPackages)"
    std::vector<std::string> outputs;  ///< store paths
    bool selected = false;
};

/// The package that the plan chose, and what is installed that is another one; each once.
std::vector<Gets> what_it_gets(const check::HostReport& host) {
    std::vector<Gets> out;
    const auto add = [&](Gets one) {
        const bool known =
            std::any_of(out.begin(), out.end(), [&](const Gets& other) { return other.outputs == one.outputs; });
        if (!one.outputs.empty() && !known) out.push_back(std::move(one));
    };
    for (const check::PackageReport& package : host.packages)
        if (package.selected)
            add({fmt::format("{}, which the plan chose", printable(package.package)), package.outputs, true});
    for (const check::Installed& one : host.installed)
        add({fmt::format("{} of {}", printable(one.name), printable(one.where)), one.outputs, false});
    return out;
}

/// Asks and gathers; what two hosts share is looked into once.
class FlakeAuditor {
  public:
    FlakeAuditor(const check::CheckRequest& request, check::Nix& nix, Terminal& terminal, bool as_json)
        : request_(request),
          nix_(nix),
          terminal_(terminal),
          as_json_(as_json),
          commands_(check::commands(request, &nix)) {}

    Result<FlakeAudit> run(const check::CheckReport& checked) {
        for (std::size_t i = 0; i < checked.hosts.size(); ++i) {
            const check::HostReport& host = checked.hosts[i];
            const std::vector<Gets> gets = what_it_gets(host);
            if (gets.empty()) without_any(host);
            for (const Gets& one : gets) LF_TRY(audit_one(request_.hosts[i], one));
        }
        out_.root = request_.flake;
        FleetFacts machines;
        for (const check::HostRequest& host : request_.hosts)
            if (host.facts) machines.emplace(host.host, *host.facts);
        audit::share_idle_gpu_bytes(out_.report, machines);
        return std::move(out_);
    }

  private:
    void without_any(const check::HostReport& host) {
        Error error = world_error(
            "audit-host",
            fmt::format("{}: {}", printable(host.host), host.why.empty() ? "it gets no llama.cpp" : host.why),
            "llama-fleet check FLAKE tells more");
        out_.report.problems.push_back(std::move(error));
    }

    Done audit_one(const check::HostRequest& host, const Gets& gets) {
        const std::string& path = gets.outputs.front();
        const auto [known, is_new] = places_.emplace(path, out_.report.builds.size());
        if (is_new) {
            terminal_.progress(fmt::format("looking into {} …", printable(path)));
            const InterruptsEnd at_once;  // as for paths
            LF_ASSIGN(check::Built built, check::look_into(nix_, gets.outputs, request_.time_limit));
            here_.push_back({built.here, std::move(built.why)});
            out_.report.builds.push_back(std::move(built.audit));
        }
        const audit::BuildAudit& build = out_.report.builds[known->second];
        const State& state = here_[known->second];
        audit::HostVerdict verdict = judge(host, build, state);
        verdict.notes.insert(verdict.notes.begin(), gets.what);
        if (!state.here) add_command(host.host, gets.selected, verdict);
        out_.report.hosts.push_back({host.host, known->second, std::move(verdict)});
        return {};
    }

    struct State {
        bool here = false;
        std::string why;
    };

    static audit::HostVerdict judge(const check::HostRequest& host, const audit::BuildAudit& build,
                                    const State& state) {
        audit::HostVerdict unknown;
        unknown.host = host.host;
        unknown.outcome = audit::Outcome::cannot_tell;
        if (!state.here) unknown.why = check::kNotBuiltHere;
        else if (!state.why.empty()) unknown.why = state.why;
        else if (!host.facts) unknown.why = "no facts of this host are at hand; `llama-fleet probe` writes them";
        return unknown.why.empty() ? audit::judge(build, *host.facts) : unknown;
    }

    /// The package itself where the plan chose it, else the whole system, which brings it along.
    void add_command(const std::string& host, bool selected, audit::HostVerdict& verdict) {
        const auto of_host =
            std::find_if(commands_.begin(), commands_.end(), [&](const auto& one) { return one.host == host; });
        if (of_host == commands_.end()) return;
        const char* what = selected ? "build" : "system";
        for (const check::HostCommand& command : of_host->commands) {
            if (command.what != what) continue;
            // The text has them at its end, whole lines to be pasted.
            if (as_json_) verdict.notes.push_back("what builds it: " + command.text);
            const bool again = !out_.not_built.empty() && out_.not_built.back().host == host;
            if (!again) out_.not_built.push_back({host, {}});
            out_.not_built.back().commands.push_back(command);
            return;
        }
    }

    const check::CheckRequest& request_;
    check::Nix& nix_;
    Terminal& terminal_;
    bool as_json_;
    std::vector<check::HostCommands> commands_;
    FlakeAudit out_;
    std::map<std::string, std::size_t> places_;  // by the first output
    std::vector<State> here_;                    // of the builds
};

}  // namespace

Result<FlakeAudit> audit_flake(const Arguments& arguments, Terminal& terminal) {
    RealProcesses processes;
    LF_ASSIGN(const flake::Repository repository, flake::read_repository(*arguments.value("--flake"), processes));
    LF_ASSIGN(check::CheckRequest request, check_request(repository.root, arguments));
    request.look_inside = false;
    LF_ASSIGN(const std::vector<std::string> hosts, hosts_of_flake(repository.root, arguments));
    for (const std::string& host : hosts) request.hosts.push_back(host_request(repository.root, host));
    if (arguments.has("--facts")) {
        LF_ASSIGN(const FleetFacts given, audited_machines(arguments));
        for (check::HostRequest& host : request.hosts)
            if (const auto found = given.find(host.host); found != given.end()) host.facts = found->second;
    }
    LF_ASSIGN(check::Nix nix, check::Nix::find(processes, check::search_from_environment()));
    terminal.progress("asking Nix …");
    LF_ASSIGN(const check::CheckReport checked, check::check(request, nix));
    return FlakeAuditor(request, nix, terminal, arguments.has("--json")).run(checked);
}

}  // namespace lf::cli
