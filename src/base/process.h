// SPDX-License-Identifier: MIT
/// \file
/// \brief Running other programs: argv in, status and output out. No shell is ever involved.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace lf {

struct Command {
    std::vector<std::string> argv;                   ///< argv[0] is looked up in PATH unless it has a slash
    std::map<std::string, std::string> environment;  ///< set on top of our own
    std::vector<std::string> without;                ///< names taken out of the environment
    std::string directory;                           ///< working folder; "" = ours
    std::string input;                               ///< standard input; "" = /dev/null
    std::chrono::milliseconds time_limit = std::chrono::minutes(10);
    std::size_t output_limit = std::size_t{64} << 20;  ///< of stdout and stderr each; more ends the program
};

struct Finished {
    int exit_code = 0;  ///< 128 + signal number if a signal ended it
    int signal = 0;     ///< 0 = ended by itself
    std::string out;
    std::string err;
    double seconds = 0;      ///< wall time
    double cpu_seconds = 0;  ///< user + system time of the program and the children it waited for
    long max_rss_kib = 0;    ///< its largest resident size, KiB
};

/// The seam that tests replace.
class ProcessRunner {
  public:
    virtual ~ProcessRunner() = default;
    /// Errors only when there is no result: "program-missing", "program-timeout" (the whole process group was ended),
    /// "program-output-limit", "interrupted" (we got SIGINT or SIGTERM: the group was ended too). A program that ran
    /// and failed is a Finished with its exit code.
    virtual Result<Finished> run(const Command& command) = 0;
    /// The path that argv[0] `name` would start, or "".
    virtual std::string find(const std::string& name) const = 0;
};

class RealProcesses final : public ProcessRunner {
  public:
    Result<Finished> run(const Command& command) override;
    std::string find(const std::string& name) const override;
};

/// True once SIGINT or SIGTERM came (after `watch_interrupts`).
bool interrupted();
/// From now on SIGINT and SIGTERM only set the flag that `interrupted` reads.
void watch_interrupts();

/// While one lives, they end the program at once (exit code 130), if they are watched: around long work that leaves
/// nothing behind and has no good place to ask `interrupted`. Made and destroyed by one thread.
class InterruptsEnd {
  public:
    InterruptsEnd();
    ~InterruptsEnd();
    InterruptsEnd(const InterruptsEnd&) = delete;
    InterruptsEnd& operator=(const InterruptsEnd&) = delete;

  private:
    bool before_;
};

}  // namespace lf
