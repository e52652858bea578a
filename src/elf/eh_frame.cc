// SPDX-License-Identifier: MIT
#include "elf/eh_frame.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "elf/parts.h"

namespace lf::elf {
namespace {

// DW_EH_PE_*: how a pointer is written (low four bits), what it counts from (next three), and whether what it leads to
// is the pointer that is meant.
constexpr std::uint8_t kOmit = 0xff, kIndirect = 0x80, kAligned = 0x50, kAbsolute = 0x00;

/// Where pointers of these kinds count from.
struct Bases {
    std::uint64_t text = 0, data = 0;
};

/// Bytes that are read one after the other; the first that is missing makes all later reads fail.
class Reader {
  public:
    Reader(Bytes bytes, std::uint64_t address, std::uint64_t at = 0) : bytes_(bytes), address_(address), at_(at) {}
    bool ok() const { return ok_; }
    std::uint64_t at() const { return at_; }
    std::uint64_t address() const { return address_ + at_; }
    void skip(std::uint64_t count) { ok_ = ok_ && part(bytes_, at_, count).has_value(), at_ += ok_ ? count : 0; }

    template <class T>
    T number() {
        const auto value = ok_ ? read_at<T>(bytes_, at_) : std::nullopt;
        ok_ = value.has_value();
        at_ += ok_ ? sizeof(T) : 0;
        return value.value_or(T{});
    }
    std::uint64_t uleb() { return leb().first; }
    std::uint64_t sleb() {
        const auto [value, bits] = leb();
        const bool negative = bits > 0 && bits < 64 && (value >> (bits - 1) & 1) != 0;
        return negative ? value | ~std::uint64_t{0} << bits : value;
    }
    std::string_view text(std::size_t limit) {
        if (!ok_ || at_ > bytes_.size()) return ok_ = false, std::string_view{};
        const Bytes rest = bytes_.subspan(static_cast<std::size_t>(at_));
        const auto found = text_at(rest.first(std::min(rest.size(), limit)), 0);
        ok_ = found.has_value();
        at_ += ok_ ? found->size() + 1 : 0;
        return found.value_or(std::string_view{});
    }
    /// What is written, before it is counted from anything.
    std::uint64_t raw(std::uint8_t format) {
        const auto wide = [](auto value) { return static_cast<std::uint64_t>(static_cast<std::int64_t>(value)); };
        switch (format & 0x0f) {
            case 0x00:
            case 0x04: return number<std::uint64_t>();
            case 0x01: return uleb();
            case 0x02: return number<std::uint16_t>();
            case 0x03: return number<std::uint32_t>();
            case 0x08:
            case 0x0c: return number<std::uint64_t>();
            case 0x09: return sleb();
            case 0x0a: return wide(number<std::int16_t>());
            case 0x0b: return wide(number<std::int32_t>());
            default: return ok_ = false, 0;
        }
    }
    /// A whole pointer. Those that count from their function (0x40) or lead through memory make the read fail.
    std::uint64_t pointer(std::uint8_t encoding, const Bases& bases) {
        if (encoding == kAligned) {
            skip((8 - address() % 8) % 8);
            return number<std::uint64_t>();
        }
        const std::uint64_t here = address();
        const std::uint64_t value = raw(encoding);
        switch (encoding & 0xf0) {
            case 0x00: return value;
            case 0x10: return here + value;
            case 0x20: return bases.text + value;
            case 0x30: return bases.data + value;
            default: return ok_ = false, 0;
        }
    }

  private:
    /// Value and the number of bits that were written; bits beyond 64 are lost, as in every reader.
    std::pair<std::uint64_t, unsigned> leb() {
        std::uint64_t value = 0;
        unsigned bits = 0;
        for (;;) {
            const auto byte = number<std::uint8_t>();
            if (!ok_) return {0, 0};
            if (bits < 64) value |= std::uint64_t{byte & 0x7fU} << bits;
            bits += bits < 64 ? 7 : 0;
            if ((byte & 0x80) == 0) return {value, bits};
        }
    }

    Bytes bytes_;
    std::uint64_t address_ = 0, at_ = 0;
    bool ok_ = true;
};

/// A record of .eh_frame: its length field is read, `body` is where its identifier stands.
struct Record {
    std::uint64_t body = 0, end = 0;
    bool wide = false;  ///< 64-bit length form
};

enum class Step : std::uint8_t { record, terminator, broken };

Step next_record(Bytes bytes, std::uint64_t at, Record& record) {
    const auto length = read_at<std::uint32_t>(bytes, at);
    if (!length) return Step::broken;
    if (*length == 0) return Step::terminator;
    record.wide = *length == 0xffffffff;
    std::uint64_t size = *length;
    if (record.wide) {
        const auto extended = read_at<std::uint64_t>(bytes, at + 4);
        if (!extended) return Step::broken;
        size = *extended;
    } else if (size >= 0xfffffff0) {
        return Step::broken;  // DWARF keeps these
    }
    record.body = at + (record.wide ? 12 : 4);
    if (!part(bytes, record.body, size)) return Step::broken;
    record.end = record.body + size;
    return size < 4 ? Step::broken : Step::record;
}

/// What a CIE says of its FDEs' pointers; nullopt where it cannot be told.
std::optional<std::uint8_t> encoding_of_cie(Bytes bytes, std::uint64_t address, std::uint64_t at) {
    Record record;
    if (next_record(bytes, at, record) != Step::record) return std::nullopt;
    Reader in(bytes.first(static_cast<std::size_t>(record.end)), address, record.body);
    if (in.number<std::uint32_t>() != 0) return std::nullopt;  // no CIE
    const auto version = in.number<std::uint8_t>();
    if (version != 1 && version != 3 && version != 4) return std::nullopt;
    constexpr std::size_t kLongestAugmentation = 16;
    const std::string_view augmentation = in.text(kLongestAugmentation);
    if (version == 4) in.skip(2);                 // sizes of an address and of a segment selector
    if (augmentation == "eh") in.skip(8);         // GCC 2
    in.uleb();                                    // code alignment
    in.sleb();                                    // data alignment
    version == 1 ? in.skip(1) : (void)in.uleb();  // return address register
    if (!in.ok()) return std::nullopt;
    if (!augmentation.starts_with('z'))
        return augmentation.empty() || augmentation == "eh" ? std::optional<std::uint8_t>(kAbsolute) : std::nullopt;
    in.uleb();  // length of the augmentation data
    for (const char letter : augmentation.substr(1)) {
        if (letter == 'R') {
            const auto encoding = in.number<std::uint8_t>();
            return in.ok() ? std::optional<std::uint8_t>(encoding) : std::nullopt;
        }
        if (letter == 'L') {
            in.skip(1);
        } else if (letter == 'P') {
            const auto encoding = in.number<std::uint8_t>();
            // Only its length matters: what it counts from does not change that, an aligned one's place does.
            if (encoding == kAligned) in.pointer(encoding, {});
            else if (encoding != kOmit) in.raw(encoding);
        } else if (letter != 'S' && letter != 'B' && letter != 'G') {
            return std::nullopt;  // its data may come before that of R
        }
    }
    return in.ok() ? std::optional<std::uint8_t>(kAbsolute) : std::nullopt;
}

/// One .eh_frame at its address.
class Table {
  public:
    Table(Bytes bytes, std::uint64_t address, const Bases& bases) : bytes_(bytes), address_(address), bases_(bases) {}

    /// `to_end`: go on behind a record of length 0, which ends the table for the unwinder; linkers of old left some
    /// in the middle.
    void read(Frames& out, bool to_end) {
        out.frames.reserve(out.frames.size() + bytes_.size() / 32);
        for (std::uint64_t at = 0; at < bytes_.size();) {
            Record record;
            const Step step = next_record(bytes_, at, record);
            if (step == Step::terminator && to_end) {
                at += 4;
                continue;
            }
            if (step == Step::broken)
                out.notes.push_back(fmt::format(".eh_frame cannot be read from {:#x} on", address_ + at));
            if (step != Step::record) break;
            read_record(record, out);
            at = record.end;
        }
        if (unread_ != 0)
            out.notes.push_back(
                fmt::format("{} entries of .eh_frame cannot be read, the first at {:#x}", unread_, first_unread_));
    }

  private:
    void read_record(const Record& record, Frames& out) {
        // The identifier is 4 bytes in .eh_frame also where the length has 8.
        const auto back = *read_at<std::uint32_t>(bytes_, record.body);
        if (back == 0) return;  // a CIE: read where an FDE asks for it
        const auto encoding = back <= record.body ? encoding_of(record.body - back) : std::nullopt;
        Reader in(bytes_.first(static_cast<std::size_t>(record.end)), address_, record.body + 4);
        std::uint64_t start = 0, size = 0;
        const bool known = encoding && (*encoding & kIndirect) == 0;
        if (known) {
            start = in.pointer(*encoding, bases_);
            size = in.raw(*encoding == kAligned ? kAbsolute : *encoding);
        }
        if (!known || !in.ok() || size > ~start) {
            if (unread_++ == 0) first_unread_ = address_ + record.body;
        } else if (size != 0) {
            out.frames.push_back({start, start + size});
        }
    }

    std::optional<std::uint8_t> encoding_of(std::uint64_t cie) {
        const auto [it, fresh] = encodings_.try_emplace(cie);
        if (fresh) it->second = encoding_of_cie(bytes_, address_, cie);
        return it->second;
    }

    Bytes bytes_;
    std::uint64_t address_ = 0;
    Bases bases_;
    std::unordered_map<std::uint64_t, std::optional<std::uint8_t>> encodings_;
    std::uint64_t unread_ = 0, first_unread_ = 0;
};

/// Without section headers: .eh_frame_hdr knows where .eh_frame begins; it ends with a record of length 0, or with its
/// segment.
void read_through_header(const Image& image, const Bases& bases, Frames& out) {
    for (const Segment& segment : image.segments) {
        if (segment.type != PT_GNU_EH_FRAME) continue;
        Reader in(segment.bytes, segment.address);
        const auto version = in.number<std::uint8_t>(), encoding = in.number<std::uint8_t>();
        in.skip(2);
        const std::uint64_t start = in.pointer(encoding, {bases.text, segment.address});
        if (version != 1 || !in.ok() || encoding == kOmit) {
            out.notes.emplace_back(".eh_frame_hdr cannot be read");
            return;
        }
        Table(loaded_up_to(image, start, ~std::uint64_t{0}), start, bases).read(out, false);
        return;
    }
}

}  // namespace

Frames frames(const Image& image) {
    Frames out;
    if (image.type == kEtRel || image.type == kEtCore) return out;
    Bases bases;
    if (const Section* text = image.find(".text")) bases.text = text->address;
    if (const Section* got = image.find(".got")) bases.data = got->address;
    bool found = false;
    for (const Section& section : image.sections) {
        if (section.name != ".eh_frame" || (section.flags & SHF_ALLOC) == 0) continue;
        found = true;
        Table(section.bytes, section.address, bases).read(out, true);
    }
    if (!found) read_through_header(image, bases, out);
    return out;
}

}  // namespace lf::elf
