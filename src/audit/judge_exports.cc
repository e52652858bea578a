// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "audit/judge_stage.h"

namespace lf::audit {
namespace {

// llama.cpp's own, by the names that its CMake files give them.
constexpr std::string_view kOwnLibraries[] = {"libggml", "libllama", "libmtmd", "libllava"};

bool is_own(const FileAudit& file) {
    if (file.ggml_variant || file.ggml_kernels != GgmlKernels::none) return true;
    const std::string_view name = std::string_view(file.path).substr(file.path.find_last_of('/') + 1);
    return std::any_of(std::begin(kOwnLibraries), std::end(kOwnLibraries),
                       [&](std::string_view own) { return name.starts_with(own) || file.soname.starts_with(own); });
}

Uncalled uncalled_of(const std::vector<Fault>& faults) {
    std::set<std::uint32_t> functions, doubtful;
    std::set<std::string> lacking;
    for (const Fault& fault : faults) {
        (fault.reach == Reach::yes ? functions : doubtful).insert(fault.function);
        lacking.insert(fault.lacking.begin(), fault.lacking.end());
    }
    for (const std::uint32_t function : functions) doubtful.erase(function);
    return {functions.size(), doubtful.size(), {lacking.begin(), lacking.end()}};
}

}  // namespace

bool is_beside(const BuildAudit& build, const FileAudit& file) {
    if (!build.folder || file.kind != "shared library" || is_own(file)) return false;
    return std::any_of(build.files.begin(), build.files.end(),
                       [](const FileAudit& one) { return one.kind == "executable" || is_own(one); });
}

void judge_exports(const FileAudit& file, const facts::Cpu& cpu, const std::set<std::string>& imported,
                   FileVerdict& verdict) {
    constexpr auto kUse = static_cast<std::size_t>(Stage::use);
    if (verdict.stages.size() <= kUse || verdict.stages[kUse].outcome == Outcome::runs) return;
    StageVerdict called = judge_use(file, cpu, imported);
    const bool proved = called.outcome == Outcome::crashes || called.outcome == Outcome::wrong;
    if (proved) verdict.stages[kUse] = std::move(called);
    else verdict.uncalled = uncalled_of(reach(file.program, cpu.features, nullptr, unsure_of(cpu))[kUse].faults);
}

}  // namespace lf::audit
