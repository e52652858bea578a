// SPDX-License-Identifier: MIT
#include "check/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "base/wrap.h"

namespace lf::check {
namespace {

std::string difference_text(const Difference& one) {
    return fmt::format("{}: wanted {}, got {}", printable(one.name), one.wanted, printable(one.got));
}

std::string failure_place(const PackageReport& package) {
    if (!package.failure || package.failure->file.empty()) return "";
    return fmt::format(" ({}:{}:{})", package.failure->file, package.failure->line, package.failure->column);
}

std::string package_text(const PackageReport& package, bool stand_ins, bool details) {
    const bool silent = !details && package.differences.empty() && package.notes.empty() &&
                        (package.verdict == Verdict::shown || package.verdict == Verdict::not_planned);
    if (silent && !package.selected) return "";
    std::string out =
        lf::wrapped(fmt::format("  {:<20}", package.package), verdict_words(package.verdict, stand_ins), 22);
    const bool harmless = package.verdict == Verdict::not_planned && !details;
    if (harmless) return out;
    if (!package.why.empty()) out += lf::wrapped("    ", package.why + failure_place(package), 6);
    for (const Difference& one : package.differences) out += lf::wrapped("    ", difference_text(one), 6);
    for (const std::string& note : package.notes) out += lf::wrapped("    note: ", printable(note), 10);
    if (details && !package.drv_path.empty()) out += fmt::format("    {}\n", printable(package.drv_path));
    return out;
}

std::string host_text(const HostReport& host, bool stand_ins, bool details) {
    std::string out = lf::wrapped(fmt::format("{}: ", printable(host.host)), verdict_words(host.verdict, stand_ins), 2);
    if (!host.why.empty()) out += lf::wrapped("  ", host.why, 4);
    for (const Difference& one : host.differences) out += lf::wrapped("  ", difference_text(one), 4);
    for (const PackageReport& package : host.packages) out += package_text(package, stand_ins, details);
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

const char* word(Verdict verdict) {
    constexpr const char* kWords[] = {"shown", "not-shown", "cannot-tell", "not-planned"};
    return kWords[static_cast<std::size_t>(verdict)];
}

Json strings(const std::vector<std::string>& texts) { return Json(texts); }

Json differences_json(const std::vector<Difference>& differences) {
    Json out = Json::array();
    for (const Difference& one : differences) {
        out.push_back({{"name", one.name}, {"wanted", one.wanted}, {"got", one.got}});
    }
    return out;
}

Json failure_json(const std::optional<NixFailure>& failure) {
    if (!failure) return nullptr;
    return {{"id", to_error(*failure).id}, {"message", failure->message}, {"name", failure->name},
            {"file", failure->file},       {"line", failure->line},       {"column", failure->column}};
}

Json package_json(const PackageReport& package) {
    return {{"package", package.package},
            {"selected", package.selected},
            {"verdict", word(package.verdict)},
            {"why", package.why},
            {"differences", differences_json(package.differences)},
            {"failure", failure_json(package.failure)},
            {"notes", strings(package.notes)},
            {"name", package.name},
            {"drvPath", package.drv_path},
            {"mainProgram", package.main_program},
            {"cmakeFlags", strings(package.cmake_flags)},
            {"environment", package.environment},
            {"requiredSystemFeatures", strings(package.required_features)}};
}

Json host_json(const HostReport& host) {
    Json packages = Json::array();
    for (const PackageReport& package : host.packages) packages.push_back(package_json(package));
    Json installed = Json::array();
    for (const Installed& one : host.installed) {
        installed.push_back(
            {{"where", one.where}, {"name", one.name}, {"drvPath", one.drv_path}, {"package", one.package}});
    }
    return {{"host", host.host},      {"verdict", word(host.verdict)},
            {"why", host.why},        {"selected", host.selected},
            {"packages", packages},   {"differences", differences_json(host.differences)},
            {"installed", installed}, {"notes", strings(host.notes)}};
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
        constexpr std::string_view kLead = "flags reach the derivation: ";
        std::string words = verdict_words(host.verdict, report.stand_ins);
        if (words.starts_with(kLead)) words.erase(0, kLead.size());
        out += fmt::format("{:<{}}  {:<19} {}\n", printable(host.host), longest,
                           host.selected.empty() ? "no plan" : host.selected, words);
    }
    return out;
}

std::string to_json(const CheckReport& report, const std::vector<HostCommands>& commands) {
    Json hosts = Json::array();
    for (const HostReport& host : report.hosts) hosts.push_back(host_json(host));
    Json typed = Json::object();
    for (const HostCommands& host : commands) {
        Json& list = typed[host.host] = Json::array();
        for (const HostCommand& command : host.commands) {
            list.push_back({{"what", command.what}, {"argv", command.argv}, {"text", command.text}});
        }
    }
    const bool checked = report.not_checked.empty();
    const Json json{
        {"schema", "llama-fleet/check"},
        {"version", kCheckVersion},
        {"checked", checked},
        {"notChecked", checked ? Json(nullptr) : Json(report.not_checked)},
        {"standIns", report.stand_ins},
        {"verdict", word(overall(report))},
        {"nix", {{"version", report.nix_version}, {"store", report.store.path}, {"storeWhy", report.store.why}}},
        {"processes", report.processes},
        {"hosts", hosts},
        {"commands", typed}};
    return write_json(json);
}

}  // namespace lf::check
