// SPDX-License-Identifier: MIT
/// \file
/// \brief What is really inside built files, and what that means for each host.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/program.h"
#include "base/error.h"
#include "facts/machine.h"
#include "gpucode/gpu_code.h"
#include "plan/plan.h"

namespace lf::audit {

/// What leads to code beyond the baseline, on a CPU that has nothing but the baseline. The first that holds.
enum class Level : std::uint8_t {
    baseline,  ///< it has no such code, or only such as old CPUs run all the same
    load,      ///< the stages of program.h
    score,
    init,
    use,
    unproved,     ///< behind a check that was not understood
    guarded,      ///< only behind a check of the CPU
    not_reached,  ///< nothing that we see leads to it
};

/// Bytes of code kept from a file that is closed by now: as many as an instruction can have.
struct CodeHead {
    std::uint64_t address = 0;
    std::array<std::uint8_t, 15> bytes = {};
    std::uint8_t size = 0;  ///< fewer than 15 only at the end of what the file holds
};

/// A section of code in a relocatable file. Addresses are offsets in the file there; objdump counts from 0 in each.
struct CodeSection {
    std::string name;
    std::uint64_t start = 0, size = 0;
};

/// Does a file hold ggml's kernels for the CPU, and how is that known?
enum class GgmlKernels : std::uint8_t { none, by_name, by_symbols, by_strings };

/// One file. `examined` false: why_not says why; everything else may be empty.
struct FileAudit {
    std::string path;     ///< as found: "lib/libggml-cpu.so"
    std::string machine;  ///< "x86-64", "aarch64"; "" = no ELF file
    std::string kind;     ///< "executable", "shared library", "relocatable", "core", "ELF type 7", "GPU code"; "ELF
                          ///< file" where no more than its header was read: 32 bits, big-endian; "" = not known
    std::string soname, build_id;
    std::vector<std::string> needed;
    std::vector<std::string> imports;  ///< names that other files have to define, sorted
    bool examined = false;
    bool debug_only = false;     ///< the code was taken out (-dbgsym packages, objcopy --only-keep-debug)
    std::string why_not;         ///< "aarch64 code is not examined by this version"
    std::optional<Error> error;  ///< it could not be read
    Program program;
    gpucode::GpuCode gpu;
    std::optional<std::string> ggml_variant;     ///< "zen4" of libggml-cpu-zen4.so; "" of libggml-cpu.so; "cuda"…
    bool ggml_score = false, ggml_init = false;  ///< exports ggml_backend_score, ggml_backend_init
    bool ggml_cpu = false;                       ///< it is a backend for the CPU, by its name: ggml_variant is a CPU's
    GgmlKernels ggml_kernels = GgmlKernels::none;
    std::uint64_t size = 0;
    std::vector<Level> levels;                 ///< of program.functions; empty = not computed
    std::vector<CodeHead> heads;               ///< of the first instruction of each set in each node, by address
    std::vector<CodeSection> code_sections;    ///< of a relocatable file
    std::shared_ptr<const std::string> names;  ///< what the names of program.functions point into
};

/// What was given: a file, or a folder (a store path) with all its files of code, as find_files finds them, each once.
struct BuildAudit {
    std::string path;
    bool folder = false;           ///< paths of files stand below `path`; else there is one file, which `path` is
    std::vector<FileAudit> files;  ///< by path
    std::vector<std::string> notes;
    std::uint64_t bytes = 0;
    double seconds = 0;
};

enum class Outcome : std::uint8_t {
    runs,
    crashes,      ///< SIGILL, on a way that no check of the CPU closes
    wrong,        ///< runs an instruction as another one
    cannot_tell,  ///< why tells
    not_loaded,   ///< ggml takes another library; of a host: nothing of it starts there, or ggml finds no library
};

struct StageVerdict {
    Stage stage = Stage::load;
    Outcome outcome = Outcome::runs;
    std::optional<Fault> fault;  ///< the first
    std::uint64_t faults = 0;
    std::string why;                ///< one sentence; "" where it runs
    std::string instruction_bytes;  ///< of the fault: "62 f1 75 48 fe c2"
    std::string instruction;        ///< "vpaddd zmm0, zmm1, zmm2"; "" where nothing can write it
};

struct Unused {
    std::string what;  ///< "avx512", "amx", "avx2"
    std::string text;  ///< "the host has AVX-512; the kernels of libggml-cpu.so stop at AVX2"
};

/// Of a library beside llama.cpp's own (libc, libcrypto): what its exports need and the CPU lacks, where nobody in the
/// build is known to call them.
struct Uncalled {
    std::uint64_t functions = 0;       ///< with such an instruction that no check of the CPU in the library guards
    std::uint64_t doubtful = 0;        ///< behind a check that was not understood
    std::vector<std::string> lacking;  ///< features, by name
};

struct FileVerdict {
    std::size_t file = 0;              ///< index into BuildAudit::files
    Outcome outcome = Outcome::runs;   ///< of the stages that this host comes to
    std::string why = {};              ///< one sentence; "" where it runs
    std::vector<StageVerdict> stages;  ///< all four, also those that it does not come to; none where not examined
    std::optional<int> score;          ///< of a ggml CPU library on this host, as ggml would compute it; 0 = not taken
    bool chosen = false;               ///< the one of its set that ggml loads here
    std::optional<Uncalled> uncalled = {};  ///< Stage::use does not decide here
    /// What `why` tells of, at most one of the two: the fault of a stage, or the first place that nothing decodes.
    std::optional<Stage> decided_by = {};
    std::optional<std::uint64_t> undecodable = {};
};

struct CardVerdict {
    std::string card;     ///< "0000:01:00.0 GA107M [GeForce RTX 3050 Mobile] (8.6)"
    std::string backend;  ///< "cuda", "rocm", "vulkan"
    gpucode::Fit fit = gpucode::Fit::no;
    bool known = true;  ///< false: the facts do not say what the card is, or code is damaged; text tells
    std::string by;     ///< "sm_86", "compute_75", "gfx1100"
    std::string text;
};

struct HostVerdict {
    std::string host;
    Outcome outcome = Outcome::runs;
    std::string why;
    std::vector<FileVerdict> files;
    std::vector<Unused> unused;
    std::vector<CardVerdict> cards;
    std::uint64_t idle_gpu_bytes = 0;  ///< of code that no card of the hosts asked about takes
    std::vector<std::string> notes;
};

/// What each host gets, and what that means there.
struct Report {
    std::vector<BuildAudit> builds;
    struct Host {
        std::string name;
        std::size_t build = 0;  ///< which of `builds` it gets
        HostVerdict verdict;
    };
    std::vector<Host> hosts;
    std::vector<Error> problems;
};

/// `follow_store`: also links into other store paths of llama.cpp's, as find_files does.
/// Errors: those of find_files ("audit-missing", "audit-empty"…), "interrupted" (asked between files); of a path that
/// is one file also what keeps it from being read: those of MappedFile::open and of elf::parse, "audit-memory",
/// "file-changed".
Result<BuildAudit> audit_path(const std::string& path, bool follow_store = true);

/// Of one build on one host; `idle_gpu_bytes` counts what none of this host's cards takes.
HostVerdict judge(const BuildAudit& build, const facts::Machine& machine);

/// Bytes of GPU code in the file that no card of these machines takes: for each card the best target counts as taken. 0
/// where the build has none; nullopt where what cards there are is not known.
std::optional<std::uint64_t> idle_gpu_bytes(const BuildAudit& build, std::span<const facts::Machine* const> machines);

/// Counts idle_gpu_bytes of every host anew, over all hosts with the same build: what none of them takes. `machines` by
/// the names of the report's hosts; where a host has no machine here, or its cards are not known, nothing is idle.
void share_idle_gpu_bytes(Report& report, const std::map<std::string, facts::Machine>& machines);

/// The worse of two for a person who wants to run something.
Outcome worse(Outcome a, Outcome b);

}  // namespace lf::audit
