// SPDX-License-Identifier: MIT
#include "bench/candidates.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "plan/cpu_variants.h"

namespace lf::bench {
namespace {

constexpr int kMostThreads = 4096;
constexpr int kMostUbatch = 1 << 16;
constexpr std::string_view kFlashAttention[] = {"on", "off", "auto"};

Error refused(std::string message, std::string hint = {}) {
    return usage_error("bench-candidate", std::move(message), std::move(hint));
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
    const auto near = did_you_mean(word, known);
    return near ? fmt::format("did you mean '{}'?", *near) : fmt::format("there are: {}", join(known, ", "));
}

const InstalledBuild* find(const std::vector<InstalledBuild>& builds, const std::string& name) {
    const auto found = std::find_if(builds.begin(), builds.end(), [&](const auto& b) { return b.name == name; });
    return found == builds.end() ? nullptr : &*found;
}

Result<int> number(std::string_view value, std::string_view key, int most) {
    const auto number = parse_unsigned(value);
    if (number && *number >= 1 && *number <= static_cast<unsigned>(most)) return static_cast<int>(*number);
    return fail(refused(fmt::format("{}={} is no number from 1 to {}", key, printable(value), most)));
}

/// A setting of a candidate by its key.
Done set(Candidate& candidate, const std::string& key, const std::string& value) {
    static const std::vector<std::string> kKeys = {"name",    "build",  "variant",        "device",
                                                   "threads", "ubatch", "flash-attention"};
    if (key == "name") candidate.name = value;
    if (key == "build") candidate.build = value;
    if (key == "variant") candidate.cpu_variant = value;
    if (key == "device") candidate.device = value;
    if (key == "threads") {
        LF_ASSIGN(candidate.threads, number(value, key, kMostThreads));
    }
    if (key == "ubatch") {
        LF_ASSIGN(candidate.ubatch, number(value, key, kMostUbatch));
    }
    if (key == "flash-attention") {
        if (std::ranges::count(kFlashAttention, value) == 0)
            return fail(refused(fmt::format("flash-attention={} is not on, off or auto", printable(value))));
        candidate.flash_attention = value;
    }
    if (std::ranges::count(kKeys, key) > 0) return {};
    return fail(refused(fmt::format("a candidate has no '{}'", printable(key)), suggestion(key, kKeys)));
}

bool is_device_name(std::string_view name) {
    return name.size() <= 64 &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

bool has_variant(const InstalledBuild& build, const std::string& variant) {
    return std::find(build.cpu_variants.begin(), build.cpu_variants.end(), variant) != build.cpu_variants.end();
}

std::string description_of(const Candidate& candidate) {
    if (!candidate.cpu_variant && candidate.device == "none") return "the CPU alone, the variant of ggml's own choice";
    if (!candidate.cpu_variant && candidate.device.empty()) return "everything as llama.cpp chooses it itself";
    if (candidate.device != "none" && !candidate.device.empty())
        return fmt::format("all layers on {}", candidate.device);
    return fmt::format("ggml's CPU variant {} alone", *candidate.cpu_variant);
}

int score_of(const std::string& variant) {
    for (const auto table : {plan::x86_variants(), plan::arm_variants()})
        for (const plan::CpuVariant& known : table)
            if (known.name == variant) return known.score;
    return 1 << 20;  // newer than our table: after all that it knows
}

}  // namespace

std::string backend_of(std::string_view device) {
    if (device.empty() || device == "none") return "cpu";
    const std::string library = backend_of_device(device);
    if (library == "hip") return "rocm";  // the package's name for it
    return library == "cuda" || library == "vulkan" ? library : "other";
}

std::string name_of(const Candidate& candidate, bool several_builds) {
    std::vector<std::string> parts;
    const bool gpu = !candidate.device.empty() && candidate.device != "none";
    const std::string_view own = candidate.device.empty() ? kDefault : kDispatch;
    parts.push_back(gpu ? candidate.device : candidate.cpu_variant.value_or(std::string(own)));
    if (gpu && candidate.cpu_variant) parts.push_back(*candidate.cpu_variant);
    if (candidate.threads > 0)
        parts.push_back(fmt::format("{} thread{}", candidate.threads, candidate.threads == 1 ? "" : "s"));
    if (candidate.ubatch > 0) parts.push_back(fmt::format("ubatch {}", candidate.ubatch));
    if (!candidate.flash_attention.empty()) parts.push_back("flash attention " + candidate.flash_attention);
    return (several_builds ? candidate.build + ": " : "") + join(parts, ", ");
}

Candidate candidate_of(const Arm& arm, const std::vector<InstalledBuild>& builds) {
    Candidate candidate;
    candidate.build = arm.build.empty() ? builds.front().name : arm.build;
    candidate.cpu_variant = arm.cpu_variant;
    // Where there is nothing but CPU variants, llama.cpp's own choice is their dispatch.
    const InstalledBuild* build = find(builds, candidate.build);
    const bool cpu_alone = build != nullptr && build->backends.empty() && !build->cpu_variants.empty();
    candidate.device = arm.device.empty() && (arm.cpu_variant || cpu_alone) ? "none" : arm.device;
    candidate.threads = arm.threads;
    candidate.ubatch = arm.ubatch;
    candidate.flash_attention = arm.flash_attention;
    candidate.name = name_of(candidate, builds.size() > 1);
    candidate.description = description_of(candidate);
    return candidate;
}

Result<Candidate> parse_candidate(std::string_view text, const std::vector<InstalledBuild>& builds) {
    Candidate candidate;
    candidate.build = builds.front().name;
    std::set<std::string> seen;
    for (const std::string_view part : split(text, ',')) {
        const std::size_t equals = part.find('=');
        const std::string key(trim(part.substr(0, equals)));
        if (equals == std::string_view::npos)
            return fail(refused(fmt::format("'{}' in a candidate has no value", printable(part)),
                                "write KEY=VALUE,KEY=VALUE as variant=haswell,threads=4"));
        if (!seen.insert(key).second) return fail(refused(fmt::format("'{}' stands twice in a candidate", key)));
        LF_TRY(set(candidate, key, std::string(trim(part.substr(equals + 1)))));
    }
    if (candidate.name.empty()) candidate.name = name_of(candidate, builds.size() > 1);
    candidate.description = description_of(candidate);
    LF_TRY(check_candidates({candidate}, builds));
    return candidate;
}

std::vector<Candidate> default_candidates(const InstalledBuild& build, const std::string& plan_variant,
                                          const std::string& widest) {
    Candidate dispatch;
    dispatch.build = build.name;
    dispatch.name = kDispatch;
    dispatch.description = "run-time dispatch, as nixpkgs' package does it: ggml takes the widest variant that runs";
    if (build.cpu_variants.empty()) {
        dispatch.name = build.name;
        dispatch.device = "";
        dispatch.description = "the build as it is: it has no CPU variants to choose from";
        return {dispatch};
    }
    std::vector<Candidate> candidates;
    if (has_variant(build, std::string(kPlainVariant))) {
        Candidate plain = dispatch;
        plain.name = "official-default";
        plain.cpu_variant = kPlainVariant;
        plain.description = "what the official flake builds: plain x86-64 with SSE2";
        candidates.push_back(plain);
    }
    const bool same = plan_variant == widest;
    if (same && has_variant(build, plan_variant))
        dispatch.description += fmt::format("; the plan names the same: {}", plan_variant);
    candidates.push_back(dispatch);
    if (!same && has_variant(build, plan_variant)) {
        Candidate plan = dispatch;
        plan.name = "plan";
        plan.cpu_variant = plan_variant;
        plan.description = fmt::format("what the plan names: ggml's variant {}", plan_variant);
        candidates.push_back(plan);
    }
    return candidates;
}

std::vector<Candidate> whole_builds(const std::vector<InstalledBuild>& builds) {
    std::vector<Candidate> candidates;
    for (const InstalledBuild& build : builds) {
        Candidate candidate;
        candidate.name = build.name;
        candidate.build = build.name;
        // Where its backends are files, those that it does not need are kept out (BLAS, RPC); compiled in, it is as it
        // is.
        candidate.device = build.cpu_variants.empty() || !build.backends.empty() ? "" : "none";
        candidate.description = "the build as it is";
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

void add_dispatch(const InstalledBuild& build, std::vector<Candidate>& candidates) {
    const bool there = std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
        return candidate.build == build.name && !candidate.cpu_variant && candidate.device == "none";
    });
    const bool named = std::any_of(candidates.begin(), candidates.end(),
                                   [](const Candidate& candidate) { return candidate.name == kDispatch; });
    if (there || named || build.cpu_variants.empty()) return;
    Candidate dispatch;
    dispatch.build = build.name;
    dispatch.name = kDispatch;
    dispatch.description = description_of(dispatch);
    candidates.push_back(std::move(dispatch));
}

std::vector<Candidate> all_variants(const InstalledBuild& build) {
    std::vector<Candidate> candidates;
    std::vector<std::string> variants = build.cpu_variants;
    std::stable_sort(variants.begin(), variants.end(),
                     [](const auto& a, const auto& b) { return score_of(a) < score_of(b); });
    Candidate dispatch;
    dispatch.build = build.name;
    dispatch.name = kDispatch;
    dispatch.description = description_of(dispatch);
    candidates.push_back(dispatch);
    for (const std::string& variant : variants) {
        Candidate candidate = dispatch;
        candidate.name = variant;
        candidate.cpu_variant = variant;
        candidate.description = description_of(candidate);
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

Done check_candidates(const std::vector<Candidate>& candidates, const std::vector<InstalledBuild>& builds) {
    std::set<std::string> names;
    std::vector<std::string> known(builds.size());
    std::transform(builds.begin(), builds.end(), known.begin(), [](const InstalledBuild& build) { return build.name; });
    for (const Candidate& candidate : candidates) {
        if (!names.insert(candidate.name).second)
            return fail(refused(fmt::format("two candidates are called '{}'", printable(candidate.name)),
                                "give them names: name=a,variant=haswell"));
        const InstalledBuild* build = find(builds, candidate.build);
        if (build == nullptr)
            return fail(refused(fmt::format("there is no build '{}'", printable(candidate.build)),
                                suggestion(candidate.build, known)));
        if (!is_device_name(candidate.device))
            return fail(refused(fmt::format("'{}' is no device of llama.cpp", printable(candidate.device)),
                                "devices are called Vulkan0, CUDA0, ROCm0, or none for the CPU alone"));
        if (!candidate.cpu_variant || has_variant(*build, *candidate.cpu_variant)) continue;
        return fail(refused(fmt::format("{} has no CPU variant '{}'", build->source, printable(*candidate.cpu_variant)),
                            build->cpu_variants.empty()
                                ? "its CPU code is compiled in (GGML_BACKEND_DL is off): leave the variant out"
                                : suggestion(*candidate.cpu_variant, build->cpu_variants)));
    }
    return {};
}

LlamaBenchRun run_of(const Candidate& candidate, const std::string& model) {
    LlamaBenchRun run;
    run.model = model;
    run.cpu_variant = candidate.cpu_variant;
    run.device = candidate.device;
    run.parameters.threads = candidate.threads;
    run.parameters.ubatch = candidate.ubatch;
    run.parameters.flash_attention = candidate.flash_attention;
    run.warm_up = true;
    return run;
}

std::vector<std::string> server_arguments(const Candidate& candidate, bool name_device) {
    std::vector<std::string> arguments;
    const auto add = [&](const char* option, std::string value) {
        arguments.emplace_back(option);
        arguments.push_back(std::move(value));
    };
    if (name_device && !candidate.device.empty()) add("--device", candidate.device);
    if (candidate.threads > 0) add("--threads", std::to_string(candidate.threads));
    if (candidate.ubatch > 0) add("--ubatch-size", std::to_string(candidate.ubatch));
    if (!candidate.flash_attention.empty()) add("--flash-attn", candidate.flash_attention);
    return arguments;
}

}  // namespace lf::bench
