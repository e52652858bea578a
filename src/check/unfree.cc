// SPDX-License-Identifier: MIT
#include "check/unfree.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "check/evaluate.h"

namespace lf::embedded {
extern const std::string_view check_unfree_question;
}

namespace lf::check {
namespace {

struct Parts {
    std::vector<std::string> asked;
    std::vector<std::string> refused;  ///< those that threw, for whatever reason
};

std::string question(const CheckRequest& request) {
    std::string hosts;
    for (const HostRequest& host : request.hosts) hosts.append(nix_string(host.host)).append(" ");
    return fmt::format("({}) [ {}]", embedded::check_unfree_question, hosts);
}

Result<std::map<std::string, Parts>> read_parts(const std::string& out) {
    auto json = parse_json(out, "nix");
    if (!json) return fail(not_understood(std::move(json.error())));
    if (!json->is_object()) return fail(not_understood(world_error("json-type", "not an object")));
    std::map<std::string, Parts> parts;
    for (const auto& [host, value] : json->items()) {
        ObjectReader r(value, "nix", "/" + host);
        parts[host] = {r.strings("asked"), r.strings("refused")};
        if (auto done = r.finish(); !done) return fail(not_understood(std::move(done.error())));
    }
    return parts;
}

/// What Nix says about one part that threw: tryEval does not tell.
Result<UnfreeAnswer> reason(const CheckRequest& request, Nix& nix, const std::string& host, const std::string& part) {
    std::string path;
    for (const std::string_view name : split(part, '.')) path.append(".").append(nix_string(name));
    LF_ASSIGN(Nix::Answer answer,
              nix.ask(evaluation(
                  request, fmt::format("configurations: configurations.{}.pkgs{}.drvPath", nix_string(host), path))));
    if (answer.ok) return UnfreeAnswer{Unfree::cannot_tell, "", fmt::format("{} evaluates alone only", part)};
    if (answer.failure.cause == NixCause::unfree) return UnfreeAnswer{Unfree::refused, answer.failure.name, ""};
    return UnfreeAnswer{Unfree::cannot_tell, "", answer.failure.message};
}

Result<UnfreeAnswer> answer_for(const CheckRequest& request, Nix& nix, const std::string& host, const Parts& parts) {
    if (parts.asked.empty()) return UnfreeAnswer{Unfree::cannot_tell, "", "its nixpkgs has no CUDA to ask about"};
    if (parts.refused.empty()) return UnfreeAnswer{Unfree::allowed, "", ""};
    return reason(request, nix, host, parts.refused.front());
}

/// Each host alone, when one of them ends the evaluation of all.
Result<std::map<std::string, UnfreeAnswer>> one_by_one(const CheckRequest& request, Nix& nix) {
    std::map<std::string, UnfreeAnswer> out;
    for (const HostRequest& host : request.hosts) {
        CheckRequest one = request;
        one.hosts = {host};
        LF_ASSIGN(Nix::Answer answer, nix.ask(evaluation(one, question(one))));
        if (!answer.ok) {
            const bool unfree = answer.failure.cause == NixCause::unfree;
            out[host.host] = unfree ? UnfreeAnswer{Unfree::refused, answer.failure.name, ""}
                                    : UnfreeAnswer{Unfree::cannot_tell, "", answer.failure.message};
            continue;
        }
        LF_ASSIGN(auto parts, read_parts(answer.out));
        LF_ASSIGN(out[host.host], answer_for(request, nix, host.host, parts[host.host]));
    }
    return out;
}

}  // namespace

Result<std::map<std::string, UnfreeAnswer>> ask_unfree(const CheckRequest& request, Nix& nix) {
    LF_TRY(require_flake(request.flake));
    LF_ASSIGN(Nix::Answer answer, nix.ask(evaluation(request, question(request))));
    const bool hopeless = lies_in_the_flake(answer.failure.cause) || answer.failure.cause == NixCause::timeout;
    if (!answer.ok && hopeless) return fail(to_error(answer.failure));
    if (!answer.ok) return one_by_one(request, nix);
    LF_ASSIGN(auto parts, read_parts(answer.out));
    std::map<std::string, UnfreeAnswer> out;
    for (const HostRequest& host : request.hosts) {
        LF_ASSIGN(out[host.host], answer_for(request, nix, host.host, parts[host.host]));
    }
    return out;
}

std::string cuda_predicate() {
    // An unfree package has a licence, so an empty list is no reason to allow it.
    return "pkg:\n"
           "  let\n"
           "    license = pkg.meta.license or [ ];\n"
           "    licenses = if builtins.isList license then license else [ license ];\n"
           "    isCuda = l: builtins.elem (l.shortName or \"\") [ \"CUDA EULA\" \"cuDNN EULA\" ];\n"
           "  in\n"
           "  licenses != [ ] && builtins.all (l: l.free or true || isCuda l) licenses";
}

std::string cuda_predicate_setting(const std::string& indentation) {
    return indent("nixpkgs.config.allowUnfreePredicate = " + cuda_predicate() + ";", indentation);
}

}  // namespace lf::check
