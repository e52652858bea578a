// SPDX-License-Identifier: MIT
// How long planning takes for many hosts, and how much memory all their plans take together: `hosts_per_second` and
// `peak_MB` (of the whole process, so run one size at a time for it: --benchmark_filter=plan_hosts/10000).
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "facts/codec.h"
#include "facts/machine.h"
#include "facts/x86_features.h"
#include "plan/codec.h"
#include "plan/fleet.h"
#include "plan/planner.h"

namespace {

lf::facts::Gpu gpu_of(int i) {
    lf::facts::Gpu gpu;
    gpu.address = "0000:01:00.0";
    gpu.vendor = i % 3 == 0 ? "amd" : "nvidia";
    gpu.vendor_id = i % 3 == 0 ? 0x1002 : 0x10de;
    gpu.device_id = static_cast<std::uint16_t>(0x2000 + i % 64);
    gpu.name = "GA102 [GeForce RTX 3090]";
    gpu.chip = "GA102";
    if (i % 3 == 0) gpu.gfx_target = i % 2 == 0 ? "gfx1100" : "gfx1031";
    else gpu.compute_capability = i % 4 == 0 ? "6.1" : i % 4 == 1 ? "8.6" : "12.0";
    gpu.integrated = false;
    gpu.driver = i % 3 == 0 ? "amdgpu" : "nvidia";
    gpu.driver_version = "580.82.07";
    gpu.memory_mib = 24576;
    gpu.known_by = {{"compute_capability", "chip GA102 (table)"}, {"memory_mib", "NVML"}, {"name", "pci.ids"}};
    return gpu;
}

/// Hosts as a large fleet has them: a few kinds of CPUs, each with features missing here and there, every other one
/// with a card.
lf::facts::Machine machine_of(int i) {
    lf::facts::Machine machine;
    machine.host = fmt::format("host{}", i);
    machine.system = "x86_64-linux";
    machine.cpu.architecture = "x86_64";
    machine.cpu.source = "cpuid";
    machine.cpu.vendor = "AuthenticAMD";
    machine.cpu.model_name = "AMD EPYC 9454 48-Core Processor";
    machine.cpu.microarchitecture = "zen4";
    machine.cpu.gccarch = "znver4";
    int at = 0;
    for (const lf::facts::X86Feature& feature : lf::facts::x86_features())
        if ((++at + i) % 17 != 0 && at < 50 + i % 40) machine.cpu.features.emplace(feature.name);
    machine.cpu.cpus = 96;
    machine.cpu.cores = 48;
    machine.cpu.caches = {
        {1, "data", 32, 8, 64, 48}, {1, "instruction", 32, 8, 64, 48}, {2, "unified", 1024, 8, 64, 48}};
    machine.memory_mib = 386000;
    if (i % 2 == 0) machine.gpus.push_back(gpu_of(i / 2));
    return machine;
}

std::vector<lf::facts::Machine> fleet_of(std::int64_t size) {
    std::vector<lf::facts::Machine> fleet;
    fleet.reserve(static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) fleet.push_back(machine_of(i));
    return fleet;
}

void report(benchmark::State& state) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) / 1024.0;
    state.counters["hosts_per_second"] = benchmark::Counter(
        static_cast<double>(state.range(0)) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    state.SetComplexityN(state.range(0));
}

std::vector<lf::plan::Plan> plan_all(const std::vector<lf::facts::Machine>& fleet) {
    std::vector<lf::plan::Plan> plans;
    plans.reserve(fleet.size());
    for (const auto& machine : fleet) plans.push_back(lf::plan::make_plan(machine, {}).value());
    return plans;
}

/// Facts in memory → plans in memory.
void plan_hosts(benchmark::State& state) {
    const auto fleet = fleet_of(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(plan_all(fleet));
    report(state);
}

/// The text of facts → plan → its text: what `fit` and `plan --json` do with a file.
void facts_to_plan_text(benchmark::State& state) {
    std::vector<std::string> texts;
    for (const auto& machine : fleet_of(state.range(0))) texts.push_back(lf::facts::to_json(machine));
    for (auto _ : state)
        for (const std::string& text : texts) {
            const auto machine = lf::facts::from_json(text, "facts.json").value();
            benchmark::DoNotOptimize(lf::plan::to_json(lf::plan::make_plan(machine, {}).value()));
        }
    report(state);
}

/// Which builds the plans need.
void view_fleet(benchmark::State& state) {
    const auto fleet = fleet_of(state.range(0));
    const auto plans = plan_all(fleet);
    std::vector<lf::plan::FleetHost> hosts;
    for (std::size_t i = 0; i < plans.size(); ++i) hosts.push_back({&fleet[i], &plans[i]});
    for (auto _ : state) benchmark::DoNotOptimize(lf::plan::view_fleet(hosts));
    report(state);
}

BENCHMARK(plan_hosts)->RangeMultiplier(10)->Range(1000, 100000)->Unit(benchmark::kMillisecond)->Complexity();
BENCHMARK(facts_to_plan_text)->RangeMultiplier(10)->Range(1000, 10000)->Unit(benchmark::kMillisecond)->Complexity();
BENCHMARK(view_fleet)->RangeMultiplier(10)->Range(1000, 100000)->Unit(benchmark::kMillisecond)->Complexity();

}  // namespace

BENCHMARK_MAIN();
