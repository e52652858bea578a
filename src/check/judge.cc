// SPDX-License-Identifier: MIT
#include "check/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "check/installed.h"

namespace lf::check {
namespace {

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

/// The host shall get the package that was chosen for it, and no other llama.cpp in its stead.
void compare_installed(HostReport& report, const HostAnswer& answer) {
    if (!answer.installed) {
        report.notes.push_back(answer.installed_failure
                                   ? "what is installed could not be read: " + answer.installed_failure->message
                                   : std::string("what is installed could not be read"));
        return;
    }
    report.installed = *answer.installed;
    name_installed(report);
    if (report.installed.empty()) report.notes.emplace_back("no llama.cpp is installed on this host");
    const bool got = std::any_of(report.installed.begin(), report.installed.end(),
                                 [&](const Installed& one) { return one.package == report.selected; });
    for (const Installed& one : report.installed) {
        if (one.package == report.selected) continue;
        if (one.drv_path.empty()) {  // refused, say as unfree: the package's own line tells why
            report.notes.push_back(fmt::format("{} has {}, which does not evaluate", one.where, one.name));
            continue;
        }
        const std::string what = one.package.empty() ? one.name + ", which is none of the variants" : one.package;
        if (got) {
            report.notes.push_back(fmt::format("{} also has {}", one.where, what));
        } else {
            report.differences.push_back({one.where, report.selected, what});
        }
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

void conclude(HostReport& report) {
    Verdict worst = report.differences.empty() ? Verdict::shown : Verdict::not_shown;
    for (const PackageReport& package : report.packages) {
        if (badness(package.verdict) > badness(worst)) worst = package.verdict;
    }
    report.verdict = worst;
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
    return report;
}

/// All layers, and the worst of those that count.
void compare(PackageReport& report, const Expectation& expected, const PackageFacts& facts, const HostRequest& request,
             const Evidence& evidence) {
    const Settings settings = read_settings(report.cmake_flags);
    report.layers = {names_layer(expected, facts, settings, evidence), derivation_layer(expected, facts, settings),
                     build_layer(expected, facts, evidence), targets_layer(expected, settings, request.facts)};
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
    for (const Expectation& expected : expectations(request.plan->build)) {
        report.packages.push_back(judge_package(expected, answer_of(answer, expected.package), request, evidence));
    }
    compare_installed(report, answer);
    compare_plain_name(report, answer);
    conclude(report);
    return report;
}

}  // namespace lf::check
