// SPDX-License-Identifier: MIT
#include "plan/fleet.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "base/wrap.h"
#include "facts/feature_words.h"
#include "plan/codec.h"
#include "plan/cpu_options.h"
#include "plan/rules_cuda.h"
#include "plan/rules_gpu.h"
#include "plan/rules_other_cpu.h"

namespace lf::plan {
namespace {

// Flags that cost little to give up: what is lost without them.
struct Cheap {
    std::string_view flag;
    std::string_view costs;
};
constexpr Cheap kCheap[] = {
    {"GGML_AVX512_BF16", "models with BF16 weights only"},
    {"GGML_AMX_BF16", "models with BF16 weights only, on CPUs with AMX"},
    {"GGML_RV_ZIHINTPAUSE", "power while threads wait"},
    {"GGML_RV_ZICBOP", "prefetching of a few kernels"},
};

std::string key_of(const Flags& flags) {
    std::string out;
    for (const auto& [name, value] : flags) {
        const bool* on = std::get_if<bool>(&value);
        out += name;
        out += on != nullptr ? (*on ? "=1;" : "=0;") : "=" + std::get<std::string>(value) + ";";
    }
    return out;
}

/// Without what its package does not read: targets that stand there should the owner choose another package.
Build as_built(Build build) {
    if (!uses(build, "cuda")) build.cuda_architectures.reset(), build.cuda_packages.reset();
    if (!uses(build, "rocm")) build.rocm_targets.reset();
    return build;
}

/// Everything of a build but its CPU: a universal build holds all CPU variants.
std::string key_without_cpu(const std::string& system, const Build& whole, const std::string& package) {
    const Build build = as_built(whole);
    const auto text = [](const std::optional<std::string>& value) { return value.value_or("-"); };
    return fmt::format("{}|{}|{}|{}{}{}|{}|{}|{}|{}|{}", system, package, build.source, build.blas, build.openmp,
                       build.server, text(build.cuda_architectures), text(build.cuda_packages),
                       text(build.rocm_targets), join(build.multi, ","), key_of(build.extra_flags));
}

std::string key_of(const std::string& system, const Build& build) {
    return fmt::format("{}|{}|{}|{}|{}", key_without_cpu(system, build, build.package), build.strategy,
                       key_of(build.cpu_flags), build.cpu_variant.value_or("-"), build.cpu_native.value_or("-"));
}

/// The whole of which a host's universal package would be a copy: its back ends, and their targets.
std::string universal_key(const FleetHost& host) {
    Build build = host.plan->build;
    std::vector<std::string> backends;
    for (const char* backend : {"cuda", "rocm", "vulkan"})
        if (uses(build, backend)) backends.emplace_back(backend);
    build.multi = backends;
    return key_without_cpu(host.plan->system, build, "llama-cpp-universal");
}

/// The flags in which two builds differ, if they differ in nothing else and all of them are cheap.
std::optional<NearBuilds> near(const FleetBuild& one, const FleetBuild& other) {
    if (one.build.strategy != "tailored" || other.build.strategy != "tailored") return std::nullopt;
    NearBuilds out;
    std::set<std::string> costs;
    for (const auto& [name, value] : one.build.cpu_flags) {
        const auto found = other.build.cpu_flags.find(name);
        if (found != other.build.cpu_flags.end() && found->second == value) continue;
        const auto* const cheap = std::ranges::find(kCheap, name, &Cheap::flag);
        if (found == other.build.cpu_flags.end() || cheap == std::end(kCheap)) return std::nullopt;
        out.flags.push_back(name);
        costs.emplace(cheap->costs);
    }
    if (out.flags.empty()) return std::nullopt;
    out.costs = fmt::format("{}", fmt::join(costs, "; "));
    return out;
}

void add_near(Fleet& fleet) {
    if (fleet.builds.size() > kMostCompared) return;
    std::vector<std::string> keys;
    keys.reserve(fleet.builds.size());
    for (const FleetBuild& one : fleet.builds)
        keys.push_back(key_without_cpu(one.system, one.build, one.build.package));
    for (std::size_t i = 0; i < fleet.builds.size(); ++i)
        for (std::size_t k = i + 1; k < fleet.builds.size() && fleet.near.size() < kMostNear; ++k) {
            if (keys[i] != keys[k]) continue;
            auto found = near(fleet.builds[i], fleet.builds[k]);
            if (!found) continue;
            found->one = i;
            found->other = k;
            fleet.near.push_back(std::move(*found));
        }
}

std::string cards_in_key(const facts::Machine& machine) {
    std::string out;
    for (const Card& card : judge_cards(machine))
        out +=
            fmt::format("{}/{}/{}/{}/{};", name_of(card.backend), card.capability, card.gpu->gfx_target.value_or("-"),
                        card.gpu->driver.value_or("-"), card.gpu->driver_version.value_or("-"));
    return out;
}

/// Machines with equal features and cards run the same builds: each kind is asked once.
void add_builders(std::span<const FleetHost> hosts, Fleet& fleet) {
    if (fleet.builds.size() > kMostCompared) return;
    std::map<std::string, std::vector<const FleetHost*>> kinds;
    for (const FleetHost& host : hosts) {
        const facts::Machine& machine = *host.machine;
        kinds[fmt::format("{}|{}|{}|{}", machine.system, machine.cpu.architecture, fmt::join(machine.cpu.features, " "),
                          cards_in_key(machine))]
            .push_back(&host);
    }
    for (FleetBuild& build : fleet.builds) {
        for (const auto& [key, alike] : kinds) {
            if (!runs_on(build.build, build.system, *alike.front()->machine)) continue;
            build.runs_on.reserve(build.runs_on.size() + alike.size());
            for (const FleetHost* host : alike) build.runs_on.push_back(host->plan->host);
        }
        // What the owner chose for a host counts as running there.
        build.runs_on.insert(build.runs_on.end(), build.hosts.begin(), build.hosts.end());
        std::ranges::sort(build.runs_on);
        build.runs_on.erase(std::unique(build.runs_on.begin(), build.runs_on.end()), build.runs_on.end());
    }
}

std::string names(const std::vector<std::string>& hosts) {
    constexpr std::size_t kShown = 12;
    std::vector<std::string> shown;
    shown.reserve(kShown + 1);
    for (const std::string& host : hosts)
        if (shown.size() < kShown) shown.push_back(printable(host));
    if (hosts.size() > kShown) shown.push_back(fmt::format("and {} more", hosts.size() - kShown));
    return join(shown, ", ");
}

std::string build_words(const FleetBuild& one) {
    std::string out = printable(one.build.package);
    if (one.build.cpu_variant) out += " like " + printable(*one.build.cpu_variant);
    if (one.build.package == "llama-cpp-cuda" && one.build.cuda_architectures)
        out += " for " + printable(*one.build.cuda_architectures);
    if (one.build.package == "llama-cpp-rocm" && one.build.rocm_targets)
        out += " for " + printable(*one.build.rocm_targets);
    return out;
}

/// Does the driver of the card run what the build's CUDA makes? A driver that is not known may.
bool driver_runs(const Card& card, const Build& build) {
    if (!card.gpu->driver && !card.gpu->address.starts_with("wsl:")) return false;
    const auto driver = driver_version_of(card.gpu->driver_version);
    if (!driver || is_jetson(*card.gpu)) return true;
    const auto oldest = oldest_driver_for(build.cuda_packages ? major_of_set(*build.cuda_packages).value_or(12) : 12);
    const auto compression = build.extra_flags.find(std::string(kCompressionFlag));
    const bool plain = compression != build.extra_flags.end() && compression->second == FlagValue("none");
    return (!oldest || *driver >= *oldest) && (plain || reads_compressed(*card.gpu).value_or(true));
}

/// CUDA and ROCm start only where there is a driver for them, and have code for the cards that they were built for:
/// every card that they would use must be one of these.
bool gpus_run(const Build& build, const facts::Machine& machine) {
    const std::vector<Card> cards = judge_cards(machine);
    const auto each = [&](Backend backend, const auto& fits) {
        std::size_t served = 0;
        for (const Card& card : cards)
            if (card.backend == backend) {
                if (!fits(card)) return false;
                ++served;
            }
        return served > 0;
    };
    if (uses(build, "cuda") && !each(Backend::cuda, [&](const Card& card) {
            return (!build.cuda_architectures || has_cuda_code_for(card.capability, *build.cuda_architectures)) &&
                   (!build.cuda_packages || set_compiles_for(*build.cuda_packages, card.capability).value_or(true)) &&
                   driver_runs(card, build);
        }))
        return false;
    return !uses(build, "rocm") || each(Backend::rocm, [&](const Card& card) {
        return !build.rocm_targets ||
               std::ranges::count(split(*build.rocm_targets, ';'), std::string_view(*card.gpu->gfx_target)) > 0;
    });
}

/// For an option that names a processor: -march on ARM, -mcpu on POWER.
bool has_what_it_names(const facts::Cpu& cpu, const std::string& option, const std::string& value) {
    const auto needed = named_needs(cpu.architecture, option, value);
    return needed && facts::lacking(cpu.features, *needed).empty();
}

}  // namespace

bool runs_on(const Build& build, const std::string& system, const facts::Machine& machine) {
    if (machine.system != system) return false;
    if (build.strategy == "universal") return true;
    if (!gpus_run(build, machine)) return false;
    const CpuArchitecture* architecture = find_architecture(machine.cpu.architecture);
    for (const auto& [name, value] : build.cpu_flags) {
        if (value == FlagValue(false) || name == "GGML_NATIVE") continue;
        if (const std::string* text = std::get_if<std::string>(&value)) {
            if (!has_what_it_names(machine.cpu, name, *text)) return false;
            continue;
        }
        if (architecture == nullptr) return false;
        const auto option = std::ranges::find(architecture->options, name, &CpuOption::name);
        if (option == architecture->options.end()) return false;
        if (!facts::has_all(machine.cpu.features, option->features)) return false;
    }
    return true;
}

Fleet view_fleet(std::span<const FleetHost> hosts) {
    Fleet fleet;
    std::map<std::string, std::size_t> places;
    std::set<std::string> universal;
    for (const FleetHost& host : hosts) {
        const auto [place, added] =
            places.try_emplace(key_of(host.plan->system, host.plan->build), fleet.builds.size());
        if (added) fleet.builds.push_back({host.plan->system, host.plan->build, {}, {}});
        fleet.builds[place->second].hosts.push_back(host.plan->host);
        universal.insert(universal_key(host));
        if (host.machine->cpu.gccarch)
            fleet.gccarchs["gccarch-" + *host.machine->cpu.gccarch].push_back(host.plan->host);
    }
    fleet.universal = universal.size();
    std::ranges::stable_sort(fleet.builds,
                             [](const FleetBuild& a, const FleetBuild& b) { return a.hosts.size() > b.hosts.size(); });
    add_near(fleet);
    add_builders(hosts, fleet);
    return fleet;
}

std::string fleet_text(const Fleet& fleet) {
    std::size_t count = 0;
    for (const FleetBuild& one : fleet.builds) count += one.hosts.size();
    std::string out =
        fmt::format("{} hosts, {} distinct build{}\n", count, fleet.builds.size(), fleet.builds.size() == 1 ? "" : "s");
    for (const FleetBuild& one : fleet.builds) {
        out += wrapped("  ", build_words(one));
        out += wrapped("    hosts  ", names(one.hosts));
        const std::set<std::string> own(one.hosts.begin(), one.hosts.end());
        std::vector<std::string> others;
        for (const std::string& host : one.runs_on)
            if (!own.contains(host)) others.push_back(host);
        if (!others.empty()) out += wrapped("    also runs on  ", names(others));
    }
    if (fleet.universal < fleet.builds.size())
        out +=
            wrapped("  ", fmt::format("with the strategy universal {} build{} would do: larger, and pinned to each CPU "
                                      "by a copy (\"*\": {{ \"strategy\": \"universal\" }} in overrides.json)",
                                      fleet.universal, fleet.universal == 1 ? "" : "s"));
    for (const auto& [feature, hosts] : fleet.gccarchs)
        out += wrapped("  ", fmt::format("as a builder {} may offer \"{}\" in nix.settings.system-features",
                                         names(hosts), printable(feature)));
    for (const NearBuilds& one : fleet.near)
        out += wrapped("  ",
                       fmt::format("{} and {} would share one build without {}; it costs {}",
                                   printable(fleet.builds[one.one].hosts.front()),
                                   printable(fleet.builds[one.other].hosts.front()), join(one.flags, ", "), one.costs));
    return out;
}

}  // namespace lf::plan
