// SPDX-License-Identifier: MIT
#include "check/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/text.h"
#include "check/installed.h"

namespace lf::check {
namespace {

constexpr std::string_view kService = "services.llama-cpp.package";

void take_facts(PackageReport& report, const PackageFacts& facts) {
    report.name = printable(facts.name);
    report.main_program = printable(facts.main_program);
    report.cmake_flags = facts.cmake_flags;
    report.environment = facts.environment;
    report.required_features = facts.required_features;
}

std::string with_place(const NixFailure& failure) {
    if (failure.file.empty()) return failure.message;
    return fmt::format("{} ({}:{}:{})", failure.message, failure.file, failure.line, failure.column);
}

/// Why nothing can be compared; "" = it can.
std::string obstacle(const PackageAnswer& answer) {
    if (answer.failure) return answer.failure->message;
    if (!answer.facts || !answer.drv) return "it does not evaluate";
    if (!answer.facts->has_flags) return "the derivation has no cmakeFlags";
    return "";
}

const PackageAnswer& answer_of(const HostAnswer& answer, const std::string& package) {
    static const PackageAnswer kNone;
    const auto found = answer.packages.find(package);
    return found == answer.packages.end() ? kNone : found->second;
}

std::string drv_of(const HostAnswer& answer, const std::string& package) {
    return answer_of(answer, package).drv.value_or("");
}

/// What each installed one is.
void name_installed(HostReport& report) {
    erase_home_manager_twins(report.installed);
    for (Installed& one : report.installed) {
        one.where = printable(one.where);
        one.name = printable(one.name);
        for (const PackageReport& package : report.packages) {
            if (!one.drv_path.empty() && package.drv_path == one.drv_path) one.package = package.package;
        }
    }
}

/// A build that is none of the host's packages may still have all that the plan says of one of them.
struct Likeness {
    std::string package;  ///< whose flags it has; "" = nobody's
    std::string unlike;   ///< else what it lacks of the package that it is most like: "GGML_AVX2 is OFF"; "" = unknown
};

Likeness likeness(const Installed& one, const std::vector<Expectation>& expected) {
    Likeness out;
    if (!one.facts || !one.facts->has_flags) return out;
    const Settings settings = read_settings(one.facts->cmake_flags);
    std::size_t least = SIZE_MAX;
    for (const Expectation& of_package : expected) {
        if (!of_package.planned) continue;
        const LayerReport layer = derivation_layer(of_package, *one.facts, settings);
        if (layer.verdict == Verdict::shown) return {of_package.package, ""};
        if (layer.differences.empty() || layer.differences.size() >= least) continue;
        least = layer.differences.size();
        const Difference& first = layer.differences.front();
        out.unlike = fmt::format("{} is {}{}", first.name, first.got, least > 1 ? ", and more" : "");
    }
    return out;
}

/// What an installed one is, for people.
std::string what_it_is(const Installed& one, const Likeness& like) {
    if (!one.package.empty()) return one.package;
    if (!like.package.empty()) return fmt::format("another build of {}, with all that the plan says", like.package);
    return fmt::format("{}, which is none of the variants{}", one.name, like.unlike.empty() ? "" : ": " + like.unlike);
}

/// One that is not the package chosen, where the chosen one is (`got`) or is not installed too.
void compare_other(const Installed& one, const Likeness& like, bool got, HostReport& report) {
    if (one.drv_path.empty()) {  // refused, say as unfree: the package's own line tells why
        report.notes.push_back(fmt::format("{} has {}, which does not evaluate", one.where, one.name));
        return;
    }
    const bool planned = !one.package.empty() || !like.package.empty();
    const bool unknown = !planned && like.unlike.empty();  // a wrapper, say: it shows no flags
    // A service runs what it has, whatever else is installed.
    if (got && (planned || (unknown && one.where != kService))) {
        const bool instead = like.package == report.selected;
        report.notes.push_back(fmt::format("{} {}has {}", one.where, instead ? "" : "also ", what_it_is(one, like)));
    } else {
        report.differences.push_back({one.where, report.selected, what_it_is(one, like)});
    }
}

/// The host shall get the package that was chosen for it, and no other llama.cpp in its stead.
void compare_installed(HostReport& report, const HostAnswer& answer, const std::vector<Expectation>& expected) {
    if (!answer.installed) {
        report.notes.push_back(answer.installed_failure
                                   ? "what is installed could not be read: " + answer.installed_failure->message
                                   : std::string("what is installed could not be read"));
        return;
    }
    report.installed = *answer.installed;
    name_installed(report);
    if (report.installed.empty()) report.notes.emplace_back("no llama.cpp is installed on this host");
    std::vector<Likeness> likes;
    bool got = false;
    for (const Installed& one : report.installed) {
        likes.push_back(one.package.empty() ? likeness(one, expected) : Likeness{});
        got = got || one.package == report.selected || likes.back().package == report.selected;
    }
    for (std::size_t i = 0; i < likes.size(); ++i) {
        const Installed& one = report.installed[i];
        if (one.package != report.selected) compare_other(one, likes[i], got, report);
    }
}

/// `llama-cpp` is this host's package unless an overlay that comes later redefines it.
void compare_plain_name(HostReport& report, const HostAnswer& answer) {
    const std::string plain = drv_of(answer, "llama-cpp");
    const std::string selected = drv_of(answer, report.selected);
    if (selected.empty() || plain == selected) return;
    report.notes.push_back(
        plain.empty()
            ? fmt::format("pkgs.llama-cpp does not evaluate; {} does", report.selected)
            : fmt::format("a later overlay changes one of them: pkgs.llama-cpp is not pkgs.{}", report.selected));
}

void conclude(HostReport& report, const std::string& problem) {
    Verdict worst = report.differences.empty() ? Verdict::shown : Verdict::not_shown;
    for (const PackageReport& package : report.packages) {
        if (badness(package.verdict) > badness(worst)) worst = package.verdict;
    }
    report.verdict = worst;
    if (problem.empty()) return;
    report.why = printable(problem);
    if (badness(worst) < badness(Verdict::cannot_tell)) report.verdict = Verdict::cannot_tell;
}

/// Without a plan: what is there, without a verdict.
PackageReport list_package(const std::string& package, const PackageAnswer& answer) {
    PackageReport report;
    report.package = package;
    report.why = answer.failure ? answer.failure->message
                 : answer.found ? "no plan to compare with"
                                : "no such package";
    report.failure = answer.failure;
    if (answer.facts) take_facts(report, *answer.facts);
    report.drv_path = answer.drv.value_or("");
    report.outputs = answer.outputs;
    return report;
}

/// All layers, and the worst of those that count.
void compare(PackageReport& report, const Expectation& expected, const PackageFacts& facts, const HostRequest& request,
             const Evidence& evidence) {
    const Settings settings = read_settings(report.cmake_flags);
    report.layers = {names_layer(expected, facts, settings, evidence), derivation_layer(expected, facts, settings),
                     build_layer(expected, facts, evidence), targets_layer(expected, settings, request.facts),
                     binary_layer(expected, settings, report.outputs, request.facts, evidence)};
    report.verdict = Verdict::not_planned;
    for (const LayerReport& layer : report.layers) {
        if (counts(layer) && badness(layer.verdict) > badness(report.verdict)) report.verdict = layer.verdict;
    }
}

}  // namespace

PackageReport judge_package(const Expectation& expected, const PackageAnswer& answer, const HostRequest& request,
                            const Evidence& evidence) {
    PackageReport report;
    report.package = expected.package;
    report.selected = expected.selected;
    report.failure = answer.failure;
    report.drv_path = answer.drv.value_or("");
    report.outputs = answer.outputs;
    if (answer.facts) take_facts(report, *answer.facts);
    if (!answer.found && !answer.failure) {
        LayerReport missing;
        missing.layer = Layer::derivation;
        missing.verdict = report.verdict = Verdict::not_shown;
        missing.differences.push_back({expected.package, "a package", "no such attribute of pkgs"});
        report.layers.push_back(std::move(missing));
    } else {
        report.why = obstacle(answer);
        if (report.why.empty()) compare(report, expected, *answer.facts, request, evidence);
    }
    if (!expected.planned) report.verdict = Verdict::not_planned;
    return report;
}

HostReport judge_host(const HostRequest& request, const HostAnswer& answer, const Evidence& evidence) {
    HostReport report;
    report.host = request.host;
    if (!request.plan && !request.problem.empty()) {
        report.why = printable(request.problem);
        return report;
    }
    if (answer.failure || !answer.present || !answer.usable) {
        report.why = answer.failure    ? with_place(*answer.failure)
                     : !answer.present ? "the flake has no such host"
                                       : "its package set does not evaluate";
        if (request.plan) report.selected = request.plan->build.package;
        return report;
    }
    if (!request.plan) {
        for (const char* package : kVariants) {
            report.packages.push_back(list_package(package, answer_of(answer, package)));
        }
        report.why = "there is no plan for this host";
        report.installed = answer.installed.value_or(std::vector<Installed>{});
        name_installed(report);
        return report;
    }
    report.selected = request.plan->build.package;
    const std::vector<Expectation> expected = expectations(request.plan->build);
    for (const Expectation& one : expected) {
        report.packages.push_back(judge_package(one, answer_of(answer, one.package), request, evidence));
    }
    compare_installed(report, answer, expected);
    compare_plain_name(report, answer);
    conclude(report, request.problem);
    return report;
}

}  // namespace lf::check
