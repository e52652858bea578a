// SPDX-License-Identifier: MIT
#include "audit/cards.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "audit/words.h"
#include "plan/rules_gpu.h"

namespace lf::audit {
namespace {

using gpucode::Fit;
using gpucode::Kind;

/// All targets of a kind and name that the build has, as one.
struct Offer {
    const gpucode::Target* target = nullptr;
    Fit fit = Fit::no;
};

bool for_vendor(Kind kind, std::string_view vendor) {
    switch (kind) {
        case Kind::cuda_machine:
        case Kind::cuda_ptx: return vendor == "nvidia";
        case Kind::hip_machine: return vendor == "amd";
        case Kind::spirv: return true;
    }
    return false;
}

/// What tells one card of a vendor from another; nullopt = it is not known.
const std::optional<std::string>& identity(const facts::Gpu& gpu) {
    return gpu.vendor == "nvidia" ? gpu.compute_capability : gpu.gfx_target;
}

Fit fit_of(const gpucode::Target& target, const facts::Gpu& gpu) {
    if (!for_vendor(target.kind, gpu.vendor)) return Fit::no;
    if (target.kind == Kind::spirv) return Fit::compiles_first;
    if (!identity(gpu)) return Fit::no;
    return target.kind == Kind::hip_machine ? gpucode::fit_hip(target.name, *identity(gpu))
                                            : gpucode::fit_cuda(target.kind, target.name, *identity(gpu));
}

/// The digits of "sm_90a", "compute_75": which of two that fit is nearer to the card.
unsigned number_of(std::string_view name) {
    unsigned out = 0;
    for (const char c : name)
        if (c >= '0' && c <= '9') out = (out * 10 + static_cast<unsigned>(c - '0')) % 100'000;
    return out;
}

/// Machine code before what is compiled first, CUDA and ROCm before Vulkan, the newer before the older, as the drivers
/// choose; at the same number the one made for exactly this card ("sm_90a") first.
bool better(const Offer& a, const Offer& b) {
    if (b.target == nullptr) return a.fit != Fit::no;
    const bool a_spirv = a.target->kind == Kind::spirv, b_spirv = b.target->kind == Kind::spirv;
    if (a_spirv != b_spirv) return a.fit != Fit::no && b_spirv;
    if (a.fit != b.fit) return a.fit > b.fit;
    const unsigned a_number = number_of(a.target->name), b_number = number_of(b.target->name);
    if (a_number != b_number) return a_number > b_number;
    return a.target->name.size() > b.target->name.size();
}

Offer best_for(const BuildAudit& build, const facts::Gpu& gpu, bool vulkan) {
    Offer best;
    for (const FileAudit& file : build.files)
        for (const gpucode::Target& target : file.gpu.targets) {
            if (!vulkan && target.kind == Kind::spirv) continue;
            const Offer offer{&target, fit_of(target, gpu)};
            if (offer.fit != Fit::no && better(offer, best)) best = offer;
        }
    return best;
}

/// What of the build may be loaded for this card: for CUDA the best target; for ROCm all that fit in any of its modes
/// ("gfx90a:xnack+" and "gfx90a:xnack-").
void take(const BuildAudit& build, const facts::Gpu& gpu, std::set<std::string>& taken) {
    const Offer offer = best_for(build, gpu, false);
    if (offer.target != nullptr) taken.insert(offer.target->name);
    for (const FileAudit& file : build.files)
        for (const gpucode::Target& target : file.gpu.targets)
            if (target.kind == Kind::hip_machine && gpu.gfx_target &&
                (fit_of(target, gpu) != Fit::no || target.name.starts_with(*gpu.gfx_target + ":")))
                taken.insert(target.name);
}

bool has_code_for(const BuildAudit& build, std::string_view vendor) {
    for (const FileAudit& file : build.files)
        for (const gpucode::Target& target : file.gpu.targets)
            if (target.kind != Kind::spirv && for_vendor(target.kind, vendor)) return true;
    return false;
}

std::string backend_of(Kind kind) {
    switch (kind) {
        case Kind::cuda_machine:
        case Kind::cuda_ptx: return "cuda";
        case Kind::hip_machine: return "rocm";
        case Kind::spirv: return "vulkan";
    }
    return "";
}

std::string name_of(const facts::Gpu& gpu) {
    std::string out = gpu.address;
    if (gpu.name) out += " " + *gpu.name;
    else out += fmt::format(" {} {:04x}:{:04x}", gpu.vendor, gpu.vendor_id, gpu.device_id);
    if ((gpu.vendor == "nvidia" || gpu.vendor == "amd") && identity(gpu)) out += fmt::format(" ({})", *identity(gpu));
    return out;
}

std::string words_for(const Offer& offer, bool own_code) {
    if (offer.target->kind == Kind::spirv)
        return own_code ? "Vulkan only: the code for cards of this make is for others"
                        : "Vulkan: compiled by its driver";
    if (offer.fit == Fit::runs) return fmt::format("runs {} as it is", offer.target->name);
    return fmt::format("compiles {} first: a slow first start, the driver keeps the result", offer.target->name);
}

/// "sm_86, sm_89, compute_75 and 3 more": what the build has for cards of this maker.
std::string inside_words(const BuildAudit& build, std::string_view vendor) {
    constexpr std::size_t kNamed = 6;
    std::vector<std::string> names;
    for (const FileAudit& file : build.files)
        for (const gpucode::Target& target : file.gpu.targets)
            if (target.kind != Kind::spirv && for_vendor(target.kind, vendor) &&
                std::find(names.begin(), names.end(), target.name) == names.end())
                names.push_back(target.name);
    const std::size_t shown = names.size() <= kNamed + 1 ? names.size() : kNamed;
    std::string out;
    for (std::size_t i = 0; i < shown; ++i) out += (i == 0 ? "" : ", ") + names[i];
    return shown == names.size() ? out : fmt::format("{} and {} more", out, names.size() - shown);
}

/// The card needs other code than there is; which, and who builds it.
std::string not_covered_words(const BuildAudit& build, const facts::Gpu& gpu) {
    return fmt::format("not covered: it needs code for {}, the build has {}; llama-fleet plan says what to build",
                       gpu.vendor == "nvidia" ? "compute capability " + *identity(gpu) : *identity(gpu),
                       inside_words(build, gpu.vendor));
}

/// Those that compute at all: by the plan's rules, which name the makers of chips that only draw a screen.
std::vector<bool> computing(const facts::Machine& machine) {
    std::vector<bool> out(machine.gpus.size(), true);
    for (const plan::Card& card : plan::judge_cards(machine))
        if (card.index < out.size() && card.rule->id == "gpu-for-display-only") out[card.index] = false;
    return out;
}

/// What its maker's code is for; of other makers what all cards take.
const char* backend_of(const facts::Gpu& gpu) {
    return gpu.vendor == "nvidia" ? "cuda" : gpu.vendor == "amd" ? "rocm" : "vulkan";
}

bool may_serve(const gpucode::Damage& damage, const facts::Gpu& gpu) {
    switch (damage.maker) {
        case gpucode::Maker::nvidia: return gpu.vendor == "nvidia";
        case gpucode::Maker::amd: return gpu.vendor == "amd";
        case gpucode::Maker::any: return true;
    }
    return true;
}

/// Nothing that was read covers the card; what cannot be read may. False: nothing of that kind is there.
bool doubt_card(const BuildAudit& build, const facts::Gpu& gpu, CardVerdict& out) {
    for (const FileAudit& file : build.files)
        for (const gpucode::Damage& damage : file.gpu.damage) {
            if (!may_serve(damage, gpu)) continue;
            out.known = false;
            out.backend = backend_of(gpu);
            out.text = fmt::format("not known: GPU code of {} is damaged: {}", file.path, damage.note);
            return true;
        }
    return false;
}

CardVerdict judge_card(const BuildAudit& build, const facts::Gpu& gpu, bool computes) {
    CardVerdict out;
    out.card = name_of(gpu);
    if (!computes) {
        out.text = "the build has no code for it: it draws a screen and does not compute";
        return out;
    }
    const bool own_code = has_code_for(build, gpu.vendor);
    if (own_code && !identity(gpu)) {
        out.known = false;
        out.backend = backend_of(gpu);
        out.text = fmt::format("its {} is not known; llama-fleet probe there, with its driver, may tell",
                               gpu.vendor == "nvidia" ? "compute capability" : "gfx target");
        return out;
    }
    const Offer offer = best_for(build, gpu, true);
    if (offer.target == nullptr) {
        if (doubt_card(build, gpu, out)) return out;
        out.backend = own_code ? backend_of(gpu) : "";
        out.text = own_code ? not_covered_words(build, gpu) : "the build has no code for it";
        return out;
    }
    out.fit = offer.fit;
    out.backend = backend_of(offer.target->kind);
    out.by = offer.target->name;
    out.text = words_for(offer, own_code);
    return out;
}

}  // namespace

std::vector<CardVerdict> judge_cards(const BuildAudit& build, const facts::Machine& machine) {
    std::vector<CardVerdict> out;
    out.reserve(machine.gpus.size());
    const std::vector<bool> computes = computing(machine);
    for (std::size_t i = 0; i < machine.gpus.size(); ++i)
        out.push_back(judge_card(build, machine.gpus[i], computes[i]));
    return out;
}

const gpucode::Damage* damage_for(std::span<const gpucode::Damage> found, const facts::Machine& machine) {
    if (found.empty()) return nullptr;
    if (!machine.gpus_known) return &found.front();
    const std::vector<bool> computes = computing(machine);
    for (const gpucode::Damage& damage : found)
        for (std::size_t i = 0; i < machine.gpus.size(); ++i)
            if (computes[i] && may_serve(damage, machine.gpus[i])) return &damage;
    return nullptr;
}

std::optional<std::uint64_t> idle_gpu_bytes(const BuildAudit& build, std::span<const facts::Machine* const> machines) {
    std::set<std::string> taken;
    bool vulkan = false, unknown_nvidia = false, unknown_amd = false;
    for (const facts::Machine* machine : machines) {
        if (!machine->gpus_known) return std::nullopt;
        const std::vector<bool> computes = computing(*machine);
        for (std::size_t i = 0; i < machine->gpus.size(); ++i) {
            const facts::Gpu& gpu = machine->gpus[i];
            if (!computes[i]) continue;
            vulkan = true;
            unknown_nvidia |= gpu.vendor == "nvidia" && !identity(gpu);
            unknown_amd |= gpu.vendor == "amd" && !identity(gpu);
            take(build, gpu, taken);
        }
    }
    std::uint64_t out = 0;
    for (const FileAudit& file : build.files)
        for (const gpucode::Target& target : file.gpu.targets) {
            const bool unknown = (unknown_nvidia && for_vendor(target.kind, "nvidia")) ||
                                 (unknown_amd && for_vendor(target.kind, "amd"));
            if (target.kind == Kind::spirv ? !vulkan : !unknown && !taken.contains(target.name))
                out += target.stored_bytes;
        }
    return out;
}

void share_idle_gpu_bytes(Report& report, const std::map<std::string, facts::Machine>& machines) {
    std::vector<std::uint64_t> idle;
    idle.reserve(report.builds.size());
    for (std::size_t i = 0; i < report.builds.size(); ++i) {
        std::vector<const facts::Machine*> with_it;
        bool all_known = true;
        for (const Report::Host& host : report.hosts) {
            if (host.build != i) continue;
            const auto found = machines.find(host.name);
            if (found == machines.end()) all_known = false;
            else with_it.push_back(&found->second);
        }
        idle.push_back(all_known ? idle_gpu_bytes(report.builds[i], with_it).value_or(0) : 0);
    }
    for (Report::Host& host : report.hosts) host.verdict.idle_gpu_bytes = idle.at(host.build);
}

}  // namespace lf::audit
