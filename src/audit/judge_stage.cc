// SPDX-License-Identifier: MIT
#include "audit/judge_stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/words.h"
#include "base/text.h"
#include "facts/feature_words.h"
#include "plan/cpu_variants.h"
#include "x86/mnemonic.h"

namespace lf::audit {
namespace {

/// Somebody holds the address of bytes that neither .eh_frame nor a symbol covers, in a file that has frames: a table
/// that lies among the code (AES in OpenSSL) as likely as code. reach() proves nothing of such bytes; this is the
/// reason.
bool may_be_data(const FileAudit& file, Stage stage, const Fault& fault) {
    if (stage != Stage::use || file.program.bytes.eh_frame == 0) return false;
    return fault.function < file.program.functions.size() &&
           file.program.functions[fault.function].range.source == elf::RangeSource::sweep;
}

Outcome outcome_of(const Fault& fault) {
    if (fault.reach != Reach::yes || fault.isa == x86::kUnknownIsa) return Outcome::cannot_tell;
    return fault.wrong_result ? Outcome::wrong : Outcome::crashes;
}

/// The first of those that are worst.
const Fault* worst(const std::vector<Fault>& faults) {
    const Fault* out = nullptr;
    Outcome so_far = Outcome::runs;
    for (const Fault& fault : faults) {
        const Outcome one = outcome_of(fault);
        if (out != nullptr && (one == so_far || worse(one, so_far) == so_far)) continue;
        out = &fault;
        so_far = one;
    }
    return out;
}

std::span<const std::uint8_t> bytes_at(const FileAudit& file, std::uint64_t address) {
    const auto found = std::lower_bound(file.heads.begin(), file.heads.end(), address,
                                        [](const CodeHead& head, std::uint64_t at) { return head.address < at; });
    if (found == file.heads.end() || found->address != address) return {};
    return std::span(found->bytes).first(found->size);
}

std::string name_of(const FileAudit& file, std::uint32_t function) {
    return function < file.program.functions.size() ? function_name(file.program.functions[function]) : "code";
}

/// "vpaddd zmm0, zmm1, zmm2 at 0x1a2b in ggml_vec_dot_q4_0_q8_0".
std::string place_words(const FileAudit& file, const StageVerdict& verdict) {
    const Fault& fault = *verdict.fault;
    const std::string what = verdict.instruction.empty() ? std::string(set_name(fault.isa)) : verdict.instruction;
    return fmt::format("{} at {} in {}", what, hex(fault.address), name_of(file, fault.function));
}

/// Who calls it: of no interest where the stage has one beginning only, or where it begins here.
std::string caller_words(const FileAudit& file, const StageVerdict& verdict) {
    const auto& path = verdict.fault->path;
    if (verdict.stage != Stage::use || path.empty() || path.front() == verdict.fault->function) return "";
    return fmt::format(", by way of {}", name_of(file, path.front()));
}

std::string guard_words(const Fault& fault) {
    if (fault.unproved.empty()) return "a check of the CPU that was not understood stands before it";
    const Guard& guard = fault.unproved.front();
    return fmt::format("the check at {}{} stands before it and was not understood", hex(guard.at),
                       guard.feature.empty() ? "" : fmt::format(" ({}{})", guard.present ? "" : "no ", guard.feature));
}

/// Nothing stands before it, and yet nobody knows: facts do not say whether the CPU has the set.
bool is_unrecorded(const Fault& fault) {
    const x86::IsaSet* set = x86::isa_set(fault.isa);
    return fault.unproved.empty() && set != nullptr && !set->recorded;
}

/// Features that some of the host's CPUs have and others lack.
std::string some_words(const Fault& fault, const facts::Cpu& cpu) {
    for (const std::string& feature : fault.lacking)
        if (cpu.features_some.contains(feature)) return fmt::format("; some of its CPUs have {}", feature);
    return "";
}

std::string why(const FileAudit& file, const StageVerdict& verdict, const facts::Cpu& cpu) {
    const Fault& fault = *verdict.fault;
    const std::string place = place_words(file, verdict);
    if (fault.isa == x86::kUnknownIsa)
        return fmt::format("code at {} in {} is of no instruction set that we know", hex(fault.address),
                           name_of(file, fault.function));
    if (fault.own_check)
        return fmt::format("ud2 at {} in {}, where it stops itself: its own check wants {}{}{}", hex(fault.address),
                           name_of(file, fault.function), join(fault.lacking, " "),
                           verdict.outcome == Outcome::cannot_tell ? "; " + guard_words(fault) : "",
                           caller_words(file, verdict));
    const std::string needs = fmt::format("needs {}", join(fault.lacking, " "));
    if (may_be_data(file, verdict.stage, fault))
        return fmt::format("{} {}; no .eh_frame and no symbol covers it, it may be data", place, needs);
    if (verdict.outcome == Outcome::cannot_tell && is_unrecorded(fault))
        return fmt::format("{} {}, which the facts do not record", place, needs);
    if (verdict.outcome == Outcome::cannot_tell)
        return fmt::format("{} {}; {}{}", place, needs, guard_words(fault), some_words(fault, cpu));
    if (verdict.outcome == Outcome::wrong)
        return fmt::format("{} {}; without it the CPU computes something else{}", place, needs,
                           caller_words(file, verdict));
    return fmt::format("{} {}{}{}", place, needs, caller_words(file, verdict), some_words(fault, cpu));
}

StageVerdict judge_stage(const FileAudit& file, Stage stage, const StageResult& result, const facts::Cpu& cpu) {
    StageVerdict out;
    out.stage = stage;
    out.faults = result.faults.size();
    const Fault* fault = worst(result.faults);
    if (fault == nullptr) return out;
    out.outcome = outcome_of(*fault);
    out.fault = *fault;
    const auto bytes = bytes_at(file, fault->address);
    out.instruction_bytes = x86::instruction_bytes(bytes);
    out.instruction = x86::instruction_text(bytes, fault->address);
    out.why = why(file, out, cpu);
    return out;
}

/// The linker has still to say what leads to a function of an object file, so nothing is proved of one: of the first
/// that has an instruction which the CPU lacks it cannot be told.
void doubt_object(const FileAudit& file, const facts::Cpu& cpu, StageVerdict& use) {
    if (file.kind != "relocatable" || use.outcome != Outcome::runs) return;
    for (const FunctionUse& function : file.program.functions)
        for (const IsaUse& one : function.uses) {
            const auto missing = facts::lacking(cpu.features, plan::words(set_features(one.isa)));
            if (!x86::can_fault(one.isa) || (missing.empty() && one.isa != x86::kUnknownIsa)) continue;
            use.outcome = Outcome::cannot_tell;
            use.why = fmt::format(
                "{} of it {}: an object file is linked before it runs, and what then comes there is not known; audit "
                "the program that it is linked into",
                function_name(function),
                missing.empty() ? "has code that nothing decodes"
                                : "needs " + join(std::vector<std::string>(missing.begin(), missing.end()), " "));
            return;
        }
}

}  // namespace

StageVerdict judge_use(const FileAudit& file, const facts::Cpu& cpu, const std::set<std::string>& exports) {
    const auto results = reach(file.program, cpu.features, &exports, unsure_of(cpu));
    return judge_stage(file, Stage::use, results[static_cast<std::size_t>(Stage::use)], cpu);
}

std::vector<StageVerdict> judge_stages(const FileAudit& file, const facts::Cpu& cpu) {
    const auto results = reach(file.program, cpu.features, nullptr, unsure_of(cpu));
    std::vector<StageVerdict> out;
    out.reserve(results.size());
    for (std::size_t i = 0; i < results.size(); ++i) out.push_back(judge_stage(file, kStages[i], results[i], cpu));
    doubt_object(file, cpu, out.back());
    return out;
}

}  // namespace lf::audit
