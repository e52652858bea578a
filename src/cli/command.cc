// SPDX-License-Identifier: MIT
#include "cli/command.h"

#include <array>

#include "cli/verbs.h"

namespace lf::cli {
namespace {

constexpr std::array kCommon{
    Option{"--json", Takes::nothing, "", "the answer, and errors, as JSON"},
    Option{"--color", Takes::one, "WHEN", "auto, always or never; NO_COLOR is honoured"},
    Option{"--help", Takes::nothing, "", "this text"},
};

constexpr std::array kProbeOptions{
    Option{"--host", Takes::one, "NAME", "what the flake calls this machine (default: this-machine)"},
    Option{"--root", Takes::one, "DIR", "a captured machine instead of this one"},
    Option{"--capture", Takes::one, "DIR", "also write a capture of the machine to DIR, without serial numbers"},
    Option{"--text", Takes::nothing, "", "a summary for people instead of JSON"},
};
constexpr std::array<std::string_view, 3> kProbeExamples{
    "llama-fleet probe --host boron > llama-fleet/facts/boron.json",
    "llama-fleet probe --text",
    "llama-fleet probe --root examples/captures/carbon --host carbon",
};

constexpr std::array kPlanOptions{
    Option{"--why", Takes::optional, "FLAG", "every line with its reason, or the whole story of one flag"},
    Option{"--format", Takes::one, "FORMAT", "text (default), json, cmake or nix"},
    Option{"--overrides", Takes::one, "FILE", "the owner's wishes (default: overrides.json beside the facts folder)"},
    Option{"--host", Takes::many, "NAME", "only this host; without FACTS: the name of this machine"},
    Option{"--root", Takes::one, "DIR", "a captured machine instead of FACTS"},
};
constexpr std::array<std::string_view, 4> kPlanExamples{
    "llama-fleet plan",
    "llama-fleet plan llama-fleet/facts/carbon.json --why GGML_AVX512_VNNI",
    "llama-fleet plan --format cmake",
    "llama-fleet plan .",
};

constexpr std::array kFitOptions{
    Option{"--write", Takes::nothing, "", "write the changes; without it they are only shown"},
    Option{"--git-add", Takes::nothing, "", "with --write: git add the new files (flakes see only what git knows)"},
    Option{"--undo", Takes::nothing, "", "take out again what fit has put in, also where you edited around it"},
    Option{"--update", Takes::nothing, "",
           "plan anew, and edit only what follows from it; what you have taken out since stays out"},
    Option{"--pin", Takes::one, "REV", "also pin the input to a commit (40 digits), a tag (b7779) or a branch"},
    Option{"--host", Takes::many, "NAME", "fit only this host"},
    Option{"--here", Takes::one, "HOST", "this machine is HOST: take its facts now"},
    Option{"--root", Takes::many, "HOST=DIR", "take the facts of HOST from a captured machine"},
    Option{"--facts", Takes::many, "HOST=FILE", "take the facts of HOST from a file made by probe"},
    Option{"--allow-unfree", Takes::nothing, "",
           "where CUDA is planned and not allowed: add a predicate limited to CUDA's licences"},
    Option{"--force", Takes::nothing, "",
           "delete superseded files also when git does not have them; with --undo: take out what can be found, and "
           "delete our files also where you edited them"},
    Option{"--diff", Takes::nothing, "", "show every change in full, new and deleted files too: a patch for git apply"},
    Option{"--prove", Takes::nothing, "",
           "evaluate every host before and after the edit, and write only if nothing else changes"},
    Option{"--no-nix", Takes::nothing, "", "do not ask Nix whether CUDA's licence is allowed"},
    Option{"--stand-ins", Takes::one, "DIR", "evaluate with the stand-in inputs in DIR (no network needed)"},
    Option{"--override-input", Takes::many, "NAME=PATH", "evaluate with this input instead of the flake's"},
};
constexpr std::array<std::string_view, 6> kFitExamples{
    "llama-fleet fit . --here carbon", "llama-fleet fit . --here carbon --write --git-add",
    "llama-fleet fit . --update",      "llama-fleet fit . --pin b7779",
    "llama-fleet fit . --undo",        "llama-fleet fit /etc/nixos --facts boron=/tmp/boron.json --host boron",
};

constexpr std::array kCheckOptions{
    Option{"--host", Takes::many, "NAME", "check only this host"},
    Option{"--stand-ins", Takes::one, "DIR", "evaluate with the stand-in inputs in DIR (no network needed)"},
    Option{"--override-input", Takes::many, "NAME=PATH", "evaluate with this input instead of the flake's"},
    Option{"--details", Takes::nothing, "", "also the variants that are shown, with their derivations"},
    Option{"--time-limit", Takes::one, "SECONDS", "for one evaluation (default 300)"},
    Option{"--lint", Takes::nothing, "", "judge the text of any flake's llama.cpp overlays; evaluates nothing"},
    Option{"--eval", Takes::nothing, "", "with --lint: also ask Nix what every host really gets"},
    Option{"--fix", Takes::nothing, "", "mend what --lint finds, where it is certain; all files or none"},
    Option{"--diff", Takes::nothing, "", "with --fix: only show the changes, as a patch"},
};
constexpr std::array<std::string_view, 4> kCheckExamples{
    "llama-fleet check .",
    "llama-fleet check --lint .",
    "llama-fleet check --fix . --diff",
    "llama-fleet check . --stand-ins examples/stand-ins",
};

constexpr std::array kBenchOptions{
    Option{"--facts", Takes::one, "FILE", "the host's facts (default: this machine's, taken now)"},
    Option{"--repeats", Takes::one, "N", "runs of each candidate, in turn (default 5)"},
    Option{"--time-limit", Takes::one, "SECONDS", "for the measurement (default 100)"},
    Option{"--threads", Takes::one, "N", "threads (default: physical cores)"},
    Option{"--packages", Takes::one, "DIR", "where the llama.cpp packages are unpacked (default: the cache folder)"},
    Option{"--model", Takes::one, "FILE", "a GGUF model (default: a small random one, written to the cache folder)"},
    Option{"--output", Takes::one, "FILE", "write the result as JSON, after every run"},
    Option{"--show", Takes::one, "FILE", "show a result that was written before; measures nothing"},
};
constexpr std::array<std::string_view, 2> kBenchExamples{
    "llama-fleet bench",
    "llama-fleet bench --repeats 9 --output bench.json",
};

constexpr std::array kSyntaxOptions{
    Option{"--tree", Takes::nothing, "", "print the tree in the shape of nix-instantiate --parse (Nix 2.34)"},
    Option{"--variables", Takes::nothing, "",
           "refuse variables that are defined nowhere, as Nix does after parsing; all "
           "builtins are known, fetchTree too, which Nix may have switched off"},
};
constexpr std::array<std::string_view, 1> kSyntaxExamples{"llama-fleet syntax flake.nix --tree"};

constexpr std::array kCommands{
    Command{
        "probe", "", 0, 0, "find out what a machine is: facts as JSON",
        "Reads the CPU's features from CPUID and from what the operating system saves (XCR0), on every CPU of the "
        "machine; cores, NUMA and memory; GPUs from PCI, with no driver and no program of a vendor needed. No serial "
        "numbers, no host name, no time: the same machine gives the same bytes.",
        kProbeOptions, kProbeExamples, run_probe},
    Command{
        "plan", "[FACTS]", 0, 1, "choose variant and build flags for a host, each with its reason",
        "FACTS is a file made by probe, or a folder that holds llama-fleet/facts/*.json. Without it this machine is "
        "probed. A plan is a pure function of facts and the owner's overrides.",
        kPlanOptions, kPlanExamples, run_plan},
    Command{
        "fit", "FLAKE", 1, 1, "the main job: edit a flake so that every host gets its llama.cpp",
        "Takes facts (from FLAKE/llama-fleet/facts, or as the options say), plans, and edits the flake: the input "
        "llama-cpp, the overlay, its registration for every host, the package in every machine's file, the old files "
        "gone. Shows the diff; with --write all files are written or none. A second run finds nothing to do. What "
        "cannot be edited with certainty is not edited: exit code 4, with the text to paste and where.",
        kFitOptions, kFitExamples, run_fit},
    Command{
        "check", "FLAKE", 1, 1, "ask Nix whether the flags reach every derivation",
        "Evaluates every host's selected package and its four variants in one Nix process and judges four layers of "
        "each: "
        "names (the flags are options of the pinned llama.cpp), derivation (cmakeFlags and whatever else reaches the "
        "compiler, against the plan), build (the log of a build made here) and targets (GPU code against the host's "
        "cards). Builds nothing. Evaluating a flake runs its owner's code. With stand-in inputs the words are 'shown "
        "(stand-in inputs)', never 'passed'. With --lint it needs no plan and reads text only: what in a hand-written "
        "overlay is silently lost, does not evaluate or makes it slow.",
        kCheckOptions, kCheckExamples, run_check},
    Command{
        "bench", "", 0, 0, "measure the official default against the plan, on this machine",
        "Runs Debian's real llama-bench on a small random model with the CPU code of the official flake's default "
        "(plain x86-64) and with the variant that the plan names, in turn, prompt and generation apart. Its packages "
        "are unpacked beside the machine's own; nothing is installed.",
        kBenchOptions, kBenchExamples, run_bench},
    Command{
        "syntax", "FILE…", 1, 100'000, "parse Nix files and check that every byte comes back",
        "For developers and second opinions: exit code 0 when every file parses and its tokens equal the file, 3 when "
        "one does not (the others are looked at all the same). A folder means its default.nix, '-' means stdin, as "
        "for nix-instantiate. Pipe operators are taken as by a Nix that has them switched on.",
        kSyntaxOptions, kSyntaxExamples, run_syntax},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

std::span<const Option> common_options() { return kCommon; }

}  // namespace lf::cli
