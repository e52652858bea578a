// SPDX-License-Identifier: MIT
/// \file
/// \brief For tests: a folder as tools/sid-packages fills it, and a llama-bench that takes no time.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/process.h"
#include "bench/bench.h"
#include "bench/gguf_writer.h"

namespace lf::bench::testing {

/// A folder of its own, gone at the end.
class Folder {
  public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "lf-bench-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }
    void write(const std::string& name, const std::string& text, bool program = false) const {
        const std::filesystem::path file = path_ + "/" + name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
        if (program) std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    }

  private:
    std::string path_;
};

inline constexpr const char* kBackends = "/usr/lib/x86_64-linux-gnu/ggml/backends0";

/// Packages with the variants x64, haswell and zen4; a machine of two idle CPUs; the smallest model.
struct World {
    Folder folder;
    BenchRequest request;
    World() {
        for (const char* variant : {"x64", "haswell", "zen4"})
            folder.write(fmt::format("sid/root{}/libggml-cpu-{}.so", kBackends, variant), "");
        folder.write("sid/stamp",
                     "sid-packages 1\nmade 1 2026-01-01\nwanted llama.cpp-tools\n"
                     "package libggml0 0.27.0-1\npackage llama.cpp-tools 1:0.7.0+dfsg-2\npackage zlib1g 1.3\n");
        folder.write("machine/proc/loadavg", "0.10 0.20 0.30 1/100 1234\n");
        folder.write("machine/proc/cpuinfo", "processor : 0\nflags : fpu sse sse2\n");
        ModelShape shape;
        shape.layers = 1;
        shape.width = shape.feed_forward = 256;
        shape.heads = shape.kv_heads = 4;
        shape.vocabulary = 512;
        request.model = cached_model(shape, folder / "models").value();
        request.host = "carbon";
        request.packages = read_packages(folder / "sid").value();
        request.candidates = default_candidates("zen4");
        request.threads = 2;
        request.prompt_tokens = 64;
        request.generated_tokens = 16;
        request.result_file = folder / "result.json";
        request.scratch = folder.path();
        request.machine_root = folder / "machine";
    }
};

inline std::string test_json(int prompt, int generated, double speed) {
    return fmt::format(
        R"({{"build_commit":"Debian","build_number":11669,"cpu_info":"AMD EPYC","model_type":"llama ?B Q4_K",)"
        R"("model_n_params":200,"model_size":1048576,"n_prompt":{},"n_gen":{},"avg_ts":{},"samples_ts":[{}]}})",
        prompt, generated, speed, speed);
}

/// What llama-bench would have said, from the variant that it would have found in its folder.
class FakeBench : public ProcessRunner {
  public:
    struct Speeds {
        double prompt;
        double generation;
    };
    /// Called with the variant and the number of the run from 0.
    std::function<Speeds(const std::string&, int)> speeds = [](const std::string& variant, int) {
        return variant == "x64" ? Speeds{40, 25} : Speeds{560, 125};
    };
    /// Changes what the run ends with, if set.
    std::function<Result<Finished>(const std::string&, int, Finished)> change;
    bool change_trial = false;  ///< the short run before the others too
    double seconds = 1;
    std::vector<Command> commands;

    Result<Finished> run(const Command& command) override {
        const int number = static_cast<int>(commands.size());
        const int prompt = std::stoi(after(command, "-p"));
        const int generated = std::stoi(after(command, "-n"));
        const bool trial = prompt == 16 && generated == 4;
        if (!trial) commands.push_back(command);
        const std::string variant = std::filesystem::path(command.directory).filename().string();
        EXPECT_TRUE(std::filesystem::exists(command.directory + "/libggml-cpu-" + variant + ".so"));
        const Speeds now = speeds(variant, number);
        Finished finished;
        finished.out = "[" + test_json(prompt, 0, now.prompt) + "," + test_json(0, generated, now.generation) + "]";
        finished.err =
            "load_backend: loaded CPU backend from " + command.directory + "/libggml-cpu-" + variant + ".so\n";
        finished.seconds = trial ? 0 : seconds;
        if (change && (!trial || change_trial)) return change(variant, number, std::move(finished));
        return finished;
    }
    std::string find(const std::string& name) const override { return name; }

  private:
    static std::string after(const Command& command, const std::string& option) {
        const auto at = std::find(command.argv.begin(), command.argv.end(), option);
        return *std::next(at);
    }
};

}  // namespace lf::bench::testing
