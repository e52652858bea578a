// SPDX-License-Identifier: MIT
#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/text.h"

extern char** environ;

namespace lf {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;
volatile std::sig_atomic_t g_end_at_once = 0;
constexpr int kInterruptedCode = 128 + SIGINT;

using Clock = std::chrono::steady_clock;

struct Pipe {
    std::array<int, 2> fd{-1, -1};
    Pipe() {
        if (::pipe2(fd.data(), O_CLOEXEC) != 0) fd = {-1, -1};
        // If we were started with closed standard streams, a pipe may have got their numbers, and `become` would
        // overwrite one end with another.
        for (int& end : fd)
            if (end >= 0 && end < 3) {
                const int high = ::fcntl(end, F_DUPFD_CLOEXEC, 3);
                ::close(std::exchange(end, high));
            }
    }
    bool good() const { return fd[0] >= 0 && fd[1] >= 0; }
    ~Pipe() {
        close(0);
        close(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    void close(std::size_t end) {
        if (fd[end] >= 0) ::close(std::exchange(fd[end], -1));
    }
};

std::vector<std::string> environment_of(const Command& command) {
    std::vector<std::string> out;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::string name(text.substr(0, text.find('=')));
        const bool dropped = std::find(command.without.begin(), command.without.end(), name) != command.without.end();
        if (!dropped && !command.environment.contains(name)) out.emplace_back(text);
    }
    for (const auto& [name, value] : command.environment) out.push_back(fmt::format("{}={}", name, value));
    return out;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    out.reserve(words.size() + 1);
    for (std::string& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

struct Child {
    pid_t pid = -1;
    Pipe in, out, err, exec_error;  // exec_error: closed by a successful exec, else carries errno
    bool good() const { return in.good() && out.good() && err.good() && exec_error.good(); }
    /// Has the program itself ended? Leaves it to be waited for.
    bool ended() const {
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
    }
};

/// What happens between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(Child& child, const Command& command, const char* program, char** argv, char** envp) {
    const auto give_up = [&] {
        const int number = errno;
        [[maybe_unused]] const ssize_t ignored = ::write(child.exec_error.fd[1], &number, sizeof number);
        ::_exit(127);
    };
    ::setpgid(0, 0);
    const int null = command.input.empty() ? ::open("/dev/null", O_RDONLY) : child.in.fd[0];
    if (::dup2(null, 0) < 0 || ::dup2(child.out.fd[1], 1) < 0 || ::dup2(child.err.fd[1], 2) < 0) give_up();
    if (!command.directory.empty() && ::chdir(command.directory.c_str()) != 0) give_up();
    for (const int number : {SIGINT, SIGTERM, SIGPIPE}) ::signal(number, SIG_DFL);
    ::execve(program, argv, envp);
    give_up();
    ::_exit(127);
}

Error run_error(std::string id, const Command& command, std::string_view why) {
    return world_error(std::move(id), fmt::format("{}: {}", command.argv.empty() ? "" : command.argv[0], why));
}

/// Feeds and drains the pipes until both outputs are closed. Sets `problem` and stops when a limit is hit.
class Pump {
  public:
    Pump(Child& child, const Command& command, Finished& finished)
        : child_(child),
          command_(command),
          finished_(finished),
          input_(command.input),
          deadline_(Clock::now() + command.time_limit) {
        for (const int fd : {child.in.fd[1], child.out.fd[0], child.err.fd[0]}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
        if (input_.empty()) child_.in.close(1);
    }

    Done run() {
        while (child_.out.fd[0] >= 0 || child_.err.fd[0] >= 0) {
            if (interrupted()) return fail(run_error("interrupted", command_, "interrupted"));
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
            if (left.count() <= 0)
                return fail(run_error(
                    "program-timeout", command_,
                    fmt::format("no answer within {} s", static_cast<double>(command_.time_limit.count()) / 1000)));
            std::array<pollfd, 3> polled{pollfd{child_.in.fd[1], POLLOUT, 0}, pollfd{child_.out.fd[0], POLLIN, 0},
                                         pollfd{child_.err.fd[0], POLLIN, 0}};
            const int ready =
                ::poll(polled.data(), polled.size(), static_cast<int>(std::min<long long>(left.count(), 200)));
            // A service that it left behind may hold the outputs open for ever: an ended program says no more.
            if (ready == 0 && child_.ended()) return {};
            if (ready <= 0) continue;
            if (polled[0].revents != 0) feed();
            if (polled[1].revents != 0) LF_TRY(drain(child_.out, finished_.out));
            if (polled[2].revents != 0) LF_TRY(drain(child_.err, finished_.err));
        }
        return {};
    }

    Clock::time_point deadline() const { return deadline_; }

  private:
    void feed() {
        const ssize_t written = ::write(child_.in.fd[1], input_.data(), input_.size());
        if (written > 0) input_.remove_prefix(static_cast<std::size_t>(written));
        if (input_.empty() || (written < 0 && errno != EAGAIN && errno != EINTR)) child_.in.close(1);
    }

    Done drain(Pipe& pipe, std::string& into) {
        std::array<char, 65536> buffer;
        const ssize_t got = ::read(pipe.fd[0], buffer.data(), buffer.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {};
        if (got <= 0) {
            pipe.close(0);
            return {};
        }
        into.append(buffer.data(), static_cast<std::size_t>(got));
        if (into.size() <= command_.output_limit) return {};
        return fail(run_error("program-output-limit", command_,
                              fmt::format("more than {} bytes of output", command_.output_limit)));
    }

    Child& child_;
    const Command& command_;
    Finished& finished_;
    std::string_view input_;
    Clock::time_point deadline_;
};

/// A second to end by itself, then the whole group is killed.
void end_group(const Child& child) {
    ::kill(-child.pid, SIGTERM);
    for (int i = 0; i < 20 && !child.ended(); ++i) ::usleep(50'000);
    ::kill(-child.pid, SIGKILL);
}

void record_end(int status, const rusage& usage, Finished& finished) {
    if (WIFSIGNALED(status)) {
        finished.signal = WTERMSIG(status);
        finished.exit_code = 128 + finished.signal;
    } else {
        finished.exit_code = WEXITSTATUS(status);
    }
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    finished.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    finished.max_rss_kib = usage.ru_maxrss;
}

/// Waits for the program itself after its outputs are closed; it may still run (a daemon that closed them).
Done wait_for(pid_t pid, Clock::time_point deadline, const Command& command, Finished& finished) {
    for (;;) {
        int status = 0;
        rusage usage{};
        const pid_t got = ::wait4(pid, &status, WNOHANG, &usage);
        if (got == pid) {
            record_end(status, usage, finished);
            return {};
        }
        if (interrupted()) return fail(run_error("interrupted", command, "interrupted"));
        if (Clock::now() > deadline) return fail(run_error("program-timeout", command, "no end within the time limit"));
        ::usleep(500);
    }
}

bool executable_file(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::string RealProcesses::find(const std::string& name) const {
    if (name.find('/') != std::string::npos) return executable_file(name) ? name : "";
    const char* path = std::getenv("PATH");
    for (const std::string_view folder : split(path != nullptr ? path : "/usr/bin:/bin", ':')) {
        std::string candidate = fmt::format("{}/{}", folder.empty() ? "." : folder, name);
        if (executable_file(candidate)) return candidate;
    }
    return {};
}

Result<Finished> RealProcesses::run(const Command& command) {
    std::string program = command.argv.empty() ? "" : find(command.argv[0]);
    if (program.empty()) return fail(run_error("program-missing", command, "program not found"));
    std::error_code error;
    program = std::filesystem::absolute(program, error).string();  // `directory` must not change what it names
    if (!command.directory.empty() && ::access(command.directory.c_str(), X_OK) != 0)
        return fail(run_error("program-missing", command,
                              fmt::format("cannot work in {}: {}", command.directory, std::strerror(errno))));
    std::vector<std::string> words = command.argv;
    std::vector<std::string> variables = environment_of(command);
    const std::vector<char*> argv = pointers(words);
    const std::vector<char*> envp = pointers(variables);
    ::signal(SIGPIPE, SIG_IGN);
    Child child;
    if (!child.good()) return fail(run_error("program-missing", command, "no more open files are allowed"));
    Finished finished;
    const auto begin = Clock::now();
    child.pid = ::fork();
    if (child.pid < 0) return fail(run_error("program-missing", command, std::strerror(errno)));
    if (child.pid == 0)
        become(child, command, program.c_str(), const_cast<char**>(argv.data()), const_cast<char**>(envp.data()));
    ::setpgid(child.pid, child.pid);
    child.in.close(0);
    child.out.close(1);
    child.err.close(1);
    child.exec_error.close(1);
    int number = 0;
    if (::read(child.exec_error.fd[0], &number, sizeof number) == static_cast<ssize_t>(sizeof number)) {
        ::waitpid(child.pid, nullptr, 0);
        return fail(run_error("program-missing", command, std::strerror(number)));
    }
    Pump pump(child, command, finished);
    Done done = pump.run();
    if (done) done = wait_for(child.pid, pump.deadline(), command, finished);
    finished.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (done) return finished;
    end_group(child);
    ::waitpid(child.pid, nullptr, 0);
    return fail(std::move(done.error()));
}

bool interrupted() { return g_interrupted != 0; }

InterruptsEnd::InterruptsEnd() : before_(g_end_at_once != 0) { g_end_at_once = 1; }
InterruptsEnd::~InterruptsEnd() { g_end_at_once = before_ ? 1 : 0; }

void watch_interrupts() {
    struct sigaction action {};
    action.sa_handler = [](int) {
        g_interrupted = 1;
        if (g_end_at_once != 0) ::_exit(kInterruptedCode);
    };
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
}

}  // namespace lf
