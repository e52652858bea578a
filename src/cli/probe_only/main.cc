// SPDX-License-Identifier: MIT
// llama-fleet-probe: `llama-fleet probe` alone, as one static program that needs nothing on the machine it is sent to
// (`probe --ssh … --send-binary`). Takes the same words: llama-fleet-probe [probe] [--host NAME]. The facts of this
// machine go to standard output.
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/exit_code.h"
#include "facts/codec.h"
#include "probe/live_source.h"
#include "probe/probe.h"

namespace {

constexpr std::string_view kUsage =
    "usage: llama-fleet-probe [probe] [--host NAME]\n"
    "Prints what this machine is, as JSON; NAME is what your flake calls it.\n"
    "       llama-fleet-probe --version\n";

int refuse() {
    std::fwrite(kUsage.data(), 1, kUsage.size(), stderr);
    return lf::cli::kWrongUse;
}

int print(std::string_view text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    return written ? lf::cli::kYes : lf::cli::kWorldFailed;
}

}  // namespace

int main(int argc, char** argv) {
    std::string host = "this-machine";
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word == "--help") return print(kUsage);
        if (word == "--version") return print("llama-fleet-probe " LLAMA_FLEET_VERSION "\n");
        if (word == "probe" && i == 1) continue;
        if (word.starts_with("--host=")) host = word.substr(7);
        else if (word == "--host" && i + 1 < words.size()) host = words[++i];
        else return refuse();
    }
    const auto machine = lf::probe::probe(lf::probe::LiveMachine(), host);
    if (machine) return print(lf::facts::to_json(*machine));
    const std::string message = "llama-fleet-probe: " + machine.error().message + "\n";
    std::fwrite(message.data(), 1, message.size(), stderr);
    return lf::cli::kWrongUse;
}
