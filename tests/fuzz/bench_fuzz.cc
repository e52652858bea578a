// SPDX-License-Identifier: MIT
// What a llama-bench may print, on either output: never a crash, and only possible numbers come out.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bench/devices.h"
#include "bench/installed.h"
#include "bench/run_once.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}
bool can_be_shown(const std::string& text) { return text.find_first_of("\x1b\n\r") == std::string::npos; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto tests = lf::bench::parse_llama_bench(text))
        for (const auto& test : *tests) {
            require(!test.name.empty() && can_be_shown(test.cpu + test.gpu + test.devices + test.model_type));
            for (const double speed : test.tokens_per_second) require(speed > 0 && speed <= 1e9);
        }
    for (const auto& device : lf::bench::parse_devices(text, text)) {
        require(can_be_shown(device.name + device.description) && device.memory_mib >= 0 && device.free_mib >= 0);
        lf::bench::backend_of_device(device.name);
    }
    for (const auto& variant : lf::bench::loaded_variants(text)) require(can_be_shown(variant));
    require(can_be_shown(lf::bench::telling_line(text)));
    lf::bench::read_options(text);
    for (const int exit_code : {0, 1, 132, 137}) {
        lf::Finished finished;
        finished.exit_code = exit_code;
        finished.out = text;
        finished.err = text;
        lf::bench::LlamaBenchRun run;
        run.prompt_tokens = 128;
        const auto outcome = lf::bench::judge_run(run, finished);
        require(outcome ? outcome->tests.size() == 1 : can_be_shown(outcome.error().text));
    }
    return 0;
}
