// SPDX-License-Identifier: MIT
#include "bench/installed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/files.h"
#include "base/text.h"
#include "bench/llama_bench.h"
#include "bench/packages.h"

namespace lf::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kHelpLimit{60};  // a first start reads 100 MB of libraries from a slow disk

// Where llama-bench lies below what a person names.
constexpr std::string_view kProgramPlaces[] = {"bin/llama-bench", "llama-bench", "build/bin/llama-bench",
                                               "result/bin/llama-bench"};
// Where backends lie, seen from the program's folder: release archives and the official flake; nixpkgs.
constexpr std::string_view kBackendPlaces[] = {".", "../lib", "../lib64", "../lib/llama.cpp"};
// Names that say nothing about a build.
constexpr std::string_view kNoNames[] = {"bin", "build", "llama-bench", "result", "usr", "local", "", ".", "/"};
// What the owner says about devices is part of the measurement.
constexpr const char* kDeviceVariables[] = {"GGML_VK_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES",
                                            "ROCR_VISIBLE_DEVICES", "HSA_OVERRIDE_GFX_VERSION"};

#if defined(__x86_64__)
constexpr unsigned kMachine = 62;  // EM_X86_64
#elif defined(__aarch64__)
constexpr unsigned kMachine = 183;  // EM_AARCH64
#else
constexpr unsigned kMachine = 0;
#endif

std::string machine_name(unsigned machine) {
    constexpr std::pair<unsigned, const char*> kNames[] = {{3, "32-bit x86"}, {40, "32-bit Arm"}, {62, "x86-64"},
                                                           {183, "aarch64"},  {243, "RISC-V"},    {21, "POWER"}};
    for (const auto& [number, name] : kNames)
        if (number == machine) return name;
    return fmt::format("machine {}", machine);
}

Error build_error(std::string id, std::string message, const std::string& file, std::string hint = {}) {
    Error error = world_error(std::move(id), std::move(message), std::move(hint));
    error.where.file = file;
    return error;
}

bool is_file(const std::string& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}
bool is_folder(const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}
/// With all links followed; as it is where that cannot be done.
std::string real_path(const std::string& path) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    return error ? path : real.string();
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        names.push_back(at->path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

/// "/nix/store/…-llama-cpp-9680" of a path in the store, else "".
std::string store_path(const std::string& path) {
    constexpr std::string_view kStore = "/nix/store/";
    const std::size_t at = path.find(kStore);
    if (at == std::string::npos) return {};
    return path.substr(0, path.find('/', at + kStore.size()));
}

std::string short_name(const std::string& given, const std::string& program) {
    if (const std::string store = store_path(program); !store.empty()) {
        const std::string last = fs::path(store).filename().string();
        const std::size_t dash = last.find('-');  // behind the hash
        return printable(dash == std::string::npos ? last : last.substr(dash + 1));
    }
    for (fs::path at = given; at.has_relative_path(); at = at.parent_path()) {
        const std::string last = at.filename().string();
        if (std::find(std::begin(kNoNames), std::end(kNoNames), last) == std::end(kNoNames)) return printable(last);
    }
    return "installed";
}

Result<std::string> find_program(const std::string& given, const ProcessRunner& processes) {
    if (is_file(given)) return given;
    if (is_folder(given)) {
        for (const std::string_view place : kProgramPlaces)
            if (std::string file = fmt::format("{}/{}", given, place); is_file(file)) return file;
        std::vector<std::string> tried(std::begin(kProgramPlaces), std::end(kProgramPlaces));
        return fail(build_error("bench-no-llama-bench",
                                fmt::format("there is no llama-bench in this folder; looked for {}", join(tried, ", ")),
                                given,
                                "name the folder of an installed llama.cpp, or llama-bench itself; nixpkgs' llama-cpp "
                                "and Debian's llama.cpp-tools have it"));
    }
    if (given.find('/') == std::string::npos)
        if (std::string found = processes.find(given); !found.empty()) return found;
    return fail(build_error("bench-no-llama-bench",
                            given.find('/') == std::string::npos ? "there is no such file, and no such program in PATH"
                                                                 : "there is no such file or folder",
                            given, "name the folder of an installed llama.cpp, or llama-bench itself"));
}

/// Told before it is started: the words of the kernel ("Exec format error") help nobody.
Done check_program(const std::string& program) {
    std::error_code ignored;
    constexpr auto kExecute = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
    if ((fs::status(program, ignored).permissions() & kExecute) == fs::perms::none)
        return fail(build_error("bench-not-executable", "this file may not be executed", program,
                                fmt::format("chmod +x {}", shell_word(program))));
    std::array<char, 20> head{};
    std::ifstream file(program, std::ios::binary);
    file.read(head.data(), head.size());
    const std::string_view bytes(head.data(), static_cast<std::size_t>(file.gcount()));
    if (bytes.starts_with("#!")) return {};  // a wrapper
    if (!bytes.starts_with("\x7f"
                           "ELF") ||
        bytes.size() < head.size())
        return fail(build_error("bench-not-llama-bench", "this file is neither a Linux program nor a script", program));
    const bool big_endian = head[5] == 2;
    const auto byte = [&](std::size_t at) -> unsigned { return static_cast<unsigned char>(head[at]); };
    const unsigned machine = big_endian ? byte(18) << 8 | byte(19) : byte(19) << 8 | byte(18);
    if (kMachine == 0 || machine == kMachine) return {};
    return fail(build_error(
        "bench-architecture",
        fmt::format("this llama-bench is for {}, this machine is {}", machine_name(machine), machine_name(kMachine)),
        program, "name a build for this machine"));
}

/// Only such libraries can be loaded while the program runs; a libggml-cpu.so of another build is just a part of it.
bool can_be_loaded(const std::string& library) {
    const auto bytes = read_file(library, std::size_t{512} << 20);
    return bytes && bytes->find(std::string_view("\0ggml_backend_init\0", 19)) != std::string::npos;
}

BackendFolder backends_near(const std::string& program) {
    const std::string own = fs::path(program).parent_path().string();
    std::vector<std::string> folders;
    for (const std::string_view place : kBackendPlaces)
        folders.push_back(absolute_path(fmt::format("{}/{}", own, place)));
    for (const std::string_view between : {"", "*"}) {  // Debian: ../lib/x86_64-linux-gnu/ggml/backends0
        const std::string lib = absolute_path(own + "/../lib");
        const auto middles = between.empty() ? std::vector<std::string>{"."} : names_in(lib);
        for (const std::string& middle : middles)
            for (const std::string& name : names_in(fmt::format("{}/{}/ggml", lib, middle)))
                if (name.starts_with("backends"))
                    folders.push_back(absolute_path(fmt::format("{}/{}/ggml/{}", lib, middle, name)));
    }
    for (const std::string& folder : folders)
        if (BackendFolder found = backends_in(folder); !found.path.empty()) return found;
    return {};
}

/// The folder that ggml names when it loads its CPU backend.
BackendFolder backends_said(std::string_view text) {
    for (const LoadedBackend& loaded : loaded_backends(text))
        if (loaded.name == "CPU") return backends_in(fs::path(loaded.file).parent_path().string());
    return {};
}

void take_backends(InstalledBuild& build, BackendFolder found) {
    build.backend_folder = std::move(found.path);
    build.cpu_variants = std::move(found.cpu_variants);
    build.backends = std::move(found.backends);
}

/// Starts it for its help. Returns all that it said.
Result<std::string> ask_help(InstalledBuild& build, const std::string& program, ProcessRunner& processes) {
    Command command = start_command(build);
    command.argv.emplace_back("--help");
    command.time_limit = kHelpLimit;
    const auto finished = processes.run(command);
    if (!finished && finished.error().id == "interrupted") return fail(finished.error());
    if (!finished) {
        Error error = build_error("bench-not-llama-bench", "llama-bench --help gives no answer", program,
                                  "start it by hand to see what is wrong");
        error.causes.push_back(finished.error());
        return fail(std::move(error));
    }
    const std::string all = finished->out + "\n" + finished->err;
    if (signal_of(*finished) != 0) {
        build.options = {true, true, true, true, true};  // as the newest; the next run is ended in the same way
        return all;
    }
    if (all.find("--n-prompt") != std::string::npos && all.find("--n-gen") != std::string::npos) {
        build.options = read_options(all);
        return all;
    }
    const std::string word = telling_line(finished->err.empty() ? finished->out : finished->err);
    return fail(build_error(
        "bench-not-llama-bench",
        fmt::format("this does not answer --help as llama-bench does: {}", word.empty() ? "it says nothing" : word),
        program, "start it by hand to see what is wrong"));
}

std::string system_libraries(const std::string& root) {
    for (const std::string& name : names_in(root + "/usr/lib"))
        if (name.ends_with("-linux-gnu")) return fmt::format("{}/usr/lib/{}", root, name);
    return root + "/usr/lib";
}

/// A folder of tools/sid-packages: a root that the machine's own loader and libraries do not fit.
Result<InstalledBuild> sid_build(const std::string& folder) {
    LF_ASSIGN(Packages packages, read_packages(folder));
    const std::string root = folder + "/root";
    const std::string libraries = system_libraries(root);
    std::string loader;
    std::string path = libraries;
    for (const std::string& name : names_in(libraries)) {
        if (name.starts_with("ld-linux-")) loader = fmt::format("{}/{}", libraries, name);
        for (const std::string& file : names_in(fmt::format("{}/{}", libraries, name)))
            if (file.starts_with("lib") && file.find(".so") != std::string::npos) {  // private ones, as llama.cpp's
                path += fmt::format(":{}/{}", libraries, name);
                break;
            }
    }
    const std::string program = root + "/usr/bin/llama-bench";
    if (loader.empty() || !is_file(program))
        return fail(build_error("bench-no-llama-bench", "these packages have no llama-bench that can be started",
                                folder, "Debian's packages are others today: remove the folder and try again"));
    InstalledBuild build;
    build.name = "debian-sid";
    build.source = "Debian sid";
    build.folder = folder;
    build.start = {loader, "--library-path", path, program};
    build.packages = std::move(packages.versions);
    build.own_loader = true;
    // Drivers of the packages (tests take Mesa's software one) beside the machine's own.
    if (const std::string drivers = root + "/usr/share/vulkan/icd.d"; is_folder(drivers))
        build.environment["VK_ADD_DRIVER_FILES"] = drivers;
    take_backends(build, backends_near(program));
    return build;
}

InstalledBuild plain_build(const std::string& given, const std::string& program) {
    const std::string real = real_path(program);
    const std::string store = store_path(real);
    fs::path folder = fs::path(real).parent_path();
    if (folder.filename() == "bin") folder = folder.parent_path();
    InstalledBuild build;
    build.name = short_name(given, real);
    build.folder = store.empty() ? folder.string() : store;
    build.source = build.folder;
    build.start = {absolute_path(program)};
    take_backends(build, backends_near(real));
    return build;
}

/// A build that dpkg installed gets its names and versions from there; /usr says nothing.
void ask_dpkg(InstalledBuild& build, ProcessRunner& processes) {
    if (build.folder != "/usr" || processes.find("dpkg-query").empty()) return;
    Command command;
    command.argv = {"dpkg-query", "-W", "-f", "${Package} ${Version}\\n", "llama.cpp-tools", "libllama0", "libggml0"};
    const auto finished = processes.run(command);  // fails if one is not there, and tells the others
    if (!finished) return;
    for (const std::string_view line : lines(finished->out))
        if (const auto words = split(line, ' '); words.size() == 2 && !words[1].empty())
            build.packages.emplace(printable(words[0]), printable(words[1]));
    const auto tools = build.packages.find(std::string(kLlamaPackage));
    if (tools == build.packages.end()) return;
    build.name = "debian";
    build.source = fmt::format("Debian's {} {}", tools->first, tools->second);
}

}  // namespace

BenchOptions read_options(std::string_view help) {
    BenchOptions options;
    for (const std::string_view line : lines(help)) {
        const std::string_view text = trim(line);
        const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
        if (text.starts_with("-dev,")) options.device = true;
        if (text.starts_with("--list-devices")) options.list_devices = true;
        if (text.starts_with("-d,")) options.depth = true;
        if (text.starts_with("--no-warmup")) options.no_warmup = true;
        if (text.starts_with("-fa,") && has("on|off")) options.flash_attention_words = true;
    }
    return options;
}

BackendFolder backends_in(const std::string& folder) {
    constexpr std::string_view kPrefix = "libggml-";
    constexpr std::string_view kSuffix = ".so";
    BackendFolder found;
    bool one_cpu = false;
    for (const std::string& name : names_in(folder)) {
        if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
        std::string what = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
        if (what.starts_with("cpu-")) found.cpu_variants.push_back(what.substr(4));
        else if (what == "cpu") one_cpu = can_be_loaded(fmt::format("{}/{}", folder, name));
        else if (what != "base") found.backends.push_back(std::move(what));
    }
    if (found.cpu_variants.empty() && !one_cpu) return {};
    found.path = folder;
    return found;
}

std::string backend_library(const InstalledBuild& build, std::string_view backend) {
    return fmt::format("{}/libggml-{}.so", build.backend_folder, backend);
}
std::string variant_library(const InstalledBuild& build, std::string_view cpu_variant) {
    return fmt::format("{}/libggml-cpu-{}.so", build.backend_folder, cpu_variant);
}

Result<InstalledBuild> find_build(const std::string& path, ProcessRunner& processes) {
    const bool in_path = path.find('/') == std::string::npos && !fs::exists(path);
    const std::string given = in_path ? path : absolute_path(path);
    InstalledBuild build;
    if (is_file(given + "/stamp") && is_folder(given + "/root")) {
        LF_ASSIGN(build, sid_build(given));
    } else {
        LF_ASSIGN(const std::string program, find_program(given, processes));
        build = plain_build(in_path ? program : given, program);
        ask_dpkg(build, processes);
    }
    const std::string program = build.start.back();
    LF_TRY(check_program(program));
    for (const char* name : kDeviceVariables)
        if (const char* value = std::getenv(name)) build.environment[name] = value;
    LF_ASSIGN(const std::string said, ask_help(build, program, processes));
    if (build.backend_folder.empty()) take_backends(build, backends_said(said));
    return build;
}

}  // namespace lf::bench
