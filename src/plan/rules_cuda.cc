// SPDX-License-Identifier: MIT
#include "plan/rules_cuda.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/rules_gpu.h"

namespace lf::plan {
namespace {

// Which releases of CUDA from 12.0 on compile for a compute capability. 11.0 was called 10.1 before CUDA 13.
struct Compiles {
    int from;  ///< 50 for 5.0
    int to;
    CudaRelease first;
    CudaRelease without;  ///< {0, 0}: no end is known
};
constexpr CudaRelease kNoEnd{};
// CUDA release notes (12.8: 10.0 and 12.0; 12.9: 10.3 and 12.1; 13.0: 11.0, and 5.0 to 7.2 are gone); ggml 0.21.0
// src/ggml-cuda/CMakeLists.txt asks for the same releases.
constexpr Compiles kCompiles[] = {
    {50, 72, {12, 0}, {13, 0}},  {75, 90, {12, 0}, kNoEnd},   {100, 100, {12, 8}, kNoEnd}, {103, 103, {12, 9}, kNoEnd},
    {110, 110, {13, 0}, kNoEnd}, {120, 120, {12, 8}, kNoEnd}, {121, 121, {12, 9}, kNoEnd},
};

// NVIDIA, "CUDA Compatibility", minor version compatibility: a driver of this version runs what any release of the
// major version compiled to machine code.
struct Floor {
    int cuda_major;
    DriverVersion driver;
};
constexpr Floor kFloors[] = {{11, {450, 80, 2}}, {12, {525, 60, 13}}, {13, {580, 0, 0}}};

// Compressed code of nvcc from CUDA 12.4 on, which ggml asks for (GGML_CUDA_COMPRESSION_MODE is size by default).
constexpr DriverVersion kReadsCompressed = {550, 0, 0};

// nixpkgs' package sets, in the order of preference: the widest name that is right comes first. A name without a minor
// number stands for whatever release of that major number nixpkgs has.
struct PackageSet {
    std::string_view name;  ///< "" = nixpkgs' default, which can be any release
    CudaRelease least;
    CudaRelease most;
};
constexpr int kAny = 99;
constexpr PackageSet kSets[] = {
    {"", {12, 0}, {kAny, kAny}},
    {"cudaPackages_12", {12, 0}, {12, kAny}},
    {"cudaPackages_12_8", {12, 8}, {12, 8}},
    {"cudaPackages_12_9", {12, 9}, {12, 9}},
    {"cudaPackages_13", {13, 0}, {13, kAny}},
};

constexpr RuleText kDefault = {
    "cuda-set-of-nixpkgs",
    "every CUDA from 12.0 on compiles for all cards of the host and its driver, where known, "
    "runs it",
    "cuda.packages none: nixpkgs' default, cudaPackages", "any CUDA of a current nixpkgs serves these cards",
    "CUDA release notes; NVIDIA, CUDA Compatibility"};
constexpr RuleText kNarrowed = {
    "cuda-set-by-card-and-driver",
    "a card of 5.0 to 7.2 (CUDA 12), 10.0 or 12.0 (12.8), 10.3 or 12.1 (12.9) or 11.0 (13.0), or a driver older than "
    "580 (CUDA 12)",
    "cuda.packages: the set of nixpkgs that compiles for every card and that the driver runs",
    "not every CUDA compiles for these cards and runs under this driver",
    "CUDA release notes; NVIDIA, CUDA Compatibility: CUDA 13 needs driver 580, CUDA 12 needs 525.60.13"};
constexpr RuleText kNone = {"no-cuda-here", "no card is served by cuda", "cuda.packages none",
                            "no card of this host is served by CUDA", "rules above"};

const Compiles* row_of(int capability) {
    const auto* const row =
        std::ranges::find_if(kCompiles, [&](const Compiles& r) { return capability >= r.from && capability <= r.to; });
    return row == std::end(kCompiles) ? nullptr : row;
}

std::string text_of(const CudaRelease& release) { return fmt::format("{}.{}", release.major, release.minor); }

/// What all cards together ask of the toolkit.
struct Range {
    CudaRelease least{12, 0};
    std::optional<CudaRelease> below;
    std::vector<std::string> facts;

    void end_at(CudaRelease release) { below = below ? std::min(*below, release) : release; }
    bool holds(const PackageSet& set) const { return set.least >= least && (!below || set.most < *below); }
};

bool is_tegra(const facts::Gpu& gpu) { return gpu.address.starts_with("platform:"); }

/// The newest major release of CUDA that the card's driver runs; nullopt: not known, or every one.
std::optional<int> newest_major_for(const facts::Gpu& gpu) {
    const auto driver = driver_version_of(gpu.driver_version);
    if (!driver || is_tegra(gpu)) return std::nullopt;
    std::optional<int> newest = 0;
    for (const Floor& floor : kFloors)
        if (*driver >= floor.driver) newest = floor.cuda_major;
    return newest == std::rbegin(kFloors)->cuda_major ? std::nullopt : newest;
}

void ask(const Card& card, Range& range) {
    const CudaRelease first = first_cuda_for(card.capability);
    range.least = std::max(range.least, first);
    const std::string is = fmt::format("{} is {}.{}", describe(card), card.capability / 10, card.capability % 10);
    if (const auto end = cuda_without(card.capability)) {
        range.end_at(*end);
        range.facts.push_back(fmt::format("{}: CUDA before {}", is, text_of(*end)));
    } else if (first > CudaRelease{12, 0}) {
        range.facts.push_back(fmt::format("{}: CUDA {} or newer", is, text_of(first)));
    }
    const auto newest = newest_major_for(*card.gpu);
    // Too old for every CUDA: the owner who wants it all the same is told to change the driver.
    if (!newest || driver_too_old(*card.gpu, card.capability)) return;
    range.end_at({*newest + 1, 0});
    range.facts.push_back(fmt::format("gpus[{}] has driver {}: CUDA {} at most", card.index,
                                      printable(*card.gpu->driver_version), *newest));
}

constexpr RuleText kUncompressed = {
    "cuda-uncompressed", "the package uses cuda, and the driver of a card that CUDA serves is older than 550",
    "GGML_CUDA_COMPRESSION_MODE none", "the driver cannot read the compressed code that CUDA 12.4 and newer make",
    "CUDA 12.4 release notes; ggml 0.21.0 src/ggml-cuda/CMakeLists.txt: -compress-mode=size unless told otherwise"};

Because line_by(const RuleText& rule, std::string value) {
    return {"cuda.packages", std::move(value), std::string(rule.id), std::string(rule.because), {}, {}};
}

}  // namespace

std::optional<DriverVersion> driver_version_of(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    const auto parts = split(*text, '.');
    if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
    DriverVersion version{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto number = parts[i].size() > 5 ? std::nullopt : parse_unsigned(parts[i]);
        if (!number) return std::nullopt;
        version[i] = static_cast<int>(*number);
    }
    return version;
}

CudaRelease first_cuda_for(int capability) {
    const Compiles* row = row_of(capability);
    return row == nullptr ? CudaRelease{12, 0} : row->first;
}

std::optional<CudaRelease> cuda_without(int capability) {
    const Compiles* row = row_of(capability);
    return row == nullptr || row->without == kNoEnd ? std::nullopt : std::optional(row->without);
}

std::optional<DriverVersion> oldest_driver_for(int cuda_major) {
    const auto* const row = std::ranges::find(kFloors, cuda_major, &Floor::cuda_major);
    return row == std::end(kFloors) ? std::nullopt : std::optional(row->driver);
}

std::string driver_text(const DriverVersion& driver) {
    if (driver[1] == 0 && driver[2] == 0) return fmt::format("{}", driver[0]);
    return fmt::format("{}.{:02}.{:02}", driver[0], driver[1], driver[2]);
}

bool driver_too_old(const facts::Gpu& gpu, int capability) {
    const auto newest = newest_major_for(gpu);
    return newest && *newest < first_cuda_for(capability).major;
}

std::optional<bool> reads_compressed(const facts::Gpu& gpu) {
    const auto driver = driver_version_of(gpu.driver_version);
    if (!driver || is_tegra(gpu)) return std::nullopt;
    return *driver >= kReadsCompressed;
}

Because uncompressed_line(std::vector<std::string> facts) {
    return {
        std::string(kCompressionFlag),      "none",           std::string(kUncompressed.id),
        std::string(kUncompressed.because), std::move(facts), {"size: the default of ggml, for drivers from 550 on"}};
}

CudaSet plan_cuda_set(const std::vector<Card>& cards) {
    CudaSet out{std::nullopt, line_by(kNone, "none"), {}};
    Range range;
    bool any = false;
    for (const Card& card : cards) {
        if (!wants_cuda_code(card, cards)) continue;
        any = true;
        ask(card, range);
        if (!reads_compressed(*card.gpu).value_or(true))
            out.uncompressed.push_back(fmt::format("{} has driver {}, and compressed code needs {}", describe(card),
                                                   printable(*card.gpu->driver_version), kReadsCompressed[0]));
    }
    if (!any) return out;
    const auto* const set = std::ranges::find_if(kSets, [&](const PackageSet& s) { return range.holds(s); });
    const bool narrow = range.below || range.least > CudaRelease{12, 0};
    if (set != std::end(kSets) && !set->name.empty() && narrow) out.packages = std::string(set->name);
    out.line = line_by(narrow ? kNarrowed : kDefault, out.packages.value_or("none"));
    out.line.facts = std::move(range.facts);
    if (!narrow) out.line.facts.emplace_back("no card and no driver asks for a release of its own");
    if (out.packages)
        out.line.losers.emplace_back(
            "nixpkgs' default: its release changes with nixpkgs, and not every one serves this host");
    return out;
}

bool is_cuda_packages(std::string_view text) {
    constexpr std::string_view kStem = "cudaPackages_";
    if (!text.starts_with(kStem)) return false;
    const auto numbers = split(text.substr(kStem.size()), '_');
    return numbers.size() <= 2 && std::ranges::all_of(numbers, [](std::string_view number) {
               return number.size() <= 2 && parse_unsigned(number).has_value();
           });
}

bool has_cuda_code_for(int capability, std::string_view architectures) {
    if (capability <= 0) return false;
    const auto wanted = static_cast<std::uint64_t>(capability);
    return std::ranges::any_of(split(architectures, ';'), [&](std::string_view part) {
        const auto number = parse_unsigned(part.substr(0, part.find_first_not_of("0123456789")));
        return number && (*number == wanted || (!part.ends_with("-real") && *number < wanted));
    });
}

std::optional<int> major_of_set(std::string_view packages) {
    if (!is_cuda_packages(packages)) return std::nullopt;
    return static_cast<int>(*parse_unsigned(split(packages, '_')[1]));
}

std::optional<bool> set_compiles_for(std::string_view packages, int capability) {
    const auto major = major_of_set(packages);
    if (!major) return std::nullopt;
    const auto numbers = split(packages, '_');
    const bool exact = numbers.size() == 3;
    const int minor = exact ? static_cast<int>(*parse_unsigned(numbers[2])) : kAny;
    const CudaRelease release{*major, minor};
    const auto end = cuda_without(capability);
    return release >= first_cuda_for(capability) && (!end || CudaRelease{*major, exact ? minor : 0} < *end);
}

RuleChapter cuda_rules() {
    RuleChapter chapter{"GPU: the CUDA package set",
                        "Asked once for all cards that CUDA serves. Which releases compile for a card and which driver "
                        "runs them:",
                        {entry_of(kDefault), entry_of(kNarrowed), entry_of(kNone), entry_of(kUncompressed)}};
    for (const Compiles& row : kCompiles) {
        const std::string range =
            row.from == row.to ? fmt::format("{}.{}", row.from / 10, row.from % 10)
                               : fmt::format("{}.{} to {}.{}", row.from / 10, row.from % 10, row.to / 10, row.to % 10);
        const std::string until = row.without == kNoEnd ? "" : fmt::format(" and older than {}", text_of(row.without));
        chapter.rules.push_back({fmt::format("cuda-for-{}.{}", row.from / 10, row.from % 10),
                                 "compute capability " + range,
                                 fmt::format("CUDA {} or newer{}", text_of(row.first), until),
                                 "nvcc makes machine code for it in these releases", "CUDA release notes"});
    }
    for (const Floor& floor : kFloors)
        chapter.rules.push_back({fmt::format("driver-for-cuda-{}", floor.cuda_major),
                                 fmt::format("machine code of CUDA {}.x", floor.cuda_major),
                                 fmt::format("driver {} or newer", driver_text(floor.driver)),
                                 "machine code runs under any driver of the major release; code that the driver has "
                                 "to translate (PTX) would need one as new as the toolkit, so none is planned",
                                 "NVIDIA, CUDA Compatibility"});
    return chapter;
}

}  // namespace lf::plan
