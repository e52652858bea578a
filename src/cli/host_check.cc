// SPDX-License-Identifier: MIT
#include "cli/host_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "cli/fleet_facts.h"
#include "cli/lint_command.h"
#include "cli/terminal.h"
#include "facts/codec.h"
#include "hostcheck/hostcheck.h"
#include "plan/codec.h"
#include "plan/planner.h"
#include "probe/capture_source.h"
#include "probe/live_source.h"
#include "probe/probe.h"

namespace lf::cli {
namespace {
namespace fs = std::filesystem;

/// The machine and its permissions.
struct Machine {
    std::unique_ptr<probe::MachineSource> source;
    std::unique_ptr<hostcheck::DeviceAccess> access;
};

Result<Machine> open_machine(const Arguments& arguments) {
    Machine out;
    if (const auto root = arguments.value("--root")) {
        LF_ASSIGN(out.source, probe::CapturedMachine::open(*root));
        out.access = std::make_unique<hostcheck::UnknownAccess>();
    } else {
        out.source = std::make_unique<probe::LiveMachine>();
        out.access = std::make_unique<hostcheck::LiveAccess>();
    }
    return out;
}

std::vector<std::string> planned_hosts(const std::string& root) {
    std::vector<std::string> hosts;
    const auto names = RootedFiles((fs::path(root) / kPlanFolder).string()).list("/");
    for (const std::string& name : names ? *names : std::vector<std::string>{})
        if (name.ends_with(".json")) hosts.push_back(name.substr(0, name.size() - 5));
    return hosts;
}

/// Which of the flake's hosts this machine is: the one that was named, the one of its own name, else the only one.
Result<std::string> name_of(const probe::MachineSource& source, const std::vector<std::string>& planned,
                            const Arguments& arguments) {
    const auto known = [&](const std::string& host) { return std::ranges::count(planned, host) > 0; };
    if (const auto named = arguments.value("--host")) {
        if (!facts::is_host_name(*named)) return fail(bad_host_name(*named));
        if (planned.empty() || known(*named)) return *named;
        const auto near = did_you_mean(*named, planned);
        return fail(usage_error("unknown-host", fmt::format("no plan of '{}'", printable(*named)),
                                near ? fmt::format("did you mean '{}'?", *near)
                                     : fmt::format("there are plans of: {}", join(planned, ", "))));
    }
    if (planned.empty()) return std::string("this-machine");
    const auto own = source.files().read("/proc/sys/kernel/hostname");
    if (own && known(std::string(trim(*own)))) return std::string(trim(*own));
    if (planned.size() == 1) return planned.front();
    return fail(usage_error("check-which-host",
                            "the flake has plans of several hosts, and none has this machine's name",
                            fmt::format("name it: llama-fleet check --host NAME, one of {}", join(planned, ", "))));
}

Result<plan::Plan> plan_for(const std::string& root, const std::string& host, const facts::Machine& now) {
    const std::string file = fmt::format("{}/{}/{}.json", root, kPlanFolder, host);
    std::error_code error;
    if (!fs::exists(file, error)) {
        LF_ASSIGN(const plan::Overrides overrides, read_overrides((fs::path(root) / kOverridesFile).string()));
        return plan::make_plan(now, overrides);
    }
    LF_ASSIGN(const std::string text, read_file(file));
    return plan::from_json(text, file);
}

}  // namespace

bool wants_host_check(const Arguments& arguments) {
    return !wants_lint(arguments) && arguments.has("--host") &&
           (!arguments.value("--host") || arguments.positional().empty());
}

Result<int> host_check_verb(const Arguments& arguments, Terminal& terminal) {
    const std::string root = arguments.positional().empty() ? "." : arguments.positional()[0];
    LF_ASSIGN(const Machine machine, open_machine(arguments));
    const std::vector<std::string> planned = planned_hosts(root);
    LF_ASSIGN(const std::string host, name_of(*machine.source, planned, arguments));
    LF_ASSIGN(const facts::Machine now, probe::probe(*machine.source, host));
    LF_ASSIGN(const plan::Plan plan, plan_for(root, host, now));
    std::optional<facts::Machine> committed;
    const std::string facts_file = fmt::format("{}/{}/{}.json", root, kFactsFolder, host);
    std::error_code error;
    if (fs::exists(facts_file, error)) {
        LF_ASSIGN(committed, read_facts(facts_file, host));
    }
    const hostcheck::Report report = hostcheck::check_host({*machine.source, *machine.access, now, plan, committed});
    terminal.answer(arguments.has("--json") ? hostcheck::to_json(report) : hostcheck::to_text(report));
    return hostcheck::works(report) ? kYes : kNo;
}

}  // namespace lf::cli
