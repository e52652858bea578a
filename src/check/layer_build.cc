// SPDX-License-Identifier: MIT
// Layer "build": what ggml's CMake itself said while it was configured here, in a line for each CPU back end:
//   -- Adding CPU backend variant ggml-cpu: -msse4.2;-mavx;-mavx2 GGML_SSE42;GGML_AVX;GGML_AVX2
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "check/compiler_flags.h"
#include "check/layers.h"

namespace lf::check {
namespace {

constexpr std::string_view kAdding = "Adding CPU backend variant ";
constexpr std::string_view kSkipped = "Skipping impure flag -m";

struct Seen {
    std::map<std::string, std::set<std::string>> backends;  ///< "ggml-cpu" → its -m options; the last line counts
    bool native_skipped = false;
};

Seen read_log(std::string_view log) {
    Seen seen;
    for (const std::string_view line : lines(log)) {
        seen.native_skipped = seen.native_skipped || line.find(kSkipped) != std::string_view::npos;
        const std::size_t at = line.find(kAdding);
        if (at == std::string_view::npos || line.size() > 4096) continue;
        const std::string_view rest = line.substr(at + kAdding.size());
        const std::size_t colon = rest.find(':');
        if (colon > 64) continue;  // npos is
        std::set<std::string>& flags = seen.backends[std::string(rest.substr(0, colon))];
        flags.clear();
        for (const std::string_view part : split(rest.substr(colon + 1), ' ')) {
            for (const std::string_view word : split(part, ';')) {
                if (is_machine_flag(trim(word))) flags.emplace(trim(word));
            }
        }
    }
    return seen;
}

std::string listed(const std::set<std::string>& flags) {
    return flags.empty() ? "no -m option" : join(std::vector<std::string>(flags.begin(), flags.end()), " ");
}

void compare(const std::string& backend, const std::set<std::string>& wanted, const Seen& seen, LayerReport& report) {
    const auto found = seen.backends.find(backend);
    if (found == seen.backends.end()) {
        report.differences.push_back({backend, listed(wanted), "no such back end in the log"});
    } else if (found->second != wanted) {
        report.differences.push_back({backend, listed(wanted), listed(found->second)});
    }
}

}  // namespace

LayerReport build_layer(const Expectation& expected, const PackageFacts& facts, const Evidence& evidence) {
    LayerReport report;
    report.layer = Layer::build;
    const auto log = evidence.logs.find(facts.build_drv);
    const bool x86 = std::any_of(x86_compiler_flags().begin(), x86_compiler_flags().end(),
                                 [&](const auto& row) { return expected.flags.contains(std::string(row.option)); });
    const auto variant = flags_of_variant(expected.cpu_variant);
    if (log == evidence.logs.end()) {
        const auto unread = evidence.unread_logs.find(facts.build_drv);
        report.why = unread == evidence.unread_logs.end()
                         ? std::string(kNotBuiltHere)
                         : fmt::format("the log of the build cannot be read: {}", unread->second);
        return report;
    }
    const Seen seen = read_log(log->second);
    if (seen.backends.empty()) {
        report.why = "the log of the build has no line about a CPU back end";
    } else if (!variant && !x86 && !expected.native_wanted) {
        report.why = "which options the compiler should get is known here for x86-64 only";
    } else {
        if (variant) compare("ggml-cpu-" + expected.cpu_variant, compiler_flags(*variant), seen, report);
        else compare("ggml-cpu", compiler_flags(expected.flags), seen, report);
        if (expected.native_wanted && seen.native_skipped) {
            report.differences.push_back({"-march=native", "passed on", "dropped by the compiler wrapper"});
        }
        report.basis = "the log of the build here";
        report.verdict = report.differences.empty() ? Verdict::shown : Verdict::not_shown;
    }
    return report;
}

}  // namespace lf::check
