// SPDX-License-Identifier: MIT
// The answers of question.nix and survey.nix → values. Nix may say anything: what is not of their form is "nix-answer".
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "check/evaluate.h"
#include "check/installed.h"
#include "check/survey.h"

namespace lf::check {
namespace {

std::vector<std::string> shell_split(const std::vector<std::string>& flags, bool structured) {
    if (structured) return flags;
    std::vector<std::string> out;  // without structured attributes the list is one text that the shell splits at blanks
    for (const std::string& flag : flags) {
        std::string word;
        for (const char c : flag + " ") {
            if (c != ' ' && c != '\t' && c != '\n') {
                word += c;
            } else if (!word.empty()) {
                out.push_back(std::exchange(word, {}));
            }
        }
    }
    return out;
}

/// An object of texts; what is no text is left out.
std::map<std::string, std::string> texts(ObjectReader& r, const std::string& key) {
    std::map<std::string, std::string> out;
    const Json& json = r.value(key);
    if (!json.is_object()) r.reject(key, "json-type", "not an object");
    for (const auto& [name, value] : json.items()) {
        if (value.is_string()) out[name] = value.get<std::string>();
    }
    return out;
}

Result<PackageFacts> read_facts(const Json& json, const std::string& path) {
    ObjectReader r(json, "nix", path);
    PackageFacts facts;
    facts.name = r.string("name");
    facts.version = r.string("version");
    facts.main_program = r.string("mainProgram");
    facts.has_flags = r.boolean("hasFlags");
    facts.cmake_flags = shell_split(r.strings("cmakeFlags"), r.boolean("structured"));
    facts.required_features = r.strings("requiredFeatures");
    facts.gcc_arch = r.string("gccArch");
    facts.source = r.string("source");
    facts.source_why = r.string("sourceWhy");
    facts.ggml_version = r.string("ggmlVersion");
    facts.build_drv = r.optional_string("buildDrv").value_or("");
    facts.environment = texts(r, "environment");
    facts.hooks = texts(r, "hooks");
    LF_TRY(r.finish());
    return facts;
}

/// { ok, value } of parts.nix's `caught`: the value, or null if it threw.
Result<const Json*> caught(const Json& json, const std::string& path) {
    ObjectReader r(json, "nix", path);
    const bool ok = r.boolean("ok");
    const Json& value = r.value("value");
    LF_TRY(r.finish());
    return ok && !value.is_null() ? &value : nullptr;
}

/// The texts of a list that `caught` holds under `key`; none if it threw.
Result<std::vector<std::string>> caught_strings(ObjectReader& r, const std::string& key) {
    std::vector<std::string> out;
    LF_ASSIGN(const Json* value, caught(r.value(key), r.path_of(key)));
    if (value == nullptr || !value->is_array()) return out;
    for (const Json& one : *value) {
        if (one.is_string()) out.push_back(one.get<std::string>());
    }
    return out;
}

Result<PackageAnswer> read_package(const Json& json, const std::string& path) {
    ObjectReader r(json, "nix", path);
    PackageAnswer answer;
    answer.found = r.boolean("found");
    const Json& facts_json = r.value("facts");
    const Json& drv_json = r.value("drv");
    LF_ASSIGN(answer.outputs, caught_strings(r, "outputs"));
    LF_TRY(r.finish());
    LF_ASSIGN(const Json* facts, caught(facts_json, path + "/facts"));
    LF_ASSIGN(const Json* drv, caught(drv_json, path + "/drv"));
    if (facts != nullptr) {
        LF_ASSIGN(answer.facts, read_facts(*facts, path + "/facts/value"));
    }
    if (drv != nullptr && drv->is_string()) answer.drv = drv->get<std::string>();
    return answer;
}

Result<Installed> read_installed(const Json& json, const std::string& path) {
    ObjectReader r(json, "nix", path);
    Installed installed{r.string("where"), r.string("name"), r.optional_string("drv").value_or(""), "", {}, {}};
    const Json& facts_json = r.value("facts");
    LF_ASSIGN(installed.outputs, caught_strings(r, "outputs"));
    LF_TRY(r.finish());
    LF_ASSIGN(const Json* facts, caught(facts_json, path + "/facts"));
    if (facts != nullptr) {
        LF_ASSIGN(installed.facts, read_facts(*facts, path + "/facts/value"));
    }
    return installed;
}

Result<HostAnswer> read_host(const Json& json, const std::string& path) {
    ObjectReader r(json, "nix", path);
    HostAnswer host;
    host.present = r.boolean("present");
    if (host.present) {
        host.usable = r.boolean("usable");
        const Json& packages = r.value("packages");
        const Json& installed = r.value("installed");
        if (packages.is_object()) {
            for (const auto& [name, value] : packages.items()) {
                LF_ASSIGN(host.packages[name], read_package(value, fmt::format("{}/packages/{}", path, name)));
            }
        }
        if (installed.is_array()) {
            host.installed.emplace();
            for (const Json& one : installed) {
                LF_ASSIGN(Installed read, read_installed(one, path + "/installed"));
                host.installed->push_back(std::move(read));
            }
        }
    }
    LF_TRY(r.finish());
    return host;
}

Result<SourceFiles> read_source(const Json& json, const std::string& path) {
    SourceFiles files;
    LF_ASSIGN(const Json* value, caught(json, path));
    if (value == nullptr || !value->is_object()) return files;
    for (const auto& [name, text] : value->items()) {
        if (text.is_string()) files.emplace(name, text.get<std::string>());
    }
    return files;
}

/// What `caught` holds under `key`, as `read` makes it of the JSON; nullopt if it threw or is null.
template <class T>
Result<std::optional<T>> caught_as(ObjectReader& r, const std::string& key, bool (Json::*is)() const noexcept) {
    LF_ASSIGN(const Json* value, caught(r.value(key), r.path_of(key)));
    if (value == nullptr || !(value->*is)()) return std::nullopt;
    return value->get<T>();
}

Result<SurveyPackage> read_survey_package(const Json& json, const std::string& path) {
    ObjectReader r(json, "nix", path);
    SurveyPackage package;
    package.where = r.string("where");
    package.name = r.string("name");
    package.pname = r.string("pname");
    const Json& facts_json = r.value("facts");
    LF_ASSIGN(auto drv, caught_as<std::string>(r, "drv", &Json::is_string));
    LF_ASSIGN(package.overridable, caught_strings(r, "arguments"));
    LF_TRY(r.finish());
    package.drv_path = drv.value_or("");
    LF_ASSIGN(const Json* facts, caught(facts_json, path + "/facts"));
    if (facts != nullptr) {
        LF_ASSIGN(package.facts, read_facts(*facts, path + "/facts/value"));
    }
    package.version = package.facts.version;
    const auto takes = [&](std::string_view name) {
        return std::find(package.overridable.begin(), package.overridable.end(), name) != package.overridable.end();
    };
    package.official_arguments = takes("useCuda");
    package.nixpkgs_arguments = takes("cudaSupport");
    return package;
}

Done read_survey_packages(const Json* list, const std::string& path, HostSurvey& host) {
    if (list == nullptr || !list->is_array()) return {};
    for (const Json& one : *list) {
        LF_ASSIGN(SurveyPackage package, read_survey_package(one, path));
        host.packages.push_back(std::move(package));
    }
    erase_home_manager_twins(host.packages);
    return {};
}

Result<HostSurvey> read_host_survey(const Json& json, const std::string& name) {
    const std::string path = "/" + name;
    ObjectReader r(json, "nix", path);
    HostSurvey host;
    host.host = name;
    if (!r.boolean("present")) {
        LF_TRY(r.finish());
        return host;
    }
    host.present = true;
    host.usable = r.boolean("usable");
    LF_ASSIGN(host.llama_attributes, caught_strings(r, "attributes"));
    LF_ASSIGN(host.cuda_support, caught_as<bool>(r, "cudaSupport", &Json::is_boolean));
    LF_ASSIGN(host.rocm_support, caught_as<bool>(r, "rocmSupport", &Json::is_boolean));
    LF_ASSIGN(host.system, caught_as<std::string>(r, "system", &Json::is_string));
    LF_ASSIGN(host.gcc_arch, caught_as<std::string>(r, "gccArch", &Json::is_string));
    if (host.gcc_arch && host.gcc_arch->empty()) host.gcc_arch.reset();
    LF_ASSIGN(host.memory_deny_write_execute, caught_as<bool>(r, "denyWriteExecute", &Json::is_boolean));
    const Json& packages_json = r.value("packages");
    const Json& evaluates_json = r.value("evaluates");
    LF_TRY(r.finish());
    LF_ASSIGN(const Json* packages, caught(packages_json, path + "/packages"));
    LF_ASSIGN(const Json* evaluates, caught(evaluates_json, path + "/evaluates"));
    LF_TRY(read_survey_packages(packages, path + "/packages/value", host));
    if (evaluates == nullptr || !evaluates->is_object()) return host;
    for (const auto& [attribute, value] : evaluates->items()) {
        if (value.is_boolean()) host.evaluates[attribute] = value.get<bool>();
    }
    return host;
}

}  // namespace

Error not_understood(Error cause) {
    Error error = world_error("nix-answer", "nix's answer cannot be understood: " + cause.message,
                              "is this really nix? `nix --version` tells; another one can be named in LLAMA_FLEET_NIX");
    error.where.json_path = std::move(cause.where.json_path);
    return error;
}

Result<Answer> read_answer(std::string_view json) {
    auto parsed = parse_json(json, "nix");
    if (!parsed) return fail(not_understood(std::move(parsed.error())));
    if (!parsed->is_object()) return fail(not_understood(world_error("json-type", "not an object")));
    ObjectReader r(*parsed, "nix");
    const Json& hosts = r.value("hosts");
    const Json& sources = r.value("sources");
    if (auto done = r.finish(); !done) return fail(not_understood(std::move(done.error())));
    if (!hosts.is_object() || !sources.is_object())
        return fail(not_understood(world_error("json-type", "not objects")));
    Answer answer;
    for (const auto& [name, value] : hosts.items()) {
        auto host = read_host(value, "/hosts/" + name);
        if (!host) return fail(not_understood(std::move(host.error())));
        answer.hosts.emplace(name, std::move(*host));
    }
    for (const auto& [place, value] : sources.items()) {
        auto files = read_source(value, "/sources/" + place);
        if (!files) return fail(not_understood(std::move(files.error())));
        if (!files->empty()) answer.sources.emplace(place, std::move(*files));
    }
    return answer;
}

Result<std::map<std::string, HostSurvey>> read_survey(std::string_view json) {
    auto parsed = parse_json(json, "nix");
    if (!parsed) return fail(not_understood(std::move(parsed.error())));
    if (!parsed->is_object()) return fail(not_understood(world_error("json-type", "not an object")));
    std::map<std::string, HostSurvey> out;
    for (const auto& [name, value] : parsed->items()) {
        auto host = read_host_survey(value, name);
        if (!host) return fail(not_understood(std::move(host.error())));
        out.emplace(name, std::move(*host));
    }
    return out;
}

Result<std::vector<std::string>> read_names(std::string_view json) {
    auto parsed = parse_json(json, "nix");
    if (!parsed) return fail(not_understood(std::move(parsed.error())));
    if (!parsed->is_array()) return fail(not_understood(world_error("json-type", "not a list")));
    std::vector<std::string> out;
    for (const Json& one : *parsed) {
        if (!one.is_string()) return fail(not_understood(world_error("json-type", "not a list of names")));
        out.push_back(one.get<std::string>());
    }
    return out;
}

}  // namespace lf::check
