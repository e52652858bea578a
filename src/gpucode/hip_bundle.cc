// SPDX-License-Identifier: MIT
// Source: clang's docs (ClangOffloadBundler, "Bundled Code Object Layout").
#include "gpucode/hip_bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "gpucode/bundle_list.h"
#include "gpucode/ccob.h"
#include "gpucode/scan.h"

namespace lf::gpucode {

namespace {

bool begins_with(elf::Bytes bytes, std::string_view text) {
    return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

/// Where a text stands next. Remembers its last answer, so that going through a file asks about each byte once.
class Finder {
  public:
    Finder(Span span, std::string_view text) : span_(span), text_(text) {}
    std::uint64_t next(std::uint64_t from) {
        if (!known_ || found_ < from) found_ = find_text(span_, from, text_).value_or(span_.end());
        known_ = true;
        return std::max(found_, from);
    }

  private:
    Span span_;
    std::string_view text_;
    std::uint64_t found_ = 0;
    bool known_ = false;
};

class BundleReader {
  public:
    BundleReader(Span span, const std::vector<std::uint64_t>& starts, Collector& out)
        : span_(span), starts_(starts), out_(out), plain_(span, kBundleMagic), compressed_(span, kCompressedMagic) {}

    void read() {
        for (std::uint64_t at = next_start(span_.offset); at < span_.end();) {
            const elf::Bytes rest = span_.from(at);
            std::uint64_t end = at + 4;
            if (begins_with(rest, kBundleMagic)) {
                end = read_plain(at);
            } else if (begins_with(rest, kCompressedMagic)) {
                end = read_compressed_bundle(
                    span_, at, [&](std::uint64_t from) { return next_compressed(from); }, out_);
            } else {
                out_.damage(Maker::amd, fmt::format("a wrapper points to {:#x}, where no bundle begins", at));
            }
            at = next_start(std::max(end, at + 4));
        }
    }

  private:
    std::uint64_t said(std::uint64_t from) const {
        const auto found = std::lower_bound(starts_.begin(), starts_.end(), from);
        return found == starts_.end() ? span_.end() : std::min(*found, span_.end());
    }

    /// The wrappers' word before that of a magic number, which can stand in packed bytes by chance.
    std::uint64_t next_likely(std::uint64_t from) {
        const std::uint64_t wrapper = said(from);
        return wrapper < span_.end() ? wrapper : std::min(plain_.next(from), compressed_.next(from));
    }

    /// The same where a compressed one ends that does not say how long it is. A plain one's magic text is no sign: the
    /// bundle within begins with it, and what hardly packs is stored as it is.
    std::uint64_t next_compressed(std::uint64_t from) {
        const std::uint64_t wrapper = said(from);
        return wrapper < span_.end() ? wrapper : compressed_.next(from);
    }

    /// Where to look next: at what a compiler aligns to, at a wrapper's word, or at the next magic number.
    std::uint64_t next_start(std::uint64_t at) {
        const std::uint64_t wrapper = said(at);
        for (std::uint64_t alignment = 1; alignment <= 4096; alignment *= 2) {
            const std::uint64_t aligned = (at + alignment - 1) / alignment * alignment;
            if (aligned >= wrapper) return wrapper;
            if (is_bundle(span_.from(aligned))) return aligned;
        }
        return next_likely(at);
    }

    /// Where the bundle ends as far as it is whole.
    std::uint64_t read_plain(std::uint64_t start) {
        const elf::Bytes rest = span_.from(start);
        if (out_.is_claimed(start)) return start + kBundleMagic.size();
        const BundleList list = read_bundle_list(rest);
        if (!out_.spend(list.size) || !out_.claim(start, std::min<std::uint64_t>(list.size, rest.size()))) {
            return start + kBundleMagic.size();
        }
        out_.add_container();
        if (!list.problem.empty()) out_.damage(Maker::amd, fmt::format("bundle at {:#x}: {}", start, list.problem));
        std::uint64_t end = start + list.size;
        for (const BundleEntry& entry : list.entries) end = std::max(end, add_plain(start, entry));
        return end;
    }

    /// Counts one entry; where it ends, 0 if it does not count.
    std::uint64_t add_plain(std::uint64_t start, const BundleEntry& entry) {
        if (entry.size == 0) return 0;  // the host's
        const auto code = elf::part(span_.from(start), entry.offset, entry.size);
        if (!code || !out_.claim(start + entry.offset, entry.size)) {
            out_.damage(Maker::amd,
                        fmt::format("bundle at {:#x}: {} claims {} bytes at {:#x}, which {}", start, shown(entry.id),
                                    entry.size, entry.offset, code ? "are taken already" : "are not there"));
            return 0;
        }
        add_bundle_entry(entry.id, *code, entry.size, entry.size, {}, out_);
        return start + entry.offset + entry.size;
    }

    Span span_;
    const std::vector<std::uint64_t>& starts_;
    Collector& out_;
    Finder plain_, compressed_;
};

}  // namespace

bool is_bundle(elf::Bytes bytes) { return begins_with(bytes, kBundleMagic) || begins_with(bytes, kCompressedMagic); }

void read_bundles(Span span, const std::vector<std::uint64_t>& starts, Collector& out) {
    BundleReader(span, starts, out).read();
}

}  // namespace lf::gpucode
