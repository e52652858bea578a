// SPDX-License-Identifier: MIT
/// \file
/// \brief The one door to the `nix` program: finding it, its version, its store, its switches, its errors.
///
/// Every call is made the same way, so that the answer depends on the flake alone: flakes switched on, pure evaluation,
/// no lock file written, no import from derivation, no configuration taken from the flake, no cached failures, standard
/// input closed, time and output limited. Taken out of the environment: what would change which files or store are
/// read (GIT_DIR and its kin, NIX_PATH, with a private store also NIX_REMOTE and NIX_STORE_DIR and its kin).
/// NIX_CONFIG and the owner's nix.conf stay, because private inputs need the access tokens that stand there; whatever
/// in them could change an answer is overruled by a switch.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace lf::check {

/// The oldest Nix that understands the switches used here (flakes are there since 2.4; older than 2.8 was never tried).
inline constexpr int kOldestNixMajor = 2;
inline constexpr int kOldestNixMinor = 8;

struct NixProgram {
    std::vector<std::string> argv;  ///< words that start it: {"/usr/bin/nix"}, or a loader with its options
    std::string version;            ///< "2.8.0"
    bool in_path = false;           ///< typing `nix` starts it
    bool operator==(const NixProgram&) const = default;
};

struct NixStore {
    std::string path;  ///< folder of a private store; "" = the system's
    std::string why;   ///< why a private one: "/nix is not there"
    bool operator==(const NixStore&) const = default;
};

/// Where to look. The defaults are those of a person's machine; tests name others.
struct NixSearch {
    std::vector<std::string> argv;  ///< this program and no other
    std::string store;              ///< this private store, whatever the system has
    std::string cache;              ///< folder for the private store; "" = lf::cache_directory()
    std::string nix_root = "/nix";  ///< where the system's store is
    std::string home;               ///< for ~/.nix-profile; "" = not looked at
    std::string remote;             ///< NIX_REMOTE: the owner chose a store, which is then used as it is
};

/// NixSearch of this process: LLAMA_FLEET_NIX (words, split at blanks), LLAMA_FLEET_NIX_STORE, HOME, NIX_REMOTE.
NixSearch search_from_environment();

/// Why Nix failed, as far as its words tell.
enum class NixCause : std::uint8_t {
    unknown,
    missing_attribute,  ///< `name` is the attribute
    unfree,             ///< `name` is the package refused
    infinite_recursion,
    network,         ///< something had to be downloaded
    input_missing,   ///< an input that lies nowhere: locked path gone, override not a flake
    syntax,          ///< `file`, `line`, `column`
    not_tracked,     ///< a file that git does not know, `name` is its path
    no_such_output,  ///< the flake has no nixosConfigurations
    import_from_derivation,
    thrown,  ///< throw, abort or assert of the evaluated code
    store,   ///< the store cannot be opened or written, is full or read-only
    out_of_memory,
    ownership,  ///< git refuses a repository of another user
    not_a_flake,
    folder_name,  ///< older ones cannot read a git repository in a folder with a blank in its name
    timeout,      ///< our time limit ended it
    output,       ///< it put out more than we take
};

/// What Nix said, made short and printable.
struct NixFailure {
    NixCause cause = NixCause::unknown;
    std::string message;  ///< one line, printable, at most 300 bytes
    std::string name;     ///< see NixCause
    std::string file;     ///< of the place, relative to the flake where it lies in it; "" = none said
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

/// Reads the standard error of a failed call. `err` may be anything, of any length.
NixFailure read_failure(std::string_view err);

/// The failure of an evaluation that our time limit ended.
NixFailure out_of_time(std::chrono::milliseconds limit);

/// As an Error: id "nix-<cause>" ("nix-missing-attribute", "nix-syntax"…), kind world, with a hint per cause.
Error to_error(const NixFailure& failure);

struct NixCall {
    std::vector<std::string> arguments;  ///< "eval", …
    std::string directory;               ///< working folder
    bool offline = false;                ///< every input is at hand: no substituter, no download
    std::chrono::milliseconds time_limit = std::chrono::minutes(5);
    /// What for: told apart where they are counted.
    enum class Purpose : std::uint8_t { evaluation, log, store };
    Purpose purpose = Purpose::evaluation;
};

/// A found Nix with the store it uses.
class Nix {
  public:
    /// Errors: "nix-missing" (kind world), "nix-too-old", "nix-unusable" (it does not start or tells no version),
    /// "nix-store" (no place for a private store).
    static Result<Nix> find(ProcessRunner& processes, const NixSearch& search);

    /// Standard output of a call that succeeded. Errors: those of to_error.
    /// If the system's store turns out to be closed to us, the call is made once more with a private one.
    Result<std::string> call(const NixCall& call);

    /// The same, with Nix's failure as data, our limits too; Error only where it did not start or we were interrupted.
    struct Answer {
        bool ok = false;
        std::string out;
        NixFailure failure;
        double seconds = 0;
    };
    Result<Answer> ask(const NixCall& call);

    /// Does this Nix take `nix build .#x` without a switch? Asked once, without touching a store.
    bool flakes_switched_on();

    /// The log of the build that made this derivation's output here; nullopt = there is none. Nothing is evaluated and
    /// nothing asked for elsewhere. Nix is started only if the store has such a file, and gets a minute at most.
    /// Errors: "nix-log" (no regular file), "nix-timeout", "nix-output-limit".
    Result<std::optional<std::string>> build_log(const std::string& drv_path, std::chrono::milliseconds time_limit);
    int logs_read() const { return logs_; }

    /// Where the files of a store path lie on this machine: those of a private store are not where they seem to be.
    std::string place_of(const std::string& store_path) const;
    /// A store path and all that it refers to, over any number of steps, as store paths; nullopt = the store does not
    /// have it. Nix is started only if there is such a file, evaluates nothing and gets a minute at most. Errors:
    /// "nix-timeout", "nix-output-limit", "interrupted".
    Result<std::optional<std::vector<std::string>>> closure(const std::string& store_path,
                                                            std::chrono::milliseconds time_limit);

    const NixProgram& program() const { return program_; }
    const NixStore& store() const { return store_; }
    int processes_started() const { return started_; }  ///< those that evaluated

  private:
    Nix(ProcessRunner& processes, NixSearch search, NixProgram program, NixStore store);
    Result<Finished> run(const NixCall& call);
    ProcessRunner* processes_;
    NixSearch search_;
    NixProgram program_;
    NixStore store_;
    int started_ = 0;
    int logs_ = 0;
    int flakes_ = -1;  // not asked yet
};

}  // namespace lf::check
