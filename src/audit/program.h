// SPDX-License-Identifier: MIT
/// \file
/// \brief The code of one file as a graph: which instruction sets each function uses, what leads where, and which CPU
/// features must have been seen on the way.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "elf/image.h"
#include "facts/machine.h"
#include "x86/isa.h"

namespace lf::audit {

struct IsaUse {
    x86::IsaId isa = 0;
    std::uint64_t count = 0;
    std::uint64_t first = 0;  ///< address
};

/// A bit of the CPU's answer that a branch depends on.
struct Guard {
    std::string feature;   ///< "avx2"; "" = something that depends on the CPU, and we cannot tell what
    bool present = true;   ///< the way is taken where the CPU has it (else: where it lacks it)
    std::uint64_t at = 0;  ///< of the instruction that decides
};

/// How one node comes to another.
enum class EdgeKind : std::uint8_t {
    flow,           ///< within a function, by branch or fall-through
    call,           ///< direct call or tail call
    address_taken,  ///< somebody holds its address: it may be called from anywhere later
    ifunc,          ///< a resolver gives its address to the loader
};

struct Edge {
    std::uint32_t to = 0;
    EdgeKind kind = EdgeKind::flow;
    std::uint32_t guards = 0;  ///< index into Program::guard_sets; 0 = none
};

/// A whole function, or (where branches depend on the CPU) a basic block of one.
struct Node {
    std::uint64_t start = 0, end = 0;
    std::uint32_t function = 0;  ///< index into Program::functions
    std::vector<IsaUse> uses;    ///< beyond the baseline only
    std::vector<Edge> edges;
    bool entry = false;  ///< of its function
};

struct FunctionUse {
    elf::Function range;
    std::uint64_t instructions = 0;
    std::uint64_t undecodable = 0;  ///< places, counted once a run of bytes
    std::uint64_t first_undecodable = 0;
    std::vector<IsaUse> uses;  ///< all sets, the baseline too, by count
};

/// Every byte of the executable sections is of exactly one kind.
struct ByteTable {
    std::uint64_t eh_frame = 0;  ///< decoded within ranges of .eh_frame
    std::uint64_t symbol = 0;    ///< within ranges of symbols only
    std::uint64_t sweep = 0;     ///< neither: decoded in sequence, may be data
    std::uint64_t plt = 0;       ///< stubs
    std::uint64_t padding = 0;   ///< NOP, INT3 and zero bytes between functions
    std::uint64_t unknown = 0;   ///< bytes that do not decode
    std::uint64_t total = 0;     ///< of the executable sections; the others sum to it
};

struct Root {
    enum class Kind : std::uint8_t { load, ggml_score, ggml_init, exported };
    Kind kind = Kind::load;
    std::uint32_t node = 0;
    std::string what;         ///< "init_array[2]", "main"; of an exported function its name
    bool everything = false;  ///< an executable's entry: functions whose address is taken on the way run too
};

/// An UD2 that a check of the CPU leads to straight away: the program stops itself where the CPU lacks something.
struct OwnStop {
    std::uint32_t node = 0;
    std::uint64_t at = 0;
    std::vector<std::string> wants;  ///< features
};

struct Program {
    std::vector<FunctionUse> functions;
    std::vector<Node> nodes;
    std::vector<Root> roots;
    std::vector<OwnStop> own_stops;
    std::vector<std::vector<Guard>> guard_sets;  ///< [0] is empty; all of a set hold together
    std::vector<IsaUse> uses;                    ///< of the whole file, by count; sweep ranges not counted
    std::vector<IsaUse> sweep_uses;              ///< what the sweep ranges seem to hold
    ByteTable bytes;
    std::uint64_t instructions = 0;
    std::uint64_t undecodable = 0, first_undecodable = 0;
    std::vector<std::string> notes;
    bool asks_libgcc = false;  ///< __builtin_cpu_supports, target_clones
};

/// Decodes all code of an x86-64 image and draws the graph.
Program analyse(const elf::Image& image);

/// How a node can be come to on a CPU with these features.
enum class Reach : std::uint8_t { no, guarded_unproved, yes };

/// From which kind of root.
enum class Stage : std::uint8_t {
    load,   ///< loading: constructors, IFUNC resolvers, an executable's entry and all that follows from it
    score,  ///< ggml_backend_score
    init,   ///< ggml_backend_init, and what the registration of ggml calls then
    use,    ///< exported functions, and functions whose address was taken
};
inline constexpr Stage kStages[] = {Stage::load, Stage::score, Stage::init, Stage::use};

/// An instruction that a CPU without `features` cannot run as meant.
struct Fault {
    std::uint64_t address = 0;
    x86::IsaId isa = 0;
    std::uint32_t function = 0;
    std::vector<std::string> lacking;  ///< features that it needs and the CPU lacks
    bool wrong_result = false;         ///< runs, as something else (LZCNT)
    bool own_check = false;            ///< an OwnStop: it wants `lacking`
    Reach reach = Reach::yes;
    std::vector<std::uint32_t> path;  ///< functions from a root to this one
    std::vector<Guard> unproved;      ///< why not sure: the guards that were not understood
};

struct StageResult {
    std::vector<Fault> faults;    ///< one for each function and ISA set, surest first, then by address
    std::uint64_t functions = 0;  ///< that can be come to
};

/// Where checks of the CPU may find something else than what facts say is usable.
struct Unsure {
    /// The CPU has AVX and the system does not save its state: CPUID shows it, and code that does not ask for OSXSAVE
    /// believes it.
    bool saved_state = false;
    /// A vendor that libgcc's __cpu_indicator_init does not know: __builtin_cpu_supports says no to everything, in some
    /// versions of it.
    bool libgcc = false;
};

Unsure unsure_of(const facts::Cpu& cpu);

/// For one CPU. `features` as facts::Cpu::features. `exports`: of Stage::use only what begins at exported functions of
/// these names; nullptr = all.
std::array<StageResult, 4> reach(const Program& program, const facts::FeatureSet& features,
                                 const std::set<std::string>* exports = nullptr, const Unsure& unsure = {});

}  // namespace lf::audit
