// SPDX-License-Identifier: MIT
#include "gpucode/collect.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace lf::gpucode {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) ++length;
    const std::string_view digits = text.substr(0, length);
    text.remove_prefix(length);
    return digits;
}

/// Names of AMD's targets are a version with its last two places in base 16: gfx90a is 9.0.10, gfx1010 is 10.1.0. As
/// one number they sort as AMD counts them.
std::uint64_t gfx_number(std::string_view name) {
    std::size_t length = 3;
    while (length < name.size() && (is_digit(name[length]) || (name[length] >= 'a' && name[length] <= 'f'))) ++length;
    if (length < 6 || length > 8) return std::numeric_limits<std::uint64_t>::max();  // "gfx9-generic": after the others
    return parse_unsigned(name.substr(3, length - 3), 16).value_or(0);
}

}  // namespace

std::uint64_t add_capped(std::uint64_t a, std::uint64_t b) {
    return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

bool name_before(std::string_view a, std::string_view b) {
    if (a.substr(0, 3) == "gfx" && b.substr(0, 3) == "gfx") {
        const std::uint64_t left = gfx_number(a), right = gfx_number(b);
        if (left != right) return left < right;
    }
    while (!a.empty() && !b.empty()) {
        if (is_digit(a.front()) && is_digit(b.front())) {
            const std::string_view left = take_digits(a), right = take_digits(b);
            if (left.size() != right.size()) return left.size() < right.size();
            if (left != right) return left < right;
        } else {
            if (a.front() != b.front()) return a.front() < b.front();
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
    }
    return a.size() < b.size();
}

std::string hex(std::uint64_t value) { return fmt::format("{:#x}", value); }

std::string shown(std::string_view name) {
    constexpr std::size_t kMost = 64;
    std::string out = printable(name.substr(0, kMost));
    std::replace(out.begin(), out.end(), '\t', ' ');
    return name.size() > kMost ? out + "…" : out;
}

elf::Bytes Span::from(std::uint64_t file_offset) const {
    if (file_offset < offset || file_offset >= end()) return {};
    return bytes.subspan(static_cast<std::size_t>(file_offset - offset));
}

void Collector::add(Kind kind, std::string_view name, std::uint64_t stored, std::uint64_t unpacked,
                    std::string_view compression) {
    const auto key = std::make_pair(kind, std::string(name));
    if (targets_.size() >= kMostTargets && !targets_.contains(key)) {
        ++entries_left_out_;
        return;
    }
    Target& target = targets_[key];
    target.kind = kind;
    target.name = key.second;
    ++target.entries;
    target.stored_bytes = add_capped(target.stored_bytes, stored);
    target.unpacked_bytes = add_capped(target.unpacked_bytes, unpacked);
    if (!compression.empty() && !has_word(target.compression, compression)) {
        if (!target.compression.empty()) target.compression += ' ';
        target.compression += compression;
    }
}

void Collector::add_unknown(const std::string& what, std::uint64_t stored) {
    if (unknown_.size() >= kMostTargets && !unknown_.contains(what)) {
        ++entries_left_out_;
        return;
    }
    Unknown& unknown = unknown_[what];
    ++unknown.entries;
    unknown.bytes = add_capped(unknown.bytes, stored);
}

void Collector::note(std::string text) {
    if (out_.notes.size() < kMostNotes) {
        out_.notes.push_back(std::move(text));
    } else {
        ++notes_left_out_;
    }
}

void Collector::mark(Maker maker, const std::string& text) {
    const auto same = [&](const Damage& one) { return one.maker == maker; };
    if (std::none_of(out_.damage.begin(), out_.damage.end(), same)) out_.damage.push_back({maker, text});
}

void Collector::damage(Maker maker, std::string text) {
    mark(maker, text);
    note(std::move(text));
}

bool Collector::claim(std::uint64_t start, std::uint64_t size) {
    if (size == 0) return true;
    const std::uint64_t end = add_capped(start, size);
    const auto next = claimed_.lower_bound(start);
    if (next != claimed_.end() && next->first < end) return false;
    if (next != claimed_.begin()) {
        const auto before = std::prev(next);
        if (before->second > start) return false;
        if (before->second == start) {  // neighbours are one range: real files have few of them
            before->second = end;
            claimed_bytes_ += end - start;
            return true;
        }
    }
    if (claimed_.size() >= kMostRanges) return false;
    claimed_.emplace_hint(next, start, end);
    claimed_bytes_ += end - start;
    return true;
}

bool Collector::is_claimed(std::uint64_t offset) const {
    const auto next = claimed_.upper_bound(offset);
    return next != claimed_.begin() && std::prev(next)->second > offset;
}

std::uint64_t Collector::free_until(std::uint64_t offset) const {
    if (is_claimed(offset)) return offset;
    const auto next = claimed_.lower_bound(offset);
    return next == claimed_.end() ? std::numeric_limits<std::uint64_t>::max() : next->first;
}

bool Collector::spend(std::uint64_t bytes) {
    if (bytes > kMostWork - work_) {
        stopped_ = true;
        return false;
    }
    work_ += bytes;
    return true;
}

GpuCode Collector::finish() {
    for (const auto& [what, unknown] : unknown_) {
        note(fmt::format("{} {} of {} ({} bytes)", unknown.entries, unknown.entries == 1 ? "entry" : "entries", what,
                         unknown.bytes));
    }
    const auto say = [&](std::string text) {  // whatever was noted before, these have room
        mark(Maker::any, text);
        out_.notes.push_back(std::move(text));
    };
    if (stopped_) say("not all was looked at: this file asks for more work than a real one does");
    if (entries_left_out_ > 0)
        say(fmt::format("{} entries are not counted: this file names too many targets", entries_left_out_));
    if (notes_left_out_ > 0) out_.notes.push_back(fmt::format("and {} more of such notes", notes_left_out_));
    out_.targets.reserve(targets_.size());
    for (auto& [key, target] : targets_) out_.targets.push_back(std::move(target));
    std::sort(out_.targets.begin(), out_.targets.end(), [](const Target& a, const Target& b) {
        return a.kind != b.kind ? a.kind < b.kind : name_before(a.name, b.name);
    });
    return std::move(out_);
}

}  // namespace lf::gpucode
