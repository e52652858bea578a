// SPDX-License-Identifier: MIT
// How fast Nix texts are lexed and parsed. memchr over the same text, run beside them, says how fast this machine is
// just now: compare ratios, not numbers of different runs.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstring>
#include <string>

#include "nixsyntax/lexer.h"
#include "nixsyntax/tree.h"

namespace {

// About 1 MB of what configurations are made of.
std::string configuration() {
    std::string out = "{ config, lib, pkgs, ... }:\n\nlet\n  cfg = config.services.example;\nin\n{\n";
    for (int i = 0; out.size() < 1000000; ++i)
        out += fmt::format(
            "  # Host number {0}, as it stands in the rack.\n"
            "  services.example-{0} = {{\n"
            "    enable = lib.mkDefault true;\n"
            "    package = pkgs.example.override {{ withGui = cfg.gui or false; threads = {0}; }};\n"
            "    extraPackages = with pkgs; [ git htop (vim.override {{ }}) ./patches/{0}.patch ] ++ cfg.extra;\n"
            "    text = ''\n      listen ${{toString cfg.port}}\n        on \"${{cfg.address}}\"\n    '';\n"
            "    url = \"https://example.org/${{name}}/{0}.tar.gz\";\n"
            "    inherit (cfg) user group;\n"
            "    condition = x: if x != null && x.value >= {0} then !x.flag || x ? other else -1 + 2 * 3 < 4;\n"
            "  }};\n\n",
            i);
    return out + "}\n";
}

void bytes(benchmark::State& state, const std::string& text) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}

void memory_pass(benchmark::State& state) {
    const std::string text = configuration();
    for (auto _ : state) {
        std::size_t newlines = 0;
        const char* at = text.data();
        const char* const end = at + text.size();
        while (at != nullptr && at < end) {
            at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
            if (at != nullptr) ++at, ++newlines;
        }
        benchmark::DoNotOptimize(newlines);
    }
    bytes(state, text);
}
BENCHMARK(memory_pass);

void lexing(benchmark::State& state) {
    const std::string text = configuration();
    for (auto _ : state) benchmark::DoNotOptimize(lf::nixsyntax::lex(text));
    bytes(state, text);
}
BENCHMARK(lexing);

void parsing(benchmark::State& state) {
    const std::string text = configuration();
    for (auto _ : state) benchmark::DoNotOptimize(lf::nixsyntax::parse(text, "bench.nix"));
    bytes(state, text);
}
BENCHMARK(parsing);

}  // namespace

BENCHMARK_MAIN();
