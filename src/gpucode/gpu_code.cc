// SPDX-License-Identifier: MIT
#include "gpucode/gpu_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "gpucode/bundle_list.h"
#include "gpucode/code_object.h"
#include "gpucode/collect.h"
#include "gpucode/cuda_fatbin.h"
#include "gpucode/hip_bundle.h"
#include "gpucode/offload_package.h"
#include "gpucode/ptx.h"
#include "gpucode/scan.h"
#include "gpucode/spirv.h"
#include "gpucode/wrappers.h"

namespace lf::gpucode {

namespace {

enum class Holds : std::uint8_t { nothing, fatbins, bundles, packages, one_entry, not_examined };

struct SectionRule {
    std::string_view prefix;
    Holds holds;
    std::string_view what;  ///< of not_examined
};

/// By the beginning of a section's name, the first that fits: compilers may append ".something".
constexpr SectionRule kSections[] = {
    {".nv_fatbin", Holds::fatbins, {}},
    {"__nv_relfatbin", Holds::fatbins, {}},
    {".hip_fatbin", Holds::bundles, {}},
    {".llvm.offloading", Holds::packages, {}},
    {kBundleMagic,
     Holds::one_entry,
     {}},  // clang-offload-bundler -type=o: a section for each target, its id in the name
    {".tgtimg", Holds::not_examined, "SYCL or OpenMP images of Intel's compiler"},
    {".omp_offloading.device_images", Holds::not_examined, "OpenMP device images"},
};

struct WrapperRule {
    std::string_view section;
    std::uint32_t magic;
    Holds holds;
};

constexpr WrapperRule kWrappers[] = {
    {".nvFatBinSegment", kCudaWrapper, Holds::fatbins},
    {".hipFatBinSegment", kHipWrapper, Holds::bundles},
};

constexpr std::uint32_t kPtLoad = 1, kShtNobits = 8;

const SectionRule* rule_of(const elf::Section& section) {
    const auto* found = std::find_if(std::begin(kSections), std::end(kSections),
                                     [&](const SectionRule& rule) { return section.name.starts_with(rule.prefix); });
    return found == std::end(kSections) ? nullptr : found;
}

void read_span(Holds holds, Span span, const std::vector<std::uint64_t>& starts, Collector& out) {
    if (holds == Holds::fatbins) read_fatbins(span, starts, out);
    if (holds == Holds::bundles) read_bundles(span, starts, out);
    if (holds == Holds::packages) read_offload_packages(span, out);
}

Maker maker_of(Holds holds) {
    if (holds == Holds::fatbins) return Maker::nvidia;
    return holds == Holds::bundles ? Maker::amd : Maker::any;
}

void read_section(const elf::Section& section, const SectionRule& rule, const std::vector<std::uint64_t>& starts,
                  Collector& out) {
    out.add_section(section.bytes.size());
    expect_jumps(section.bytes);
    if (section.bytes.empty() && section.size > 0) {
        std::string text =
            fmt::format("section {}: its {} bytes are not in the file", shown(section.name), section.size);
        if (section.type == kShtNobits) out.note(std::move(text));  // a debug file: they are in the file that it is of
        else out.damage(maker_of(rule.holds), std::move(text));
    } else if (rule.holds == Holds::not_examined) {
        out.note(fmt::format("section {}: {} ({} bytes) are not examined", shown(section.name), rule.what,
                             section.bytes.size()));
    } else if (rule.holds == Holds::one_entry) {
        const std::string_view id = section.name.substr(rule.prefix.size());
        if (!is_host_id(id) && out.claim(section.offset, section.bytes.size())) {
            add_bundle_entry(id, section.bytes, section.bytes.size(), section.bytes.size(), {}, out);
        }
    } else {
        read_span(rule.holds, {section.bytes, section.offset}, starts, out);
    }
}

/// Containers that wrappers point to and that lie in no section of theirs.
void read_elsewhere(Span span, Holds holds, const std::vector<std::uint64_t>& starts, Collector& out) {
    std::vector<std::uint64_t> left;
    std::copy_if(starts.begin(), starts.end(), std::back_inserter(left), [&](std::uint64_t start) {
        return start >= span.offset && start < span.end() && !out.is_claimed(start);
    });
    if (left.empty()) return;
    out.add_section(span.bytes.size());
    read_span(holds, {span.from(left.front()), left.front()}, left, out);
}

/// Sections that hold data and are none of ours; where there are no sections, all segments: linkers may put data into
/// the one that runs.
std::vector<Span> other_data(const elf::Image& image) {
    std::vector<Span> spans;
    for (const elf::Segment& segment : image.segments) {
        if (!image.sectionless || segment.type != kPtLoad || segment.bytes.empty()) continue;
        spans.push_back({segment.bytes, segment.offset});
    }
    if (image.sectionless) return spans;
    for (const elf::Section& section : image.sections) {
        const bool loaded = (section.flags & 2U) != 0 || image.type == elf::kEtRel;  // SHF_ALLOC
        if (section.type == kShtNobits || !loaded || section.holds_code() || rule_of(section) != nullptr) continue;
        if (!section.bytes.empty()) spans.push_back({section.bytes, section.offset});
    }
    return spans;
}

/// Without sections nothing says what is where: everything is looked for, and what is found stands for its section.
void read_nameless(Span span, Collector& out) {
    const std::uint64_t before = out.claimed_bytes();
    for (const Holds holds : {Holds::fatbins, Holds::bundles, Holds::packages}) read_span(holds, span, {}, out);
    out.add_section(out.claimed_bytes() - before);
}

struct Wrapped {
    Holds holds = Holds::nothing;
    std::vector<std::uint64_t> starts;
};

std::vector<Wrapped> all_wrapped(const elf::Image& image) {
    std::vector<Wrapped> all;
    std::size_t sections_left = 64;  // real files have one; each is looked up in all relocations
    for (const WrapperRule& rule : kWrappers) {
        Wrapped& one = all.emplace_back(Wrapped{rule.holds, {}});
        for (const elf::Section& section : image.sections) {
            if (!section.name.starts_with(rule.section) || sections_left == 0) continue;
            --sections_left;
            const auto more = wrapped(image, section, rule.magic);
            one.starts.insert(one.starts.end(), more.begin(), more.end());
        }
        std::sort(one.starts.begin(), one.starts.end());
    }
    return all;
}

/// Sections of a sound file do not lie over each other; in a hostile one, all of them may be the whole file.
class ReadOnce {
  public:
    ReadOnce(std::uint64_t file_size, Collector& out) : left_(4 * file_size), out_(out) {}
    bool may_read(std::uint64_t bytes) {
        if (bytes <= left_) {
            left_ -= bytes;
            return true;
        }
        if (!std::exchange(said_, true))
            out_.damage(Maker::any, "not all sections were looked at: they lie over each other");
        return false;
    }

  private:
    std::uint64_t left_;
    Collector& out_;
    bool said_ = false;
};

void read_host_file(const elf::Image& image, Collector& out) {
    const std::vector<Wrapped> wrappers = all_wrapped(image);
    ReadOnce once(image.file.size(), out);
    for (const elf::Section& section : image.sections) {
        const SectionRule* rule = rule_of(section);
        if (rule == nullptr || !once.may_read(section.bytes.size())) continue;
        const auto own =
            std::find_if(wrappers.begin(), wrappers.end(), [&](const Wrapped& w) { return w.holds == rule->holds; });
        read_section(section, *rule, own == wrappers.end() ? std::vector<std::uint64_t>{} : own->starts, out);
    }
    for (const Span& span : other_data(image)) {
        if (!once.may_read(span.bytes.size())) continue;
        for (const Wrapped& one : wrappers) read_elsewhere(span, one.holds, one.starts, out);
        if (image.sectionless) read_nameless(span, out);
        find_spirv(span, out);
    }
}

/// Every file begins with one of these, or is none that we read.
bool read_bare_file(elf::Bytes file, Collector& out) {
    const Span span{file, 0};
    const auto object = code_object(file);
    if (is_fatbin(file)) {
        read_fatbins(span, {}, out);
    } else if (is_bundle(file)) {
        read_bundles(span, {}, out);
    } else if (is_offload_package(file)) {
        read_offload_packages(span, out);
    } else if (object) {
        if (object->name.empty()) out.add_unknown(object->problem, file.size());
        if (!object->name.empty()) out.add(object->kind, object->name, file.size(), file.size());
    } else if (is_spirv(file)) {
        read_spirv(span, out);
    } else if (const std::string ptx = ptx_file_target(file); !ptx.empty()) {
        out.add(Kind::cuda_ptx, ptx, file.size(), file.size());
        if (!is_whole_ptx(file)) out.damage(Maker::nvidia, "PTX: it ends in the middle of its code");
    } else {
        return false;
    }
    out.add_section(file.size());
    return true;
}

struct OtherFile {
    std::string_view magic, what;
};

/// GPU code, and what people take for such, that we do not read: said by name.
constexpr OtherFile kOtherFiles[] = {
    {"MTLB", "a Metal library (Apple), which is not examined"},
    {"DXBC", "a DirectX shader, which is not examined"},
    {"BC\xc0\xde", "LLVM bitcode, which is not examined"},
    {"!<arch>\n", "an archive: unpack it (ar x) and audit its members"},
    {"MZ", "a Windows program, which is not examined"},
    {"\xcf\xfa\xed\xfe", "a Mach-O program (Apple), which is not examined"},
    {"\xca\xfe\xba\xbe", "a universal Mach-O program (Apple), which is not examined"},
    {"\x7f"
     "ELF",
     "an ELF file that is not for a GPU"},
};

Error unknown_file(elf::Bytes file, const std::string& name) {
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    const auto* other = std::find_if(std::begin(kOtherFiles), std::end(kOtherFiles),
                                     [&](const OtherFile& o) { return text.starts_with(o.magic); });
    Error error = world_error("gpucode-unknown",
                              fmt::format("no GPU code that is known: {}",
                                          other != std::end(kOtherFiles) ? other->what : "it begins like none"),
                              "known are CUDA fat binaries, cubins and PTX, HIP bundles and AMD code objects, LLVM "
                              "offload packages and SPIR-V");
    error.where.file = name;
    return error;
}

}  // namespace

GpuCode gpu_code(const elf::Image& image) {
    Collector out;
    if (image.machine == elf::kEmCuda || image.machine == elf::kEmAmdgpu) {
        read_bare_file(image.file, out);
    } else {
        read_host_file(image, out);
    }
    return out.finish();
}

Result<GpuCode> gpu_code_of_file(elf::Bytes file, const std::string& name) {
    Collector out;
    if (!read_bare_file(file, out)) return fail(unknown_file(file, name));
    return out.finish();
}

}  // namespace lf::gpucode
