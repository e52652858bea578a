// SPDX-License-Identifier: MIT
#include "check/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/wrap.h"

namespace lf::check {
namespace {

std::string difference_text(const Difference& one) {
    return fmt::format("{}: wanted {}, got {}{}{}", printable(one.name), one.wanted, printable(one.got),
                       one.advice.empty() ? "" : "; ", one.advice);
}

/// A name needs no "wanted": that it is none says it all.
std::string finding_text(const Difference& one, Layer layer) {
    if (layer != Layer::names) return difference_text(one);
    return fmt::format("{}: {}{}{}", printable(one.name), one.got, one.advice.empty() ? "" : "; ", one.advice);
}

std::string failure_place(const PackageReport& package) {
    if (!package.failure || package.failure->file.empty()) return "";
    return fmt::format(" ({}:{}:{})", package.failure->file, package.failure->line, package.failure->column);
}

bool is_good(const LayerReport& layer) {
    return !counts(layer) || layer.verdict == Verdict::shown || layer.verdict == Verdict::not_planned;
}

/// What is not to be complained about, in one line: "shown: names, derivation; not built here". That inputs are
/// stand-ins stands in the line of the host.
std::string good_layers(const PackageReport& package) {
    std::vector<std::string> shown;
    std::vector<std::string> parts;
    for (const LayerReport& layer : package.layers) {
        const std::string_view name = layer_name(layer.layer);
        if (layer.verdict == Verdict::shown) shown.emplace_back(name);
        if (layer.verdict != Verdict::cannot_tell || counts(layer)) continue;
        std::string part = layer.why == kNotBuiltHere ? layer.why : fmt::format("{}: cannot tell, {}", name, layer.why);
        if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(std::move(part));
    }
    if (!shown.empty()) parts.insert(parts.begin(), "shown: " + join(shown, ", "));
    return join(parts, "; ");
}

/// What a package itself says too much is no news for its user while the names are fine: only the details tell it.
std::string notes_text(const PackageReport& package, bool details) {
    std::string out;
    for (const LayerReport& layer : package.layers) {
        if (!details && layer.layer == Layer::names && layer.verdict == Verdict::shown) continue;
        for (const std::string& note : layer.notes) out += lf::wrapped("    note: ", printable(note), 10);
    }
    return out;
}

/// Each layer with what it was judged by.
std::string layer_details(const PackageReport& package, bool stand_ins) {
    std::string out;
    for (const LayerReport& layer : package.layers) {
        std::string words = short_words(layer.verdict, stand_ins);
        if (!layer.basis.empty()) words += fmt::format(", by {}", layer.basis);
        if (layer.verdict == Verdict::not_planned) words = layer.why;
        else if (!layer.why.empty()) words += fmt::format(": {}", layer.why);
        out += lf::wrapped(fmt::format("    {:<11}", layer_name(layer.layer)), words, 15);
        for (const Difference& one : layer.differences) out += lf::wrapped("      ", finding_text(one, layer.layer), 8);
    }
    return out + notes_text(package, true) +
           (package.drv_path.empty() ? "" : fmt::format("    {}\n", printable(package.drv_path)));
}

/// What is not as it should be, layer by layer.
std::string bad_layers(const PackageReport& package, bool stand_ins) {
    std::string out;
    for (const LayerReport& layer : package.layers) {
        if (is_good(layer)) continue;
        out += lf::wrapped("    ", verdict_words(layer.layer, layer.verdict, stand_ins), 6);
        if (!layer.why.empty()) out += lf::wrapped("      ", layer.why, 8);
        for (const Difference& one : layer.differences) out += lf::wrapped("      ", finding_text(one, layer.layer), 8);
    }
    return out;
}

/// The text of one package. `told` are the findings of the packages before, by their text: what is the same again is
/// said by naming the package that had it first.
std::string package_text(const PackageReport& package, bool stand_ins, bool details,
                         std::map<std::string, std::string>& told) {
    const bool good = package.verdict == Verdict::shown || package.verdict == Verdict::not_planned;
    if (!details && good && !package.selected) return "";
    const std::string lead = fmt::format("  {:<20}", package.package);
    if (package.layers.empty()) {
        std::string out = lf::wrapped(lead, verdict_words(Layer::derivation, package.verdict, stand_ins), 22);
        return package.why.empty() ? out : out + lf::wrapped("    ", package.why + failure_place(package), 6);
    }
    const std::string words = short_words(package.verdict, stand_ins);
    if (details) return lf::wrapped(lead, words, 22) + layer_details(package, stand_ins);
    if (good) return lf::wrapped(lead, good_layers(package), 22) + notes_text(package, false);
    const std::string findings = bad_layers(package, stand_ins);
    const auto [first, is_new] = told.emplace(findings, package.package);
    if (!is_new) return lf::wrapped(lead, fmt::format("{}, as {}", words, first->second), 22);
    const std::string rest = good_layers(package);
    return lf::wrapped(lead, words, 22) + findings + (rest.empty() ? "" : lf::wrapped("    ", rest, 6)) +
           notes_text(package, false);
}

std::string host_text(const HostReport& host, bool stand_ins, bool details) {
    std::string out = lf::wrapped(fmt::format("{}: ", printable(host.host)),
                                  verdict_words(decisive_layer(host), host.verdict, stand_ins), 2);
    if (!host.why.empty()) out += lf::wrapped("  ", host.why, 4);
    for (const Difference& one : host.differences) out += lf::wrapped("  ", difference_text(one), 4);
    std::map<std::string, std::string> told;
    for (const PackageReport& package : host.packages) out += package_text(package, stand_ins, details, told);
    for (const Installed& one : host.installed) {
        out += lf::wrapped("  ", fmt::format("{} has {}", one.where, one.package.empty() ? one.name : one.package), 4);
    }
    for (const std::string& note : host.notes) out += lf::wrapped("  note: ", printable(note), 8);
    return out;
}

std::string how(const CheckReport& report) {
    const std::string store = report.store.path.empty() ? "" : ", private store " + printable(report.store.path);
    return fmt::format("nix {}, {} evaluation{}, {:.1f} s{}\n", report.nix_version, report.processes,
                       report.processes == 1 ? "" : "s", report.seconds, store);
}

std::string not_checked_text(const CheckReport& report) {
    return fmt::format("not checked: {}\n{}", report.not_checked,
                       report.hint.empty() ? "" : lf::wrapped("hint: ", report.hint, 6));
}

}  // namespace

std::string to_text(const CheckReport& report, bool details) {
    if (!report.not_checked.empty()) return not_checked_text(report);
    std::string out = how(report);
    for (const HostReport& host : report.hosts) out += "\n" + host_text(host, report.stand_ins, details);
    return out;
}

std::string to_summary(const CheckReport& report) {
    if (!report.not_checked.empty()) return not_checked_text(report);
    std::size_t longest = 0;
    for (const HostReport& host : report.hosts) longest = std::max(longest, printable(host.host).size());
    std::string out;
    for (const HostReport& host : report.hosts) {
        out +=
            fmt::format("{:<{}}  {:<19} {}\n", printable(host.host), longest,
                        host.selected.empty() ? "no plan" : host.selected, short_words(host.verdict, report.stand_ins));
    }
    return out;
}

}  // namespace lf::check
