// SPDX-License-Identifier: MIT
/// \file
/// \brief Facts of machines that are reached by ssh, with nothing installed there.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "facts/machine.h"
#include "probe/capture_source.h"

namespace lf::fleet {

/// Where to and as what: "boron", "root@10.0.0.2", "boron=root@10.0.0.2", "ssh://boron:2222".
struct Destination {
    std::string host;  ///< what the flake calls the machine
    std::string ssh;   ///< the word that ssh gets
};

/// Errors (usage): "ssh-destination": empty, begins with '-' (ssh would take it for an option), or its machine's name
/// is none and no "name=" stands in front.
Result<Destination> parse_destination(const std::string& word);

struct RemoteOptions {
    int jobs = 16;                                                 ///< machines at a time
    std::chrono::milliseconds timeout = std::chrono::seconds(60);  ///< for one machine
    /// A static program to send, or a folder with llama-fleet-probe-<uname -m> in it; nullopt = the shell script.
    std::optional<std::string> binary;
};

struct RemoteMachine {
    Destination destination;
    Result<facts::Machine> facts = facts::Machine{};
    std::unique_ptr<probe::CapturedMachine> source;  ///< nullptr where a binary was sent, or nothing came
    std::string talk;  ///< what ssh said on stderr, printable, without what the error in `facts` says already
};

/// `index` is the machine's place among the destinations. Never called twice at a time.
using MachineFinished = std::function<void(std::size_t index, const RemoteMachine& machine)>;

/// Calls `finished` once for each destination, as its machine has answered or failed; one that fails stops no other.
/// ssh is the user's own (OpenSSH 8.7, 2021, or later), with its configuration and host keys; it asks nothing
/// (BatchMode), forwards nothing, and runs our command whatever the configuration wants to run. Errors in `facts`:
/// "ssh-missing", "ssh-failed", "ssh-timeout", those of stream.h, of facts/codec.h, "ssh-binary".
void probe_remote(const std::vector<Destination>& destinations, const RemoteOptions& options, ProcessRunner& processes,
                  const MachineFinished& finished);

}  // namespace lf::fleet
