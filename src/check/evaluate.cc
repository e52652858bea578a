// SPDX-License-Identifier: MIT
#include "check/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/files.h"
#include "base/text.h"

namespace lf::embedded {
extern const std::string_view check_parts;
extern const std::string_view check_question;
}  // namespace lf::embedded

namespace lf::check {
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

std::string with_parts(std::string_view question) { return fmt::format("({}) ({})", question, embedded::check_parts); }

std::string question_text(const std::vector<Wanted>& wanted) {
    std::string out = with_parts(embedded::check_question) + " {";
    for (const Wanted& one : wanted) {
        std::string packages;
        for (const std::string& package : one.packages) packages.append(nix_string(package)).append(" ");
        out += fmt::format(" {} = {{ packages = [ {}]; installed = {}; sources = {}; }};", nix_string(one.host),
                           packages, one.installed ? "true" : "false", one.sources ? "true" : "false");
    }
    return out + " }";
}

}  // namespace lf::check
