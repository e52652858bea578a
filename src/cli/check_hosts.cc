// SPDX-License-Identifier: MIT
#include "cli/check_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "cli/fleet_facts.h"
#include "flake/fleet.h"
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

}  // namespace

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

Result<std::vector<std::string>> hosts_of_flake(const std::string& root, const Arguments& arguments) {
    LF_ASSIGN(const flake::Fleet fleet, flake::read_fleet(root));
    std::vector<std::string> all;
    for (const flake::Host& host : fleet.hosts) all.push_back(host.name);
    std::vector<std::string> asked = arguments.values("--host");
    // Where the text does not show the hosts (a framework makes them), the owner's word is taken and Nix will tell.
    if (asked.empty() && all.empty())
        return fail(usage_error("check-no-hosts", "the text of the flake does not show which hosts it has",
                                "name them, each with --host NAME"));
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

}  // namespace lf::cli
