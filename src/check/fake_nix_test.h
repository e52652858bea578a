// SPDX-License-Identifier: MIT
/// \file
/// \brief A Nix that is played: what it is asked is kept, what it answers is made by the test.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/process.h"
#include "check/nix_command.h"

namespace lf::check {

class FakeNix final : public ProcessRunner {
  public:
    using Answer = std::function<Result<Finished>(const Command&)>;
    std::string version = "nix (Nix) 2.34.8\n";
    std::string path = "/usr/bin/nix";  ///< "" = not in PATH
    Answer answer = [](const Command&) { return finished(0, "{}"); };
    std::vector<Command> asked;  ///< without --version

    static Finished finished(int code, std::string out, std::string err = {}) {
        return {code, 0, std::move(out), std::move(err), 0.5, 0, 0};
    }
    Result<Finished> run(const Command& command) override {
        if (command.argv.back() == "--version") return finished(0, version);
        asked.push_back(command);
        return answer(command);
    }
    std::string find(const std::string& name) const override { return name == "nix" ? path : ""; }
};

/// A search that touches nothing of the machine that the test runs on.
inline NixSearch elsewhere(const std::string& store) {
    NixSearch search;
    search.store = store;
    search.nix_root = "/no/such/nix";
    return search;
}

}  // namespace lf::check
