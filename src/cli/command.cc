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
    Option{"--cpuid", Takes::one, "FILE",
           "a dump of CPUID instead of a machine: of `cpuid -r`, AIDA64, InstLatx64 or libcpuid, or a .cpuid file"},
    Option{"--facter", Takes::one, "FILE", "a report of nixos-facter (facter.json) instead of this machine"},
    Option{
        "--ssh", Takes::many, "DEST",
        "a remote Linux machine instead, by your own ssh, nothing installed there; NAME=DEST gives it a name; several "
        "machines give one line of JSON each, in their order (or files: --output)"},
    Option{"--send-binary", Takes::optional, "PATH",
           "with --ssh: send a static program (or the one for the machine in folder PATH) instead of a shell script"},
    Option{"--jobs", Takes::one, "N", "with --ssh: so many machines at a time (default: 16)"},
    Option{"--timeout", Takes::one, "SECONDS", "with --ssh: for each machine (default: 60)"},
    Option{"--output", Takes::one, "DIR", "write DIR/HOST.json instead, without the environment: facts for a flake"},
    Option{"--capture", Takes::one, "DIR",
           "also write a capture, without serial numbers and the like; with --ssh to DIR/HOST; not with --minimal"},
    Option{"--minimal", Takes::nothing, "", "only what a plan reads: no model of the CPU, no environment, no notes"},
    Option{"--text", Takes::nothing, "", "a summary for people instead of JSON"},
    Option{"--no-driver-libraries", Takes::nothing, "", "do not ask NVML and Vulkan: no process is started at all"},
};
constexpr std::array<std::string_view, 5> kProbeExamples{
    "llama-fleet probe --host boron --output llama-fleet/facts",
    "llama-fleet probe --text",
    "llama-fleet probe --root examples/captures/carbon --host carbon",
    "llama-fleet probe --facter hosts/carbon/facter.json --host carbon",
    "llama-fleet probe --ssh root@boron --ssh carbon --output llama-fleet/facts",
};

constexpr std::array kPlanOptions{
    Option{"--why", Takes::optional, "FLAG", "every line with its reason, or the whole story of one flag"},
    Option{"--format", Takes::one, "FORMAT", "text (default), json, cmake or nix"},
    Option{"--overrides", Takes::one, "FILE", "the owner's wishes (default: overrides.json beside the facts folder)"},
    Option{"--measured", Takes::one, "FILE",
           "a result of bench --choose (default: bench/HOST.json beside the facts folder)"},
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
    Option{"--host", Takes::many_or_none, "NAME",
           "check only this host; alone, or without FLAKE: what on this very machine keeps its variant from working"},
    Option{"--root", Takes::one, "DIR", "with --host: a captured machine instead of this one"},
    Option{"--stand-ins", Takes::one, "DIR", "evaluate with the stand-in inputs in DIR (no network needed)"},
    Option{"--override-input", Takes::many, "NAME=PATH", "evaluate with this input instead of the flake's"},
    Option{"--details", Takes::nothing, "", "also the variants that are shown, with their derivations"},
    Option{"--time-limit", Takes::one, "SECONDS", "for one evaluation (default 300)"},
    Option{"--lint", Takes::nothing, "", "judge the text of any flake's llama.cpp overlays; evaluates nothing"},
    Option{"--eval", Takes::nothing, "", "with --lint: also ask Nix what every host really gets"},
    Option{"--fix", Takes::nothing, "", "mend what --lint finds, where it is certain; all files or none"},
    Option{"--diff", Takes::nothing, "", "with --fix: only show the changes, as a patch"},
};
constexpr std::array<std::string_view, 5> kCheckExamples{
    "llama-fleet check .",
    "llama-fleet check --host",
    "llama-fleet check --lint .",
    "llama-fleet check --fix . --diff",
    "llama-fleet check . --stand-ins examples/stand-ins",
};

constexpr std::array kAuditOptions{
    Option{"--facts", Takes::many, "FILE",
           "for these machines: a file made by probe, a folder of them, or a flake's root (default: this machine, "
           "probed now)"},
    Option{"--host", Takes::many, "NAME", "only this host; without --facts: the name of this machine"},
    Option{"--root", Takes::one, "DIR", "for a captured machine instead"},
    Option{"--functions", Takes::nothing, "",
           "also every function, and of each file every set: ranges, counts, first addresses"},
    Option{"--flake", Takes::one, "FLAKE",
           "instead of PATH: what each host of a flake really gets, where the store has it; nothing is built"},
    Option{"--stand-ins", Takes::one, "DIR", "with --flake: evaluate with the stand-in inputs in DIR"},
    Option{"--override-input", Takes::many, "NAME=PATH", "with --flake: evaluate with this input instead"},
    Option{"--time-limit", Takes::one, "SECONDS", "with --flake: for one evaluation (default 300)"},
};
constexpr std::array<std::string_view, 4> kAuditExamples{
    "llama-fleet audit /usr/lib/x86_64-linux-gnu/ggml",
    "llama-fleet audit result/ --facts .",
    "llama-fleet audit result/lib/libggml-cpu.so --functions --json",
    "llama-fleet audit --flake .",
};

constexpr std::array kBenchOptions{
    Option{"--choose", Takes::nothing, "",
           "search for the fastest CPU variant, device, threads, ubatch and flash attention"},
    Option{"--goal", Takes::one, "GOAL", "what shall be fast: pp=0.3,tg=0.7, or pp, or tg (default: both alike)"},
    Option{"--memory-ceiling", Takes::one, "MIB", "with --choose: leave out what needs more memory"},
    Option{"--flake", Takes::one, "FLAKE",
           "write the result to FLAKE/llama-fleet/bench/HOST.json, where the plan reads it"},
    Option{"--host", Takes::one, "NAME", "what the flake calls this machine (default: this-machine)"},
    Option{"--facts", Takes::one, "FILE", "the host's facts (default: this machine's, taken now)"},
    Option{"--build", Takes::many, "[NAME=]BUILD",
           "an installed llama.cpp: a folder, a store path, a program, or a flake attribute such as "
           ".#nixosConfigurations.carbon.pkgs.llama-cpp-cpu, "
           "which is built (default: Debian's, unpacked in the cache folder)"},
    Option{"--candidate", Takes::many, "KEY=VALUE,…",
           "variant, device, threads, ubatch, flash-attention, build and name; the first is the one compared with"},
    Option{"--all-variants", Takes::nothing, "", "every CPU variant of the build, against run-time dispatch"},
    Option{"--backends", Takes::one, "LIST", "of Debian's packages: also vulkan, blas, rpc or hip"},
    Option{"--model", Takes::one, "MODEL",
           "a GGUF file, or synthetic:SHAPE[:QUANT] with random weights (default: synthetic:0.3B:Q4_K_M)"},
    Option{"--prompt", Takes::one, "N", "tokens of the prompt (default 128); 0: not measured"},
    Option{"--generate", Takes::one, "N", "tokens that are generated (default 32); 0: not measured"},
    Option{"--depth", Takes::one, "LIST", "tokens of context before the tests, as 0,4096 (default 0)"},
    Option{"--threads", Takes::one, "N", "threads of every candidate that names none (default: llama.cpp's own)"},
    Option{"--time-limit", Takes::one, "SECONDS", "for the measurement at most (default 180)"},
    Option{"--repeats", Takes::one, "N", "rounds at most (default: as many as the answer needs)"},
    Option{"--seed", Takes::one, "N", "of the random order of runs (default 1)"},
    Option{"--resume", Takes::nothing, "", "go on with a measurement that was broken off"},
    Option{"--packages", Takes::one, "DIR", "where Debian's packages are unpacked (default: the cache folder)"},
    Option{"--output", Takes::one, "FILE", "where the result is written, after every run (default: the cache folder)"},
    Option{"--show", Takes::one, "FILE", "show a result that was written before; measures nothing"},
    Option{"--inspect", Takes::one, "FILE", "show what a GGUF file is; measures nothing"},
};
constexpr std::array<std::string_view, 6> kBenchExamples{
    "llama-fleet bench",
    "llama-fleet bench --all-variants --time-limit 60",
    "llama-fleet bench --choose --goal tg --flake . --host carbon",
    "llama-fleet bench --build old=/old/llama-cpp --build new=/new/llama-cpp",
    "llama-fleet bench --candidate variant=haswell --candidate variant=zen4",
    "llama-fleet bench --inspect model.gguf",
};

constexpr std::array kReportOptions{
    Option{"--host", Takes::many, "NAME", "show only this host"},
    Option{"--check", Takes::one, "FILE", "also show what `llama-fleet check --json` printed"},
    Option{"--audit", Takes::many, "FILE", "also show what `llama-fleet audit --json` printed"},
    Option{"--format", Takes::one, "FORMAT",
           "text, html, markdown or json (default: by the ending of --output: .html, .md, .json; else text)"},
    Option{"--output", Takes::one, "FILE", "write the report to FILE, whole or not at all"},
};
constexpr std::array<std::string_view, 3> kReportExamples{
    "llama-fleet report",
    "llama-fleet report . --output report.html",
    "llama-fleet report . --check check.json --format markdown",
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
        "probed. A plan is a pure function of facts, what was "
        "measured (bench --choose) and the owner's overrides.",
        kPlanOptions, kPlanExamples, run_plan},
    Command{
        "fit", "FLAKE", 1, 1, "the main job: edit a flake so that every host gets its llama.cpp",
        "Takes facts (from FLAKE/llama-fleet/facts, or as the options say), plans, and edits the flake: the input "
        "llama-cpp, the overlay, its registration for every host, the package in every machine's file, the old files "
        "gone. Shows the diff; with --write all files are written or none. A second run finds nothing to do. What "
        "cannot be edited with certainty is not edited: exit code 4, with the text to paste and where.",
        kFitOptions, kFitExamples, run_fit},
    Command{
        "check", "[FLAKE]", 0, 1, "ask Nix whether the flags reach every derivation",
        "Evaluates every host's selected package and its four variants in one Nix process and judges five layers of "
        "each: "
        "names (the flags are options of the pinned llama.cpp), derivation (cmakeFlags and whatever else reaches the "
        "compiler, against the plan), build (the log of a build made here), targets (GPU code against the host's "
        "cards) and binary (what is inside a finished build, if the store has it). Builds nothing. Evaluating a flake "
        "runs its owner's code. With stand-in inputs the words are 'shown "
        "(stand-in inputs)', never 'passed'. With --lint it needs no plan and reads text only: what in a hand-written "
        "overlay is silently lost, does not evaluate or makes it slow. With --host and without FLAKE it asks no Nix "
        "but this machine: drivers, device files, groups, libraries, the service's sandbox, the CPU of today. The plan "
        "is that of the flake around, else one made now.",
        kCheckOptions, kCheckExamples, run_check},
    Command{
        "audit", "[PATH…]", 0, 100'000, "look into built files: what they hold, where they would crash",
        "PATH is an ELF file, a folder or a store path. Decodes all x86-64 machine code, follows what the loader and "
        "ggml call, and says for each machine: runs; would crash, with file, function, address, instruction and the "
        "feature that the CPU lacks; or cannot tell, and why. Code behind a check of the CPU is no crash where the "
        "check keeps this machine out. Says too what a machine leaves unused, and for which GPUs there is machine "
        "code. Runs nothing of what it reads. Exit code 0: runs on every machine, 1: it would crash on one or its "
        "card is not covered, 3: it cannot be told, or a file cannot be read.",
        kAuditOptions, kAuditExamples, run_audit},
    Command{
        "bench", "", 0, 0, "measure which llama.cpp is the fastest on this machine",
        "Runs llama-bench of the candidates in turn, in random order, prompts and generation apart, until their "
        "intervals "
        "tell them apart or the time is used up. Without options: the CPU code of the official flake's default (plain "
        "x86-64), run-time dispatch and what the plan names, of Debian's packages, which are unpacked beside the "
        "machine's own, on a model of random weights; nothing is installed or downloaded but these packages. With "
        "--choose it searches, and what it finds becomes a part of the plan. Every run is written down at once; "
        "a candidate that cannot run here is a finding, not an error.",
        kBenchOptions, kBenchExamples, run_bench},
    Command{
        "report", "[FLAKE]", 0, 1, "show the whole fleet: what was chosen and why, what was measured",
        "Reads llama-fleet/facts, llama-fleet/plan and llama-fleet/bench in FLAKE (default: here) and evaluates "
        "nothing. The HTML page needs no network and no script, prints, and has its own data as JSON inside. A file "
        "that cannot be read is shown with its host, hides nothing else, and makes the exit code 3.",
        kReportOptions, kReportExamples, run_report},
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
