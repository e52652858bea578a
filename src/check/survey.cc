// SPDX-License-Identifier: MIT
#include "check/survey.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "check/evaluate.h"

namespace lf::embedded {
extern const std::string_view check_survey;
}

namespace lf::check {
namespace {

/// What one evaluation is to tell about a host; see survey.nix.
struct Part {
    bool installed = true;
    std::vector<std::string> evaluates;
};

const Part kEverything{true, {"llama-cpp", "llama-cpp-cuda", "llama-cpp-rocm", "llama-cpp-vulkan"}};

std::string part_text(const std::string& host, const Part& part) {
    std::string attributes;
    for (const std::string& name : part.evaluates) attributes.append(nix_string(name)).append(" ");
    return fmt::format(" {} = {{ installed = {}; evaluates = [ {}]; }};", nix_string(host),
                       part.installed ? "true" : "false", attributes);
}

class Surveyor {
  public:
    Surveyor(const CheckRequest& request, Nix& nix) : request_(request), nix_(nix) {}

    Result<std::vector<HostSurvey>> all() {
        std::string wanted;
        for (const HostRequest& host : request_.hosts) wanted += part_text(host.host, kEverything);
        LF_ASSIGN(const Nix::Answer answer, ask(request_.hosts.empty() ? "null" : fmt::format("{{{} }}", wanted)));
        if (answer.ok) return in_order(answer.out);
        if (lies_in_the_flake(answer.failure.cause) || answer.failure.cause == NixCause::timeout)
            return fail(to_error(answer.failure));
        LF_ASSIGN(const std::vector<std::string> names, names_of_hosts());
        std::vector<HostSurvey> out;
        for (const std::string& name : names) {
            LF_ASSIGN(HostSurvey host, one_host(name));
            out.push_back(std::move(host));
        }
        return out;
    }

  private:
    Result<Nix::Answer> ask(const std::string& wanted) {
        return nix_.ask(evaluation(request_, with_parts(embedded::check_survey) + " " + wanted));
    }

    Result<std::vector<HostSurvey>> in_order(const std::string& json) {
        LF_ASSIGN(auto read, read_survey(json));
        std::vector<HostSurvey> out;
        if (request_.hosts.empty()) {
            for (auto& [name, host] : read) out.push_back(std::move(host));
            return out;
        }
        for (const HostRequest& wanted : request_.hosts) {
            LF_ASSIGN(HostSurvey host, answer_for(read, wanted.host));
            out.push_back(std::move(host));
        }
        return out;
    }

    static Result<HostSurvey> answer_for(std::map<std::string, HostSurvey>& read, const std::string& host) {
        const auto found = read.find(host);
        if (found != read.end()) return std::move(found->second);
        return fail(world_error("nix-answer", fmt::format("nix said nothing about {}", printable(host))));
    }

    Result<std::vector<std::string>> names_of_hosts() {
        std::vector<std::string> names;
        for (const HostRequest& host : request_.hosts) names.push_back(host.host);
        if (!names.empty()) return names;
        LF_ASSIGN(const std::string out, nix_.call(evaluation(request_, "builtins.attrNames")));
        return read_names(out);
    }

    Result<HostSurvey> ask_host(const std::string& name, const Part& part) {
        LF_ASSIGN(const Nix::Answer answer, ask(fmt::format("{{{} }}", part_text(name, part))));
        if (!answer.ok) {
            HostSurvey host;
            host.host = name;
            host.present = true;
            host.failure = answer.failure;
            return host;
        }
        LF_ASSIGN(auto read, read_survey(answer.out));
        return answer_for(read, name);
    }

    /// One host: whole, then, if that fails, part by part.
    Result<HostSurvey> one_host(const std::string& name) {
        LF_ASSIGN(HostSurvey whole, ask_host(name, kEverything));
        if (!whole.failure || whole.failure->cause == NixCause::timeout) return whole;
        LF_ASSIGN(HostSurvey host, ask_host(name, {false, {}}));
        if (host.failure || !host.usable) return host;
        LF_ASSIGN(HostSurvey installed, ask_host(name, {true, {}}));
        host.packages = std::move(installed.packages);
        host.memory_deny_write_execute = installed.memory_deny_write_execute;
        host.failure = std::move(installed.failure);
        for (const std::string& attribute : kEverything.evaluates) {
            LF_ASSIGN(const HostSurvey one, ask_host(name, {false, {attribute}}));
            if (one.failure) {
                host.evaluates[attribute] = false;
                host.evaluation_failures[attribute] = *one.failure;
            }
            host.evaluates.insert(one.evaluates.begin(), one.evaluates.end());
        }
        return host;
    }

    const CheckRequest& request_;
    Nix& nix_;
};

}  // namespace

Result<std::vector<HostSurvey>> survey(const CheckRequest& request, Nix& nix) {
    LF_TRY(require_flake(request.flake));
    return Surveyor(request, nix).all();
}

}  // namespace lf::check
