// SPDX-License-Identifier: MIT
#include "check/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "check/evaluate.h"
#include "check/judge.h"

namespace lf::check {
namespace {

std::vector<std::string> packages_to_ask(const HostRequest& host) {
    std::vector<std::string> out{std::begin(kVariants), std::end(kVariants)};
    if (host.plan && std::find(out.begin(), out.end(), host.plan->build.package) == out.end()) {
        out.push_back(host.plan->build.package);
    }
    out.emplace_back("llama-cpp");
    return out;
}

/// Asks, for all hosts at once or for less and less; counts processes and time.
class Inquiry {
  public:
    Inquiry(const CheckRequest& request, Nix& nix) : request_(request), nix_(nix) {}

    Result<Answer> all() {
        std::vector<Wanted> wanted;
        for (const HostRequest& host : request_.hosts) wanted.push_back({host.host, packages_to_ask(host), true, true});
        LF_ASSIGN(Nix::Answer answer, ask(wanted));
        if (answer.ok) {
            LF_ASSIGN(Answer read, read_answer(answer.out));
            LF_TRY(complete(read, wanted));
            return read;
        }
        if (lies_in_the_flake(answer.failure.cause)) return fail(to_error(answer.failure));
        return each(wanted);
    }

    double seconds() const { return seconds_; }

  private:
    Result<Nix::Answer> ask(const std::vector<Wanted>& wanted) {
        LF_ASSIGN(Nix::Answer answer, nix_.ask(evaluation(request_, question_text(wanted))));
        seconds_ += answer.seconds;
        return answer;
    }

    Result<Answer> each(const std::vector<Wanted>& wanted) {
        bool all_alike = true;
        for (const Wanted& one : wanted) {
            LF_ASSIGN(HostAnswer answer, host(one));
            all_alike = all_alike && answer.failure.has_value();
            gathered_.hosts[one.host] = std::move(answer);
        }
        if (!all_alike || gathered_.hosts.empty()) return std::move(gathered_);
        const NixFailure& first = *gathered_.hosts.begin()->second.failure;
        for (const auto& [name, answer] : gathered_.hosts)
            all_alike = all_alike && answer.failure->message == first.message;
        if (all_alike) return fail(to_error(first));
        return std::move(gathered_);
    }

    /// One host: whole, then, if that fails, piece by piece.
    Result<HostAnswer> host(const Wanted& wanted) {
        LF_ASSIGN(HostAnswer answer, alone(wanted));
        if (!answer.failure || request_.hosts.empty()) return answer;
        LF_ASSIGN(answer, alone({wanted.host, {}, false, false}));
        if (answer.failure || !answer.present || !answer.usable) return answer;
        for (const std::string& package : wanted.packages) {
            LF_ASSIGN(answer.packages[package], one_package(wanted.host, package));
        }
        LF_ASSIGN(HostAnswer with, alone({wanted.host, {}, true, false}));
        answer.installed = with.installed;
        answer.installed_failure = with.failure;
        return answer;
    }

    Result<PackageAnswer> one_package(const std::string& host, const std::string& package) {
        LF_ASSIGN(HostAnswer with, alone({host, {package}, false, false}));
        PackageAnswer out = with.packages[package];
        if (with.failure) out.failure = with.failure;
        return out;
    }

    Result<HostAnswer> alone(const Wanted& wanted) {
        LF_ASSIGN(Nix::Answer answer, ask({wanted}));
        if (!answer.ok) {
            HostAnswer out;
            out.present = true;
            out.failure = answer.failure;
            return out;
        }
        LF_ASSIGN(Answer read, read_answer(answer.out));
        LF_TRY(complete(read, {wanted}));
        gathered_.sources.merge(read.sources);
        return std::move(read.hosts[wanted.host]);
    }

    /// Nix must have answered for every host, and no other.
    static Done complete(const Answer& answer, const std::vector<Wanted>& wanted) {
        for (const Wanted& one : wanted) {
            if (!answer.hosts.contains(one.host)) {
                return fail(world_error("nix-answer", fmt::format("nix said nothing about {}", printable(one.host))));
            }
        }
        return {};
    }

    const CheckRequest& request_;
    Nix& nix_;
    Answer gathered_;  // of hosts asked one by one
    double seconds_ = 0;
};

/// tryEval tells that something was thrown but not what: of a package set that threw, and of the planned packages that
/// did, Nix is asked again, one by one, what it says.
Done ask_why(const CheckRequest& request, Nix& nix, const HostRequest& host, HostAnswer& answer, double& seconds) {
    if (answer.present && !answer.usable && !answer.failure) {
        const std::string function = fmt::format(
            "configurations: let host = configurations.{}; in builtins.seq (host.pkgs or host._module.args.pkgs) true",
            nix_string(host.host));
        LF_ASSIGN(Nix::Answer said, nix.ask(evaluation(request, function)));
        seconds += said.seconds;
        if (!said.ok) answer.failure = std::move(said.failure);
    }
    if (!host.plan || !answer.usable || answer.failure) return {};
    for (const Expectation& expected : expectations(host.plan->build)) {
        const auto found = answer.packages.find(expected.package);
        if (found == answer.packages.end() || !expected.planned) continue;
        PackageAnswer& package = found->second;
        if (!package.found || package.drv || package.failure) continue;
        const std::string function = fmt::format("configurations: configurations.{}.pkgs.{}.drvPath",
                                                 nix_string(host.host), nix_string(expected.package));
        LF_ASSIGN(Nix::Answer said, nix.ask(evaluation(request, function)));
        seconds += said.seconds;
        if (!said.ok) package.failure = std::move(said.failure);
    }
    return {};
}

/// The logs of builds that were made here, of the planned packages; each derivation once.
Done gather_logs(Nix& nix, const HostRequest& host, const HostAnswer& answer, Evidence& evidence) {
    if (!host.plan || !answer.usable) return {};
    for (const Expectation& expected : expectations(host.plan->build)) {
        const auto found = answer.packages.find(expected.package);
        if (!expected.planned || found == answer.packages.end() || !found->second.facts) continue;
        const std::string& drv = found->second.facts->build_drv;
        if (drv.empty() || evidence.logs.contains(drv)) continue;
        LF_ASSIGN(std::optional<std::string> log, nix.build_log(drv));
        if (log) evidence.logs.emplace(drv, std::move(*log));
    }
    return {};
}

CheckReport not_checked(const CheckRequest& request, const Error& error) {
    CheckReport report;
    report.not_checked = error.message;
    report.hint = error.hint;
    report.stand_ins = request.stand_ins;
    return report;
}

}  // namespace

Result<CheckReport> check(const CheckRequest& request, ProcessRunner& processes, const NixSearch& search) {
    LF_TRY(require_flake(request.flake));
    auto nix = Nix::find(processes, search);
    if (nix) return check(request, *nix);
    if (nix.error().id == "nix-missing" || nix.error().id == "nix-too-old") return not_checked(request, nix.error());
    return fail(std::move(nix.error()));
}

Result<CheckReport> check(const CheckRequest& request, Nix& nix) {
    LF_TRY(require_flake(request.flake));
    CheckReport report;
    report.stand_ins = request.stand_ins;
    const int before = nix.processes_started();
    const int logs_before = nix.logs_read();
    Inquiry inquiry(request, nix);
    LF_ASSIGN(Answer answer, inquiry.all());
    report.seconds = inquiry.seconds();
    Evidence evidence;
    for (const auto& [place, files] : answer.sources) evidence.sources.emplace(place, read_cmake_files(files));
    for (const HostRequest& host : request.hosts) {
        HostAnswer& of_host = answer.hosts[host.host];
        LF_TRY(ask_why(request, nix, host, of_host, report.seconds));
        LF_TRY(gather_logs(nix, host, of_host, evidence));
        report.hosts.push_back(judge_host(host, of_host, evidence));
    }
    report.nix_version = nix.program().version;
    report.store = nix.store();
    report.processes = nix.processes_started() - before;
    report.logs = nix.logs_read() - logs_before;
    return report;
}

}  // namespace lf::check
