// SPDX-License-Identifier: MIT
#include "check/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

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

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLeastShare = std::chrono::seconds(1);  // less is no try

/// The time that may pass. Nothing is divided until an evaluation ran out of it: then all that is still to be asked
/// gets once more as much, the hosts that are left in equal parts, so that an endless one leaves time for the others.
class Budget {
  public:
    explicit Budget(std::chrono::milliseconds limit) : limit_(limit) {}

    void ran_out() {
        if (!end_) end_ = Clock::now() + limit_;
    }
    /// The next of `left` hosts begins.
    void next_host(std::size_t left) {
        if (!end_) return;
        share_ = std::max(until(*end_) / static_cast<long>(left), kLeastShare);
        host_end_ = Clock::now() + share_;
    }
    std::chrono::milliseconds share() const { return host_end_ ? share_ : limit_; }
    /// For one evaluation; nothing or less: none is left.
    std::chrono::milliseconds for_one() const { return host_end_ ? until(*host_end_) : limit_; }

  private:
    static std::chrono::milliseconds until(Clock::time_point end) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    }
    std::chrono::milliseconds limit_;
    std::chrono::milliseconds share_{};
    std::optional<Clock::time_point> end_, host_end_;
};

/// Asks, for all hosts at once or for less and less; counts processes and time.
class Inquiry {
  public:
    Inquiry(const CheckRequest& request, Nix& nix) : request_(request), nix_(nix), budget_(request.time_limit) {}

    Result<Answer> all() {
        std::vector<Wanted> wanted;
        for (const HostRequest& host : request_.hosts) {
            if (host.plan || host.problem.empty()) wanted.push_back({host.host, packages_to_ask(host), true, true});
        }
        if (wanted.empty()) return Answer{};
        LF_ASSIGN(Nix::Answer answer, ask(wanted));
        if (answer.ok) {
            LF_ASSIGN(Answer read, read_answer(answer.out));
            LF_TRY(complete(read, wanted));
            return read;
        }
        if (lies_in_the_flake(answer.failure.cause)) return fail(to_error(answer.failure));
        if (wanted.size() > 1 || answer.failure.cause != NixCause::timeout) return each(wanted);
        gathered_.hosts[wanted.front().host] = failed(std::move(answer.failure));
        return std::move(gathered_);
    }

    double seconds() const { return seconds_; }

  private:
    static HostAnswer failed(NixFailure failure) {
        HostAnswer out;
        out.present = true;
        out.failure = std::move(failure);
        return out;
    }

    Result<Nix::Answer> ask(const std::vector<Wanted>& wanted) {
        NixCall call = evaluation(request_, question_text(wanted));
        call.time_limit = budget_.for_one();
        if (call.time_limit.count() <= 0) return Nix::Answer{false, "", out_of_time(budget_.share()), 0};
        LF_ASSIGN(Nix::Answer answer, nix_.ask(call));
        seconds_ += answer.seconds;
        if (!answer.ok && answer.failure.cause == NixCause::timeout) budget_.ran_out();
        return answer;
    }

    Result<Answer> each(const std::vector<Wanted>& wanted) {
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            budget_.next_host(wanted.size() - i);
            LF_ASSIGN(gathered_.hosts[wanted[i].host], host(wanted[i]));
        }
        const auto& first = gathered_.hosts.begin()->second.failure;
        const bool all_alike = first && first->cause != NixCause::timeout &&
                               std::all_of(gathered_.hosts.begin(), gathered_.hosts.end(), [&](const auto& one) {
                                   return one.second.failure && one.second.failure->message == first->message;
                               });
        if (all_alike) return fail(to_error(*first));
        return std::move(gathered_);
    }

    /// One host: whole, then, if that fails, piece by piece.
    Result<HostAnswer> host(const Wanted& wanted) {
        LF_ASSIGN(HostAnswer answer, alone(wanted));
        if (!answer.failure || answer.failure->cause == NixCause::timeout) return answer;
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
        if (!answer.ok) return failed(std::move(answer.failure));
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
    Budget budget_;
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
        if (said.ok) continue;
        package.failure = std::move(said.failure);
        if (package.failure->cause == NixCause::timeout) break;
    }
    return {};
}

/// The logs of builds that were made here, of the planned packages; each derivation once. One that cannot be read is
/// no reason to know nothing of the rest.
Done gather_logs(const CheckRequest& request, Nix& nix, const HostRequest& host, const HostAnswer& answer,
                 Evidence& evidence) {
    if (!host.plan || !answer.usable) return {};
    for (const Expectation& expected : expectations(host.plan->build)) {
        const auto found = answer.packages.find(expected.package);
        if (!expected.planned || found == answer.packages.end() || !found->second.facts) continue;
        const std::string& drv = found->second.facts->build_drv;
        if (drv.empty() || evidence.logs.contains(drv) || evidence.unread_logs.contains(drv)) continue;
        auto log = nix.build_log(drv, request.time_limit);
        if (!log && log.error().id == "interrupted") return fail(std::move(log.error()));
        if (!log) evidence.unread_logs.emplace(drv, printable(log.error().message));
        else if (*log) evidence.logs.emplace(drv, std::move(**log));
    }
    return {};
}

/// The finished builds of the planned packages, each once; nothing is built for that.
Done gather_builds(const CheckRequest& request, Nix& nix, const HostRequest& host, const HostAnswer& answer,
                   Evidence& evidence) {
    if (!request.look_inside || !host.plan || !answer.usable) return {};
    for (const Expectation& expected : expectations(host.plan->build)) {
        const auto found = answer.packages.find(expected.package);
        if (!expected.planned || found == answer.packages.end() || found->second.outputs.empty()) continue;
        const std::vector<std::string>& outputs = found->second.outputs;
        if (evidence.builds.contains(outputs.front())) continue;
        LF_ASSIGN(Built built, look_into(nix, outputs, request.time_limit));
        if (built.here) evidence.builds.emplace(outputs.front(), std::move(built));
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
    return check_without(request, nix.error());
}

Result<CheckReport> check_without(const CheckRequest& request, const Error& why) {
    if (why.id == "nix-missing" || why.id == "nix-too-old") return not_checked(request, why);
    return fail(why);
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
        LF_TRY(gather_logs(request, nix, host, of_host, evidence));
        LF_TRY(gather_builds(request, nix, host, of_host, evidence));
        report.hosts.push_back(judge_host(host, of_host, evidence));
    }
    report.nix_version = nix.program().version;
    report.store = nix.store();
    report.processes = nix.processes_started() - before;
    report.logs = nix.logs_read() - logs_before;
    report.builds = static_cast<int>(evidence.builds.size());
    return report;
}

}  // namespace lf::check
