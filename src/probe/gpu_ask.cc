// SPDX-License-Identifier: MIT
#include "probe/gpu_ask.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

#include "base/process.h"
#include "base/text.h"

namespace lf::probe {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxAnswer = 1 << 16;
constexpr int kAnswerDescriptor = 3;
constexpr auto kAfterKill = std::chrono::milliseconds(200);

// NixOS keeps the drivers' libraries in the first; the second holds what was put into the system's packages. Then the
// distributions', WSL's and the containers' folders.
constexpr std::string_view kFolders[] = {
    "/run/opengl-driver/lib",
    "/run/current-system/sw/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu/nvidia",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/nvidia/lib64",
    "/usr/lib/wsl/lib",
    "/usr/local/lib",
};

/// Whole paths that end in "/<soname>": the loader's cache is a table of such texts, each closed by a NUL byte.
std::vector<std::string> in_loader_cache(const FileSource& files, const std::string& soname) {
    std::vector<std::string> out;
    const auto cache = files.read("/etc/ld.so.cache");
    if (!cache) return out;
    const std::string wanted = "/" + soname + std::string(1, '\0');
    for (std::size_t found = cache->find(wanted); found != std::string::npos; found = cache->find(wanted, found + 1)) {
        const std::size_t before = cache->rfind('\0', found);
        const std::size_t begin = before == std::string::npos ? 0 : before + 1;
        out.push_back(cache->substr(begin, found + wanted.size() - 1 - begin));
    }
    return out;
}

/// Only this, before anything of a library runs: its own group, no terminal, no files of ours, no core dump.
void become_child(int answer) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGCHLD}) std::signal(signal, SIG_DFL);
    const rlimit no_core{1, 1};  // 1 and not 0: then the kernel starts no core handler either (core(5))
    ::setrlimit(RLIMIT_CORE, &no_core);
    const int null = ::open("/dev/null", O_RDWR);
    for (int descriptor = 0; descriptor < 3; ++descriptor) ::dup2(null, descriptor);
    if (answer != kAnswerDescriptor) ::dup2(answer, kAnswerDescriptor);
    if (::close_range(kAnswerDescriptor + 1, ~0U, 0) != 0)
        for (int descriptor = kAnswerDescriptor + 1; descriptor < 1024; ++descriptor) ::close(descriptor);
}

void write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(kAnswerDescriptor, text.data(), text.size());
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

struct Heard {
    std::string text;
    std::string trouble;  ///< why we stopped listening; "" = the child closed its end or is done
};

bool is_whole(const std::string& text) { return text.ends_with("\nend\n"); }

Heard listen(int descriptor, Clock::time_point until) {
    Heard heard;
    std::array<char, 4096> part{};
    while (!is_whole(heard.text)) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0) heard.trouble = "it did not answer in time";
        else if (heard.text.size() > kMaxAnswer) heard.trouble = "it writes without end";
        else if (interrupted()) heard.trouble = "interrupted";
        if (!heard.trouble.empty()) return heard;
        pollfd waiting{descriptor, POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(std::min<long long>(left, 100))) <= 0) continue;
        const ssize_t got = ::read(descriptor, part.data(), part.size());
        if (got == 0) return heard;
        if (got > 0) heard.text.append(part.data(), static_cast<std::size_t>(got));
    }
    return heard;
}

/// The child ends by itself (the answer was read to its end) or is killed, its group with it. A process that a driver
/// holds in the kernel dies later than this: it is not waited for.
std::optional<int> reap(pid_t child, bool ended_itself) {
    int status = 0;
    const auto until = Clock::now() + kAfterKill;
    if (!ended_itself) ::kill(-child, SIGKILL);
    for (;;) {
        const pid_t done = ::waitpid(child, &status, WNOHANG);
        if (done == child) break;
        if (done < 0) return std::nullopt;
        if (Clock::now() > until) {
            if (!ended_itself) return std::nullopt;
            ::kill(-child, SIGKILL);
            return reap(child, false);
        }
        ::usleep(500);
    }
    ::kill(-child, SIGKILL);  // what it started and left behind
    return status;
}

std::string trouble_of(const Heard& heard, std::optional<int> status) {
    if (!heard.trouble.empty()) return heard.trouble;
    if (is_whole(heard.text) || heard.text.starts_with("failed ")) return "";
    if (status && WIFSIGNALED(*status)) return fmt::format("it crashed (signal {})", WTERMSIG(*status));
    if (status && WIFEXITED(*status) && WEXITSTATUS(*status) != 0)
        return fmt::format("it ended the program (status {})", WEXITSTATUS(*status));
    return "it ended before it had answered";
}

std::optional<std::string> ask(const FileSource& files, const std::string& soname, const AskOptions& options,
                               std::string (*text)(const std::vector<std::string>&)) {
    const std::vector<std::string> candidates = find_library(files, soname, options);
    if (candidates.empty()) return std::nullopt;
    return in_child([&] { return text(candidates); }, options.time_limit);
}

}  // namespace

std::vector<std::string> find_library(const FileSource& files, const std::string& soname, const AskOptions& options) {
    std::vector<std::string> out;
    const auto look_at = [&](const std::string& path) {
        if (std::find(out.begin(), out.end(), path) == out.end() && files.exists(path)) out.push_back(path);
    };
    for (const std::string& folder : options.folders) look_at(fmt::format("{}/{}", folder, soname));
    if (const char* own = std::getenv("LD_LIBRARY_PATH"); own != nullptr)
        for (const std::string_view folder : split(own, ':'))
            if (folder.starts_with('/')) look_at(fmt::format("{}/{}", folder, soname));
    for (const std::string_view folder : kFolders) look_at(fmt::format("{}/{}", folder, soname));
    if (out.empty())
        for (const std::string& path : in_loader_cache(files, soname)) look_at(path);
    return out;
}

std::string in_child(const std::function<std::string()>& body, std::chrono::milliseconds limit) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return "failed no pipe for a child process\n";
    const pid_t child = ::fork();
    if (child == 0) {
        become_child(ends[1]);
        write_all(body());
        ::_exit(0);  // nothing of ours is run at the end, nor of the library's
    }
    ::close(ends[1]);
    if (child < 0) {
        ::close(ends[0]);
        return "failed no child process could be started\n";
    }
    ::setpgid(child, child);  // here too: whichever of the two comes first
    const Heard heard = listen(ends[0], Clock::now() + limit);
    ::close(ends[0]);
    const auto status = reap(child, heard.trouble.empty());
    const std::string trouble = trouble_of(heard, status);
    return trouble.empty() ? heard.text : "failed " + trouble + "\n";
}

std::optional<std::string> ask_nvml(const FileSource& files, const AskOptions& options) {
    return ask(files, "libnvidia-ml.so.1", options, nvml_text);
}

std::optional<std::string> ask_vulkan(const FileSource& files, const AskOptions& options) {
    return ask(files, "libvulkan.so.1", options, vulkan_text);
}

}  // namespace lf::probe
