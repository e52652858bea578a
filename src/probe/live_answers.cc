// SPDX-License-Identifier: MIT
// One function a question, found by the table at the end: a new question is a function and a line.
#include "probe/live_answers.h"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "base/files.h"
#include "probe/live_hwcap.h"
#include "probe/nix_settings.h"

namespace lf::probe {
namespace {

using Answer = std::optional<std::string>;

/// Free for who builds: f_bavail leaves out what is kept for root, which Nix's daemon may use and should not.
Answer ask_store() {
    struct statvfs status {};
    for (const char* path : {"/nix/store", "/nix", "/"}) {
        if (::statvfs(path, &status) != 0) continue;
        const auto free = static_cast<std::uint64_t>(status.f_bavail) * static_cast<std::uint64_t>(status.f_frsize);
        return fmt::format("free {}\n", free);
    }
    return std::nullopt;
}

/// Which large register states the kernel knows, and which this process may use (kernel documentation,
/// arch/x86/xstate.rst). A kernel without them (before 5.16) refuses the call.
Answer ask_xcomp() {
#if defined(__x86_64__) && defined(SYS_arch_prctl)
    constexpr int kSupported = 0x1021;  // ARCH_GET_XCOMP_SUPP
    constexpr int kPermitted = 0x1022;  // ARCH_GET_XCOMP_PERM
    std::uint64_t supported = 0;
    std::uint64_t permitted = 0;
    if (::syscall(SYS_arch_prctl, kSupported, &supported) != 0) return std::nullopt;
    if (::syscall(SYS_arch_prctl, kPermitted, &permitted) != 0) return std::nullopt;
    return fmt::format("supported {:016x}\npermitted {:016x}\n", supported, permitted);
#else
    return std::nullopt;
#endif
}

std::string nixpkgs_configuration() {
    const char* xdg = std::getenv("XDG_CONFIG_HOME");
    const char* home = std::getenv("HOME");
    const std::string folder = xdg != nullptr && *xdg == '/'     ? xdg
                               : home != nullptr && *home == '/' ? std::string(home) + "/.config"
                                                                 : "";
    return folder.empty() ? "" : folder + "/nixpkgs/config.nix";
}

/// Read here and not through the source: the file is the user's own, and only this one word of it is wanted.
Answer ask_unfree() {
    std::string out;
    if (const char* value = std::getenv("NIXPKGS_ALLOW_UNFREE"); value != nullptr)
        out += std::string("environment ") + (std::string_view(value) == "1" ? "1" : "0") + "\n";
    if (const auto text = read_file(nixpkgs_configuration(), std::size_t{1} << 20))
        if (const auto said = allow_unfree_in(*text)) out += "configuration " + *said + "\n";
    return out;
}

struct Row {
    Question question;
    Answer (*ask)();
};
constexpr Row kAnswers[] = {{Question::hwcap, ask_hwcap},
                            {Question::store, ask_store},
                            {Question::xcomp, ask_xcomp},
                            {Question::unfree, ask_unfree}};

}  // namespace

std::optional<std::string> live_answer(Question question) {
    for (const Row& row : kAnswers)
        if (row.question == question) return row.ask();
    return std::nullopt;
}

}  // namespace lf::probe
