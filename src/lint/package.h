// SPDX-License-Identifier: MIT
/// \file
/// \brief A llama.cpp package as somebody wrote it down: where it is taken from, what is overridden, which CMake flags
/// are added. Text only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flake/meaning.h"
#include "lint/flag_list.h"
#include "lint/knowledge.h"

namespace lf::lint {

/// `useCuda = true` in `.override { … }`.
struct Argument {
    std::string name;
    NodeId name_node = kNone;
    NodeId value = kNone;
    NodeId binding = kNone;
    bool inherited = false;  ///< `inherit useCuda;`: `binding` is all of that, `value` the name in it
};

/// What overrideAttrs sets beside cmakeFlags: `NIX_ENFORCE_NO_NATIVE = false;`, also in `env`.
struct Setting {
    std::string name;
    NodeId value = kNone;
    NodeId binding = kNone;
    bool in_env = false;
};

/// One call of overrideAttrs.
struct AttrsCall {
    NodeId function = kNone;     ///< its argument: `(old: { … })`
    NodeId set = kNone;          ///< the set that it gives; kNone = not a literal
    std::string old;             ///< what it calls the old attributes; "" = it takes none
    NodeId parameter = kNone;    ///< the name node of `old`
    NodeId flags_value = kNone;  ///< the value of cmakeFlags
};

struct Package {
    const Tree* tree = nullptr;
    NodeId chain = kNone;            ///< the outermost expression: all overrides applied
    nixsyntax::Span base;            ///< `prev.llama-cpp`
    std::vector<std::string> names;  ///< prev, llama-cpp; "" for dynamic parts
    Source source = Source::nixpkgs;
    std::vector<Argument> arguments;
    NodeId arguments_set = kNone;  ///< of the outermost .override, where it is a literal
    std::vector<AttrsCall> attrs;
    std::vector<Setting> settings;
    FlagList flags;                     ///< of all overrideAttrs, inner ones first
    std::vector<std::string> bound_to;  ///< full path of the binding whose value it is; empty = it stands elsewhere
    std::vector<std::vector<std::string>> callers;  ///< what a helper `pkg: pkg.override …` is called with
    bool mixed = false;                             ///< the helper is called with packages of different sources

    const Argument* argument(std::string_view name) const;
    const Setting* setting(std::string_view name) const;
};

/// All chains of .override and .overrideAttrs over a llama.cpp package, in the order of the text.
std::vector<Package> find_packages(const Tree& tree, const Knowledge& knowledge);

/// A place that names a llama.cpp package without changing it: `pkgs.llama-cpp`, `inputs.llama-cpp.packages.x.cuda`.
struct Mention {
    NodeId node = kNone;
    std::vector<std::string> names;
    Source source = Source::nixpkgs;
    bool overridden = false;  ///< it is the base of a Package
};
std::vector<Mention> find_mentions(const Tree& tree, const Knowledge& knowledge);

/// The dotted name of an expression through `let`, with "" for dynamic parts; empty for anything else.
std::vector<std::string> loose_name(const Tree& tree, NodeId id);
/// Adds the parts of an attribute path, all but the last `leave_out`.
void add_names(const Tree& tree, NodeId attr_path, std::size_t leave_out, std::vector<std::string>& names);
/// Is this the name of a llama.cpp package, and whose?
std::optional<Source> package_source(const std::vector<std::string>& names, const Knowledge& knowledge);

/// A name that an overlay of this repository gives its package: judged where that is written, and not here.
bool is_made_here(const std::vector<std::string>& names, const Knowledge& knowledge);

/// Does the text say that what stands here is built for another CPU than x86-64? By the name of a package of a flake,
/// the attributes around it, or what the call of nixosSystem around it says; or x86-64 stands in no file of the
/// repository.
bool is_for_another_cpu(const Tree& tree, NodeId node, const Knowledge& knowledge);

/// Written as true: `true`; as false: `false`; else nullopt.
std::optional<bool> constant_bool(const Tree& tree, NodeId id);

/// Its source is another one than llama.cpp's own, or may be: which options that has is not known here.
bool is_fork(const Package& package, const Knowledge& knowledge);
/// Is this an old name that llama.cpp still maps to the new one, with a warning, where it is on?
bool is_mapped_when_on(std::string_view name);
/// GGML_NATIVE where it is on, by its own name or by the old one; nullptr = it is not.
const Flag* native_on(const Package& package);

/// NIX_ENFORCE_NO_NATIVE is switched off, so that the compiler wrapper lets -march=native pass.
bool native_passes(const Package& package);

/// A GPU backend is switched on, by argument or flag: "cuda", "rocm", "vulkan".
std::vector<std::string> backends_of(const Package& package);
/// The same for what a helper is called with.
std::vector<std::string> backends_of_names(const std::vector<std::string>& names);

/// Does the package of nixpkgs pick its instruction set when it starts? nullopt = depends on a nixpkgs whose date is
/// not known.
std::optional<bool> dispatches(const Package& package, const Knowledge& knowledge);

}  // namespace lf::lint
