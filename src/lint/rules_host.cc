// SPDX-License-Identifier: MIT
// What only evaluation shows: what a host really gets, whatever its text looks like.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "check/expectation.h"
#include "lint/rule.h"
#include "lint/targets.h"
#include "plan/options.h"

namespace lf::lint {
namespace {

using check::HostSurvey;
using check::Settings;
using check::SurveyPackage;

bool on(const Settings& settings, const std::string& name) {
    const auto found = settings.by_name.find(name);
    return found != settings.by_name.end() && check::cmake_truth(found->second.value);
}

std::string value_of(const Settings& settings, const std::string& name) {
    const auto found = settings.by_name.find(name);
    return found == settings.by_name.end() ? std::string() : found->second.value;
}

bool native_passes(const SurveyPackage& package) {
    const auto found = package.facts.environment.find("NIX_ENFORCE_NO_NATIVE");
    return found != package.facts.environment.end() && (found->second.empty() || found->second == "0");
}

bool any_x86(const Settings& settings) {
    return std::ranges::any_of(settings.by_name, [](const auto& entry) {
        return is_x86_option(entry.first) && check::cmake_truth(entry.second.value);
    });
}

/// By its own name, or by the old one, which is still heard.
bool native_on(const Settings& settings) { return on(settings, "GGML_NATIVE") || on(settings, "LLAMA_NATIVE"); }

/// -march or its kin, by any variable or flag.
bool compiler_tuned(const SurveyPackage& package, const Settings& settings) {
    const auto has = [](const std::string& text) {
        return text.find("-march=") != std::string::npos || text.find("-mcpu=") != std::string::npos ||
               text.find("-mavx") != std::string::npos;
    };
    const auto flags_have = [&](const char* name) {
        const std::string text = value_of(settings, name);  // "native" does not get past the compiler wrapper
        return has(text) && (text.find("=native") == std::string::npos || native_passes(package));
    };
    return flags_have("CMAKE_C_FLAGS") || flags_have("CMAKE_CXX_FLAGS") ||
           std::ranges::any_of(package.facts.environment, [&](const auto& entry) { return has(entry.second); });
}

bool is_x86_host(const Knowledge& known, const HostSurvey& host) {
    if (host.system && !host.system->empty() && !host.system->starts_with("x86_64")) return false;
    const auto found = known.machines.find(host.host);
    return found == known.machines.end() || found->second.cpu.architecture == "x86_64";
}

template <class Look>
void each_package(const HostSurvey& host, const Look& look) {
    for (const SurveyPackage& package : host.packages)
        if (package.facts.has_flags) look(package, check::read_settings(package.facts.cmake_flags));
}

std::string what(const SurveyPackage& package) { return fmt::format("{} in {}", package.name, package.where); }

void sse2_only(const HostSurvey& host, const Knowledge& known, Sink& sink) {
    if (!is_x86_host(known, host)) return;
    each_package(host, [&](const SurveyPackage& package, const Settings& settings) {
        const bool variants = on(settings, "GGML_CPU_ALL_VARIANTS");
        const bool native = native_on(settings);
        const bool tuned = (any_x86(settings) && !native) || variants || (native && native_passes(package)) ||
                           compiler_tuned(package, settings) || host.gcc_arch.has_value();
        if (!tuned) sink.host(host.host, fmt::format("{} is built for plain SSE2", what(package)));
    });
}

void native_silences(const HostSurvey& host, const Knowledge&, Sink& sink) {
    each_package(host, [&](const SurveyPackage& package, const Settings& settings) {
        if (native_on(settings) && !on(settings, "GGML_CPU_ALL_VARIANTS") && any_x86(settings))
            sink.host(host.host,
                      fmt::format("{}: with GGML_NATIVE on, its instruction sets are ignored", what(package)));
    });
}

void explicit_with_variants(const HostSurvey& host, const Knowledge&, Sink& sink) {
    each_package(host, [&](const SurveyPackage& package, const Settings& settings) {
        if (on(settings, "GGML_CPU_ALL_VARIANTS") && any_x86(settings))
            sink.host(host.host, fmt::format("{}: it builds every CPU variant; its instruction sets change nothing",
                                             what(package)));
    });
}

void march_native(const HostSurvey& host, const Knowledge&, Sink& sink) {
    each_package(host, [&](const SurveyPackage& package, const Settings& settings) {
        // The compiler wrapper takes it away again, and it changes nothing.
        for (const char* name : {"CMAKE_C_FLAGS", "CMAKE_CXX_FLAGS"})
            if (!native_passes(package) && value_of(settings, name).find("=native") != std::string::npos)
                sink.host(host.host,
                          fmt::format("{}: Nix' compiler wrapper takes -march=native out of {}", what(package), name));
        for (const auto& [name, value] : package.facts.environment)
            if (value.find("=native") != std::string::npos)
                sink.host(host.host,
                          fmt::format("{}: {} takes the CPU of whichever machine builds", what(package), name));
    });
}

void options_by_name(const HostSurvey& host, Sink& sink, bool retired) {
    each_package(host, [&](const SurveyPackage& package, const Settings& settings) {
        for (const auto& [name, setting] : settings.by_name) {
            if (!name.starts_with("GGML_") && !name.starts_with("LLAMA_")) continue;
            // The packages' own flags, which their pinned llama.cpp knows, whatever this table says.
            if (name == "LLAMA_BUILD_WEBUI" || name == "LLAMA_OPENSSL" || name == "GGML_CLBLAST") continue;
            const plan::Option* option = plan::find_option(name);
            const bool is_retired = option != nullptr && option->state == plan::OptionState::retired;
            if (retired && is_retired)
                sink.host(host.host, fmt::format("{}: {} {}", what(package), name,
                                                 is_mapped_when_on(name) ? "is an old name and will go"
                                                                         : "does nothing any more"));
            if (!retired && option == nullptr && !plan::is_build_variable(name))
                sink.host(host.host, fmt::format("{}: llama.cpp has no option {}", what(package), name));
        }
    });
}
void retired_option(const HostSurvey& host, const Knowledge&, Sink& sink) { options_by_name(host, sink, true); }
void unknown_option(const HostSurvey& host, const Knowledge&, Sink& sink) { options_by_name(host, sink, false); }

void targets_miss_card(const HostSurvey& host, const Knowledge& known, Sink& sink) {
    const auto machine = known.machines.find(host.host);
    if (machine == known.machines.end()) return;
    each_package(host, [&](const SurveyPackage& package, const Settings& settings) {
        const std::string cuda = value_of(settings, "CMAKE_CUDA_ARCHITECTURES");
        const std::string gfx = value_of(settings, "CMAKE_HIP_ARCHITECTURES");
        for (const facts::Gpu& gpu : machine->second.gpus) {
            const std::string card = gpu.name.value_or(gpu.address);
            if (on(settings, "GGML_CUDA") && !cuda.empty() && gpu.compute_capability &&
                !serves_cuda(cuda, *gpu.compute_capability))
                sink.host(host.host, fmt::format("{}: {} does not serve {} (compute {})", what(package), cuda, card,
                                                 *gpu.compute_capability));
            if (on(settings, "GGML_HIP") && !gfx.empty() && gpu.gfx_target && gpu.integrated != true &&
                !serves_gfx(gfx, *gpu.gfx_target))
                sink.host(host.host,
                          fmt::format("{}: {} does not serve {} ({})", what(package), gfx, card, *gpu.gfx_target));
        }
    });
}

void ptx_only(const HostSurvey& host, const Knowledge&, Sink& sink) {
    if (host.memory_deny_write_execute != true) return;
    each_package(host, [&](const SurveyPackage& package, const Settings& settings) {
        const std::string list = value_of(settings, "CMAKE_CUDA_ARCHITECTURES");
        const auto entries = split(list, ';');
        const bool only = !list.empty() && std::ranges::all_of(entries, [](auto e) { return e.ends_with("-virtual"); });
        if (package.where == "services.llama-cpp.package" && on(settings, "GGML_CUDA") && only)
            sink.host(host.host,
                      fmt::format("{} has PTX only, and the service has MemoryDenyWriteExecute", what(package)));
    });
}

void blas_with_gpu(const HostSurvey& host, const Knowledge&, Sink& sink) {
    each_package(host, [&](const SurveyPackage& package, const Settings& settings) {
        const bool gpu = on(settings, "GGML_CUDA") || on(settings, "GGML_HIP") || on(settings, "GGML_VULKAN");
        if (gpu && on(settings, "GGML_BLAS"))
            sink.host(host.host, fmt::format("{} has BLAS in a build for a GPU", what(package)));
    });
}

void cuda_and_hip(const HostSurvey& host, const Knowledge&, Sink& sink) {
    each_package(host, [&](const SurveyPackage& package, const Settings& settings) {
        if (on(settings, "GGML_CUDA") && on(settings, "GGML_HIP") && !on(settings, "GGML_BACKEND_DL"))
            sink.host(host.host,
                      fmt::format("{} has CUDA and ROCm in one build without GGML_BACKEND_DL", what(package)));
    });
}

void does_not_evaluate(const HostSurvey& host, const Knowledge& known, Sink& sink) {
    for (const auto& [name, evaluates] : host.evaluates) {
        // An unfree package that nobody allowed is no fault until it is wanted; it is then refused by name.
        const auto said = host.evaluation_failures.find(name);
        const bool unfree = said != host.evaluation_failures.end() && said->second.cause == check::NixCause::unfree;
        if (evaluates || unfree || name == "llama-cpp-cuda") continue;
        // The official overlay breaks nixpkgs' other names, which hurts who says them.
        if (name != "llama-cpp" && !known.names_used.contains(name)) continue;
        Finding& finding = sink.host(host.host, fmt::format("pkgs.{} does not evaluate", name));
        if (said != host.evaluation_failures.end()) finding.message += ": " + said->second.message;
    }
}

void world_arch(const HostSurvey& host, const Knowledge& known, Sink& sink) {
    if (!known.concerns_llama) return;
    if (host.gcc_arch && *host.gcc_arch != "x86-64" && *host.gcc_arch != "armv8-a")
        sink.host(host.host, fmt::format("every package is built for {}", printable(*host.gcc_arch)));
}

void global_gpu(const HostSurvey& host, const Knowledge& known, Sink& sink) {
    if (!known.concerns_llama || known.other_gpu_users) return;
    if (host.cuda_support == true) sink.host(host.host, "cudaSupport is on for every package");
    if (host.rocm_support == true) sink.host(host.host, "rocmSupport is on for every package");
}

constexpr HostRule kRules[] = {
    {{"sse2-only", Severity::error, "the result is plain SSE2"}, sse2_only},
    {{"native-silences-flags", Severity::error, "GGML_NATIVE=ON makes ggml ignore explicit instruction sets"},
     native_silences},
    {{"explicit-flags-with-all-variants", Severity::error, "explicit instruction sets in a build of all variants"},
     explicit_with_variants},
    {{"march-native", Severity::error, "-march=native in the compiler's flags"}, march_native},
    {{"retired-option", Severity::error, "an option that llama.cpp no longer has"}, retired_option},
    {{"unknown-option", Severity::error, "an option that llama.cpp does not have"}, unknown_option},
    {{"targets-miss-card", Severity::error, "GPU code for cards that this fleet does not have"}, targets_miss_card},
    {{"ptx-only", Severity::warning, "PTX only, under MemoryDenyWriteExecute"}, ptx_only},
    {{"blas-with-gpu", Severity::warning, "BLAS in a build for a GPU"}, blas_with_gpu},
    {{"cuda-and-hip", Severity::error, "CUDA and ROCm in one build without GGML_BACKEND_DL"}, cuda_and_hip},
    {{"does-not-evaluate", Severity::error, "a llama.cpp package of a host does not evaluate"}, does_not_evaluate},
    {{"world-arch", Severity::warning, "the whole system rebuilt for a CPU because of one package"}, world_arch},
    {{"global-gpu-support", Severity::warning, "CUDA or ROCm for every package because of one"}, global_gpu},
};

}  // namespace

std::span<const HostRule> host_rules() { return kRules; }

}  // namespace lf::lint
