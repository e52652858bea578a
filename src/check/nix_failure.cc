// SPDX-License-Identifier: MIT
// Reading Nix's standard error. Nix 2.8 writes "error: TEXT" and then the place; current ones write "error:", the
// trace, and last, indented by seven, "error: TEXT" with its place. So: the last such line counts, the place behind it
// is its own, and the last place before it is the nearest that a thrown message has.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "check/nix_command.h"

namespace lf::check {
namespace {

constexpr std::size_t kMessageLimit = 300;
constexpr std::size_t kReadLimit = std::size_t{1} << 20;  // of rubbish; what counts stands at the end
constexpr std::string_view kError = "error:";

struct Sign {
    std::string_view text;  ///< part of the message
    NixCause cause;
    std::string_view open = {};  ///< the name stands between `open` and `close`
    std::string_view close = {};
};

// The first that fits counts, so the narrower ones stand first.
constexpr std::array kSigns{
    Sign{"because it has an unfree license", NixCause::unfree, "package '", "'"},  // nixpkgs since 26.05
    Sign{"has an unfree license", NixCause::unfree, "Package ‘", "’"},
    Sign{"is not tracked by Git", NixCause::not_tracked, "Path '", "'"},
    Sign{"option 'allow-import-from-derivation' is disabled", NixCause::import_from_derivation, "'", "'"},
    Sign{"does not provide attribute", NixCause::no_such_output, "attribute '", "'"},
    Sign{"infinite recursion encountered", NixCause::infinite_recursion},
    Sign{"stack overflow", NixCause::infinite_recursion},
    Sign{"max-call-depth exceeded", NixCause::infinite_recursion},
    Sign{"syntax error", NixCause::syntax},
    Sign{"undefined variable '", NixCause::missing_attribute, "undefined variable '", "'"},
    Sign{"called without required argument '", NixCause::missing_attribute, "required argument '", "'"},
    Sign{"called with unexpected argument '", NixCause::missing_attribute, "unexpected argument '", "'"},
    Sign{"unable to download '", NixCause::network, "download '", "'"},
    Sign{"resolve host", NixCause::network},
    Sign{"Network is unreachable", NixCause::network},
    Sign{"Connection timed out", NixCause::network},
    Sign{"unable to connect to", NixCause::network},
    Sign{"dubious ownership", NixCause::ownership, "'", "'"},
    Sign{"is not owned by current user", NixCause::ownership, "'", "'"},
    Sign{"/nix/store' is not writable", NixCause::store},
    Sign{"No space left on device", NixCause::store},
    Sign{"Disk quota exceeded", NixCause::store},
    Sign{"disk is full", NixCause::store},
    Sign{"Read-only file system", NixCause::store},
    Sign{"readonly database", NixCause::store},
    Sign{"cannot connect to daemon", NixCause::store},
    Sign{"cannot connect to socket", NixCause::store},
    Sign{"cannot open connection to remote store", NixCause::store},
    Sign{"creating directory ", NixCause::store},
    Sign{"could not set permissions on '/nix", NixCause::store},
    Sign{"database or disk is full", NixCause::store},
    Sign{"opening lock file", NixCause::store},
    Sign{"cannot open SQLite database", NixCause::store},
    Sign{"database schema", NixCause::store},
    Sign{"out of memory", NixCause::out_of_memory},
    Sign{"std::bad_alloc", NixCause::out_of_memory},
    Sign{"is not a flake", NixCause::not_a_flake, "'", "'"},
    Sign{"could not find a flake.nix file", NixCause::not_a_flake},
    Sign{"does not contain a 'flake.nix'", NixCause::not_a_flake},
    Sign{"/flake.nix': No such file", NixCause::not_a_flake, "of '", "'"},
    Sign{"/flake.nix' does not exist", NixCause::not_a_flake, "path '", "'"},
    Sign{"is not a valid URL", NixCause::folder_name, "'", "'"},
    Sign{"NAR hash mismatch", NixCause::input_missing, "input '", "'"},
    Sign{"cannot find flake '", NixCause::input_missing, "flake '", "'"},
    Sign{"assertion '", NixCause::thrown},
    Sign{"evaluation aborted", NixCause::thrown},
    Sign{"Failed assertions:", NixCause::thrown},
};

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
    const std::size_t from = text.find(open);
    if (open.empty() || from == std::string_view::npos) return {};
    const std::size_t start = from + open.size();
    const std::size_t end = text.find(close, start);
    return end == std::string_view::npos ? std::string_view{} : text.substr(start, end - start);
}

/// "/any/nix/store/<hash>-source/a/b.nix" → "a/b.nix"; other paths as they are.
std::string_view inside_source(std::string_view path) {
    constexpr std::string_view kStore = "/nix/store/";
    const std::size_t at = path.rfind(kStore);
    if (at == std::string_view::npos) return path;
    const std::string_view rest = path.substr(at + kStore.size());
    const std::size_t slash = rest.find('/');
    return slash == std::string_view::npos ? rest : rest.substr(slash + 1);
}

struct Place {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

std::optional<std::uint32_t> small_number(std::string_view text) {
    const auto number = parse_unsigned(text);
    if (!number || *number > 100'000'000) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
}

/// A line "at /nix/store/…-source/flake.nix:3:14:". Places in text given to --apply do not count.
std::optional<Place> place_of(std::string_view line) {
    line = trim(line);
    if (!line.starts_with("at ")) return std::nullopt;
    line.remove_prefix(3);
    if (line.ends_with(':')) line.remove_suffix(1);
    const std::size_t last = line.rfind(':');
    if (last == std::string_view::npos || last == 0) return std::nullopt;
    const std::size_t before = line.rfind(':', last - 1);
    if (before == std::string_view::npos || line.front() != '/') return std::nullopt;
    const auto number = small_number(line.substr(before + 1, last - before - 1));
    const auto column = small_number(line.substr(last + 1));
    if (!number || !column) return std::nullopt;
    return Place{printable(inside_source(line.substr(0, before))), *number, *column};
}

/// Without the sequences that colour a terminal.
std::string without_colour(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b' && i + 1 < text.size() && text[i + 1] == '[') {
            i += 2;
            while (i < text.size() && (text[i] < '@' || text[i] > '~')) ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// What stands behind "error:" in a line that begins with it, perhaps nothing.
std::optional<std::string_view> error_text(std::string_view line) {
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    if (blanks != 0 && blanks != 7) return std::nullopt;
    line.remove_prefix(blanks);
    if (!line.starts_with(kError)) return std::nullopt;
    return trim(line.substr(kError.size()));
}

std::string shortened(std::string_view text) {
    std::string out = printable(text);
    if (out.size() <= kMessageLimit) return out;
    std::size_t end = kMessageLimit - 4;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
    return out.substr(0, end) + " ...";
}

/// Does a message stand here? A bare "error:" above a trace is none; one above other text begins with a newline.
bool is_message(const std::vector<std::string_view>& all, std::size_t at) {
    const auto text = error_text(all[at]);
    if (!text || !text->empty()) return text.has_value();
    return at + 1 < all.size() && !trim(all[at + 1]).empty() && !trim(all[at + 1]).starts_with("…");
}

/// The message at `at`: its first line, and the next few where that one ends with a colon (the module system's "Failed
/// assertions:") or is empty. Git says why it fails in a line of its own, before.
std::string whole_message(const std::vector<std::string_view>& all, std::size_t at) {
    std::string out(*error_text(all[at]));
    for (std::size_t i = at + 1; i < all.size() && i < at + 6 && (out.empty() || out.ends_with(':') || i > at + 1);
         ++i) {
        const std::string_view line = trim(all[i]);
        if (line.empty() || line.starts_with("(use '--show-trace'") || line.starts_with("at /")) break;
        out += fmt::format("{}{}", out.empty() ? "" : " ", line);
    }
    if (out.find("program 'git' failed") == std::string::npos) return out;
    for (std::size_t i = 0; i < at; ++i) {
        if (all[i].starts_with("fatal: ")) out += fmt::format(": {}", all[i].substr(7));
    }
    return out;
}

void set_cause(NixFailure& failure, std::string_view whole, bool has_place) {
    for (const Sign& sign : kSigns) {
        if (whole.find(sign.text) == std::string_view::npos) continue;
        failure.cause = sign.cause;
        failure.name = shortened(between(whole, sign.open, sign.close));
        return;
    }
    if (whole.starts_with("attribute '") && whole.find("' missing") != std::string_view::npos) {
        failure.cause = NixCause::missing_attribute;
        failure.name = shortened(between(whole, "attribute '", "'"));
    } else if (whole.find("No such file or directory") != std::string_view::npos || whole.ends_with("does not exist")) {
        // A path in the flake's own source is a file that git was not told of, any other one an input that is gone.
        const std::string_view path = between(whole, "'", "'");
        const bool in_store = path.find("/nix/store/") != std::string_view::npos;
        failure.cause = in_store ? NixCause::not_tracked : NixCause::input_missing;
        failure.name = shortened(in_store ? inside_source(path) : path);
    } else if (!has_place) {
        failure.cause = NixCause::thrown;  // Nix's own complaints about code name a place, `throw` of 2.8 none
    }
}

struct CauseText {
    NixCause cause;
    std::string_view id;
    std::string_view hint;
};

constexpr std::array kCauses{
    CauseText{NixCause::unknown, "nix-failed", "run the same command by hand with --show-trace"},
    CauseText{NixCause::missing_attribute, "nix-missing-attribute",
              "the flake, or the revision of an input that it has locked, lacks this name"},
    CauseText{NixCause::unfree, "nix-unfree",
              "allow it: `llama-fleet fit --allow-unfree` adds a predicate for CUDA's licences only"},
    CauseText{NixCause::infinite_recursion, "nix-infinite-recursion",
              "something is defined by itself: in an overlay use prev for what it redefines"},
    CauseText{NixCause::network, "nix-network",
              "an input has to be downloaded: run it with a network once, or give the input with --override-input"},
    CauseText{NixCause::input_missing, "nix-input-missing", "an input of the flake is not where it is said to be"},
    CauseText{NixCause::syntax, "nix-syntax", "mend the file, then run the command again"},
    CauseText{NixCause::not_tracked, "nix-not-tracked", "a flake sees only files that git knows: git add them"},
    CauseText{NixCause::no_such_output, "nix-no-output", "the flake has no nixosConfigurations"},
    CauseText{NixCause::import_from_derivation, "nix-import-from-derivation",
              "evaluation would have to build something first, which is never done here"},
    CauseText{NixCause::thrown, "nix-thrown", "the evaluated code itself says so"},
    CauseText{NixCause::store, "nix-store",
              "name a folder with room for a private store in LLAMA_FLEET_NIX_STORE, or make the system's usable"},
    CauseText{NixCause::out_of_memory, "nix-memory", "evaluation needs more memory than there is"},
    CauseText{NixCause::ownership, "nix-ownership",
              "git refuses the repository of another user: run as its owner, or add it to git's safe.directory"},
    CauseText{NixCause::not_a_flake, "nix-not-a-flake", "name a folder that holds a flake.nix"},
    CauseText{NixCause::folder_name, "nix-folder-name",
              "this nix cannot read a repository in a folder of that name: rename it, or use a newer nix"},
    CauseText{NixCause::timeout, "nix-timeout",
              "it may be an evaluation that never ends, or a download that takes its time"},
    CauseText{NixCause::output, "nix-output-limit", "no flake's packages need an answer of that size"},
};

}  // namespace

NixFailure read_failure(std::string_view err) {
    if (err.size() > kReadLimit) err = err.substr(err.size() - kReadLimit);
    const std::string text = without_colour(err);
    const std::vector<std::string_view> all = lines(text);
    NixFailure failure;
    std::optional<std::size_t> at;
    std::optional<Place> before;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (is_message(all, i)) at = i;
    }
    if (!at) {
        const auto said = std::find_if(all.rbegin(), all.rend(), [](auto line) { return !trim(line).empty(); });
        failure.message = said == all.rend() ? "nix failed without a word" : shortened(trim(*said));
        return failure;
    }
    std::optional<Place> place;
    for (std::size_t i = 0; i < all.size() && !place; ++i) {
        const auto found = place_of(all[i]);
        if (found && i < *at) before = found;
        if (found && i > *at) place = found;
    }
    const std::string whole = whole_message(all, *at);
    set_cause(failure, whole, place.has_value());
    failure.message = shortened(whole);
    if (!place && (failure.cause == NixCause::thrown || failure.cause == NixCause::not_tracked)) place = before;
    if (place) {
        failure.file = place->file;
        failure.line = place->line;
        failure.column = place->column;
    }
    return failure;
}

Error to_error(const NixFailure& failure) {
    const auto row = std::find_if(kCauses.begin(), kCauses.end(),
                                  [&](const CauseText& text) { return text.cause == failure.cause; });
    const CauseText& text = row == kCauses.end() ? kCauses.front() : *row;
    const std::string_view who = failure.message.starts_with("nix ") ? "" : "nix: ";
    Error error = world_error(std::string(text.id), fmt::format("{}{}", who, failure.message), std::string(text.hint));
    error.where.file = failure.file;
    error.where.line = failure.line;
    error.where.column = failure.column;
    return error;
}

}  // namespace lf::check
