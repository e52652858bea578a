// SPDX-License-Identifier: MIT
#include "cli/fleet_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "facts/codec.h"
#include "probe/capture_source.h"
#include "probe/probe.h"

namespace lf::cli {
namespace fs = std::filesystem;

Error bad_host_name(const std::string& host) {
    return usage_error("usage-host", fmt::format("'{}' cannot be the name of a host", printable(host)),
                       "letters, digits, '_', '.' and '-', 63 at most, no dot or dash in front");
}

Result<facts::Machine> read_facts(const std::string& file, const std::string& host) {
    LF_ASSIGN(const std::string text, read_file(file));
    LF_ASSIGN(facts::Machine machine, facts::from_json(text, file));
    if (!host.empty() && machine.host != host) {
        Error error = world_error("facts-other-host", fmt::format("these are the facts of '{}', not of '{}'",
                                                                  printable(machine.host), printable(host)));
        error.where.file = file;
        error.where.json_path = "/host";
        error.hint =
            fmt::format("on that machine: llama-fleet probe --host {} > {}", shell_word(host), shell_word(file));
        return fail(std::move(error));
    }
    return machine;
}

namespace {

/// Every HOST.json of a folder; none if it is missing.
Result<FleetFacts> read_files_of(const fs::path& folder) {
    FleetFacts out;
    std::error_code error;
    if (!fs::is_directory(folder, error)) return out;
    const RootedFiles files(folder.string());
    LF_ASSIGN(const std::vector<std::string> names, files.list("/"));
    for (const std::string& name : names) {
        if (!name.ends_with(".json")) continue;
        const std::string host = name.substr(0, name.size() - 5);
        LF_ASSIGN(out[host], read_facts((folder / name).string(), host));
    }
    return out;
}

constexpr auto kMakeSome = "make some: llama-fleet probe --host NAME --output {}";

/// HOST=FILE is how other commands are given facts.
Error no_facts_at(const std::string& path) {
    std::error_code ignored;
    const std::string rest = path.substr(path.find('=') + 1);
    const bool named = rest.size() < path.size() && fs::exists(rest, ignored);
    return usage_error("no-facts", fmt::format("there is no file or folder {}", printable(path)),
                       named ? fmt::format("facts know their host: --facts {}", shell_word(rest))
                             : "--facts takes a file of facts, a folder of them or a flake's folder; " +
                                   fmt::format(kMakeSome, kFactsFolder));
}

}  // namespace

Result<FleetFacts> read_facts_folder(const std::string& root) { return read_files_of(fs::path(root) / kFactsFolder); }

Result<FleetFacts> read_facts_of(const std::string& path) {
    std::error_code error;
    FleetFacts out;
    if (!fs::exists(path, error) && !error) return fail(no_facts_at(path));
    if (!fs::is_directory(path, error)) {
        LF_ASSIGN(facts::Machine machine, read_facts(path, ""));
        out[machine.host] = std::move(machine);
        return out;
    }
    const bool flake = fs::is_directory(fs::path(path) / kFactsFolder, error);
    LF_ASSIGN(out, flake ? read_facts_folder(path) : read_files_of(path));
    if (out.empty())
        return fail(usage_error("no-facts", fmt::format("there are no facts in {}", printable(path)),
                                fmt::format(kMakeSome, kFactsFolder)));
    return out;
}

Result<facts::Machine> probe_machine(const std::string& capture, const std::string& host,
                                     const probe::LiveOptions& options) {
    if (!facts::is_host_name(host)) return fail(bad_host_name(host));
    if (capture.empty()) return probe::probe(probe::LiveMachine(options), host);
    LF_ASSIGN(const auto source, probe::CapturedMachine::open(capture));
    return probe::probe(*source, host);
}

Result<FleetFacts> gather_facts(const std::string& root, const Arguments& arguments) {
    LF_ASSIGN(FleetFacts out, read_facts_folder(root));
    LF_ASSIGN(const auto captures, arguments.pairs("--root"));
    for (const auto& [host, capture] : captures) {
        LF_ASSIGN(out[host], probe_machine(capture, host));
    }
    LF_ASSIGN(const auto given, arguments.pairs("--facts"));
    for (const auto& [host, file] : given) {
        LF_ASSIGN(out[host], read_facts(file, host));
    }
    if (const auto here = arguments.value("--here")) {
        LF_ASSIGN(out[*here], probe_machine("", *here));
    }
    return out;
}

Result<plan::Overrides> read_overrides(const std::string& file) {
    std::error_code error;
    if (!fs::exists(file, error)) return plan::Overrides{};
    LF_ASSIGN(const std::string text, read_file(file));
    return plan::overrides_from_json(text, file);
}

Result<std::optional<facts::Choice>> read_choice(const std::string& file) {
    std::error_code error;
    if (!fs::exists(file, error)) return std::optional<facts::Choice>();
    LF_ASSIGN(const std::string text, read_file(file));
    auto choice = facts::choice_from_bench(text, file);
    if (!choice)
        choice.error().hint = fmt::format("measure again (llama-fleet bench --choose --flake .), or delete {}", file);
    return choice;
}

Done check_override_hosts(const plan::Overrides& overrides, const std::vector<std::string>& hosts,
                          const std::string& file) {
    for (const auto& [host, wishes] : overrides.hosts) {
        if (host == "*" || std::find(hosts.begin(), hosts.end(), host) != hosts.end()) continue;
        const auto near = did_you_mean(host, hosts);
        Error error = usage_error(
            "override-unknown-host", fmt::format("unknown host '{}'", printable(host)),
            near ? fmt::format("did you mean '{}'?", *near) : fmt::format("the hosts are: {}", join(hosts, ", ")));
        error.where.file = file;
        error.where.json_path = "/hosts/" + host;
        return fail(std::move(error));
    }
    return {};
}

}  // namespace lf::cli
