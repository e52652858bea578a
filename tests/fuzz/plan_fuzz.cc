// SPDX-License-Identifier: MIT
// Plans and overrides come from the owner's repository: any bytes must give a value or an error, and what is read must
// be writable and readable again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plan/codec.h"
#include "plan/explain.h"
#include "plan/format.h"
#include "plan/planner.h"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void read_plan(std::string_view text) {
    const auto plan = lf::plan::from_json(text, "plan.json");
    if (!plan) return;
    const auto again = lf::plan::from_json(lf::plan::to_json(*plan), "plan.json");
    require(again.has_value() && *again == *plan);
    require(lf::plan::explain_plan(*plan).find('\x1b') == std::string::npos);
    require(lf::plan::cmake_command(*plan).find('\n') == lf::plan::cmake_command(*plan).size() - 1);
}

void read_overrides(std::string_view text) {
    const auto overrides = lf::plan::overrides_from_json(text, "overrides.json");
    if (!overrides) return;
    lf::facts::Machine machine;
    machine.host = "carbon";
    machine.system = "x86_64-linux";
    machine.cpu.architecture = "x86_64";
    machine.cpu.features = {"pni", "ssse3", "sse4_1", "sse4_2", "popcnt", "avx", "f16c", "fma", "bmi2", "avx2"};
    const auto plan = lf::plan::make_plan(machine, *overrides);
    if (plan) require(lf::plan::from_json(lf::plan::to_json(*plan), "plan.json").has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read_plan(text);
    read_overrides(text);
    return 0;
}
