// SPDX-License-Identifier: MIT
/// \file
/// \brief For tests: an installed llama.cpp that is a folder of empty files, and a llama-bench that takes no time.
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

#include "base/files.h"
#include "base/process.h"
#include "bench/bench.h"
#include "bench/pinning.h"
#include "bench/result.h"
#include "bench/synthetic.h"

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

/// A quarter of a megabyte.
inline SyntheticModel smallest_model() {
    const ModelShape shape{.name = "smallest",
                           .origin = "tests",
                           .layers = 1,
                           .width = 256,
                           .feed_forward = 256,
                           .heads = 4,
                           .kv_heads = 4,
                           .vocabulary = 512,
                           .context = 2048};
    return {.shape = shape, .quant = parse_synthetic("synthetic:0.3B:Q4_K_M").value().quant};
}

inline constexpr const char* kBackends = "/usr/lib/x86_64-linux-gnu/ggml/backends0";

inline std::string test_json(int prompt, int generated, int depth, const std::vector<double>& speeds) {
    return fmt::format(
        R"({{"build_commit":"Debian","build_number":11669,"cpu_info":"AMD EPYC","model_type":"llama ?B Q4_K",)"
        R"("model_n_params":200,"model_size":1048576,"n_prompt":{},"n_gen":{},"n_depth":{},"samples_ts":[{}]}})",
        prompt, generated, depth, fmt::join(speeds, ","));
}

/// What llama-bench would have said, from the variant that it was given. Its clock is the only one.
class FakeBench : public ProcessRunner {
  public:
    struct Speeds {
        double prompt;
        double generation;
    };
    /// One run, as the command line has it.
    struct Call {
        std::string variant;  ///< "" = ggml's own choice, which is zen4
        std::string device;
        int threads = 0;
        int number = 0;  ///< of the run, from 0
    };
    std::function<Speeds(const Call&)> speeds = [](const Call& call) {
        return call.variant == "x64" ? Speeds{40, 25} : Speeds{560, 125};
    };
    /// Changes what the run ends with, if set.
    std::function<Result<Finished>(const Call&, Finished)> change;
    double start_seconds = 0.05;  ///< of a process, beside its tokens
    double now = 1000;
    std::vector<Call> calls;
    std::vector<Command> commands;

    Result<Finished> run(const Command& command) override {
        const Call call{variant_of(command), after(command, "-dev"), number(after(command, "-t")),
                        static_cast<int>(calls.size())};
        calls.push_back(call);
        commands.push_back(command);
        const int prompt = number(after(command, "-p"));
        const int generated = number(after(command, "-n"));
        const int depth = number(after(command, "-d"));
        const auto repeats = static_cast<std::size_t>(std::max(1, number(after(command, "-r"))));
        const Speeds speed = speeds(call);
        std::vector<std::string> tests;
        if (prompt > 0) tests.push_back(test_json(prompt, 0, depth, std::vector(repeats, speed.prompt)));
        if (generated > 0) tests.push_back(test_json(0, generated, depth, std::vector(repeats, speed.generation)));
        Finished finished;
        finished.out = fmt::format("[{}]", fmt::join(tests, ","));
        finished.err = fmt::format("load_backend: loaded CPU backend from /b/libggml-cpu-{}.so\n",
                                   call.variant.empty() ? "zen4" : call.variant);
        finished.seconds = start_seconds + 2 * prompt / speed.prompt + generated / speed.generation;
        finished.max_rss_kib = 300 << 10;
        if (change) {
            auto changed = change(call, finished);
            now += changed ? changed->seconds : finished.seconds;
            return changed;
        }
        now += finished.seconds;
        return finished;
    }
    std::string find(const std::string& name) const override { return name; }

  private:
    static std::string after(const Command& command, const std::string& option) {
        const auto at = std::find(command.argv.begin(), command.argv.end(), option);
        return at == command.argv.end() ? "" : *std::next(at);
    }
    static int number(const std::string& text) { return text.empty() ? 0 : std::stoi(text); }
    static std::string variant_of(const Command& command) {
        const auto list = command.environment.find(kBackendsVariable);
        if (list == command.environment.end() || list->second.ends_with("/")) return "";
        const std::string prefix = "libggml-cpu-";
        const std::size_t at = list->second.find(prefix);
        if (at == std::string::npos) return "";
        const std::string rest = list->second.substr(at + prefix.size());
        return rest.substr(0, rest.find(".so"));
    }
};

/// Packages of three variants, as tools/sid-packages unpacks them; a machine of two idle CPUs; the smallest model.
struct World {
    Folder folder;
    FakeBench fake;
    BenchRequest request;
    World() {
        InstalledBuild build;
        build.name = "debian-sid";
        build.source = "Debian sid";
        build.folder = folder / "sid";
        build.start = {"/sid/llama-bench"};
        const std::string backends = fmt::format("sid/root{}", kBackends);
        build.backend_folder = folder / backends;
        build.cpu_variants = {"haswell", "x64", "zen4"};
        build.packages = {{"libggml0", "0.27.0-1"}, {"llama.cpp-tools", "1:0.7.0+dfsg-2"}, {"zlib1g", "1.3"}};
        build.options = {true, true, true, true, true};
        build.own_loader = true;
        for (const std::string& variant : build.cpu_variants)
            folder.write(fmt::format("{}/libggml-cpu-{}.so", backends, variant), "");
        folder.write("sid/stamp",
                     "sid-packages 1\nmade 1 2026-01-01\nwanted llama.cpp-tools\n"
                     "package libggml0 0.27.0-1\npackage llama.cpp-tools 1:0.7.0+dfsg-2\npackage zlib1g 1.3\n");
        folder.write("machine/proc/loadavg", "0.10 0.20 0.30 1/100 1234\n");
        folder.write("machine/proc/cpuinfo", "processor : 0\nflags : fpu sse sse2\n");
        folder.write("machine/proc/meminfo", "MemTotal:       16384000 kB\nMemAvailable:   12288000 kB\n");
        request.model_description = "the smallest model";
        request.model = folder / "model.gguf";
        EXPECT_TRUE(write_model(smallest_model(), request.model));
        request.host = "carbon";
        request.builds = {build};
        request.result_file = folder / "result.json";
        request.scratch = folder / "scratch";
        request.machine_root = folder / "machine";
        request.clock = [this] { return fake.now; };
    }
};

/// What stands in the result file, or beside it.
inline BenchResult saved(const World& world, const std::string& suffix = {}) {
    const auto text = read_file(world.request.result_file + suffix);
    EXPECT_TRUE(text) << world.request.result_file << suffix;
    auto result = from_json(text.value_or(""), "result.json");
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result.value_or(BenchResult());
}
/// Interrupts after so many runs.
struct Interrupting {
    int after;
    Result<Finished> operator()(const FakeBench::Call& call, Finished finished) const {
        if (call.number >= after) return fail(world_error("interrupted", "interrupted"));
        return finished;
    }
};

}  // namespace lf::bench::testing
