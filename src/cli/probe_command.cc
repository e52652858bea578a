// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/finish.h"
#include "cli/fleet_facts.h"
#include "cli/probe_text.h"
#include "cli/verbs.h"
#include "facts/codec.h"
#include "facts/minimal.h"
#include "fleet/remote.h"
#include "probe/capture.h"
#include "probe/capture_source.h"
#include "probe/dump_source.h"
#include "probe/facter.h"
#include "probe/live_source.h"
#include "probe/probe.h"

namespace lf::cli {
namespace {

/// One line, for several machines in one stream of JSON.
std::string on_one_line(const std::string& json) {
    return Json::parse(json).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// What goes to stdout; where --output names a folder, JSON goes to a file there instead.
Result<std::string> written_or_shown(const facts::Machine& found, const Arguments& arguments, Terminal& terminal) {
    const facts::Machine machine = arguments.has("--minimal") ? facts::minimal(found) : found;
    if (const auto folder = arguments.value("--output")) {
        LF_TRY(make_directories(*folder));
        const std::string file = fmt::format("{}/{}.json", *folder, machine.host);
        LF_TRY(write_file_atomically(file, facts::to_json(facts::without_environment(machine))));
        terminal.talk("written: " + printable(file) + "\n");
        if (!arguments.has("--text")) return std::string();
    }
    if (arguments.has("--text")) return machine_text(machine);
    std::string json = facts::to_json(machine);
    return arguments.values("--ssh").size() > 1 ? on_one_line(json) : json;
}

Done show(const facts::Machine& found, const Arguments& arguments, Terminal& terminal) {
    LF_ASSIGN(const std::string text, written_or_shown(found, arguments, terminal));
    terminal.answer(text);
    return {};
}

Done write_capture(const probe::MachineSource& source, const std::string& folder, Terminal& terminal) {
    LF_TRY(probe::capture(source, folder));
    terminal.talk("captured in " + printable(folder) + "; look at it before you send it to anybody\n");
    return {};
}

/// A machine of a source that can be captured too.
Result<int> probe_source(const probe::MachineSource& source, const std::string& host, const Arguments& arguments,
                         Terminal& terminal) {
    LF_ASSIGN(const facts::Machine machine, probe::probe(source, host));
    if (const auto folder = arguments.value("--capture")) LF_TRY(write_capture(source, *folder, terminal));
    LF_TRY(show(machine, arguments, terminal));
    return kYes;
}

Result<std::vector<fleet::Destination>> destinations_of(const Arguments& arguments) {
    std::vector<fleet::Destination> out;
    for (const std::string& word : arguments.values("--ssh")) {
        LF_ASSIGN(fleet::Destination destination, fleet::parse_destination(word));
        for (const fleet::Destination& other : out)
            if (other.host == destination.host)
                return fail(usage_error("ssh-destination", fmt::format("two machines are called '{}'", other.host),
                                        "give one another name: --ssh NAME=DEST"));
        out.push_back(std::move(destination));
    }
    return out;
}

/// Where the programs for other machines lie unless PATH says so: beside this one.
std::string beside_this_program() {
    const auto self = RootedFiles("/").read_link("/proc/self/exe");
    return self ? self->substr(0, self->rfind('/')) : ".";
}

/// Talk, files and errors come as machines answer; what goes to stdout in the order of the destinations, each as soon
/// as it is its turn, so that the same machines give the same bytes.
class RemoteAnswers {
  public:
    RemoteAnswers(std::size_t count, const Arguments& arguments, Terminal& terminal)
        : arguments_(arguments), terminal_(terminal), texts_(count) {}

    void take(std::size_t index, const fleet::RemoteMachine& machine) {
        for (const std::string_view line : lines(trim(machine.talk)))
            if (!line.empty()) terminal_.talk(fmt::format("{}: {}\n", machine.destination.host, line));
        auto text = finish(machine);
        if (!text) {
            terminal_.error(text.error());
            if (code_ != kInterrupted) code_ = text.error().id == "interrupted" ? kInterrupted : kWorldFailed;
        }
        texts_[index] = text ? std::move(*text) : "";
        for (; next_ < texts_.size() && texts_[next_]; ++next_)
            if (!texts_[next_]->empty()) terminal_.answer(*texts_[next_]);
        ++finished_;
        if (finished_ < texts_.size())
            terminal_.progress(fmt::format("{} of {} machines have answered", finished_, texts_.size()));
    }
    int code() const { return code_; }

  private:
    Result<std::string> finish(const fleet::RemoteMachine& machine) {
        if (!machine.facts) return fail(machine.facts.error());
        if (const auto folder = arguments_.value("--capture"); folder && machine.source)
            LF_TRY(write_capture(*machine.source, *folder + "/" + machine.destination.host, terminal_));
        return written_or_shown(*machine.facts, arguments_, terminal_);
    }

    const Arguments& arguments_;
    Terminal& terminal_;
    std::vector<std::optional<std::string>> texts_;
    std::size_t next_ = 0;
    std::size_t finished_ = 0;
    int code_ = kYes;
};

/// One machine that fails does not stop the rest.
Result<int> probe_over_ssh(const Arguments& arguments, Terminal& terminal) {
    LF_ASSIGN(const std::vector<fleet::Destination> destinations, destinations_of(arguments));
    fleet::RemoteOptions options;
    LF_ASSIGN(options.jobs, arguments.number("--jobs", 16, 1, 256));
    LF_ASSIGN(const int seconds, arguments.number("--timeout", 60, 1, 3600));
    options.timeout = std::chrono::seconds(seconds);
    if (arguments.has("--send-binary")) {
        options.binary = arguments.value("--send-binary").value_or("");
        if (options.binary->empty()) options.binary = beside_this_program();
    }
    RealProcesses processes;
    watch_interrupts();
    RemoteAnswers answers(destinations.size(), arguments, terminal);
    fleet::probe_remote(destinations, options, processes,
                        [&](std::size_t index, const fleet::RemoteMachine& machine) { answers.take(index, machine); });
    return answers.code();
}

/// A dump of CPUID: a machine of its own, without files.
Result<int> probe_dump(const std::string& file, const std::string& host, const Arguments& arguments,
                       Terminal& terminal) {
    LF_ASSIGN(const auto source, probe::DumpedMachine::open(file));
    LF_ASSIGN(const facts::Machine machine, probe::probe(*source, host));
    LF_TRY(show(machine, arguments, terminal));
    return kYes;
}

Result<int> probe_report(const std::string& file, const std::string& host, const Arguments& arguments,
                         Terminal& terminal) {
    LF_ASSIGN(const std::string text, read_file(file));
    LF_ASSIGN(const facts::Machine machine, probe::probe_facter(text, file, host));
    LF_TRY(show(machine, arguments, terminal));
    return kYes;
}

/// Two options that mean nothing together, and why.
struct Contradiction {
    std::string_view one, other, why, hint;
};
constexpr Contradiction kContradictions[] = {
    {"--text", "--json", "--text and --json: one answer has one form", "leave one out"},
    {"--facter", "--capture", "a facter.json cannot be captured", "keep the report itself"},
    {"--cpuid", "--capture", "a dump of CPUID cannot be captured", "keep the dump itself"},
    {"--send-binary", "--capture", "a program that was sent gives facts, and nothing to capture",
     "leave --send-binary out"},
    {"--minimal", "--capture", "--minimal makes no capture smaller: it holds all that was looked at",
     "take facts and capture one after the other"},
    {"--ssh", "--host", "--host names one machine, --ssh names its own", "give it a name there: --ssh NAME=DEST"},
    {"--no-driver-libraries", "--root", "--no-driver-libraries is for this machine", "leave it out"},
    {"--no-driver-libraries", "--cpuid", "--no-driver-libraries is for this machine", "leave it out"},
    {"--no-driver-libraries", "--facter", "--no-driver-libraries is for this machine", "leave it out"},
    {"--no-driver-libraries", "--ssh", "--no-driver-libraries is for this machine", "leave it out"},
};

/// Options that mean nothing together are refused before anything is looked at.
Done check_options(const Arguments& arguments) {
    constexpr std::string_view kSources[] = {"--root", "--cpuid", "--facter", "--ssh"};
    std::vector<std::string> given;
    for (const std::string_view source : kSources)
        if (arguments.has(source)) given.emplace_back(source);
    if (given.size() > 1)
        return fail(usage_error("usage-option", join(given, " and ") + ": a machine has one source", "leave one out"));
    for (const Contradiction& row : kContradictions)
        if (arguments.has(row.one) && arguments.has(row.other))
            return fail(usage_error("usage-option", std::string(row.why), std::string(row.hint)));
    for (const std::string_view option : {"--send-binary", "--jobs", "--timeout"})
        if (arguments.has(option) && !arguments.has("--ssh"))
            return fail(
                usage_error("usage-option", std::string(option) + " is for --ssh", "name machines: --ssh DEST"));
    return {};
}

Result<int> probe_verb(const Arguments& arguments, Terminal& terminal) {
    LF_TRY(check_options(arguments));
    if (arguments.has("--ssh")) return probe_over_ssh(arguments, terminal);
    const std::string host = arguments.value("--host").value_or("this-machine");
    if (!facts::is_host_name(host)) return fail(bad_host_name(host));
    if (const auto file = arguments.value("--facter")) return probe_report(*file, host, arguments, terminal);
    if (const auto file = arguments.value("--cpuid")) return probe_dump(*file, host, arguments, terminal);
    const std::string root = arguments.value("--root").value_or("");
    const probe::LiveOptions options{.driver_libraries = !arguments.has("--no-driver-libraries")};
    if (root.empty()) return probe_source(probe::LiveMachine(options), host, arguments, terminal);
    LF_ASSIGN(const auto source, probe::CapturedMachine::open(root));
    return probe_source(*source, host, arguments, terminal);
}

}  // namespace

int run_probe(const Arguments& arguments, Terminal& terminal) {
    return finish(probe_verb(arguments, terminal), terminal);
}

}  // namespace lf::cli
