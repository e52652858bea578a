// SPDX-License-Identifier: MIT
// The layer check alone, as a program for the script test: plans come from files, the report goes to standard output.
//   check_tool FLAKE [--plan HOST=FILE | --host HOST | --facts HOST=FILE]… [--override INPUT=FOLDER]… [--stand-ins]
//   [--as-files-lie]
//              [--time-limit SECONDS] [--show text|details|summary|json|commands|unfree|survey|predicate]
// LLAMA_FLEET_NIX and LLAMA_FLEET_NIX_STORE as in the program. Ends 0 shown, 1 not shown or cannot tell, 3 failed.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "check/check.h"
#include "check/commands.h"
#include "check/render.h"
#include "check/survey.h"
#include "check/unfree.h"
#include "facts/codec.h"
#include "plan/codec.h"

namespace {

using namespace lf;

struct Arguments {
    check::CheckRequest request;
    std::string show = "text";
};

std::pair<std::string, std::string> halves(const std::string& word) {
    const std::size_t equals = word.find('=');
    return {word.substr(0, equals), equals == std::string::npos ? "" : word.substr(equals + 1)};
}

Result<plan::Plan> plan_from(const std::string& file) {
    LF_ASSIGN(std::string text, read_file(file));
    return plan::from_json(text, file);
}

Result<Arguments> read(const std::vector<std::string>& words) {
    Arguments out;
    out.request.flake = words.empty() ? "." : words.front();
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto next = [&] { return i + 1 < words.size() ? words[++i] : std::string(); };
        if (words[i] == "--stand-ins") out.request.stand_ins = true;
        if (words[i] == "--as-files-lie") out.request.as_files_lie = true;
        if (words[i] == "--show") out.show = next();
        if (words[i] == "--time-limit") out.request.time_limit = std::chrono::seconds(std::stoi(next()));
        if (words[i] == "--host") out.request.hosts.push_back({next(), {}});
        if (words[i] == "--override") {
            const auto [input, folder] = halves(next());
            out.request.overrides.push_back({input, folder});
        }
        if (words[i] == "--plan") {
            const auto [host, file] = halves(next());
            LF_ASSIGN(plan::Plan plan, plan_from(file));
            out.request.hosts.push_back({host, std::move(plan)});
        }
        if (words[i] == "--facts") {
            const auto [host, file] = halves(next());
            LF_ASSIGN(const std::string text, read_file(file));
            LF_ASSIGN(facts::Machine machine, facts::from_json(text, file));
            for (check::HostRequest& one : out.request.hosts) {
                if (one.host == host) one.facts = machine;
            }
        }
    }
    return out;
}

Result<int> show_unfree(const Arguments& arguments, check::Nix& nix) {
    constexpr const char* kWords[] = {"allowed", "refused", "cannot tell"};
    LF_ASSIGN(const auto answers, check::ask_unfree(arguments.request, nix));
    for (const auto& [host, answer] : answers) {
        fmt::print("{}: {} {}{}\n", host, kWords[static_cast<int>(answer.verdict)], answer.package, answer.why);
    }
    return 0;
}

Json survey_json(const check::HostSurvey& host) {
    Json packages = Json::array();
    for (const check::SurveyPackage& one : host.packages) {
        packages.push_back({{"where", one.where},
                            {"name", one.name},
                            {"pname", one.pname},
                            {"drv", one.drv_path},
                            {"version", one.version},
                            {"official", one.official_arguments},
                            {"nixpkgs", one.nixpkgs_arguments},
                            {"overridable", one.overridable},
                            {"cmakeFlags", one.facts.cmake_flags},
                            {"environment", one.facts.environment}});
    }
    const auto maybe = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
    return {{"host", host.host},
            {"present", host.present},
            {"usable", host.usable},
            {"failure", host.failure ? Json(host.failure->message) : Json(nullptr)},
            {"packages", packages},
            {"cudaSupport", maybe(host.cuda_support)},
            {"rocmSupport", maybe(host.rocm_support)},
            {"gccArch", maybe(host.gcc_arch)},
            {"denyWriteExecute", maybe(host.memory_deny_write_execute)},
            {"evaluates", host.evaluates},
            {"attributes", host.llama_attributes}};
}

/// The survey names no hosts of its own: --plan and --host choose.
Result<int> show_survey(const Arguments& arguments, check::Nix& nix) {
    LF_ASSIGN(const auto hosts, check::survey(arguments.request, nix));
    Json json = Json::array();
    for (const check::HostSurvey& host : hosts) json.push_back(survey_json(host));
    fmt::print("{}", write_json({{"processes", nix.processes_started()}, {"hosts", json}}));
    return 0;
}

Result<int> run(const std::vector<std::string>& words) {
    LF_ASSIGN(const Arguments arguments, read(words));
    RealProcesses processes;
    const check::NixSearch search = check::search_from_environment();
    if (arguments.show == "predicate") {
        fmt::print("{}\n", check::cuda_predicate_setting("  "));
        return 0;
    }
    if (arguments.show == "commands" || arguments.show == "unfree" || arguments.show == "survey") {
        LF_ASSIGN(check::Nix nix, check::Nix::find(processes, search));
        if (arguments.show == "unfree") return show_unfree(arguments, nix);
        if (arguments.show == "survey") return show_survey(arguments, nix);
        fmt::print("{}", check::to_script(check::commands(arguments.request, &nix), arguments.request.flake));
        return 0;
    }
    LF_ASSIGN(const check::CheckReport report, check::check(arguments.request, processes, search));
    if (arguments.show == "summary") fmt::print("{}", check::to_summary(report));
    if (arguments.show == "json") fmt::print("{}", check::to_json(report, {}));
    if (arguments.show == "text" || arguments.show == "details") {
        fmt::print("{}", check::to_text(report, arguments.show == "details"));
    }
    return check::overall(report) == check::Verdict::shown ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const auto code = run(std::vector<std::string>(argv + 1, argv + argc));
    if (code) return *code;
    const Error& error = code.error();
    fmt::print(stderr, "{}: {}:{}:{}: {}\nhint: {}\n", error.id, error.where.file, error.where.line, error.where.column,
               error.message, error.hint);
    return 3;
}
