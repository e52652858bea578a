// SPDX-License-Identifier: MIT
#include "fleet/remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "facts/codec.h"
#include "fleet/stream.h"
#include "probe/probe.h"

namespace lf::embedded {
extern const std::string_view capture_sh;
}

namespace lf::fleet {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxTalk = 4096;
constexpr std::size_t kMaxBinary = std::size_t{64} << 20;
// What a login says goes before them; they have no quotes in them.
constexpr std::string_view kMachineMark = "llama-fleet machine 1";
constexpr std::string_view kFactsMark = "llama-fleet facts 1";
// Exit codes of receiver(), below 126, which is the shell's own for "found, and may not be run".
constexpr int kNoFolder = 71, kBroken = 72, kCutOff = 73, kMayNotRun = 126;

std::vector<std::string> ssh_words(const Destination& destination, const RemoteOptions& options,
                                   const std::string& command) {
    const auto seconds =
        std::clamp<long long>(std::chrono::duration_cast<std::chrono::seconds>(options.timeout).count() / 2, 1, 15);
    std::vector<std::string> words = {"ssh", "-T", "-a", "-x", "-k"};  // no terminal, agent, X11 or Kerberos ticket
    for (const std::string_view option :
         {"BatchMode=yes", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "PermitLocalCommand=no",
          // Not a master for later connections: it would hold our pipes open.
          "ControlPersist=no",
          // Our command and our stdin, also where the configuration has others for this machine.
          "RemoteCommand=none", "StdinNull=no", "SessionType=default", "ForkAfterAuthentication=no"})
        words.insert(words.end(), {"-o", std::string(option)});
    words.insert(words.end(), {"-o", fmt::format("ConnectTimeout={}", seconds), "--", destination.ssh, command});
    return words;
}

/// Takes long names of machines apart as ssh does: ssh://[user@]host[:port], [user@]host.
std::string machine_in(std::string_view word) {
    const bool uri = word.starts_with("ssh://");
    if (uri) word.remove_prefix(6);
    word = word.substr(0, word.find('/'));
    if (const std::size_t at = word.rfind('@'); at != std::string_view::npos) word.remove_prefix(at + 1);
    if (uri) word = word.substr(0, word.rfind(':'));
    return std::string(word);
}

Error with_host(Error error, const Destination& destination) {
    error.where.host = destination.host;
    return error;
}

/// What to do about the exit code of ssh or of the command that it ran there.
std::string hint_for(int code) {
    switch (code) {
        case 255: return "ssh must work without a question: ssh -o BatchMode=yes DEST true";
        case kNoFolder: return "mktemp -d must work there: is the disk full or read-only? Or leave --send-binary out";
        case kMayNotRun:
            return "programs may not run in its temporary folder (mounted noexec?): leave --send-binary out, or have "
                   "the machine set TMPDIR to another folder";
        case kBroken:
        case kCutOff:
            return "the program did not arrive whole: is the disk full? Try again, or leave --send-binary out";
        case 127: return "it needs a shell called sh: ssh DEST sh -c true";
        default: return "see what the machine says to: ssh DEST sh -c true";
    }
}

/// Takes the last line out of the talk: it is a part of the error.
Error ssh_error(int code, std::string& talk) {
    const std::string_view said = trim(talk);
    const std::size_t newline = said.rfind('\n');
    std::string last(newline == std::string_view::npos ? said : said.substr(newline + 1));
    talk = newline == std::string_view::npos ? "" : std::string(said.substr(0, newline + 1));
    if (code != 255)
        return world_error("ssh-failed",
                           fmt::format("the command there ended with {}{}{}", code, last.empty() ? "" : ": ", last),
                           hint_for(code));
    return world_error("ssh-failed", last.empty() ? "ssh ended with 255" : last, hint_for(code));
}

/// The lines that ssh wrote, which ends its own with "\r\n".
std::string talk_of(std::string_view err) {
    std::string out;
    for (std::string_view line : lines(err.substr(0, kMaxTalk))) {
        while (line.ends_with('\r')) line.remove_suffix(1);
        if (!trim(line).empty()) out += printable(line) + "\n";
    }
    return out;
}

/// What stands behind the line of `mark`, which may follow a login's talk on the same line; nullopt if there is none.
std::optional<std::string_view> behind(std::string_view mark, std::string_view text) {
    const std::size_t at = text.find(std::string(mark) + "\n");
    if (at == std::string_view::npos) return std::nullopt;
    return text.substr(at + mark.size() + 1);
}

/// ssh with `input`; its talk goes into `machine`. Its exit code is the remote command's, 255 its own failure.
Result<Finished> run_ssh(RemoteMachine& machine, const RemoteOptions& options, const std::string& command,
                         std::string input, ProcessRunner& processes) {
    Command ssh;
    ssh.argv = ssh_words(machine.destination, options, command);
    ssh.input = std::move(input);
    ssh.time_limit = options.timeout;
    ssh.output_limit = kMaxStreamBytes;
    auto done = processes.run(ssh);
    if (!done) {
        Error error = std::move(done.error());
        if (error.id == "program-timeout") error.id = "ssh-timeout";
        if (error.id == "program-missing") error.id = "ssh-missing";
        return fail(std::move(error));
    }
    machine.talk += talk_of(done->err);
    return done;
}

Result<facts::Machine> by_script(RemoteMachine& machine, const RemoteOptions& options, ProcessRunner& processes) {
    LF_ASSIGN(const Finished done, run_ssh(machine, options, "sh -s", std::string(embedded::capture_sh), processes));
    // A whole stream is a whole stream, whatever the exit code of the last command in it.
    auto files = parse_stream(done.out);
    if (!files && done.exit_code != 0 && files.error().id == "stream-missing")
        return fail(ssh_error(done.exit_code, machine.talk));
    if (!files) return fail(std::move(files.error()));
    machine.source = std::make_unique<probe::CapturedMachine>(std::move(*files));
    return probe::probe(*machine.source, machine.destination.host);
}

struct ElfMachine {
    std::string_view name;  ///< as `uname -m`
    unsigned char number;   ///< e_machine
};
constexpr ElfMachine kElf[] = {{"x86_64", 62}, {"aarch64", 183}, {"riscv64", 243}};

/// The program for machines of this kind, or why there is none.
Result<std::string> binary_for(const std::string& where, const std::string& architecture) {
    std::error_code ignored;
    const std::string file = fs::is_directory(where, ignored) ? where + "/llama-fleet-probe-" + architecture : where;
    const auto wrong = [&](std::string message) {
        Error error = world_error("ssh-binary", std::move(message),
                                  "how to make one: doc/facts.md; or leave --send-binary out: a shell script does");
        error.where.file = file;
        return fail(std::move(error));
    };
    auto bytes = read_file(file, kMaxBinary);
    if (!bytes) return wrong("there is no program to send to " + architecture + ": " + bytes.error().message);
    const auto* row =
        std::find_if(std::begin(kElf), std::end(kElf), [&](const ElfMachine& one) { return one.name == architecture; });
    const bool elf = bytes->size() > 20 && bytes->starts_with(
                                               "\x7f"
                                               "ELF");
    if (row == std::end(kElf) || !elf || static_cast<unsigned char>((*bytes)[18]) != row->number)
        return wrong("it is no program for " + architecture);
    return std::move(*bytes);
}

/// Runs under any login shell: one word in single quotes, and none inside. The folder goes away also when we are cut
/// off; a program that did not come whole is not run.
std::string receiver(std::size_t size, const std::string& host) {
    return fmt::format(
        "exec sh -c '"
        "d=$(mktemp -d) || exit {}; trap \"rm -rf \\\"$d\\\"\" EXIT; trap \"exit {}\" HUP INT TERM PIPE; umask 077; "
        "cat >\"$d/llama-fleet-probe\" && [ $(wc -c <\"$d/llama-fleet-probe\") -eq {} ] || exit {}; "
        "echo; echo {}; "
        "chmod 700 \"$d/llama-fleet-probe\" && \"$d/llama-fleet-probe\" probe --host {}'",
        kNoFolder, kBroken, size, kCutOff, kFactsMark, host);
}

Result<std::string> architecture_there(RemoteMachine& machine, const RemoteOptions& options, ProcessRunner& processes) {
    const std::string command = fmt::format("exec sh -c 'echo; echo {}; uname -m'", kMachineMark);
    LF_ASSIGN(const Finished told, run_ssh(machine, options, command, "", processes));
    const auto answer = behind(kMachineMark, told.out);
    if (told.exit_code != 0 && !answer) return fail(ssh_error(told.exit_code, machine.talk));
    std::string architecture(trim(answer.value_or("")));
    if (architecture.empty() || architecture.size() > 32 ||
        architecture.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos)
        return fail(world_error("ssh-failed", "the machine does not tell what it is (uname -m)",
                                "see what it says to: ssh DEST uname -m"));
    return architecture;
}

Result<facts::Machine> by_binary(RemoteMachine& machine, const RemoteOptions& options, ProcessRunner& processes) {
    LF_ASSIGN(const std::string architecture, architecture_there(machine, options, processes));
    LF_ASSIGN(std::string program, binary_for(*options.binary, architecture));
    const std::string command = receiver(program.size(), machine.destination.host);
    LF_ASSIGN(const Finished done, run_ssh(machine, options, command, std::move(program), processes));
    if (done.exit_code != 0) return fail(ssh_error(done.exit_code, machine.talk));
    const auto answer = behind(kFactsMark, done.out);
    if (!answer) return fail(world_error("stream-missing", "the machine's shell did not run the program", hint_for(0)));
    LF_ASSIGN(facts::Machine facts, facts::from_json(*answer, machine.destination.ssh));
    if (facts.host != machine.destination.host)
        return fail(world_error("ssh-binary", "these are the facts of another machine: " + facts.host));
    return facts;
}

void probe_one(RemoteMachine& machine, const RemoteOptions& options, ProcessRunner& processes) {
    machine.facts = options.binary ? by_binary(machine, options, processes) : by_script(machine, options, processes);
    if (!machine.facts) machine.facts = fail(with_host(std::move(machine.facts.error()), machine.destination));
}

}  // namespace

Result<Destination> parse_destination(const std::string& word) {
    Destination out;
    const std::size_t equals = word.find('=');
    out.ssh = equals == std::string::npos ? word : word.substr(equals + 1);
    out.host = equals == std::string::npos ? machine_in(out.ssh) : word.substr(0, equals);
    const auto wrong = [&](std::string_view why) {
        return fail(usage_error("ssh-destination", fmt::format("'{}': {}", printable(word), why),
                                "as for ssh: boron, root@10.0.0.2; with a name for the flake: boron=root@10.0.0.2"));
    };
    if (out.ssh.empty() || printable(out.ssh) != out.ssh || out.ssh.size() > 512) return wrong("no destination of ssh");
    if (out.ssh.front() == '-') return wrong("begins with '-', which ssh takes for an option");
    if (!facts::is_host_name(out.host)) return wrong("its name cannot be the name of a host");
    return out;
}

void probe_remote(const std::vector<Destination>& destinations, const RemoteOptions& options, ProcessRunner& processes,
                  const MachineFinished& finished) {
    std::atomic<std::size_t> next{0};
    std::mutex one_at_a_time;
    const auto work = [&] {
        for (std::size_t i = next++; i < destinations.size(); i = next++) {
            RemoteMachine machine;
            machine.destination = destinations[i];
            probe_one(machine, options, processes);
            const std::lock_guard lock(one_at_a_time);
            finished(i, machine);
        }
    };
    std::vector<std::thread> threads;
    const std::size_t count = std::min(destinations.size(), static_cast<std::size_t>(std::max(options.jobs, 1)));
    threads.reserve(count);
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
}

}  // namespace lf::fleet
