// SPDX-License-Identifier: MIT
/// \file
/// \brief The commands that build and run a host's package, as people type them in the flake's folder.
#pragma once

#include <string>
#include <vector>

#include "check/check.h"
#include "check/nix_command.h"

namespace lf::check {

struct HostCommand {
    std::string what;               ///< "build", "run", "system"
    std::vector<std::string> argv;  ///< "nix", "build", ".#nixosConfigurations.carbon.pkgs.llama-cpp-cuda", …
    std::string text;               ///< argv for a shell, on one line
    std::size_t program_words = 1;  ///< so many words of argv start Nix; verb and package follow
    std::size_t switches = 0;       ///< so many words behind those two are switches for this machine
};

struct HostCommands {
    std::string host;
    std::vector<HostCommand> commands;  ///< build and run of the selected package, then the whole system
};

/// Switches that the commands need on this machine: the features where nix.conf lacks them, the private store, the
/// overridden inputs. `nix` = nullptr: no Nix at hand, the plain form for a machine that has one.
/// Hosts without plan get only "system".
std::vector<HostCommands> commands(const CheckRequest& request, Nix* nix);

/// All commands for people, to be pasted in this order: the folder to be in, then a comment with the host's name and
/// its commands. Switches that would make each command longer than a line stand once, in a shell function `here`.
std::string to_script(const std::vector<HostCommands>& commands, const std::string& folder);

/// `text` of a command broken with backslashes into lines of at most `width` columns where its words allow it,
/// the following ones indented by four; still one command when pasted.
std::string wrapped(const HostCommand& command, std::size_t width = 80);

/// nixosConfigurations.<host>.<rest> for use behind `.#`; host names with a dot are quoted.
std::string fragment(const std::string& host, const std::string& rest);

}  // namespace lf::check
