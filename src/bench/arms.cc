// SPDX-License-Identifier: MIT
#include "bench/arms.h"

#include <fmt/format.h>

#include <algorithm>

namespace lf::bench {
namespace {

std::vector<std::string> flash_attentions(const Arm& base) {
    std::vector<std::string> result;
    for (const char* value : {"on", "off"})
        if (base.flash_attention != value) result.emplace_back(value);
    return result;
}

void add(std::string& text, const std::string& part) {
    if (!text.empty()) text += ", ";
    text += part;
}

}  // namespace

std::string describe(const Arm& arm) {
    std::string text = arm.build;
    if (arm.cpu_variant) add(text, *arm.cpu_variant);
    if (arm.device == "none") add(text, "CPU alone");
    else if (!arm.device.empty()) add(text, arm.device);
    if (!arm.cpu_variant && arm.device.empty())
        add(text, arm.build.empty() ? "default (run-time dispatch)" : "run-time dispatch");
    if (arm.threads != 0) add(text, fmt::format("{} thread{}", arm.threads, arm.threads == 1 ? "" : "s"));
    if (arm.ubatch != 0) add(text, fmt::format("ubatch {}", arm.ubatch));
    if (!arm.flash_attention.empty()) add(text, "flash attention " + arm.flash_attention);
    return text;
}

std::vector<Arm> first_arms(const Machine& machine) {
    const std::vector<std::string> builds = machine.builds.empty() ? std::vector<std::string>{""} : machine.builds;
    std::vector<Arm> arms;
    for (const std::string& build : builds) {
        Arm dispatch;
        dispatch.build = build;
        if (machine.devices.empty()) dispatch.device = machine.default_device;
        arms.push_back(dispatch);
        // With a device present, llama.cpp's choice is that device; the variants are then tried on the CPU alone.
        const std::string cpu = machine.devices.empty() ? dispatch.device : "none";
        if (!machine.devices.empty()) arms.push_back({build, std::nullopt, cpu, 0, 0, ""});
        for (const std::string& variant : machine.cpu_variants) arms.push_back({build, variant, cpu, 0, 0, ""});
        // The only device is what the default takes: it would be measured twice.
        if (machine.devices.size() == 1) continue;
        for (const std::string& device : machine.devices) arms.push_back({build, std::nullopt, device, 0, 0, ""});
    }
    return arms;
}

std::vector<int> thread_counts(int cores, int logical_cpus) {
    std::vector<int> counts = {(cores + 1) / 2, cores - 1, cores, logical_cpus};
    std::erase_if(counts, [](int n) { return n < 1; });
    std::sort(counts.begin(), counts.end());
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    return counts;
}

std::vector<int> ubatch_sizes(int prompt_tokens) {
    std::vector<int> sizes;
    for (const int size : {128, 256, 512, 1024})
        if (size < prompt_tokens) sizes.push_back(size);
    // The default, 512, takes a longer prompt in parts: one that does not is worth a try.
    if (prompt_tokens > 512 && prompt_tokens <= 1024) sizes.push_back(1024);
    return sizes;
}

std::vector<Arm> neighbours(const Arm& base, const Machine& machine, int prompt_tokens) {
    std::vector<Arm> arms;
    const bool on_cpu = base.device == "none" || machine.devices.empty();
    // In a container or with taskset llama.cpp may count cores that it must not use.
    const int own_threads = machine.own_threads > 0 ? machine.own_threads : machine.cores;
    if (on_cpu)
        for (const int threads : thread_counts(machine.cores, machine.logical_cpus)) {
            if (threads == (base.threads != 0 ? base.threads : own_threads)) continue;
            arms.push_back(base);
            arms.back().threads = threads;
        }
    for (const std::string& value : flash_attentions(base)) {
        arms.push_back(base);
        arms.back().flash_attention = value;
    }
    for (const int ubatch : ubatch_sizes(prompt_tokens)) {
        if (ubatch == (base.ubatch != 0 ? base.ubatch : 512)) continue;
        arms.push_back(base);
        arms.back().ubatch = ubatch;
    }
    return arms;
}

}  // namespace lf::bench
