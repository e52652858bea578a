// SPDX-License-Identifier: MIT
//
// For variants.py: what src/bench finds out about one build, and what one run of it comes to, as JSON.
//
//     one_run model FOLDER                        writes the smallest model there and prints its path
//     one_run build PATH SCRATCH                  what find_build and list_devices say
//     one_run run PATH SCRATCH MODEL KEY=VALUE…   variant, device, blas, depth, repetitions, limit (s)
//
// Exit: 0 done, also where the run failed · 3 an error, as JSON.
#include <cstdio>
#include <map>

#include "base/json.h"
#include "bench/devices.h"
#include "bench/installed.h"
#include "bench/run_once.h"
#include "bench/synthetic.h"

namespace lf::bench {
namespace {

Json to_json(const InstalledBuild& build) {
    return {{"name", build.name},
            {"source", build.source},
            {"start", build.start},
            {"environment", build.environment},
            {"backend_folder", build.backend_folder},
            {"cpu_variants", build.cpu_variants},
            {"backends", build.backends},
            {"packages", build.packages}};
}

Result<Json> show_build(const std::string& path, const std::string& folder) {
    RealProcesses processes;
    LF_ASSIGN(const InstalledBuild build, find_build(path, processes));
    LF_ASSIGN(const Scratch scratch, prepare_scratch(build, folder));
    LF_ASSIGN(const auto devices, list_devices(build, scratch, processes));
    Json json = to_json(build);
    json["devices"] = Json::array();
    for (const Device& device : devices)
        json["devices"].push_back({{"name", device.name},
                                   {"description", device.description},
                                   {"memory_mib", device.memory_mib},
                                   {"backend", device.backend},
                                   {"software", device.software}});
    return json;
}

Json to_json(const RunOutput& output) {
    Json json{{"cpu_variant", output.cpu_variant}, {"backends", Json::array()}, {"tests", Json::array()}};
    for (const LoadedBackend& backend : output.backends) json["backends"].push_back(backend.name);
    for (const LlamaBenchTest& test : output.tests)
        json["tests"].push_back({{"name", test.name},
                                 {"tokens_per_second", test.tokens_per_second},
                                 {"backends", test.backends},
                                 {"gpu", test.gpu},
                                 {"flash_attention", test.flash_attention},
                                 {"build_number", test.build_number}});
    return json;
}

Result<Json> show_run(const std::string& path, const std::string& folder, const std::string& model,
                      std::map<std::string, std::string> settings) {
    RealProcesses processes;
    const auto number = [&](const char* key, int otherwise) {
        return settings.contains(key) ? std::stoi(settings[key]) : otherwise;
    };
    LF_ASSIGN(const InstalledBuild build, find_build(path, processes));
    LF_ASSIGN(const Scratch scratch, prepare_scratch(build, folder));
    LlamaBenchRun run;
    run.model = model;
    if (settings.contains("variant")) run.cpu_variant = settings["variant"];
    run.device = settings["device"];
    run.blas = number("blas", 0) != 0;
    run.parameters.threads = 2;
    run.parameters.flash_attention = settings["fa"];
    run.prompt_tokens = 8;
    run.generated_tokens = 2;
    run.depth = number("depth", 0);
    run.repetitions = number("repetitions", 1);
    LF_ASSIGN(const RunOutcome outcome,
              run_llama_bench(build, run, scratch, std::chrono::seconds(number("limit", 300)), processes));
    Json json =
        outcome ? to_json(*outcome) : Json{{"failure", id_of(outcome.error().failure)}, {"text", outcome.error().text}};
    if (const auto command = llama_bench_command(build, run, scratch)) json["command"] = shown_command(*command);
    return json;
}

Result<Json> answer(const std::vector<std::string>& words) {
    if (words.size() == 2 && words[0] == "model") {
        const ModelShape shape{.name = "smallest",
                               .origin = "tests",
                               .layers = 1,
                               .width = 256,
                               .feed_forward = 256,
                               .heads = 4,
                               .kv_heads = 4,
                               .vocabulary = 512,
                               .context = 2048};
        LF_ASSIGN(const SyntheticModel usual, parse_synthetic(kDefaultModel));
        LF_ASSIGN(std::string path, cached_model({.shape = shape, .quant = usual.quant}, words[1]));
        return Json(path);
    }
    if (words.size() == 3 && words[0] == "build") return show_build(words[1], words[2]);
    if (words.size() < 4 || words[0] != "run") return fail(usage_error("usage", "see the first lines of one_run.cc"));
    std::map<std::string, std::string> settings;
    for (std::size_t i = 4; i < words.size(); ++i)
        settings[words[i].substr(0, words[i].find('='))] = words[i].substr(words[i].find('=') + 1);
    return show_run(words[1], words[2], words[3], settings);
}

}  // namespace
}  // namespace lf::bench

int main(int count, char** words) {
    const auto json = lf::bench::answer({words + 1, words + count});
    const lf::Json shown = json ? *json
                                : lf::Json{{"error", json.error().id},
                                           {"message", json.error().message},
                                           {"file", json.error().where.file},
                                           {"hint", json.error().hint}};
    std::fputs(lf::write_json(shown).c_str(), stdout);
    return json ? 0 : 3;
}
