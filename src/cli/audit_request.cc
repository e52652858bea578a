// SPDX-License-Identifier: MIT
#include "cli/audit_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/process.h"
#include "base/text.h"
#include "facts/codec.h"

namespace lf::cli {
namespace {

/// Of several files and folders; one host in two of them would leave open which is meant.
Result<FleetFacts> all_facts(const std::vector<std::string>& paths) {
    FleetFacts out;
    for (const std::string& path : paths) {
        LF_ASSIGN(FleetFacts some, read_facts_of(path));
        for (auto& [host, machine] : some) {
            const auto [place, is_new] = out.emplace(host, std::move(machine));
            if (!is_new)
                return fail(usage_error("audit-facts", fmt::format("facts of '{}' are given twice", printable(host)),
                                        "leave one --facts out"));
        }
    }
    return out;
}

/// Those that --host names.
Result<FleetFacts> only_named(FleetFacts facts, const std::vector<std::string>& named) {
    std::vector<std::string> names;
    for (const auto& [host, machine] : facts) names.push_back(host);
    for (const std::string& host : named) {
        if (facts.contains(host)) continue;
        const auto near = did_you_mean(host, names);
        return fail(usage_error("unknown-host", fmt::format("no facts of '{}'", printable(host)),
                                near ? fmt::format("did you mean '{}'?", *near)
                                     : fmt::format("there are facts of: {}", join(names, ", "))));
    }
    if (!named.empty())
        std::erase_if(facts,
                      [&](const auto& one) { return std::find(named.begin(), named.end(), one.first) == named.end(); });
    return facts;
}

/// --host with a file behind it: the other verbs' --host takes a name.
Done check_names(const std::vector<std::string>& named) {
    for (const std::string& host : named) {
        std::error_code ignored;
        if (facts::is_host_name(host) && !host.ends_with(".json")) continue;
        Error error = bad_host_name(host);
        if (std::filesystem::exists(host, ignored))
            error.hint = fmt::format("facts in a file or a folder are given as --facts {}", shell_word(host));
        return fail(std::move(error));
    }
    return {};
}

/// Each file or folder once, however often and by whatever name it is given; as it was given first.
std::vector<std::string> each_once(const std::vector<std::string>& paths) {
    std::vector<std::string> out;
    std::set<std::string> known;
    for (const std::string& path : paths) {
        std::error_code error;
        const std::filesystem::path real = std::filesystem::canonical(path, error);
        if (known.insert(error ? path : real.string()).second) out.push_back(path);
    }
    return out;
}

}  // namespace

Result<FleetFacts> audited_machines(const Arguments& arguments) {
    const std::vector<std::string> named = arguments.values("--host");
    LF_TRY(check_names(named));
    if (arguments.has("--facts") && arguments.has("--root"))
        return fail(usage_error("audit-facts", "--facts and --root exclude each other", "leave one out"));
    if (arguments.has("--facts")) {
        LF_ASSIGN(FleetFacts facts, all_facts(arguments.values("--facts")));
        return only_named(std::move(facts), named);
    }
    if (named.size() > 1)
        return fail(
            usage_error("audit-facts", "one machine has one name", "facts of others are given as --facts FILE"));
    const std::string host = named.empty() ? "this-machine" : named.front();
    FleetFacts out;
    LF_ASSIGN(out[host], probe_machine(arguments.value("--root").value_or(""), host));
    return out;
}

Result<audit::Report> audit_paths(const Arguments& arguments, Terminal& terminal) {
    LF_ASSIGN(const FleetFacts machines, audited_machines(arguments));
    audit::Report report;
    const InterruptsEnd at_once;  // one file may take a minute, and nothing is written that would be left behind
    const std::vector<std::string> paths = each_once(arguments.positional());
    for (const std::string& path : paths) {
        terminal.progress(fmt::format("looking into {} …", printable(path)));
        auto build = audit::audit_path(path);
        if (!build && (paths.size() == 1 || build.error().id == "interrupted")) return fail(std::move(build.error()));
        if (!build) {
            report.problems.push_back(std::move(build.error()));
            continue;
        }
        for (const auto& [host, machine] : machines)
            report.hosts.push_back({host, report.builds.size(), audit::judge(*build, machine)});
        report.builds.push_back(std::move(*build));
    }
    if (report.builds.empty()) return fail(std::move(report.problems.front()));
    audit::share_idle_gpu_bytes(report, machines);
    return report;
}

}  // namespace lf::cli
