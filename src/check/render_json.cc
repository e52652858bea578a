// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/json.h"
#include "check/render.h"

namespace lf::check {
namespace {

const char* word(Verdict verdict) {
    constexpr const char* kWords[] = {"shown", "not-shown", "cannot-tell", "not-planned"};
    return kWords[static_cast<std::size_t>(verdict)];
}

Json strings(const std::vector<std::string>& texts) { return Json(texts); }

Json differences_json(const std::vector<Difference>& differences) {
    Json out = Json::array();
    for (const Difference& one : differences) {
        out.push_back({{"name", one.name}, {"wanted", one.wanted}, {"got", one.got}, {"advice", one.advice}});
    }
    return out;
}

Json failure_json(const std::optional<NixFailure>& failure) {
    if (!failure) return nullptr;
    return {{"id", to_error(*failure).id}, {"message", failure->message}, {"name", failure->name},
            {"file", failure->file},       {"line", failure->line},       {"column", failure->column}};
}

Json layer_json(const LayerReport& layer) {
    return {{"layer", layer_name(layer.layer)},
            {"verdict", word(layer.verdict)},
            {"counts", counts(layer)},
            {"basis", layer.basis},
            {"why", layer.why},
            {"differences", differences_json(layer.differences)},
            {"notes", strings(layer.notes)}};
}

/// The worst of a layer over the packages that are planned; null where no package has it.
Json worst_json(const HostReport& host, Layer layer) {
    const LayerReport* worst = nullptr;
    for (const PackageReport& package : host.packages) {
        const LayerReport* one = package.verdict == Verdict::not_planned ? nullptr : layer_of(package, layer);
        if (one != nullptr && (worst == nullptr || badness(one->verdict) > badness(worst->verdict))) worst = one;
    }
    return worst == nullptr ? Json(nullptr) : Json(word(worst->verdict));
}

Json package_json(const PackageReport& package) {
    Json layers = Json::array();
    for (const LayerReport& layer : package.layers) layers.push_back(layer_json(layer));
    return {{"package", package.package},
            {"selected", package.selected},
            {"verdict", word(package.verdict)},
            {"why", package.why},
            {"layers", layers},
            {"failure", failure_json(package.failure)},
            {"name", package.name},
            {"drvPath", package.drv_path},
            {"outputs", strings(package.outputs)},
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
        installed.push_back({{"where", one.where},
                             {"name", one.name},
                             {"drvPath", one.drv_path},
                             {"outputs", strings(one.outputs)},
                             {"package", one.package}});
    }
    Json layers = Json::object();
    for (const Layer layer : kLayers) layers[std::string(layer_name(layer))] = worst_json(host, layer);
    return {{"layers", layers},
            {"host", host.host},
            {"verdict", word(host.verdict)},
            {"why", host.why},
            {"selected", host.selected},
            {"packages", packages},
            {"differences", differences_json(host.differences)},
            {"installed", installed},
            {"notes", strings(host.notes)}};
}

}  // namespace

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
        {"logs", report.logs},
        {"builds", report.builds},
        {"hosts", hosts},
        {"commands", typed}};
    return write_json(json);
}

}  // namespace lf::check
