// SPDX-License-Identifier: MIT
#include "plan/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/codec.h"

namespace lf::plan {
namespace {

struct Format {
    std::string_view name;
    std::string (*text)(const Plan&);
};
constexpr Format kFormats[] = {{"cmake", cmake_command}, {"nix", nix_attributes}, {"json", to_json}};

}  // namespace

Result<std::string> format_plan(const Plan& plan, std::string_view format) {
    std::vector<std::string> names;
    for (const Format& row : kFormats) {
        if (row.name == format) return row.text(plan);
        names.emplace_back(row.name);
    }
    const auto near = did_you_mean(format, names);
    return fail(usage_error("plan-format", fmt::format("unknown format '{}'", printable(format)),
                            near ? fmt::format("did you mean '{}'?", *near) : "one of: " + join(names, ", ")));
}

std::string cmake_command(const Plan& plan) {
    std::vector<std::string> argv = {"cmake", "-B", "build"};
    const Flags flags = expected_flags(plan.build, plan.build.package);
    if (!flags.contains("CMAKE_BUILD_TYPE")) argv.emplace_back("-DCMAKE_BUILD_TYPE=Release");
    for (const auto& [name, value] : flags) {
        const bool* on = std::get_if<bool>(&value);
        const std::string text = on != nullptr ? (*on ? "ON" : "OFF") : std::get<std::string>(value);
        argv.push_back(fmt::format("-D{}={}", name, text));
    }
    return shell_command(argv) + "\n";
}

std::string nix_attributes(const Plan& plan) {
    std::string out = "{\n";
    const bool cuda =
        plan.build.package == "llama-cpp-cuda" || std::ranges::count(plan.build.multi, std::string("cuda")) > 0;
    if (cuda && plan.build.cuda_packages) out += fmt::format("  # with {} of nixpkgs\n", *plan.build.cuda_packages);
    for (const auto& [name, value] : expected_flags(plan.build, plan.build.package)) {
        const bool* on = std::get_if<bool>(&value);
        const std::string text = on != nullptr ? (*on ? "true" : "false") : nix_string(std::get<std::string>(value));
        out += fmt::format("  {} = {};\n", name, text);
    }
    return out + "}\n";
}

}  // namespace lf::plan
