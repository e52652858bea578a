// SPDX-License-Identifier: MIT
#include "check/read_report.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "check/render.h"

namespace lf::check {
namespace {

constexpr std::string_view kVerdicts[] = {"shown", "not-shown", "cannot-tell", "not-planned"};
constexpr std::int64_t kMostLines = UINT32_MAX;

template <class T, class Read>
std::vector<T> list(ObjectReader& r, const std::string& key, Read read) {
    std::vector<T> values;
    r.each(key, [&](const Json& json, const std::string& path) -> Done {
        ObjectReader inner(json, r.file(), path);
        values.push_back(read(inner));
        return inner.finish();
    });
    return values;
}

void reject_word(ObjectReader& r, const std::string& key, std::string_view word) {
    r.reject(key, "check-word", fmt::format("unknown word '{}'", printable(word.substr(0, 80))));
}

Verdict read_verdict(ObjectReader& r) {
    const std::string word = r.string("verdict");
    for (std::size_t i = 0; i < std::size(kVerdicts); ++i)
        if (word == kVerdicts[i]) return static_cast<Verdict>(i);
    reject_word(r, "verdict", word);
    return Verdict::cannot_tell;
}

Difference read_difference(ObjectReader& r) {
    return {r.string("name"), r.string("wanted"), r.string("got"), r.string("advice")};
}

LayerReport read_layer(ObjectReader& r) {
    LayerReport layer;
    const std::string name = r.string("layer");
    bool known = false;
    for (const Layer one : kLayers)
        if (layer_name(one) == name) layer.layer = one, known = true;
    if (!known) reject_word(r, "layer", name);
    layer.verdict = read_verdict(r);
    r.boolean("counts");
    layer.basis = r.string("basis");
    layer.why = r.string("why");
    layer.differences = list<Difference>(r, "differences", read_difference);
    layer.notes = r.strings("notes");
    return layer;
}

NixCause cause_of(std::string_view id) {
    for (int i = 0; i <= static_cast<int>(NixCause::output); ++i) {
        NixFailure failure;
        failure.cause = static_cast<NixCause>(i);
        if (to_error(failure).id == id) return failure.cause;
    }
    return NixCause::unknown;
}

std::optional<NixFailure> read_failure_of(ObjectReader& r) {
    const Json& json = r.value("failure");
    if (json.is_null()) return std::nullopt;
    ObjectReader inner(json, r.file(), r.path_of("failure"));
    NixFailure failure;
    failure.cause = cause_of(inner.string("id"));
    failure.message = inner.string("message");
    failure.name = inner.string("name");
    failure.file = inner.string("file");
    failure.line = static_cast<std::uint32_t>(inner.integer("line", 0, kMostLines));
    failure.column = static_cast<std::uint32_t>(inner.integer("column", 0, kMostLines));
    r.take(inner.finish());
    return failure;
}

PackageReport read_package(ObjectReader& r) {
    PackageReport package;
    package.package = r.string("package");
    package.selected = r.boolean("selected");
    package.verdict = read_verdict(r);
    package.why = r.string("why");
    package.layers = list<LayerReport>(r, "layers", read_layer);
    package.failure = read_failure_of(r);
    package.name = r.string("name");
    package.drv_path = r.string("drvPath");
    package.outputs = r.strings("outputs");
    package.main_program = r.string("mainProgram");
    package.cmake_flags = r.strings("cmakeFlags");
    package.required_features = r.strings("requiredSystemFeatures");
    const Json& environment = r.value("environment");
    ObjectReader variables(environment, r.file(), r.path_of("environment"));
    if (environment.is_object())
        for (const auto& [name, value] : environment.items()) package.environment[name] = variables.string(name);
    r.take(variables.finish());
    return package;
}

HostReport read_host(ObjectReader& r) {
    HostReport host;
    host.host = r.string("host");
    host.verdict = read_verdict(r);
    host.why = r.string("why");
    host.selected = r.string("selected");
    ObjectReader layers(r.value("layers"), r.file(), r.path_of("layers"));
    for (const Layer layer : kLayers) layers.optional_string(std::string(layer_name(layer)));
    r.take(layers.finish());
    host.packages = list<PackageReport>(r, "packages", read_package);
    host.differences = list<Difference>(r, "differences", read_difference);
    host.installed = list<Installed>(r, "installed", [](ObjectReader& one) {
        Installed installed{one.string("where"), one.string("name"), one.string("drvPath"), one.string("package"), {}};
        installed.outputs = one.strings("outputs");
        return installed;
    });
    host.notes = r.strings("notes");
    return host;
}

HostCommand read_command(ObjectReader& r) { return {r.string("what"), r.strings("argv"), r.string("text")}; }

std::vector<HostCommands> read_commands(ObjectReader& r) {
    std::vector<HostCommands> commands;
    const Json& json = r.value("commands");
    ObjectReader hosts(json, r.file(), r.path_of("commands"));
    if (json.is_object())
        for (const auto& item : json.items())
            commands.push_back({item.key(), list<HostCommand>(hosts, item.key(), read_command)});
    r.take(hosts.finish());
    return commands;
}

}  // namespace

Result<ReadReport> report_from_json(std::string_view text, const std::string& file) {
    LF_ASSIGN(const Json json, parse_json(text, file));
    ObjectReader r(json, file);
    r.schema("llama-fleet/check", kCheckVersion);
    ReadReport read;
    CheckReport& report = read.report;
    r.boolean("checked");
    report.not_checked = r.optional_string("notChecked").value_or("");
    report.stand_ins = r.boolean("standIns");
    read_verdict(r);
    ObjectReader nix(r.value("nix"), file, r.path_of("nix"));
    report.nix_version = nix.string("version");
    report.store.path = nix.string("store");
    report.store.why = nix.string("storeWhy");
    r.take(nix.finish());
    report.processes = static_cast<int>(r.integer("processes", 0, INT32_MAX));
    report.logs = static_cast<int>(r.integer("logs", 0, INT32_MAX));
    report.builds = static_cast<int>(r.integer("builds", 0, INT32_MAX));
    report.hosts = list<HostReport>(r, "hosts", read_host);
    read.commands = read_commands(r);
    LF_TRY(r.finish());
    return read;
}

}  // namespace lf::check
