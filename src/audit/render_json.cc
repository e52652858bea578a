// SPDX-License-Identifier: MIT
// Every field is always there, null for nothing; doc/audit-json.md is the table of them, render_json_test.cc compares.
#include "audit/render.h"
#include "audit/words.h"
#include "base/demangle.h"
#include "base/json.h"

namespace lf::audit {
namespace {

constexpr int kAuditVersion = 1;

template <class List, class Make>
Json list_of(const List& values, Make make) {
    Json list = Json::array();
    for (const auto& value : values) list.push_back(make(value));
    return list;
}

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json error_json(const Error& error) {
    return {{"id", error.id},
            {"message", error.message},
            {"file", text_or_null(error.where.file)},
            {"hint", text_or_null(error.hint)}};
}

Json use_json(const IsaUse& use) {
    return {{"set", set_name(use.isa)},
            {"features", set_features(use.isa)},
            {"count", use.count},
            {"first", hex(use.first)}};
}

Json places_json(std::uint64_t places, std::uint64_t first) {
    return {{"places", places}, {"first", places == 0 ? Json(nullptr) : Json(hex(first))}};
}

Json bytes_json(const ByteTable& bytes) {
    return {{"eh_frame", bytes.eh_frame}, {"symbol", bytes.symbol},   {"sweep", bytes.sweep}, {"plt", bytes.plt},
            {"padding", bytes.padding},   {"unknown", bytes.unknown}, {"total", bytes.total}};
}

Json function_json(const FunctionUse& function, Level level) {
    return {{"name", text_or_null(function.range.name)},
            {"demangled", text_or_null(demangled(function.range.name))},
            {"start", hex(function.range.start)},
            {"end", hex(function.range.end)},
            {"source", id_of(function.range.source)},
            {"level", id_of(level)},
            {"instructions", function.instructions},
            {"undecodable", places_json(function.undecodable, function.first_undecodable)},
            {"isa", list_of(function.uses, use_json)}};
}

Json functions_json(const FileAudit& file) {
    Json list = Json::array();
    for (std::size_t i = 0; i < file.program.functions.size(); ++i)
        list.push_back(
            function_json(file.program.functions[i], i < file.levels.size() ? file.levels[i] : Level::not_reached));
    return list;
}

Json target_json(const gpucode::Target& target) {
    return {{"kind", id_of(target.kind)},
            {"name", target.name},
            {"entries", target.entries},
            {"stored_bytes", target.stored_bytes},
            {"unpacked_bytes", target.unpacked_bytes},
            {"compression", text_or_null(target.compression)}};
}

Json gpu_json(const gpucode::GpuCode& gpu) {
    if (!gpu.any() && gpu.notes.empty()) return nullptr;
    return {{"containers", gpu.containers},
            {"section_bytes", gpu.section_bytes},
            {"targets", list_of(gpu.targets, target_json)},
            {"notes", gpu.notes},
            {"damaged", !gpu.damage.empty()}};
}

Json ggml_json(const FileAudit& file) {
    if (!file.ggml_variant && !file.ggml_score && !file.ggml_init && file.ggml_kernels == GgmlKernels::none)
        return nullptr;
    return {{"variant", file.ggml_variant ? Json(*file.ggml_variant) : Json(nullptr)},
            {"score", file.ggml_score},
            {"init", file.ggml_init},
            {"kernels", id_of(file.ggml_kernels)}};
}

/// The fields of the code are null where it was not examined.
Json file_json(const FileAudit& file, RenderOptions options) {
    const Program& program = file.program;
    const auto examined = [&](Json json) { return file.examined ? std::move(json) : Json(nullptr); };
    return {{"path", file.path},
            {"kind", text_or_null(file.kind)},
            {"machine", text_or_null(file.machine)},
            {"size", file.size},
            {"examined", file.examined},
            {"why_not", text_or_null(file.why_not)},
            {"error", file.error ? error_json(*file.error) : Json(nullptr)},
            {"soname", text_or_null(file.soname)},
            {"build_id", text_or_null(file.build_id)},
            {"needed", file.needed},
            {"ggml", ggml_json(file)},
            {"gpu", gpu_json(file.gpu)},
            {"bytes", examined(bytes_json(program.bytes))},
            {"instructions", examined(program.instructions)},
            {"undecodable", examined(places_json(program.undecodable, program.first_undecodable))},
            {"isa", examined(list_of(program.uses, use_json))},
            {"sweep_isa", examined(list_of(program.sweep_uses, use_json))},
            {"functions", examined(options.functions ? functions_json(file) : Json(nullptr))},
            {"notes", program.notes}};
}

Json build_json(const BuildAudit& build, RenderOptions options) {
    return {{"path", build.path},
            {"bytes", build.bytes},
            {"files", list_of(build.files, [&](const FileAudit& file) { return file_json(file, options); })},
            {"notes", build.notes}};
}

Json guard_json(const Guard& guard) {
    return {{"feature", text_or_null(guard.feature)}, {"present", guard.present}, {"at", hex(guard.at)}};
}

Json fault_json(const FileAudit& file, const StageVerdict& stage) {
    if (!stage.fault) return nullptr;
    const Fault& fault = *stage.fault;
    const auto name = [&](std::uint32_t function) {
        return function < file.program.functions.size() ? symbol_name(file.program.functions[function]) : "unknown";
    };
    return {{"file", file.path},
            {"function", name(fault.function)},
            {"demangled", text_or_null(demangled(name(fault.function)))},
            {"address", hex(fault.address)},
            {"set", set_name(fault.isa)},
            {"lacking", fault.lacking},
            {"instruction_bytes", text_or_null(stage.instruction_bytes)},
            {"instruction", text_or_null(stage.instruction)},
            {"proved", fault.reach == Reach::yes},
            {"wrong_result", fault.wrong_result},
            {"path", list_of(fault.path, name)},
            {"unproved", list_of(fault.unproved, guard_json)}};
}

Json stage_json(const FileAudit& file, const StageVerdict& stage) {
    return {{"stage", id_of(stage.stage)},
            {"outcome", id_of(stage.outcome)},
            {"why", text_or_null(stage.why)},
            {"faults", stage.faults},
            {"fault", fault_json(file, stage)}};
}

Json uncalled_json(const FileVerdict& verdict) {
    if (!verdict.uncalled) return nullptr;
    const Uncalled& one = *verdict.uncalled;
    return {{"functions", one.functions}, {"doubtful", one.doubtful}, {"lacking", one.lacking}};
}

Json file_verdict_json(const BuildAudit& build, const FileVerdict& verdict) {
    const FileAudit& file = build.files.at(verdict.file);
    return {{"path", file.path},
            {"outcome", id_of(verdict.outcome)},
            {"why", text_or_null(verdict.why)},
            {"score", verdict.score ? Json(*verdict.score) : Json(nullptr)},
            {"chosen", verdict.chosen},
            {"uncalled", uncalled_json(verdict)},
            {"stages", list_of(verdict.stages, [&](const StageVerdict& one) { return stage_json(file, one); })}};
}

Json card_json(const CardVerdict& card) {
    return {{"card", card.card},
            {"backend", text_or_null(card.backend)},
            {"fit", card.known ? Json(id_of(card.fit)) : Json(nullptr)},
            {"by", text_or_null(card.by)},
            {"text", card.text}};
}

Json host_json(const Report& report, const Report::Host& host) {
    const HostVerdict& verdict = host.verdict;
    const BuildAudit& build = report.builds.at(host.build);
    return {{"host", host.name},
            {"build", build.path},
            {"outcome", id_of(verdict.outcome)},
            {"why", text_or_null(verdict.why)},
            {"files", list_of(verdict.files, [&](const FileVerdict& one) { return file_verdict_json(build, one); })},
            {"unused", list_of(verdict.unused,
                               [](const Unused& one) {
                                   return Json{{"what", one.what}, {"text", one.text}};
                               })},
            {"cards", list_of(verdict.cards, card_json)},
            {"idle_gpu_bytes", verdict.idle_gpu_bytes},
            {"notes", verdict.notes}};
}

}  // namespace

std::string to_json(const Report& report, RenderOptions options) {
    return write_json({{"schema", "llama-fleet/audit"},
                       {"version", kAuditVersion},
                       {"builds", list_of(report.builds, [&](const auto& one) { return build_json(one, options); })},
                       {"hosts", list_of(report.hosts, [&](const auto& one) { return host_json(report, one); })},
                       {"problems", list_of(report.problems, error_json)}});
}

}  // namespace lf::audit
