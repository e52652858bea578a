// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/finish.h"
#include "cli/fleet_facts.h"
#include "cli/verbs.h"
#include "plan/codec.h"
#include "plan/explain.h"
#include "plan/fleet.h"
#include "plan/format.h"
#include "plan/planner.h"
#include "plan/story.h"

namespace lf::cli {
namespace {
namespace fs = std::filesystem;

/// The facts that the arguments name, and the folder whose overrides.json belongs to them.
struct Source {
    FleetFacts facts;
    std::string overrides_file;
    std::string bench_folder;  ///< "" = none belongs to these facts
};

Result<Source> facts_of_path(const std::string& path, const Arguments& arguments) {
    Source source;
    std::error_code error;
    if (fs::is_directory(path, error)) {
        LF_ASSIGN(source.facts, read_facts_folder(path));
        source.overrides_file = (fs::path(path) / kOverridesFile).string();
        source.bench_folder = (fs::path(path) / kBenchFolder).string();
        if (source.facts.empty())
            return fail(usage_error("no-facts",
                                    fmt::format("there are no facts in {}/{}", printable(path), kFactsFolder),
                                    fmt::format("make some: llama-fleet probe --host NAME --output {}", kFactsFolder)));
    } else {
        LF_ASSIGN(facts::Machine machine, read_facts(path, ""));
        source.facts[machine.host] = std::move(machine);
        // llama-fleet/facts/carbon.json → llama-fleet/overrides.json, llama-fleet/bench/carbon.json
        const fs::path folder = fs::absolute(path).parent_path();
        if (folder.filename() == "facts") {
            source.overrides_file = (folder.parent_path() / "overrides.json").string();
            source.bench_folder = (folder.parent_path() / "bench").string();
        }
    }
    const std::vector<std::string> only = arguments.values("--host");
    std::vector<std::string> names;
    for (const auto& [host, machine] : source.facts) names.push_back(host);
    for (const std::string& host : only) {
        if (source.facts.contains(host)) continue;
        const auto near = did_you_mean(host, names);
        return fail(usage_error("unknown-host", fmt::format("no facts of '{}'", printable(host)),
                                near ? fmt::format("did you mean '{}'?", *near)
                                     : fmt::format("there are facts of: {}", join(names, ", "))));
    }
    if (!only.empty())
        std::erase_if(source.facts,
                      [&](const auto& item) { return std::find(only.begin(), only.end(), item.first) == only.end(); });
    return source;
}

Result<Source> read_source(const Arguments& arguments) {
    Source source;
    if (!arguments.positional().empty()) {
        LF_ASSIGN(source, facts_of_path(arguments.positional()[0], arguments));
    } else {
        const std::string host = arguments.value("--host").value_or("this-machine");
        LF_ASSIGN(source.facts[host], probe_machine(arguments.value("--root").value_or(""), host));
    }
    if (const auto file = arguments.value("--overrides")) {
        // The default may be missing, a file that was asked for may not.
        LF_TRY(read_file(*file).map([](const std::string&) {}));
        source.overrides_file = *file;
    }
    return source;
}

/// What was measured on the host: the file that was named, else the one beside its facts.
Result<std::optional<facts::Choice>> choice_for(const Source& source, const std::string& host,
                                                const Arguments& arguments) {
    if (const auto file = arguments.value("--measured")) {
        LF_TRY(read_file(*file).map([](const std::string&) {}));
        return read_choice(*file);
    }
    if (source.bench_folder.empty()) return std::optional<facts::Choice>();
    return read_choice(fmt::format("{}/{}.json", source.bench_folder, host));
}

/// How many different builds a fleet needs, and who shares one.
std::string builds_text(const Source& source, const std::vector<plan::Plan>& plans) {
    std::vector<plan::FleetHost> hosts;
    hosts.reserve(plans.size());
    for (const plan::Plan& plan : plans) hosts.push_back({&source.facts.at(plan.host), &plan});
    return plan::fleet_text(plan::view_fleet(hosts));
}

Result<std::string> text_of(const Source& source, const std::vector<plan::Plan>& plans, const Arguments& arguments) {
    std::string out;
    for (const plan::Plan& plan : plans) {
        if (!out.empty()) out += '\n';
        if (!arguments.has("--why")) {
            out += plan::summary_text(source.facts.at(plan.host), plan);
        } else if (const auto flag = arguments.value("--why")) {
            LF_ASSIGN(const std::string line, plan::tell_line(plan, source.facts.at(plan.host), *flag));
            out += (plans.size() > 1 ? plan.host + "\n" : "") + line;
        } else {
            out += plan::explain_plan(plan);
        }
        if (!out.ends_with('\n')) out += '\n';
    }
    if (plans.size() > 1 && !arguments.has("--why")) out += "\n" + builds_text(source, plans);
    return out;
}

Result<int> plan_verb(const Arguments& arguments, Terminal& terminal) {
    LF_ASSIGN(const Source source, read_source(arguments));
    if (arguments.value("--measured") && source.facts.size() != 1)
        return fail(usage_error("plan-measured", "--measured is of one host, and these are facts of several",
                                fmt::format("put results into {}/HOST.json, or name one host", kBenchFolder)));
    LF_ASSIGN(const plan::Overrides overrides, read_overrides(source.overrides_file));
    std::vector<plan::Plan> plans;
    for (const auto& [host, machine] : source.facts) {
        LF_ASSIGN(const auto choice, choice_for(source, host, arguments));
        LF_ASSIGN(plan::Plan plan, plan::make_plan(machine, overrides, choice));
        plans.push_back(std::move(plan));
    }
    const std::string format = arguments.value("--format").value_or(arguments.has("--json") ? "json" : "text");
    // JSON holds every reason anyway; the other formats have no place for one.
    if (arguments.has("--why") && format != "text" && format != "json")
        return fail(usage_error("plan-why-format",
                                fmt::format("the format {} has no place for the story of --why", printable(format)),
                                "leave one of the two out; --json holds every reason, under `because`"));
    if (arguments.has("--json") && format != "json")
        return fail(
            usage_error("plan-format", fmt::format("--json and --format {} exclude each other", printable(format))));
    if (format == "json" && plans.size() > 1) {
        Json all = Json::object();
        for (const plan::Plan& plan : plans) all[plan.host] = Json::parse(plan::to_json(plan));
        terminal.answer(write_json({{"schema", "llama-fleet/plans"}, {"version", 1}, {"plans", std::move(all)}}));
        return kYes;
    }
    std::string out;
    if (format == "text") {
        LF_ASSIGN(out, text_of(source, plans, arguments));
    }
    for (const plan::Plan& plan : plans) {
        if (format == "text") break;
        LF_ASSIGN(const std::string one, plan::format_plan(plan, format));
        const bool named = plans.size() > 1 && format == "nix";
        if (plans.size() > 1 && !named) out += fmt::format("# {}\n", plan.host);
        out += named ? fmt::format("{}  {} = {};\n", out.empty() ? "{\n" : "", nix_string(plan.host), trim(one)) : one;
        if (!out.ends_with('\n')) out += '\n';
    }
    if (plans.size() > 1 && format == "nix") out += "}\n";
    terminal.answer(out);
    return kYes;
}

}  // namespace

int run_plan(const Arguments& arguments, Terminal& terminal) {
    return finish(plan_verb(arguments, terminal), terminal);
}

}  // namespace lf::cli
