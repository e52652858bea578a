// SPDX-License-Identifier: MIT
#include "check/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"

namespace lf::embedded {
extern const std::string_view check_question;
}

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

Result<PackageFacts> read_facts(const Json& json, const std::string& path) {
    ObjectReader r(json, "nix", path);
    PackageFacts facts;
    facts.name = r.string("name");
    facts.main_program = r.string("mainProgram");
    facts.has_flags = r.boolean("hasFlags");
    facts.cmake_flags = shell_split(r.strings("cmakeFlags"), r.boolean("structured"));
    facts.required_features = r.strings("requiredFeatures");
    const Json& environment = r.value("environment");
    if (environment.is_object()) {
        for (const auto& [name, value] : environment.items()) {
            if (value.is_string()) facts.environment[name] = value.get<std::string>();
        }
    } else {
        r.reject("environment", "json-type", "not an object");
    }
    LF_TRY(r.finish());
    return facts;
}

/// { ok, value } of question.nix's `caught`: the value, or null if it threw.
Result<const Json*> caught(const Json& json, const std::string& path) {
    ObjectReader r(json, "nix", path);
    const bool ok = r.boolean("ok");
    const Json& value = r.value("value");
    LF_TRY(r.finish());
    return ok && !value.is_null() ? &value : nullptr;
}

Result<PackageAnswer> read_package(const Json& json, const std::string& path) {
    ObjectReader r(json, "nix", path);
    PackageAnswer answer;
    answer.found = r.boolean("found");
    const Json& facts_json = r.value("facts");
    const Json& drv_json = r.value("drv");
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
    Installed installed{r.string("where"), r.string("name"), r.optional_string("drv").value_or(""), ""};
    LF_TRY(r.finish());
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

}  // namespace

std::string path_reference(std::string_view folder) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    std::string out = "path:";
    for (const char c : folder) {
        if (kPlain.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

bool lies_in_the_flake(NixCause cause) {
    constexpr std::array kWhole{NixCause::no_such_output, NixCause::store,         NixCause::ownership,
                                NixCause::not_a_flake,    NixCause::input_missing, NixCause::network,
                                NixCause::folder_name};
    return std::find(kWhole.begin(), kWhole.end(), cause) != kWhole.end();
}

std::vector<std::string> override_words(const CheckRequest& request) {
    std::vector<std::string> out;
    for (const InputOverride& one : request.overrides) {
        const bool folder = one.flake.starts_with('/');
        out.insert(out.end(), {"--override-input", one.input, folder ? path_reference(one.flake) : one.flake});
    }
    return out;
}

NixCall evaluation(const CheckRequest& request, const std::string& function) {
    NixCall call;
    const std::string flake = request.as_files_lie ? path_reference(request.flake) : ".";
    call.arguments = {"eval", "--json", "--no-write-lock-file", flake + "#nixosConfigurations", "--apply", function};
    const auto overrides = override_words(request);
    call.arguments.insert(call.arguments.end(), overrides.begin(), overrides.end());
    call.directory = request.flake;
    call.offline = request.offline || request.stand_ins;
    call.time_limit = request.time_limit;
    return call;
}

Done require_flake(const std::string& folder) {
    if (RootedFiles(folder).exists("/flake.nix")) return {};
    Error error = world_error("flake-missing", fmt::format("{} holds no flake.nix", printable(folder)),
                              "name the folder of the flake");
    error.where.file = folder;
    return fail(std::move(error));
}

std::string question_text(const std::vector<Wanted>& wanted) {
    std::string out = fmt::format("({}) {{", embedded::check_question);
    for (const Wanted& one : wanted) {
        std::string packages;
        for (const std::string& package : one.packages) packages.append(nix_string(package)).append(" ");
        out += fmt::format(" {} = {{ packages = [ {}]; installed = {}; }};", nix_string(one.host), packages,
                           one.installed ? "true" : "false");
    }
    return out + " }";
}

Error not_understood(Error cause) {
    Error error = world_error("nix-answer", "nix's answer cannot be understood: " + cause.message,
                              "is this really nix? `nix --version` tells; another one can be named in LLAMA_FLEET_NIX");
    error.causes.push_back(std::move(cause));
    return error;
}

Result<std::map<std::string, HostAnswer>> read_answer(std::string_view json) {
    auto parsed = parse_json(json, "nix");
    if (!parsed) return fail(not_understood(std::move(parsed.error())));
    if (!parsed->is_object()) return fail(not_understood(world_error("json-type", "not an object")));
    std::map<std::string, HostAnswer> out;
    for (const auto& [name, value] : parsed->items()) {
        auto host = read_host(value, "/" + name);
        if (!host) return fail(not_understood(std::move(host.error())));
        out.emplace(name, std::move(*host));
    }
    return out;
}

}  // namespace lf::check
