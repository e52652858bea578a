// SPDX-License-Identifier: MIT
#include "check/nix_command.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/text.h"

namespace lf::check {
namespace {

constexpr std::size_t kOutputLimit = std::size_t{64} << 20;
constexpr auto kShortLimit = std::chrono::seconds(20);
constexpr auto kLogLimit = std::chrono::minutes(1);

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// Where nix is when PATH does not say: NixOS, a multi-user installation, a single-user one.
std::vector<std::string> usual_places(const NixSearch& search) {
    std::vector<std::string> out{"/run/current-system/sw/bin/nix",
                                 search.nix_root + "/var/nix/profiles/default/bin/nix"};
    if (!search.home.empty()) out.push_back(search.home + "/.nix-profile/bin/nix");
    return out;
}

Result<NixProgram> find_program(ProcessRunner& processes, const NixSearch& search) {
    if (!search.argv.empty()) return NixProgram{search.argv, "", false};
    if (std::string path = processes.find("nix"); !path.empty()) return NixProgram{{std::move(path)}, "", true};
    for (const std::string& place : usual_places(search)) {
        if (!processes.find(place).empty()) return NixProgram{{place}, "", false};
    }
    return fail(world_error("nix-missing", "nix not found",
                            "install it (Debian: nix-bin) or name it in LLAMA_FLEET_NIX, then run check again"));
}

struct Version {
    int major = 0;
    int minor = 0;
    std::string text;
};

/// The last word of "nix (Nix) 2.34.8" or "nix (Lix, like Nix) 2.91.1" that starts as a version does.
std::optional<Version> version_in(std::string_view out) {
    std::optional<Version> found;
    const std::vector<std::string_view> all = lines(out.substr(0, 4096));
    if (all.empty()) return found;
    for (const std::string_view word : split(trim(all.front()), ' ')) {
        const auto parts = split(word, '.');
        if (parts.size() < 2 || word.size() > 40) continue;
        const auto major = parse_unsigned(parts[0]);
        const auto minor = parse_unsigned(parts[1].substr(0, parts[1].find_first_not_of("0123456789")));
        if (!major || !minor || *major > 1000 || *minor > 100000) continue;
        found = Version{static_cast<int>(*major), static_cast<int>(*minor), printable(word)};
    }
    return found;
}

Done read_version(ProcessRunner& processes, NixProgram& program) {
    Command command;
    command.argv = program.argv;
    command.argv.emplace_back("--version");
    command.time_limit = kShortLimit;
    command.output_limit = std::size_t{1} << 16;
    const std::string name = printable(join(program.argv, " "));
    const auto unusable = [&](std::string_view what) {
        return fail(world_error("nix-unusable", fmt::format("{}: {}", name, what),
                                "`nix --version` has to work; another nix can be named in LLAMA_FLEET_NIX"));
    };
    const auto finished = processes.run(command);
    if (!finished) {
        std::string_view what = finished.error().message;  // "<program>: program not found", and it is named already
        if (what.starts_with(command.argv[0] + ": ")) what.remove_prefix(command.argv[0].size() + 2);
        return unusable(printable(what));
    }
    if (finished->exit_code != 0) {
        return unusable(fmt::format("exit code {}: {}", finished->exit_code, read_failure(finished->err).message));
    }
    const auto version = version_in(finished->out);
    if (!version) return unusable("it does not say which version it is");
    program.version = version->text;
    if (std::pair(version->major, version->minor) < std::pair(kOldestNixMajor, kOldestNixMinor)) {
        return fail(world_error(
            "nix-too-old",
            fmt::format("nix {} is too old: {}.{} or newer is needed", version->text, kOldestNixMajor, kOldestNixMinor),
            "another nix can be named in LLAMA_FLEET_NIX"));
    }
    return {};
}

/// Does somebody answer on the daemon's socket who talks to us? Debian's lets only its group in.
bool daemon_answers(const std::string& path) {
    sockaddr_un address{};
    if (path.size() >= sizeof address.sun_path) return false;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    const int answer = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::close(fd);
    return answer == 0;
}

bool writable(const std::string& path) { return ::access(path.c_str(), W_OK | X_OK) == 0; }

/// Why the system's store is of no use to us; "" = it is usable.
std::string closed_system_store(const NixSearch& search) {
    if (!search.remote.empty()) return "";
    const std::string& root = search.nix_root;
    if (::access((root + "/store").c_str(), F_OK) != 0) return fmt::format("{}/store is not there", root);
    if (daemon_answers(root + "/var/nix/daemon-socket/socket")) return "";
    if (writable(root + "/store") && writable(root + "/var/nix/db")) return "";
    return fmt::format("{}/store is not ours to write and no daemon lets us in", root);
}

Result<NixStore> private_store(const NixSearch& search, std::string why) {
    NixStore store{search.store, std::move(why)};
    if (store.path.empty()) {
        std::string cache = search.cache;
        if (cache.empty()) {
            LF_ASSIGN(cache, cache_directory());
        }
        store.path = cache + "/nix";
    }
    if (auto made = make_directories(store.path); !made) {
        Error error =
            to_error({NixCause::store, fmt::format("no private store at {}: {}", store.path, made.error().message), "",
                      "", 0, 0});
        return fail(std::move(error));
    }
    // Nix refuses a store behind a symbolic link, and means relative names by its own folder, which is the flake's.
    std::error_code error;
    const auto real = std::filesystem::canonical(store.path, error);
    if (!error) store.path = real.string();
    return store;
}

Result<NixStore> choose_store(const NixSearch& search) {
    if (!search.store.empty()) return private_store(search, "asked for");
    std::string why = closed_system_store(search);
    if (why.empty()) return NixStore{};
    return private_store(search, std::move(why));
}

constexpr std::string_view kStoreFolder = "/nix/store/";

/// "/nix/store/<hash>-x" → "<hash>-x"; "" for anything that is no such path: it may be any text of the flake.
std::string_view name_in_store(std::string_view path) {
    constexpr std::string_view kInNames = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._?=";
    if (!path.starts_with(kStoreFolder)) return {};
    const std::string_view name = path.substr(kStoreFolder.size());
    if (name.size() < 34 || name[32] != '-' || name.find_first_not_of(kInNames) != std::string_view::npos) return {};
    return name;
}

/// "/nix/store/<hash>-x.drv" → "<2 bytes>/<rest>", the file of its log; nullopt for anything that is no such path.
std::optional<std::string> log_file(std::string_view drv_path) {
    const std::string_view name = name_in_store(drv_path);
    if (name.size() < 38 || !name.ends_with(".drv")) return std::nullopt;
    return fmt::format("{}/{}", name.substr(0, 2), name.substr(2));
}

/// Is there such a file, plain or packed? Something else in its place (a pipe) would be waited for. Error "nix-log".
Result<bool> is_log(const std::string& path) {
    for (const char* end : {"", ".bz2"}) {
        struct ::stat info {};
        const std::string name = path + end;
        if (::stat(name.c_str(), &info) != 0 || ::access(name.c_str(), R_OK) != 0) continue;
        if (S_ISREG(info.st_mode)) return true;
        return fail(world_error("nix-log", fmt::format("{} is not a regular file", printable(name))));
    }
    return false;
}

/// What is given with every call; see the head of the header.
std::vector<std::string> switches(const NixCall& call, const NixStore& store) {
    std::vector<std::string> out{"--extra-experimental-features", "nix-command flakes"};
    const auto option = [&](const char* name, const char* value) { out.insert(out.end(), {"--option", name, value}); };
    option("accept-flake-config", "false");
    option("allow-import-from-derivation", "false");
    option("pure-eval", "true");
    option("eval-cache", "false");  // it would answer with "cached failure" and no cause
    option("warn-dirty", "false");
    if (!store.path.empty()) {
        out.insert(out.end(), {"--store", store.path});
        option("build-users-group", "");  // root's private store needs no build users, and Debian has none
    }
    if (call.offline) out.emplace_back("--offline");
    return out;
}

std::vector<std::string> taken_out(const NixStore& store) {
    std::vector<std::string> out{
        "NIX_PATH",       "GIT_DIR",     "GIT_WORK_TREE",        "GIT_INDEX_FILE",      "GIT_OBJECT_DIRECTORY",
        "GIT_NAMESPACE",  "GIT_PREFIX",  "NIX_SHOW_STATS",       "NIX_SHOW_STATS_PATH", "NIX_COUNT_CALLS",
        "CLICOLOR_FORCE", "FORCE_COLOR", "NIXPKGS_ALLOW_UNFREE", "NIXPKGS_ALLOW_BROKEN"};
    if (!store.path.empty()) {
        out.insert(out.end(), {"NIX_REMOTE", "NIX_STORE_DIR", "NIX_STORE", "NIX_STATE_DIR", "NIX_LOG_DIR",
                               "NIX_IGNORE_SYMLINK_STORE"});
    }
    return out;
}

}  // namespace

NixSearch search_from_environment() {
    NixSearch search;
    const std::string words = variable("LLAMA_FLEET_NIX");
    for (const std::string_view word : split(words, ' ')) {
        if (!word.empty()) search.argv.emplace_back(word);
    }
    search.store = variable("LLAMA_FLEET_NIX_STORE");
    search.home = variable("HOME");
    search.remote = variable("NIX_REMOTE");
    return search;
}

Nix::Nix(ProcessRunner& processes, NixSearch search, NixProgram program, NixStore store)
    : processes_(&processes), search_(std::move(search)), program_(std::move(program)), store_(std::move(store)) {}

Result<Nix> Nix::find(ProcessRunner& processes, const NixSearch& search) {
    LF_ASSIGN(NixProgram program, find_program(processes, search));
    LF_TRY(read_version(processes, program));
    LF_ASSIGN(NixStore store, choose_store(search));
    return Nix(processes, search, std::move(program), std::move(store));
}

Result<Finished> Nix::run(const NixCall& call) {
    Command command;
    command.argv = program_.argv;
    const auto common = switches(call, store_);
    command.argv.insert(command.argv.end(), common.begin(), common.end());
    command.argv.insert(command.argv.end(), call.arguments.begin(), call.arguments.end());
    command.without = taken_out(store_);
    command.environment = {{"NO_COLOR", "1"}, {"LC_ALL", "C"}, {"GIT_TERMINAL_PROMPT", "0"}};
    command.directory = call.directory;
    command.time_limit = call.time_limit;
    command.output_limit = kOutputLimit;
    if (call.purpose == NixCall::Purpose::evaluation) ++started_;
    if (call.purpose == NixCall::Purpose::log) ++logs_;
    return processes_->run(command);
}

NixFailure out_of_time(std::chrono::milliseconds limit) {
    NixFailure failure;
    failure.cause = NixCause::timeout;
    const double seconds = std::round(static_cast<double>(limit.count()) / 100) / 10;
    failure.message = fmt::format("nix did not finish within {:g} s; --time-limit gives it longer", seconds);
    return failure;
}

namespace {

/// A Nix that ran into one of our limits, as its own failure; nullopt for any other error.
std::optional<Nix::Answer> ended_by_us(const Error& error, const NixCall& call) {
    Nix::Answer answer;
    if (error.id == "program-timeout") {
        answer.failure = out_of_time(call.time_limit);
        answer.seconds = static_cast<double>(call.time_limit.count()) / 1000;
        return answer;
    }
    if (error.id != "program-output-limit") return std::nullopt;
    answer.failure.cause = NixCause::output;
    answer.failure.message = fmt::format("nix put out more than {} MiB", kOutputLimit >> 20);
    return answer;
}

}  // namespace

Result<Nix::Answer> Nix::ask(const NixCall& call) {
    for (bool again = false;; again = true) {
        auto finished = run(call);
        if (!finished) {
            auto ended = ended_by_us(finished.error(), call);
            if (!ended) return fail(std::move(finished.error()));
            return std::move(*ended);
        }
        Answer answer{finished->exit_code == 0, std::move(finished->out), {}, finished->seconds};
        if (answer.ok) return answer;
        answer.failure = read_failure(finished->err);
        const bool closed = answer.failure.cause == NixCause::store && store_.path.empty() && !again;
        if (!closed) return answer;
        LF_ASSIGN(store_, private_store(search_, "the system's store: " + answer.failure.message));
    }
}

Result<std::string> Nix::call(const NixCall& call) {
    LF_ASSIGN(Answer answer, ask(call));
    if (!answer.ok) return fail(to_error(answer.failure));
    return std::move(answer.out);
}

Result<std::optional<std::string>> Nix::build_log(const std::string& drv_path, std::chrono::milliseconds time_limit) {
    const auto file = log_file(drv_path);
    if (!file) return std::nullopt;
    const std::string state = store_.path.empty() ? search_.nix_root : store_.path + "/nix";
    const bool elsewhere = store_.path.empty() && !search_.remote.empty();
    if (!elsewhere) {
        LF_ASSIGN(const bool there, is_log(fmt::format("{}/var/log/nix/drvs/{}", state, *file)));
        if (!there) return std::nullopt;
    }
    NixCall call;
    call.arguments = {"log", "--option", "substituters", "", drv_path};
    call.offline = true;
    call.time_limit = std::min<std::chrono::milliseconds>(time_limit, kLogLimit);
    call.purpose = NixCall::Purpose::log;
    LF_ASSIGN(Answer answer, ask(call));
    if (answer.ok) return std::move(answer.out);
    if (answer.failure.cause == NixCause::timeout || answer.failure.cause == NixCause::output)
        return fail(to_error(answer.failure));
    return std::nullopt;
}

std::string Nix::place_of(const std::string& store_path) const { return store_.path + store_path; }

Result<std::optional<std::vector<std::string>>> Nix::closure(const std::string& store_path,
                                                             std::chrono::milliseconds time_limit) {
    std::error_code error;
    const std::string_view name = name_in_store(store_path);
    const auto kind = name.empty() ? std::filesystem::file_type::not_found
                                   : std::filesystem::symlink_status(place_of(store_path), error).type();
    if (kind == std::filesystem::file_type::not_found || kind == std::filesystem::file_type::none) return std::nullopt;
    NixCall call;
    call.arguments = {"path-info", "--recursive", "--option", "substituters", "", store_path};
    call.offline = true;
    call.time_limit = std::min<std::chrono::milliseconds>(time_limit, kLogLimit);
    call.purpose = NixCall::Purpose::store;
    LF_ASSIGN(Answer answer, ask(call));
    if (answer.failure.cause == NixCause::timeout || answer.failure.cause == NixCause::output)
        return fail(to_error(answer.failure));
    if (!answer.ok) return std::nullopt;  // files that a build broke off left: the store does not call them its own
    std::vector<std::string> out{store_path};
    for (const std::string_view line : lines(answer.out)) {
        std::string path(trim(line));
        if (!name_in_store(path).empty() && path != store_path) out.push_back(std::move(path));
    }
    return out;
}

bool Nix::flakes_switched_on() {
    if (flakes_ >= 0) return flakes_ == 1;
    Command command;
    command.argv = program_.argv;
    // A store that holds nothing and a path that is not there: only the refusal of the feature is of interest.
    command.argv.insert(command.argv.end(),
                        {"--store", "dummy://", "--offline", "flake", "metadata", "path:/llama-fleet/no/such/flake"});
    command.environment = {{"NO_COLOR", "1"}, {"LC_ALL", "C"}};
    command.time_limit = kShortLimit;
    const auto finished = processes_->run(command);
    flakes_ = finished && finished->err.find("experimental") == std::string::npos ? 1 : 0;
    return flakes_ == 1;
}

}  // namespace lf::check
