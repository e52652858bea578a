// SPDX-License-Identifier: MIT
#include "report/read_bench.h"

namespace lf::report {
namespace {

/// The file without what stands in "runs", if it is laid out as bench writes it. No string of JSON holds a line break,
/// so that these are marks of a list two blanks deep and nothing that was measured.
std::string without_runs(std::string_view text) {
    constexpr std::string_view kBegin = "\n  \"runs\": [\n";
    constexpr std::string_view kEnd = "\n  ]";
    const std::size_t begin = text.find(kBegin);
    if (begin == std::string_view::npos) return {};
    const std::size_t end = text.find(kEnd, begin + kBegin.size() - 1);
    if (end == std::string_view::npos) return {};
    std::string out;
    out.reserve(text.size() - (end - begin) + kBegin.size());
    out.append(text.substr(0, begin + kBegin.size())).append(text.substr(end));
    return out;
}

}  // namespace

Result<bench::BenchResult> read_bench(std::string_view text, const std::string& file) {
    if (const std::string shorter = without_runs(text); !shorter.empty())
        if (auto result = bench::from_json(shorter, file)) return result;
    auto result = bench::from_json(text, file);  // also for the place of what is wrong
    if (result) result->runs.clear();
    return result;
}

}  // namespace lf::report
