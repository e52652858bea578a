// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "audit/program.h"
#include "facts/feature_words.h"
#include "facts/x86_features.h"
#include "plan/cpu_variants.h"
#include "x86/isa.h"

namespace lf::audit {
namespace {

constexpr std::uint32_t kNoNode = 0xffffffff;

// Every x86-64 CPU has these (psABI 3.1.1, "baseline"), whether or not somebody lists them.
facts::FeatureSet with_baseline(facts::FeatureSet features) {
    features.insert({"cmov", "cx8", "fpu", "fxsr", "mmx", "sse", "sse2", "syscall", "lm"});
    return features;
}

/// What a set of guards means on this CPU.
enum class Way : std::uint8_t { closed, unproved, open };

/// May a check find the feature where it cannot be used, or not find it where it can?
bool is_unsure(const Program& program, const Guard& guard, bool has, const Unsure& unsure) {
    if (has) return unsure.libgcc && program.asks_libgcc;
    const facts::X86Feature* feature = facts::find_x86_feature(guard.feature);
    return unsure.saved_state && feature != nullptr && feature->state > facts::SavedState::xsave;
}

std::vector<Way> decide(const Program& program, const facts::FeatureSet& features, const Unsure& unsure) {
    std::vector<Way> out;
    out.reserve(program.guard_sets.size());
    for (const std::vector<Guard>& set : program.guard_sets) {
        Way way = Way::open;
        for (const Guard& guard : set) {
            const bool has = features.contains(guard.feature);
            if (guard.feature.empty() || is_unsure(program, guard, has, unsure)) way = std::min(way, Way::unproved);
            else if (has != guard.present) way = Way::closed;
        }
        out.push_back(way);
    }
    return out;
}

/// What this CPU does with each instruction set.
struct Lack {
    bool any = false;
    bool proved = true;  ///< false: facts do not say whether it has the set
    bool wrong_result = false;
    std::vector<std::string> features;
};

std::vector<std::string> lacking(const facts::FeatureSet& features, std::string_view needs) {
    const auto missing = facts::lacking(features, plan::words(needs));
    return {missing.begin(), missing.end()};
}

/// Of a set whose own feature facts do not record: what else the CPU has may tell.
void weigh_unrecorded(const x86::IsaSet& set, const facts::FeatureSet& features, Lack& lack) {
    const auto sure = plan::words(set.sure);
    const bool there = facts::lacking(features, sure).size() < sure.size();
    std::erase_if(lack.features, [&](const std::string& name) {
        const facts::X86Feature* feature = facts::find_x86_feature(name);
        return there && (feature == nullptr || feature->system);
    });
    const bool others = std::any_of(lack.features.begin(), lack.features.end(), [](const std::string& name) {
        const facts::X86Feature* feature = facts::find_x86_feature(name);
        return feature != nullptr && !feature->system;
    });
    lack.proved = others || !facts::has_all(features, set.only);
}

std::vector<Lack> lacks_of(const facts::FeatureSet& features) {
    std::vector<Lack> out;
    out.reserve(x86::isa_sets().size());
    for (const x86::IsaSet& set : x86::isa_sets()) {
        Lack lack;
        if (x86::can_fault(static_cast<x86::IsaId>(out.size()))) lack.features = lacking(features, set.features);
        if (!set.recorded) weigh_unrecorded(set, features, lack);
        lack.any = !lack.features.empty();
        lack.wrong_result = set.without == x86::OnOldCpu::differs;
        out.push_back(std::move(lack));
    }
    return out;
}

/// The search of one stage: first what is surely reached, then what may be.
class Search {
  public:
    Search(const Program& program, const std::vector<Way>& ways)
        : program_(program),
          ways_(ways),
          reach_(program.nodes.size(), Reach::no),
          from_(program.nodes.size(), kNoNode),
          by_(program.nodes.size(), 0),
          everything_(program.nodes.size(), false) {}

    void run(const std::vector<const Root*>& roots, bool all) {
        for (const Root* root : roots)
            if (root->node < reach_.size()) come(root->node, Reach::yes, kNoNode, 0, all || root->everything);
        spread(Reach::yes);
        std::vector<std::uint32_t> sure = seen_;
        for (const std::uint32_t node : sure) spread_from(node, Reach::guarded_unproved);
        spread(Reach::guarded_unproved);
    }

    Reach reach(std::uint32_t node) const { return reach_[node]; }
    const std::vector<std::uint32_t>& seen() const { return seen_; }

    void trace(std::uint32_t node, Fault& fault) const {
        for (std::uint32_t at = node; at != kNoNode; at = from_[at]) {
            const std::uint32_t function = program_.nodes[at].function;
            if (fault.path.empty() || fault.path.back() != function) fault.path.push_back(function);
            if (ways_[by_[at]] != Way::unproved) continue;
            for (const Guard& guard : program_.guard_sets[by_[at]])
                if (guard.feature.empty()) fault.unproved.push_back(guard);
        }
        std::reverse(fault.path.begin(), fault.path.end());
        std::reverse(fault.unproved.begin(), fault.unproved.end());
    }

  private:
    // A node is come to again where now the addresses it takes count as well.
    void come(std::uint32_t node, Reach reach, std::uint32_t from, std::uint32_t by, bool everything) {
        const bool fresh = reach_[node] == Reach::no;
        if (!fresh && (!everything || everything_[node])) return;
        if (fresh) {
            reach_[node] = reach;
            from_[node] = from;
            by_[node] = by;
            seen_.push_back(node);
        }
        everything_[node] = everything_[node] || everything;
        todo_.push_back(node);
    }

    void spread_from(std::uint32_t node, Reach reach) {
        for (const Edge& edge : program_.nodes[node].edges) {
            if (edge.to >= reach_.size() || edge.guards >= ways_.size()) continue;
            if (edge.kind == EdgeKind::address_taken && !everything_[node]) continue;
            const Way way = ways_[edge.guards];
            if (way == Way::closed || (way == Way::unproved && reach == Reach::yes)) continue;
            come(edge.to, reach, node, edge.guards, everything_[node]);
        }
    }

    void spread(Reach reach) {
        for (std::size_t at = 0; at < todo_.size(); ++at) spread_from(todo_[at], reach);
        todo_.clear();
    }

    const Program& program_;
    const std::vector<Way>& ways_;
    std::vector<Reach> reach_;
    std::vector<std::uint32_t> from_, by_;
    std::vector<bool> everything_;
    std::vector<std::uint32_t> seen_, todo_;
};

Stage stage_of(Root::Kind kind) {
    switch (kind) {
        case Root::Kind::load: return Stage::load;
        case Root::Kind::ggml_score: return Stage::score;
        case Root::Kind::ggml_init: return Stage::init;
        case Root::Kind::exported: break;
    }
    return Stage::use;
}

bool runs_everything(const Root* root) { return root->everything; }

/// Where a stage begins. Who uses a library calls also what its constructors gave away: pointers that they chose,
/// objects that they registered.
std::vector<const Root*> roots_of(const Program& program, Stage stage) {
    std::vector<const Root*> out;
    bool used = false;
    for (const Root& root : program.roots) used |= stage_of(root.kind) == Stage::use;
    for (const Root& root : program.roots) {
        const Stage its = stage_of(root.kind);
        if (its == stage || (used && stage == Stage::use && its == Stage::load)) out.push_back(&root);
    }
    return out;
}

/// Leaves out exports of other names; and what the resolvers of such names chose, which the loader hands to nobody but
/// those who import them. (Calls of the library's own lead there by themselves.)
void drop_uncalled(const Program& program, const std::set<std::string>& exports, std::vector<const Root*>& roots) {
    std::set<std::uint32_t> called, others;  // functions
    for (const Root& root : program.roots)
        if (root.kind == Root::Kind::exported)
            (exports.contains(root.what) ? called : others).insert(program.nodes[root.node].function);
    std::erase_if(roots, [&](const Root* root) {
        if (root->kind == Root::Kind::exported) return !exports.contains(root->what);
        const std::uint32_t function = program.nodes[root->node].function;
        return root->what.starts_with("IFUNC") && others.contains(function) && !called.contains(function);
    });
}

bool certain_range(const Program& program, std::uint32_t function) {
    return function < program.functions.size() && program.functions[function].range.source != elf::RangeSource::sweep;
}

// Bytes that neither frames nor symbols cover, in a file that has frames.
bool may_be_data(const Program& program, std::uint32_t function) {
    return program.bytes.eh_frame != 0 && !certain_range(program, function);
}

/// Faults by function and instruction set: the surest way to each, and of those the first address.
class Collector {
  public:
    Collector(const Program& program, const std::vector<Lack>& lacks) : program_(program), lacks_(lacks) {}

    void look(std::uint32_t node, Reach reach) {
        for (const IsaUse& use : program_.nodes[node].uses) {
            const bool unknown = use.isa == x86::kUnknownIsa || use.isa >= lacks_.size();
            if (unknown && !certain_range(program_, program_.nodes[node].function)) continue;
            if (!unknown && !lacks_[use.isa].any) continue;
            const bool doubtful =
                unknown || !lacks_[use.isa].proved || may_be_data(program_, program_.nodes[node].function);
            const Reach sure = doubtful ? Reach::guarded_unproved : reach;
            Found& best = found_[{program_.nodes[node].function, use.isa}];
            if (best.node != kNoNode && (best.reach > sure || (best.reach == sure && best.address <= use.first)))
                continue;
            best = {node, sure, use.first};
        }
    }

    std::vector<Fault> take(const Search& search) const {
        std::vector<Fault> out;
        out.reserve(found_.size());
        for (const auto& [key, best] : found_) {
            Fault fault;
            fault.address = best.address;
            fault.isa = key.second;
            fault.function = key.first;
            fault.reach = best.reach;
            if (key.second < lacks_.size()) {
                fault.lacking = lacks_[key.second].features;
                fault.wrong_result = lacks_[key.second].wrong_result;
            }
            search.trace(best.node, fault);
            out.push_back(std::move(fault));
        }
        std::stable_sort(out.begin(), out.end(), [](const Fault& a, const Fault& b) {
            return a.reach != b.reach ? a.reach > b.reach : a.address < b.address;
        });
        return out;
    }

  private:
    struct Found {
        std::uint32_t node = kNoNode;
        Reach reach = Reach::no;
        std::uint64_t address = 0;
    };
    const Program& program_;
    const std::vector<Lack>& lacks_;
    std::map<std::pair<std::uint32_t, x86::IsaId>, Found> found_;
};

}  // namespace

namespace {

/// Where the program stops itself, which its own checks of the CPU decide.
void add_own_stops(const Program& program, const Search& search, const facts::FeatureSet& has,
                   std::vector<Fault>& faults) {
    for (const OwnStop& stop : program.own_stops) {
        if (search.reach(stop.node) == Reach::no) continue;
        Fault fault;
        fault.address = stop.at;
        fault.function = program.nodes[stop.node].function;
        fault.own_check = true;
        fault.reach = search.reach(stop.node);
        for (const std::string& feature : stop.wants)
            if (!has.contains(feature)) fault.lacking.push_back(feature);
        if (fault.lacking.empty()) fault.lacking = stop.wants;
        search.trace(stop.node, fault);
        faults.push_back(std::move(fault));
    }
    std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) {
        return a.reach != b.reach ? a.reach > b.reach : a.address < b.address;
    });
}

}  // namespace

Unsure unsure_of(const facts::Cpu& cpu) {
    Unsure out;
    const facts::FeatureSet& has = cpu.features;
    const bool newer = has.contains("bmi1") || has.contains("bmi2") || has.contains("adx");  // none is without AVX
    out.saved_state = !has.contains("xsave") && (newer || cpu.features_masked.contains("avx"));
    out.libgcc = cpu.vendor && *cpu.vendor != "GenuineIntel" && *cpu.vendor != "AuthenticAMD";
    return out;
}

std::array<StageResult, 4> reach(const Program& program, const facts::FeatureSet& features,
                                 const std::set<std::string>* exports, const Unsure& unsure) {
    std::array<StageResult, 4> out;
    const facts::FeatureSet has = with_baseline(features);
    const std::vector<Way> ways = decide(program, has, unsure);
    const std::vector<Lack> lacks = lacks_of(has);
    for (const Stage stage : kStages) {
        std::vector<const Root*> roots = roots_of(program, stage);
        if (exports != nullptr && stage == Stage::use) drop_uncalled(program, *exports, roots);
        if (roots.empty()) continue;
        Search search(program, ways);
        // A program that has an entry goes on after its constructors, and calls what they gave away.
        const bool all = stage == Stage::use || std::any_of(roots.begin(), roots.end(), runs_everything);
        search.run(roots, all);
        Collector collector(program, lacks);
        std::vector<bool> counted(program.functions.size(), false);
        StageResult& result = out[static_cast<std::size_t>(stage)];
        for (const std::uint32_t node : search.seen()) {
            collector.look(node, search.reach(node));
            const std::uint32_t function = program.nodes[node].function;
            if (function >= counted.size() || counted[function]) continue;
            counted[function] = true;
            ++result.functions;
        }
        result.faults = collector.take(search);
        if (!program.own_stops.empty()) add_own_stops(program, search, has, result.faults);
    }
    return out;
}

}  // namespace lf::audit
