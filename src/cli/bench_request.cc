// SPDX-License-Identifier: MIT
#include "cli/bench_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "bench/candidates.h"
#include "bench/packages.h"
#include "bench/synthetic.h"
#include "check/nix_command.h"
#include "cli/fleet_facts.h"
#include "facts/codec.h"
#include "plan/planner.h"

namespace lf::cli {
namespace {
namespace fs = std::filesystem;

constexpr int kSeconds = 180;  // doc/statistics.md says what they are enough for
constexpr int kChoicePrompt = 512;
constexpr std::chrono::hours kBuildLimit{6};

Result<std::pair<std::string, std::string>> split_name(const std::string& word) {
    // NAME=PATH; a path may itself have a '=', a name has no '/'.
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || word.find('/') < equals || word.find('#') < equals)
        return std::pair{std::string(), word};
    const std::string name = word.substr(0, equals);
    if (!facts::is_host_name(name))
        return fail(usage_error("bench-build", fmt::format("'{}' cannot be the name of a build", printable(name)),
                                "letters, digits, '_', '.' and '-'"));
    return std::pair{name, word.substr(equals + 1)};
}

bool usable_gpu(const facts::Gpu& gpu) { return gpu.vendor != "other" && gpu.driver && gpu.driver != "vfio-pci"; }

/// Backends of Debian's that are unpacked too: those asked for; for a choice on a machine with a card, Vulkan's.
Result<std::vector<std::string>> extra_packages(const Arguments& arguments, const facts::Machine& machine) {
    std::vector<std::string> backends;
    if (const auto list = arguments.value("--backends"))
        for (const std::string_view word : split(*list, ',')) backends.emplace_back(trim(word));
    else if (arguments.has("--choose") && std::any_of(machine.gpus.begin(), machine.gpus.end(), usable_gpu))
        backends.emplace_back("vulkan");
    std::vector<std::string> packages;
    for (const std::string& backend : backends) {
        packages.emplace_back(bench::package_of_backend(backend));
        if (packages.back().empty())
            return fail(usage_error("bench-backend", fmt::format("Debian has no backend '{}'", printable(backend)),
                                    "there are: vulkan, blas, rpc, hip"));
    }
    return packages;
}

Result<bench::InstalledBuild> debian_build(const Arguments& arguments, const BenchSetup& setup,
                                           ProcessRunner& processes, Terminal& terminal) {
    const std::string folder = absolute_path(arguments.value("--packages").value_or(setup.cache + "/sid-llama"));
    terminal.talk(fmt::format("bench: Debian's llama.cpp is unpacked in {} (nothing is installed)\n", folder));
    LF_ASSIGN(const std::vector<std::string> extra, extra_packages(arguments, setup.machine));
    LF_ASSIGN(const bench::Packages packages, bench::prepare_packages(folder, processes, extra));
    if (!packages.note.empty()) terminal.talk(fmt::format("bench: note: {}\n", packages.note));
    return bench::find_build(folder, processes);
}

/// The output with the programs: [{"outputs": {"out": "/nix/store/…"}}]. Errors: "bench-build".
Result<std::string> built_path(const std::string& json) {
    LF_ASSIGN(const Json built, parse_json(json, "nix build --json"));
    const Json first = built.is_array() && !built.empty() ? built.front() : Json();
    const Json outputs = first.is_object() ? first.value("outputs", Json::object()) : Json();
    for (const char* name : {"bin", "out"})
        if (outputs.is_object() && outputs.contains(name) && outputs.at(name).is_string())
            return outputs.at(name).get<std::string>();
    return fail(world_error("bench-build", "nix build named no output with programs",
                            "give the attribute of a package, as .#nixosConfigurations.HOST.pkgs.llama-cpp-cpu"));
}

/// A flake attribute is built and becomes the store path that it is.
Result<std::string> path_of_build(const std::string& word, ProcessRunner& processes, Terminal& terminal) {
    if (word.find('#') == std::string::npos || fs::exists(word)) return word;
    LF_ASSIGN(check::Nix nix, check::Nix::find(processes, check::search_from_environment()));
    terminal.talk(fmt::format("bench: nix build {} (this may take long)\n", printable(word)));
    check::NixCall call;
    call.arguments = {"build", "--no-link", "--json", word};  // --print-out-paths is newer than Nix 2.8
    call.time_limit = kBuildLimit;
    LF_ASSIGN(const std::string out, nix.call(call));
    return built_path(out);
}

Done find_builds(const Arguments& arguments, BenchSetup& setup, ProcessRunner& processes, Terminal& terminal) {
    const std::vector<std::string> words = arguments.values("--build");
    for (const std::string& word : words) {
        LF_ASSIGN(const auto named, split_name(word));
        LF_ASSIGN(const std::string path, path_of_build(named.second, processes, terminal));
        LF_ASSIGN(bench::InstalledBuild build, bench::find_build(path, processes));
        if (!named.first.empty()) build.name = named.first;
        for (const bench::InstalledBuild& other : setup.request.builds)
            if (other.name == build.name)
                return fail(usage_error("bench-build", fmt::format("two builds are called '{}'", printable(build.name)),
                                        "give them names: --build old=PATH --build new=PATH"));
        setup.request.builds.push_back(std::move(build));
    }
    if (!words.empty()) return {};
    LF_ASSIGN(bench::InstalledBuild build, debian_build(arguments, setup, processes, terminal));
    setup.request.builds.push_back(std::move(build));
    return {};
}

Done find_model(const Arguments& arguments, BenchSetup& setup, Terminal& terminal) {
    const std::string word = arguments.value("--model").value_or(std::string(bench::kDefaultModel));
    if (!bench::is_synthetic(word)) {
        setup.request.model = absolute_path(word);
        return {};
    }
    LF_ASSIGN(const bench::SyntheticModel model, bench::parse_synthetic(word));
    setup.request.model_description = bench::describe(model);
    terminal.progress("bench: the model is written, if it is not there yet");
    LF_ASSIGN(setup.request.model, bench::cached_model(model, setup.cache + "/models"));
    return {};
}

Done place_result(const Arguments& arguments, BenchSetup& setup) {
    const std::string& host = setup.request.host;
    setup.request.scratch = setup.cache + "/bench/pinned";
    LF_TRY(make_directories(setup.request.scratch));
    if (const auto flake = arguments.value("--flake")) {
        setup.in_flake = true;
        const std::string folder = fmt::format("{}/{}", absolute_path(*flake), kBenchFolder);
        if (!fs::exists(absolute_path(*flake) + "/flake.nix"))
            return fail(usage_error("bench-flake", fmt::format("there is no flake.nix in {}", printable(*flake)),
                                    "name the folder of the owner's flake"));
        LF_TRY(make_directories(folder));
        setup.request.result_file = fmt::format("{}/{}.json", folder, host);
    }
    if (const auto file = arguments.value("--output")) setup.request.result_file = *file;
    if (setup.request.result_file.empty())
        setup.request.result_file = fmt::format("{}/bench/{}.json", setup.cache, host);
    std::error_code error;
    const fs::file_status there = fs::status(setup.request.result_file, error);
    if (!fs::exists(there) || fs::is_regular_file(there)) return {};
    return fail(usage_error("bench-output",
                            fmt::format("{} is no file that could be replaced", printable(setup.request.result_file))));
}

Done read_numbers(const Arguments& arguments, bench::BenchRequest& request) {
    LF_ASSIGN(const int seconds, arguments.number("--time-limit", kSeconds, 1, 864'000));
    request.budget_seconds = seconds;
    LF_ASSIGN(request.most_rounds, arguments.number("--repeats", request.most_rounds, 1, 100'000));
    // Longer than the smallest ubatch that is worth a try: otherwise none could be told from another.
    const int prompt = arguments.has("--choose") ? kChoicePrompt : request.prompt_tokens;
    LF_ASSIGN(request.prompt_tokens, arguments.number("--prompt", prompt, 0, 1'000'000));
    LF_ASSIGN(request.generated_tokens, arguments.number("--generate", request.generated_tokens, 0, 1'000'000));
    LF_ASSIGN(const int seed, arguments.number("--seed", 1, 0, 1'000'000'000));
    request.seed = static_cast<std::uint64_t>(seed);
    request.resume = arguments.has("--resume");
    const auto depths = arguments.value("--depth");
    if (!depths) return {};
    request.depths.clear();
    for (const std::string_view word : split(*depths, ',')) {
        const auto depth = parse_unsigned(trim(word));
        if (!depth || *depth > 1'000'000)
            return fail(usage_error("usage-number", fmt::format("--depth {} is no list of numbers", printable(*depths)),
                                    "as --depth 0,4096"));
        request.depths.push_back(static_cast<int>(*depth));
    }
    return {};
}

Error bad_goal(std::string_view goal) {
    return usage_error("bench-goal", fmt::format("'{}' is no goal", printable(goal)),
                       "as --goal pp=0.3,tg=0.7, or --goal pp, or --goal tg");
}

/// "0.3" of "pp=0.3".
std::optional<double> weight(std::string_view part) {
    const std::string text(trim(part));
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !(value >= 0 && value <= 1000)) return std::nullopt;
    return value;
}

}  // namespace

/// What the flake says was measured. A file that cannot be read is about to be replaced; a choice is not, unless by
/// another.
static Result<std::optional<facts::Choice>> earlier_choice(const std::string& flake, const std::string& host,
                                                           const Arguments& arguments, Terminal& terminal) {
    if (flake.empty()) return std::optional<facts::Choice>();
    const std::string file = fmt::format("{}/{}/{}.json", flake, kBenchFolder, host);
    auto choice = read_choice(file);
    if (!choice) {
        terminal.talk(fmt::format("bench: note: {} cannot be read ({})\n", file, choice.error().message));
        return std::optional<facts::Choice>();
    }
    if (*choice && !arguments.has("--choose") && !arguments.value("--output"))
        return fail(usage_error("bench-choice-there",
                                fmt::format("{} holds what --choose found, which this comparison would replace", file),
                                "name another file with --output, or search again with --choose"));
    return choice;
}

/// Options that say nothing to each other.
static Done check_together(const Arguments& arguments) {
    constexpr std::pair<const char*, const char*> kOnlyWith[] = {{"--goal", "--choose"},
                                                                 {"--memory-ceiling", "--choose"}};
    constexpr std::pair<const char*, const char*> kNever[] = {{"--candidate", "--choose"},
                                                              {"--all-variants", "--choose"},
                                                              {"--threads", "--choose"},
                                                              {"--repeats", "--choose"}};
    const auto given = [&](const char* option) { return arguments.has(option); };
    for (const auto& [option, other] : kOnlyWith)
        if (given(option) && !given(other))
            return fail(usage_error("bench-options", fmt::format("{} means something only with {}", option, other)));
    for (const auto& [option, other] : kNever)
        if (given(option) && given(other))
            return fail(usage_error("bench-options", fmt::format("{} and {} exclude each other", option, other)));
    if (given("--choose") && arguments.value("--depth").value_or("").find(',') != std::string::npos)
        return fail(usage_error("bench-options", "a choice is made at one depth", "give one number with --depth"));
    if (given("--flake") && !given("--host") && !given("--facts"))
        return fail(usage_error("bench-options", "--flake needs --host: what the flake calls this machine"));
    return {};
}

Result<BenchSetup> bench_setup(const Arguments& arguments, ProcessRunner& processes, Terminal& terminal) {
    LF_TRY(check_together(arguments));
    BenchSetup setup;
    LF_ASSIGN(setup.cache, cache_directory());
    const auto file = arguments.value("--facts");
    const std::string host = arguments.value("--host").value_or(file ? "" : "this-machine");
    LF_ASSIGN(setup.machine, file ? read_facts(*file, host) : probe_machine("", host));
    LF_ASSIGN(const plan::Plan by_facts, plan::make_plan(setup.machine, {}));
    setup.widest = by_facts.build.cpu_variant.value_or("");
    const std::string flake = arguments.value("--flake").value_or("");
    LF_ASSIGN(const plan::Overrides overrides,
              flake.empty() ? plan::Overrides() : read_overrides(flake + "/" + std::string(kOverridesFile)));
    LF_ASSIGN(const auto choice, earlier_choice(flake, setup.machine.host, arguments, terminal));
    LF_ASSIGN(setup.plan, plan::make_plan(setup.machine, overrides, choice));
    setup.request.host = setup.plan.host;
    LF_TRY(read_numbers(arguments, setup.request));
    LF_TRY(place_result(arguments, setup));
    LF_TRY(find_builds(arguments, setup, processes, terminal));
    LF_TRY(find_model(arguments, setup, terminal));
    return setup;
}

Result<std::vector<bench::Candidate>> bench_candidates(const Arguments& arguments, const BenchSetup& setup) {
    const std::vector<bench::InstalledBuild>& builds = setup.request.builds;
    std::vector<bench::Candidate> candidates;
    for (const std::string& text : arguments.values("--candidate")) {
        LF_ASSIGN(bench::Candidate candidate, bench::parse_candidate(text, builds));
        candidates.push_back(std::move(candidate));
    }
    if (arguments.has("--all-variants"))
        for (bench::Candidate& candidate : bench::all_variants(builds.front()))
            candidates.push_back(std::move(candidate));
    if (candidates.empty() && builds.size() > 1) candidates = bench::whole_builds(builds);
    if (candidates.empty())
        candidates = bench::default_candidates(builds.front(), setup.plan.build.cpu_variant.value_or(""), setup.widest);
    bench::add_dispatch(builds.front(), candidates);
    LF_ASSIGN(const int threads, arguments.number("--threads", 0, 1, 4096));
    for (bench::Candidate& candidate : candidates)
        if (candidate.threads == 0) candidate.threads = threads;
    return candidates;
}

Result<bench::Objective> bench_objective(const Arguments& arguments) {
    bench::Objective objective;
    if (const auto goal = arguments.value("--goal")) {
        objective.prompt_weight = objective.generation_weight = 0;
        for (const std::string_view part : split(*goal, ',')) {
            const std::size_t equals = part.find('=');
            const std::string_view name = trim(part.substr(0, equals));
            const auto value = equals == std::string_view::npos ? 1.0 : weight(part.substr(equals + 1));
            if (!value || (name != "pp" && name != "tg")) return fail(bad_goal(*goal));
            (name == "pp" ? objective.prompt_weight : objective.generation_weight) = *value;
        }
        const double sum = objective.prompt_weight + objective.generation_weight;
        if (!(sum > 0)) return fail(bad_goal(*goal));
        objective.prompt_weight /= sum;
        objective.generation_weight /= sum;
    }
    LF_ASSIGN(const int ceiling, arguments.number("--memory-ceiling", 0, 1, 1 << 30));
    if (ceiling > 0) objective.memory_ceiling_mib = ceiling;
    return objective;
}

Result<std::vector<std::string>> bench_devices(const BenchSetup& setup, ProcessRunner& processes, Terminal& terminal) {
    const bench::InstalledBuild& build = setup.request.builds.front();
    std::vector<std::string> names;
    if (build.backends.empty() && !build.cpu_variants.empty()) return names;
    LF_ASSIGN(const bench::Scratch scratch, bench::prepare_scratch(build, setup.request.scratch + "/" + build.name));
    const auto devices = bench::list_devices(build, scratch, processes);
    if (!devices) {
        if (devices.error().id == "interrupted") return fail(devices.error());
        terminal.talk(fmt::format("bench: note: {}: only the CPU is tried\n", devices.error().message));
        return names;
    }
    for (const bench::Device& device : *devices) {
        if (!device.software) names.push_back(device.name);
        else
            terminal.talk(fmt::format("bench: {} ({}) computes on the CPU: it is no candidate\n", device.name,
                                      printable(device.description)));
    }
    return names;
}

}  // namespace lf::cli
