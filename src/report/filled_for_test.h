// SPDX-License-Identifier: MIT
/// \file
/// \brief Fleets with a string of the caller's in every field that is one, for tests and the fuzzer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report/report.h"

namespace lf::report::test {

struct Filler {
    std::function<std::string()> text;
    std::function<double()> number;
    std::function<int()> small;  ///< 0 to 3, for lengths and choices

    std::vector<std::string> texts() {
        std::vector<std::string> all(static_cast<std::size_t>(small()));
        for (std::string& one : all) one = text();
        return all;
    }
    facts::Estimate estimate() { return {number(), number(), number()}; }
};

inline facts::Machine filled_facts(Filler& f) {
    facts::Machine machine;
    machine.host = f.text(), machine.system = f.text();
    machine.cpu.architecture = f.text(), machine.cpu.model_name = f.text(), machine.cpu.microarchitecture = f.text();
    machine.cpu.cpus = f.small(), machine.cpu.features = {f.text(), f.text()}, machine.cpu.features_some = {f.text()};
    machine.memory_mib = f.small(), machine.notes = f.texts();
    facts::Gpu gpu;
    gpu.address = f.text(), gpu.vendor = f.text(), gpu.name = f.text(), gpu.chip = f.text();
    gpu.compute_capability = f.text(), gpu.gfx_target = f.text(), gpu.driver = f.text();
    machine.gpus.assign(static_cast<std::size_t>(f.small()), gpu);
    return machine;
}

inline plan::Plan filled_plan(Filler& f) {
    plan::Plan plan;
    plan.host = f.text(), plan.system = f.text(), plan.notes = f.texts();
    plan.build.package = f.text(), plan.build.strategy = f.text(), plan.build.source = f.text();
    plan.build.cpu_variant = f.text(), plan.build.multi = f.texts();
    plan.because.push_back({"package", f.text(), f.text(), f.text(), f.texts(), f.texts()});
    plan.because.push_back({f.text(), f.text(), f.text(), f.text(), f.texts(), f.texts()});
    return plan;
}

inline check::Difference filled_difference(Filler& f) { return {f.text(), f.text(), f.text(), f.text()}; }

inline check::HostReport filled_check(Filler& f) {
    check::HostReport host;
    host.host = f.text(), host.verdict = static_cast<check::Verdict>(f.small()), host.why = f.text();
    host.selected = f.text(), host.notes = f.texts(), host.differences = {filled_difference(f)};
    check::PackageReport package;
    package.package = f.text(), package.why = f.text(), package.verdict = static_cast<check::Verdict>(f.small());
    package.failure.emplace().message = f.text();
    check::LayerReport layer;
    layer.layer = static_cast<check::Layer>(f.small()), layer.basis = f.text(), layer.why = f.text();
    layer.differences = {filled_difference(f), filled_difference(f)};
    package.layers = {layer};
    host.packages = {package};
    return host;
}

inline facts::Choice filled_choice(Filler& f, const std::string& candidate) {
    facts::Choice choice;
    choice.candidate = candidate, choice.default_candidate = f.text(), choice.verdict = f.text();
    choice.model = f.text(), choice.revision = f.text(), choice.server_arguments = f.texts(), choice.pairs = f.small();
    if (f.small() > 0) choice.score = f.estimate(), choice.prompt = f.estimate(), choice.generation = f.estimate();
    return choice;
}

inline bench::BenchResult filled_bench(Filler& f) {
    bench::BenchResult result;
    const std::string first = f.text();
    const std::string other = f.small() > 1 ? "plan" : f.text();
    const bench::Test test{f.small() > 1 ? bench::TestKind::prompt : bench::TestKind::generation, 1 + f.small(),
                           f.small()};
    for (const std::string& name : {first, other})
        result.candidates.push_back({name, f.text(), f.text(), f.text(), f.small(), f.small(), f.text(), f.text()});
    result.builds.push_back({f.text(), f.text(), {{f.text(), f.text()}}, f.text(), f.small()});
    result.model.description = f.text(), result.conditions.cpu = f.text(), result.conditions.gpu = f.text();
    result.conditions.governor = f.text(), result.conditions.power_profile = f.text();
    result.complete = f.small() > 0, result.seconds = f.number(), result.conditions.load_average = f.number();
    result.findings.push_back({f.text(), f.text(), f.text()});
    result.warnings.push_back({f.text(), f.text(), f.text()});
    result.rungs.push_back({f.text(), {{f.text(), f.number(), f.small(), f.text()}, {f.text(), {}, 0, f.text()}}});
    if (f.small() > 0) result.choice = filled_choice(f, other);
    result.summaries.push_back({first, test, f.small(), {f.number()}, {f.number()}, f.estimate()});
    result.summaries.push_back({other, test, f.small(), {f.number()}, {}, {}});
    result.comparisons.push_back(
        {other, first, test, f.small(), f.estimate(), static_cast<bench::Verdict>(f.small() % 3)});
    result.commands = f.texts();
    return result;
}

inline Error filled_error(Filler& f) {
    Error error = world_error(f.text(), f.text(), f.text());
    error.where.file = f.text(), error.where.json_path = f.text(),
    error.where.line = static_cast<std::uint32_t>(f.small());
    return error;
}

inline FleetReport filled(Filler& f, int hosts) {
    FleetReport fleet;
    fleet.checked = f.small() > 0, fleet.stand_ins = f.small() > 1, fleet.not_checked = f.small() > 2 ? f.text() : "";
    fleet.problems = {filled_error(f)};
    for (int i = 0; i < hosts; ++i) {
        Host host;
        host.name = f.text();
        if (f.small() > 0) host.facts = filled_facts(f);
        if (f.small() > 0) host.plan = filled_plan(f);
        if (f.small() > 0) host.check = filled_check(f);
        if (f.small() > 0) host.bench = filled_bench(f);
        host.broken_off = f.small() > 2;
        if (f.small() > 1)
            host.audit = Audit{f.small() > 1 ? audit::Outcome::runs : audit::Outcome::crashes,
                               f.text(),
                               f.text(),
                               {{f.text(), 0x4010ab, f.text()}, {f.text(), 0, f.text()}},
                               f.texts()};
        host.check_commands.push_back({f.text(), {}, f.text()});
        if (f.small() > 1) host.problems = {filled_error(f)};
        fleet.hosts.push_back(std::move(host));
    }
    return fleet;
}

}  // namespace lf::report::test
