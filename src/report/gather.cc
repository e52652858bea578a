// SPDX-License-Identifier: MIT
#include "report/gather.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "base/text.h"
#include "check/read_report.h"
#include "facts/codec.h"
#include "plan/codec.h"
#include "report/read_audit.h"
#include "report/read_bench.h"

namespace lf::report {
namespace {

using Hosts = std::map<std::string, Host>;
constexpr std::string_view kEnding = ".json";
constexpr std::string_view kUnfinished = ".json.unfinished";  ///< of bench: broken off, to be gone on with

/// Reads one file of a host with `read`; what is wrong with it becomes a problem of the host.
template <class T>
void read_into(std::optional<T>& value, Host& host, const FileSource& files, const std::string& path,
               Result<T> (*read)(std::string_view, const std::string&)) {
    const std::string shown = path.substr(1);
    const auto refuse = [&](Error error) {
        error.where.file = shown;
        host.problems.push_back(std::move(error));
    };
    const auto text = files.read(path);
    if (!text) return refuse(text.error());
    auto parsed = read(*text, shown);
    if (!parsed) return refuse(std::move(parsed.error()));
    if (parsed->host != host.name)
        return refuse(world_error("report-other-host", fmt::format("this is a file of '{}', not of '{}'",
                                                                   printable(parsed->host), printable(host.name))));
    value = std::move(*parsed);
}

/// Calls `each` for 0 to count - 1, on several threads where there are many: a fleet's files are read in a second.
void for_all(std::size_t count, const std::function<void(std::size_t)>& each) {
    constexpr std::size_t kFewFiles = 16;
    constexpr unsigned kMostThreads = 8;
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) each(i);
    };
    std::vector<std::jthread> threads;
    const unsigned wanted = std::min(std::thread::hardware_concurrency(), kMostThreads);
    for (unsigned i = 1; count > kFewFiles && i < wanted; ++i) threads.emplace_back(work);
    work();
}

/// One of the three folders. A folder that is missing holds nothing; one that cannot be listed is a problem.
template <class T>
void read_folder(FleetReport& fleet, Hosts& hosts, const FileSource& files, const std::string& folder,
                 const std::set<std::string>& only, std::optional<T> Host::*field,
                 Result<T> (*read)(std::string_view, const std::string&)) {
    if (!files.exists(folder)) return;
    const auto names = files.list(folder);
    if (!names) return fleet.problems.push_back(names.error());
    std::vector<std::pair<Host*, std::string>> todo;  // no host twice: each is one thread's alone
    for (const std::string& file : *names) {
        const bool unfinished = folder == kBenchFolder && file.ends_with(kUnfinished);
        const std::string_view ending = unfinished ? kUnfinished : kEnding;
        if (!file.ends_with(ending) || file.size() == ending.size()) continue;
        const std::string name = file.substr(0, file.size() - ending.size());
        Host& host = hosts[name];
        host.name = name;
        host.broken_off |= unfinished;
        if (unfinished && std::ranges::binary_search(*names, name + std::string(kEnding))) continue;
        if (only.empty() || only.contains(name)) todo.emplace_back(&host, fmt::format("{}/{}", folder, file));
    }
    for_all(todo.size(), [&](std::size_t i) {
        Host& host = *todo[i].first;
        read_into(host.*field, host, files, todo[i].second, read);
        if (host.bench && todo[i].second.ends_with(kUnfinished)) host.bench->complete = false;
    });
}

void take_check(FleetReport& fleet, Hosts& hosts, const CheckText& check) {
    auto read = check::report_from_json(check.text, check.file);
    if (!read) return fleet.problems.push_back(std::move(read.error()));
    fleet.checked = true;
    fleet.not_checked = read->report.not_checked;
    fleet.stand_ins = read->report.stand_ins;
    for (check::HostReport& one : read->report.hosts) {
        Host& host = hosts[one.host];
        host.name = one.host;
        host.check = std::move(one);
    }
    for (check::HostCommands& one : read->commands)
        if (const auto found = hosts.find(one.host); found != hosts.end())
            found->second.check_commands = std::move(one.commands);
}

void take_audit(FleetReport& fleet, Hosts& hosts, const CheckText& audit) {
    auto read = audits_from_json(audit.text, audit.file);
    if (!read) return fleet.problems.push_back(std::move(read.error()));
    for (auto& [name, one] : *read) {
        Host& host = hosts[name];
        host.name = name;
        if (host.audit) merge_audit(*host.audit, std::move(one));
        else host.audit = std::move(one);
    }
}

}  // namespace

Result<FleetReport> gather(const FileSource& files, const std::optional<CheckText>& check,
                           const std::vector<std::string>& only, const std::vector<CheckText>& audits) {
    FleetReport fleet;
    Hosts hosts;
    const std::set<std::string> wanted(only.begin(), only.end());
    read_folder(fleet, hosts, files, kFactsFolder, wanted, &Host::facts, facts::from_json);
    read_folder(fleet, hosts, files, kPlanFolder, wanted, &Host::plan, plan::from_json);
    read_folder(fleet, hosts, files, kBenchFolder, wanted, &Host::bench, read_bench);
    if (check) take_check(fleet, hosts, *check);
    for (const CheckText& audit : audits) take_audit(fleet, hosts, audit);
    if (hosts.empty() && fleet.problems.empty())
        return fail(usage_error("no-fleet",
                                "nothing is known of any host here: there are no files in llama-fleet/facts, "
                                "llama-fleet/plan or llama-fleet/bench",
                                "on each machine: llama-fleet probe --host NAME --output llama-fleet/facts"));
    std::vector<std::string> names;
    for (const auto& [name, host] : hosts) names.push_back(name);
    for (const std::string& name : only) {
        if (hosts.contains(name)) continue;
        const auto near = did_you_mean(name, names);
        return fail(usage_error("unknown-host", fmt::format("nothing is known of a host '{}'", printable(name)),
                                near ? fmt::format("did you mean '{}'?", printable(*near))
                                     : fmt::format("the hosts are: {}", printable(join(names, ", ")))));
    }
    for (auto& [name, host] : hosts)
        if (wanted.empty() || wanted.contains(name)) fleet.hosts.push_back(std::move(host));
    return fleet;
}

}  // namespace lf::report
