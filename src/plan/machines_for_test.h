// SPDX-License-Identifier: MIT
/// \file
/// \brief Machines and lookups that the tests of this layer share. Included by *_test.cc only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "facts/machine.h"
#include "plan/planner.h"

namespace lf::plan::test {

inline const facts::FeatureSet kHaswell = {"pni",  "ssse3", "sse4_1", "sse4_2", "popcnt", "avx",
                                           "f16c", "fma",   "bmi1",   "bmi2",   "avx2"};

inline facts::FeatureSet with(facts::FeatureSet features, const std::vector<std::string>& more) {
    features.insert(more.begin(), more.end());
    return features;
}

inline const facts::FeatureSet kSkylakeX = with(kHaswell, {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"});
inline const facts::FeatureSet kZen4 = with(kSkylakeX, {"avx512vbmi", "avx512_vnni", "avx512_bf16"});
inline const facts::FeatureSet kSapphireRapids = with(kZen4, {"avx_vnni", "amx_tile", "amx_int8", "amx_bf16"});

inline facts::Machine machine(facts::FeatureSet features, std::vector<facts::Gpu> gpus = {}) {
    facts::Machine out;
    out.host = "host";
    out.system = "x86_64-linux";
    out.cpu.architecture = "x86_64";
    out.cpu.features = std::move(features);
    out.gpus = std::move(gpus);
    return out;
}

inline facts::Gpu nvidia(std::optional<std::string> capability, std::optional<std::string> driver = "nvidia") {
    facts::Gpu gpu;
    gpu.vendor = "nvidia";
    gpu.vendor_id = 0x10de;
    gpu.device_id = 0x25a2;
    gpu.name = "GA107M";
    gpu.compute_capability = std::move(capability);
    gpu.integrated = false;
    gpu.driver = std::move(driver);
    return gpu;
}

inline facts::Gpu amd(std::optional<std::string> target, std::optional<bool> integrated,
                      std::optional<std::string> driver = "amdgpu") {
    facts::Gpu gpu;
    gpu.vendor = "amd";
    gpu.vendor_id = 0x1002;
    gpu.device_id = 0x15bf;
    gpu.gfx_target = std::move(target);
    gpu.integrated = integrated;
    gpu.driver = std::move(driver);
    return gpu;
}

inline facts::Gpu intel(std::string name, bool integrated) {
    facts::Gpu gpu;
    gpu.vendor = "intel";
    gpu.vendor_id = 0x8086;
    gpu.device_id = 0x56a0;
    gpu.name = std::move(name);
    gpu.integrated = integrated;
    gpu.driver = "i915";
    return gpu;
}

inline Plan plan_of(const facts::Machine& machine, const Override& wish = {}) {
    Overrides overrides;
    overrides.hosts["host"] = wish;
    auto plan = make_plan(machine, overrides);
    EXPECT_TRUE(plan.has_value()) << (plan ? "" : plan.error().message);
    return plan ? *plan : Plan{};
}

inline Error refusal(const facts::Machine& machine, const Override& wish) {
    Overrides overrides;
    overrides.hosts["host"] = wish;
    const auto plan = make_plan(machine, overrides);
    EXPECT_FALSE(plan.has_value());
    return plan ? Error{} : plan.error();
}

inline Because line_of(const Plan& plan, const std::string& name) {
    const auto found = std::ranges::find(plan.because, name, &Because::line);
    EXPECT_NE(found, plan.because.end()) << "no line " << name;
    return found == plan.because.end() ? Because{} : *found;
}

inline bool on(const Plan& plan, const std::string& flag) {
    const auto found = plan.build.cpu_flags.find(flag);
    EXPECT_NE(found, plan.build.cpu_flags.end()) << flag;
    return found != plan.build.cpu_flags.end() && found->second == FlagValue(true);
}

inline bool mentions(const std::vector<std::string>& texts, const std::string& words) {
    return std::ranges::any_of(texts, [&](const std::string& text) { return text.find(words) != std::string::npos; });
}

inline bool accepting() {
    const char* accept = std::getenv("LLAMA_FLEET_ACCEPT");
    return accept != nullptr && std::string(accept) == "1";
}

/// Compares `text` with a file of the repository; under LLAMA_FLEET_ACCEPT=1 writes it. True = it was written: the test
/// must end as skipped, for it proved nothing.
inline bool matches_or_accepts(const std::string& text, const std::string& file) {
    const std::string path = std::string(LLAMA_FLEET_SOURCE_DIR) + "/" + file;
    if (accepting()) {
        const auto done = write_file_atomically(path, text);
        EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
        return true;
    }
    const auto golden = read_file(path);
    EXPECT_TRUE(golden.has_value()) << file << ": " << (golden ? "" : golden.error().message);
    if (golden) {
        EXPECT_EQ(text, *golden) << file << " differs; LLAMA_FLEET_ACCEPT=1 writes it anew";
    }
    return false;
}

}  // namespace lf::plan::test
