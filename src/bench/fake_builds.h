// SPDX-License-Identifier: MIT
/// \file
/// \brief For tests: installed builds whose llama-bench is a shell script.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench/fake_bench.h"

namespace lf::bench::testing {

/// What build 11669 (2026) answers to --help, in short.
inline constexpr const char* kNewHelp = R"(usage: llama-bench [options]

options:
  -h, --help
  -r, --repetitions <n>                       number of times to repeat each test (default: 5)
  --list-devices                              list available devices and exit
  --no-warmup                                 skip warmup runs before benchmarking

test parameters:
  -m, --model <filename>                            (default: models/7B/ggml-model-q4_0.gguf)
  -p, --n-prompt <n>                                (default: 512)
  -n, --n-gen <n>                                   (default: 128)
  -d, --n-depth <n>                                 (default: 0)
  -fa, --flash-attn <on|off|auto>                   (default: auto)
  -dev, --device <dev0/dev1/...>                    (default: auto)
)";
/// What a build of 2024 answers.
inline constexpr const char* kOldHelp = R"(usage: ./llama-bench [options]

options:
  -h, --help
  -m, --model <filename>                    (default: models/7B/ggml-model-q4_0.gguf)
  -p, --n-prompt <n>                        (default: 512)
  -n, --n-gen <n>                           (default: 128)
  -pg <pp,tg>                               (default: )
  -t, --threads <n>                         (default: 8)
  -ngl, --n-gpu-layers <n>                  (default: 99)
  -fa, --flash-attn <0|1>                   (default: 0)
  -mmp, --mmap <0|1>                        (default: 1)
  -r, --repetitions <n>                     (default: 5)
  -o, --output <csv|json|jsonl|md|sql>      (default: md)
)";

/// A llama-bench that answers --help with `help` and does `body` for everything else.
inline std::string script(const std::string& body, const std::string& help = kNewHelp) {
    return fmt::format("#!/bin/sh\nif [ \"$1\" = --help ]; then cat <<'END'\n{}END\nexit 0; fi\n{}\n", help, body);
}

/// A folder with bin/llama-bench and the backends in `backend_folder` below it.
inline void write_build(const Folder& folder, const std::string& name, const std::string& llama_bench,
                        const std::string& backend_folder, const std::vector<std::string>& libraries) {
    folder.write(name + "/bin/llama-bench", llama_bench, true);
    for (const std::string& library : libraries)
        folder.write(fmt::format("{}/{}/libggml-{}.so", name, backend_folder, library), "");
}

}  // namespace lf::bench::testing
