// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "audit/audit.h"
#include "audit/cards.h"
#include "audit/ggml_files.h"
#include "audit/judge_stage.h"
#include "audit/kernels.h"
#include "audit/words.h"
#include "base/text.h"
#include "facts/x86_features.h"

namespace lf::audit {
namespace {

int badness(Outcome outcome) {
    switch (outcome) {
        case Outcome::crashes: return 4;
        case Outcome::not_loaded: return 3;
        case Outcome::wrong: return 2;
        case Outcome::cannot_tell: return 1;
        case Outcome::runs: return 0;
    }
    return 1;
}

/// Does the file hold code for a CPU that was not looked at?
bool is_unexamined(const FileAudit& file) { return !file.examined && file.kind != "GPU code"; }

/// What no x86-64 process loads: code for other processors (32-bit x86 does run), core dumps, debug information.
bool is_never_loaded(const FileAudit& file) {
    const bool foreign = !file.machine.empty() && file.machine != "x86-64" && file.machine != "i386";
    return is_unexamined(file) && !file.error && (foreign || file.debug_only || file.kind == "core");
}

std::string stage_sentence(const StageVerdict& stage) {
    if (stage.outcome == Outcome::crashes && stage.stage == Stage::use)
        return fmt::format("loads; would crash when it is used: {}", stage.why);
    if (stage.outcome == Outcome::cannot_tell)
        return fmt::format("cannot tell what happens {}: {}", words_of(stage.stage), stage.why);
    if (stage.outcome == Outcome::wrong) return fmt::format("wrong results {}: {}", words_of(stage.stage), stage.why);
    return fmt::format("would crash {}: {}", words_of(stage.stage), stage.why);
}

/// The outcome of those stages that the host comes to.
void conclude(FileVerdict& verdict, std::initializer_list<Stage> stages) {
    for (const Stage stage : stages) {
        if (static_cast<std::size_t>(stage) >= verdict.stages.size()) continue;
        const StageVerdict& one = verdict.stages[static_cast<std::size_t>(stage)];
        if (badness(one.outcome) <= badness(verdict.outcome)) continue;
        verdict.outcome = one.outcome;
        verdict.why = stage_sentence(one);
        verdict.decided_by = stage;
    }
}

/// Places that nothing decodes, and the first of them; left out are those in bytes that neither .eh_frame nor a symbol
/// covers, in a file that has frames, if nothing surely leads there: tables among the code.
struct Undecodable {
    std::uint64_t places = 0, first = 0;
};

Undecodable undecodable_of(const FileAudit& file) {
    Undecodable out;
    const Program& program = file.program;
    for (std::size_t i = 0; i < program.functions.size(); ++i) {
        const FunctionUse& function = program.functions[i];
        const bool swept = function.range.source == elf::RangeSource::sweep && program.bytes.eh_frame != 0;
        const Level level = i < file.levels.size() ? file.levels[i] : Level::use;
        const bool unsure = level == Level::not_reached || level == Level::guarded || level == Level::unproved;
        if (function.undecodable == 0 || (swept && unsure)) continue;
        if (out.places == 0) out.first = function.first_undecodable;
        out.places += function.undecodable;
    }
    return out;
}

/// Bytes within functions that nothing can decode: whatever they are, nobody can say what they need.
void doubt_undecodable(const FileAudit& file, FileVerdict& verdict) {
    if (verdict.outcome != Outcome::runs) return;
    const Undecodable found = undecodable_of(file);
    if (found.places == 0) return;
    verdict.outcome = Outcome::cannot_tell;
    verdict.undecodable = found.first;
    verdict.why = fmt::format(
        "{} of its code cannot be decoded, the first at {}: perhaps an instruction set newer than "
        "our tables",
        found.places == 1 ? "one place" : fmt::format("{} places", found.places), hex(found.first));
}

/// GPU code that cannot be read, where it could matter: to a host with a card that it may be for, and wherever the file
/// is nothing else.
void doubt_damage(const FileAudit& file, const facts::Machine& machine, FileVerdict& verdict) {
    if (verdict.outcome != Outcome::runs || file.gpu.damage.empty()) return;
    const gpucode::Damage* damage =
        file.kind == "GPU code" ? &file.gpu.damage.front() : damage_for(file.gpu.damage, machine);
    if (damage == nullptr) return;
    verdict.outcome = Outcome::cannot_tell;
    verdict.why = fmt::format("its GPU code is damaged: {}", damage->note);
}

FileVerdict start_file(const BuildAudit& build, std::size_t index, const facts::Machine& machine) {
    const FileAudit& file = build.files[index];
    FileVerdict out;
    out.file = index;
    if (file.examined) {
        out.stages = judge_stages(file, machine.cpu);
    } else if (is_unexamined(file)) {
        out.outcome = Outcome::cannot_tell;
        out.why = file.why_not;
    }
    return out;
}

/// Would ggml refuse the library that it found under the plain name? load_backend of ggml-backend-reg.cpp asks every
/// library with a score for it, and leaves one with 0. An instruction that nothing guards shows with which options it
/// was built, and those are what its ggml_backend_score asks for.
bool is_refused(const FileAudit& file, const FileVerdict& verdict) {
    if (!file.ggml_cpu || !file.ggml_score || !file.ggml_variant || !file.ggml_variant->empty()) return false;
    return std::any_of(verdict.stages.begin(), verdict.stages.end(), [](const StageVerdict& stage) {
        const bool late = stage.stage == Stage::init || stage.stage == Stage::use;
        return late && stage.outcome == Outcome::crashes && stage.fault && score_asks_for(stage.fault->lacking);
    });
}

constexpr std::string_view kRefused = "ggml refuses it here: its own check of the CPU (ggml_backend_score) gives 0";

/// A library for the CPU that ggml comes to, in all stages.
void conclude_taken(const FileAudit& file, FileVerdict& verdict, HostVerdict& host) {
    verdict.chosen = true;
    conclude(verdict, {Stage::load, Stage::score});
    if (verdict.outcome == Outcome::runs && is_refused(file, verdict)) {
        verdict.chosen = false;
        verdict.score = 0;
        verdict.outcome = Outcome::not_loaded;
        verdict.why = kRefused;
        host.outcome = Outcome::not_loaded;
        host.why = fmt::format("no library for the CPU is loaded: {}: {}", file.path, kRefused);
        return;
    }
    conclude(verdict, {Stage::init, Stage::use});
    doubt_undecodable(file, verdict);
}

/// What ggml does with one set of libraries for the CPU.
class SetJudge {
  public:
    SetJudge(const BuildAudit& build, const facts::Machine& machine, HostVerdict& out)
        : build_(build), cpu_(machine.cpu), out_(out) {}

    /// Adds the files of the set that it has concluded to `done`.
    void judge(const GgmlSet& set, std::set<std::size_t>& done) {
        const GgmlChoice choice = choose(set, build_, cpu_.features);
        for (const std::size_t index : set.variants) {
            FileVerdict& verdict = out_.files[index];
            const FileAudit& file = build_.files[index];
            if (file.examined) verdict.score = ggml_score(*file.ggml_variant, cpu_.features);
            done.insert(index);
            if (choice.file == index) take(index);
            else if (file.examined) leave(verdict, choice);
        }
        for (const std::size_t index : set.ignored) {
            done.insert(index);
            leave(out_.files[index], choice);
            out_.notes.push_back(
                fmt::format("{} has no ggml_backend_score: ggml does not take it", build_.files[index].path));
        }
        plain(set, choice, done);
        for (const std::size_t index : choice.of_no_known_score) unknown(index);
        hybrid(set, choice);
    }

  private:
    void take(std::size_t index) { conclude_taken(build_.files[index], out_.files[index], out_); }

    /// ggml loads each of the set and asks for its score, and closes those that it does not take.
    void leave(FileVerdict& verdict, const GgmlChoice& choice) {
        conclude(verdict, {Stage::load, Stage::score});
        if (verdict.outcome != Outcome::runs) return;
        verdict.outcome = Outcome::not_loaded;
        verdict.why = verdict.score == 0 ? "its score is 0 here"
                      : choice.file      ? fmt::format("ggml takes {}", build_.files[*choice.file].path)
                                         : "ggml does not take it";
    }

    void plain(const GgmlSet& set, const GgmlChoice& choice, std::set<std::size_t>& done) {
        if (!set.plain) {
            if (choice.file || !choice.of_no_known_score.empty()) return;
            out_.outcome = Outcome::not_loaded;
            out_.why = fmt::format("ggml would load none of its libraries for the CPU{}: each has the score 0 here",
                                   set.folder.empty() ? "" : " in " + set.folder);
            return;
        }
        done.insert(*set.plain);
        if (choice.file == set.plain) return take(*set.plain);
        // It is no candidate: nothing looks at it.
        out_.files[*set.plain].outcome = Outcome::not_loaded;
        out_.files[*set.plain].why = "ggml takes it only where no variant has a score";
    }

    /// A variant of a name that we do not know may be taken: that is harmless where it would run.
    void unknown(std::size_t index) {
        const FileAudit& file = build_.files[index];
        if (!file.examined) return;
        FileVerdict& verdict = out_.files[index];
        FileVerdict taken = verdict;
        taken.outcome = Outcome::runs;
        conclude(taken, {Stage::load, Stage::score, Stage::init, Stage::use});
        out_.notes.push_back(
            fmt::format("{} is a variant that we do not know: what score it gives here cannot be told", file.path));
        if (taken.outcome == Outcome::runs || verdict.outcome != Outcome::not_loaded) return;
        verdict.outcome = Outcome::cannot_tell;
        verdict.why = fmt::format("its score is not known; if ggml takes it: {}", taken.why);
        verdict.decided_by = taken.decided_by;
    }

    /// Where CPUs differ, the score depends on the one that computes it.
    void hybrid(const GgmlSet& set, const GgmlChoice& choice) {
        if (cpu_.features_some.empty()) return;
        facts::FeatureSet all = cpu_.features;
        all.insert(cpu_.features_some.begin(), cpu_.features_some.end());
        const GgmlChoice other = choose(set, build_, all);
        if (other.file == choice.file || !other.file) return;
        FileVerdict& verdict = out_.files[*other.file];
        if (verdict.outcome != Outcome::not_loaded) return;
        verdict.outcome = Outcome::cannot_tell;
        verdict.why =
            "only some of the host's CPUs have what it needs: which library ggml takes depends on the CPU that "
            "asks";
    }

    const BuildAudit& build_;
    const facts::Cpu& cpu_;
    HostVerdict& out_;
};

/// A variant that somebody names alone is judged as if it were taken; what ggml would do is said.
void add_score(const BuildAudit& build, const facts::Cpu& cpu, HostVerdict& out) {
    const FileAudit& file = build.files.front();
    if (!file.examined || !file.ggml_cpu || !file.ggml_variant || !file.ggml_score) return;
    out.files.front().score = ggml_score(*file.ggml_variant, cpu.features);
    if (is_refused(file, out.files.front())) out.files.front().score = 0;
    if (out.files.front().score == 0)
        out.notes.push_back("its score is 0 here: ggml would refuse it before that, alone or among others");
}

/// The exports of libraries beside llama.cpp's own, by who imports them.
void judge_beside(const BuildAudit& build, const facts::Machine& machine, HostVerdict& out) {
    std::set<std::string> imported;
    for (const FileVerdict& verdict : out.files) {
        const auto& names = build.files[verdict.file].imports;
        if (verdict.outcome != Outcome::not_loaded) imported.insert(names.begin(), names.end());
    }
    for (FileVerdict& verdict : out.files) {
        const FileAudit& file = build.files[verdict.file];
        if (!file.examined || !is_beside(build, file)) continue;
        judge_exports(file, machine.cpu, imported, verdict);
        if (!verdict.uncalled) conclude(verdict, {Stage::use});
    }
}

void judge_files(const BuildAudit& build, const facts::Machine& machine, HostVerdict& out) {
    out.files.reserve(build.files.size());
    for (std::size_t i = 0; i < build.files.size(); ++i) out.files.push_back(start_file(build, i, machine));
    std::set<std::size_t> done;
    SetJudge sets(build, machine, out);
    if (build.folder)
        for (const GgmlSet& set : ggml_sets(build)) sets.judge(set, done);
    else add_score(build, machine.cpu, out);
    const bool others =
        std::any_of(build.files.begin(), build.files.end(), [](const FileAudit& file) { return file.examined; });
    for (std::size_t i = 0; i < build.files.size(); ++i) {
        if (done.contains(i)) continue;
        // Beside code for the host it keeps nothing from running.
        if (others && is_never_loaded(build.files[i])) {
            out.files[i].outcome = Outcome::not_loaded;
            continue;
        }
        if (build.folder && build.files[i].ggml_cpu && build.files[i].examined) {
            conclude_taken(build.files[i], out.files[i], out);
            continue;
        }
        if (is_beside(build, build.files[i])) conclude(out.files[i], {Stage::load, Stage::score, Stage::init});
        else conclude(out.files[i], {Stage::load, Stage::score, Stage::init, Stage::use});
        if (build.files[i].examined) doubt_undecodable(build.files[i], out.files[i]);
        out.files[i].chosen = build.files[i].ggml_cpu;
    }
    judge_beside(build, machine, out);
    for (FileVerdict& verdict : out.files) doubt_damage(build.files[verdict.file], machine, verdict);
}

/// The worst file speaks for the host; of equals the first.
void conclude_host(const BuildAudit& build, HostVerdict& out) {
    std::size_t others = 0;
    for (const FileVerdict& file : out.files) {
        if (file.outcome == Outcome::not_loaded || file.outcome == Outcome::runs) continue;
        if (badness(file.outcome) == badness(out.outcome)) ++others;
        if (badness(file.outcome) <= badness(out.outcome)) continue;
        out.outcome = file.outcome;
        out.why = fmt::format("{}: {}", build.files[file.file].path, file.why);
        others = 0;
    }
    if (others != 0)
        out.why += fmt::format(" (and {} more)", others == 1 ? "one file" : fmt::format("{} files", others));
}

void add_unused(const BuildAudit& build, const facts::Machine& machine, HostVerdict& out) {
    for (const FileVerdict& verdict : out.files) {
        const FileAudit& file = build.files[verdict.file];
        if (!file.examined || file.ggml_kernels == GgmlKernels::none || verdict.outcome == Outcome::not_loaded)
            continue;
        // What would not run here is no measure of what the host could have.
        if (verdict.outcome == Outcome::crashes) continue;
        for (Unused& one : unused_by(kernel_use(file), machine.cpu.features, file.path))
            out.unused.push_back(std::move(one));
    }
}

void add_notes(const BuildAudit& build, const facts::Machine& machine, HostVerdict& out) {
    std::size_t unexamined = 0;
    for (const FileAudit& file : build.files) unexamined += is_unexamined(file) ? 1 : 0;
    if (unexamined != 0)
        out.notes.push_back(fmt::format("{} of {} files not examined", unexamined, build.files.size()));
    if (!machine.gpus_known) out.notes.push_back("which GPUs the host has is not known");
    if (out.outcome != Outcome::runs && machine.cpu.source && *machine.cpu.source != "cpuid")
        out.notes.push_back(fmt::format("its facts come from {}, which may not name the newest instruction sets",
                                        *machine.cpu.source == "cpuinfo" ? "/proc/cpuinfo" : *machine.cpu.source));
}

/// Hosts that our tables of x86-64 say nothing of.
bool is_other_host(const BuildAudit& build, const facts::Machine& machine, HostVerdict& out) {
    if (machine.cpu.architecture == "x86_64" && !machine.cpu.features.empty()) return false;
    out.outcome = Outcome::cannot_tell;
    if (machine.cpu.architecture == "x86_64") {
        out.why = "the host's facts name no feature of its CPU; llama-fleet probe there writes them anew";
        return true;
    }
    const bool x86 =
        std::any_of(build.files.begin(), build.files.end(), [](const FileAudit& file) { return file.examined; });
    if (x86) out.outcome = Outcome::not_loaded;
    out.why = fmt::format("the host is {}: {}", machine.cpu.architecture,
                          x86 ? "x86-64 code does not start there" : "this version examines code for x86-64 only");
    return true;
}

}  // namespace

Outcome worse(Outcome a, Outcome b) { return badness(a) >= badness(b) ? a : b; }

HostVerdict judge(const BuildAudit& build, const facts::Machine& machine) {
    HostVerdict out;
    out.host = machine.host;
    out.cards = judge_cards(build, machine);
    const facts::Machine* const only[] = {&machine};
    out.idle_gpu_bytes = idle_gpu_bytes(build, only).value_or(0);
    if (is_other_host(build, machine, out)) return out;
    judge_files(build, machine, out);
    conclude_host(build, out);
    add_unused(build, machine, out);
    add_notes(build, machine, out);
    return out;
}

}  // namespace lf::audit
