// SPDX-License-Identifier: MIT
// Layer "names": CMake takes any GGML_* name without a word, so each is looked up.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "check/layers.h"
#include "plan/options.h"

namespace lf::check {
namespace {

bool is_ours(std::string_view name) { return name.starts_with("GGML_") || name.starts_with("LLAMA_"); }

/// What is known of one name: known, unknown with advice, or undecided.
struct Judged {
    enum class Kind : std::uint8_t { known, unknown, undecided } kind = Kind::known;
    std::string got;
    std::string advice;
};

std::string instead(std::string_view advice) { return advice.empty() ? "" : fmt::format("instead: {}", advice); }

/// The name that was meant: of the source's own options first.
std::string meant(const std::string& name, const CmakeOptions* source) {
    std::vector<std::string> names;
    if (source != nullptr) {
        for (const auto& [declared, option] : source->declared) names.push_back(declared);
    }
    auto near = did_you_mean(name, names);
    if (!near && source == nullptr) near = plan::nearest_option(name);
    return near ? fmt::format("did you mean {}?", printable(*near)) : "CMake takes it without a word and does nothing";
}

std::string advice_for(const std::string& name, const CmakeOptions* source) {
    const plan::Option* option = plan::find_option(name);
    const bool retired = option != nullptr && option->state == plan::OptionState::retired;
    return retired ? instead(option->advice) : meant(name, source);
}

Judged by_source(const std::string& name, const CmakeOptions& source) {
    const auto replaced = source.replaced.find(name);
    if (replaced != source.replaced.end()) {
        return {Judged::Kind::unknown, replaced->second.fatal ? "a name that ends the configure run" : "a retired name",
                instead(printable(replaced->second.instead))};
    }
    if (source.knows(name)) return {};
    if (source.computed || !source.skipped.empty()) return {Judged::Kind::undecided, "", ""};
    return {Judged::Kind::unknown, "no such option", advice_for(name, &source)};
}

Judged by_table(const std::string& name, std::string_view version) {
    const plan::OptionAt at = plan::find_option(name, version);
    switch (at.standing) {
        case plan::OptionStanding::there: return {};
        case plan::OptionStanding::cannot_tell: return {Judged::Kind::undecided, "", ""};
        case plan::OptionStanding::not_yet:
            return {Judged::Kind::unknown, "no such option yet", fmt::format("it came with ggml {}", at.option->since)};
        case plan::OptionStanding::gone: return {Judged::Kind::unknown, "a retired name", instead(at.option->advice)};
        case plan::OptionStanding::never: return {Judged::Kind::unknown, "no such option", advice_for(name, nullptr)};
    }
    return {};
}

/// A name that is in no list, or was never an option of a ggml with a version: worth a word without any proof.
std::optional<std::string> suspicion(const std::string& name) {
    const plan::Option* option = plan::find_option(name);
    const bool never = option != nullptr && option->state == plan::OptionState::retired && option->until.empty();
    if (option != nullptr && !(never && name.starts_with("GGML_"))) return std::nullopt;
    return fmt::format("{} is in no list of options known here; {}", printable(name), advice_for(name, nullptr));
}

/// The overlay puts what is planned behind the package's own flags, so what stands before is the package's word: a name
/// there that its source does not know is not the owner's mistake.
bool is_the_packages_own(const Setting& setting, const Settings& settings) {
    const auto native = settings.by_name.find("GGML_NATIVE");
    return native != settings.by_name.end() && setting.at < native->second.at;
}

/// What the names are judged by.
struct Judge {
    const CmakeOptions* source = nullptr;
    std::string version;
    std::string wanted;  ///< "an option of ggml 0.21.0"

    Judged operator()(const std::string& name) const {
        return source != nullptr ? by_source(name, *source) : by_table(name, version);
    }
};

Judge choose_judge(const PackageFacts& facts, const Evidence& evidence, LayerReport& report) {
    Judge judge;
    const auto source = evidence.sources.find(facts.source);
    if (source != evidence.sources.end() && !source->second.declared.empty()) {
        judge.source = &source->second;
        const std::string& version = judge.source->ggml_version;
        report.basis = version.empty() ? "the pinned source" : fmt::format("the pinned source, ggml {}", version);
        judge.wanted =
            version.empty() ? "an option of the pinned source" : fmt::format("an option of ggml {}", version);
        return judge;
    }
    judge.version = facts.ggml_version;
    const plan::OptionAt any = plan::find_option("GGML_NATIVE", judge.version);
    if (any.standing == plan::OptionStanding::cannot_tell) {
        report.why = facts.source_why.empty() ? std::string("its source has no CMake files") : facts.source_why;
        if (!judge.version.empty()) report.why = any.why;
    } else {
        report.basis = fmt::format("the table of options, ggml {}", printable(judge.version));
        judge.wanted = fmt::format("an option of ggml {}", printable(judge.version));
    }
    return judge;
}

}  // namespace

LayerReport names_layer(const Expectation& expected, const PackageFacts& facts, const Settings& settings,
                        const Evidence& evidence) {
    LayerReport report;
    report.layer = Layer::names;
    const Judge judge = choose_judge(facts, evidence, report);
    std::vector<std::string> undecided;
    for (const auto& [name, setting] : settings.by_name) {
        if (!is_ours(name)) continue;
        const Judged judged = judge(name);
        const bool planned = expected.flags.contains(name);
        const bool on = cmake_truth(setting.value);
        const bool own = !planned && is_the_packages_own(setting, settings);
        if (judged.kind == Judged::Kind::undecided) {
            undecided.push_back(name);
            if (const auto word = suspicion(name); word && on && !own) report.notes.push_back(*word);
        } else if (judged.kind == Judged::Kind::unknown && !planned && (own || !on)) {
            // Switching off what is long gone harms nobody.
            if (on) report.notes.push_back(fmt::format("the package itself gives {}: {}", printable(name), judged.got));
        } else if (judged.kind == Judged::Kind::unknown) {
            report.differences.push_back({name, judge.wanted, judged.got, judged.advice});
        }
    }
    if (!report.differences.empty()) {
        report.verdict = Verdict::not_shown;
    } else if (undecided.empty() && !report.basis.empty()) {
        report.verdict = Verdict::shown;
    } else if (report.why.empty()) {
        report.why = fmt::format("the source puts names of options together, {} may be one of them",
                                 undecided.empty() ? "one" : printable(undecided.front()));
        if (judge.source != nullptr && !judge.source->skipped.empty()) report.why = judge.source->skipped.front();
    }
    return report;
}

}  // namespace lf::check
