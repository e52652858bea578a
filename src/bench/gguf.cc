// SPDX-License-Identifier: MIT
#include "bench/gguf.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <limits>
#include <set>

#include "base/text.h"

namespace lf::bench {
namespace {

// No honest header comes near these; a broken one must not make us ask for memory or time.
constexpr std::uint64_t kMostEntries = 1u << 16;  // keys, tensors
constexpr std::uint64_t kMostNameBytes = 1u << 16;
constexpr std::size_t kMostHeaderBytes = std::size_t{64} << 20;

/// The types of values, in the order of their numbers; size 0 = of its own length.
struct ValueType {
    std::uint8_t size;
    enum Kind : std::uint8_t { is_unsigned, is_signed, is_float, is_bool, is_string, is_array } kind;
};
constexpr std::array kValueTypes = {
    ValueType{1, ValueType::is_unsigned}, ValueType{1, ValueType::is_signed},   ValueType{2, ValueType::is_unsigned},
    ValueType{2, ValueType::is_signed},   ValueType{4, ValueType::is_unsigned}, ValueType{4, ValueType::is_signed},
    ValueType{4, ValueType::is_float},    ValueType{1, ValueType::is_bool},     ValueType{0, ValueType::is_string},
    ValueType{0, ValueType::is_array},    ValueType{8, ValueType::is_unsigned}, ValueType{8, ValueType::is_signed},
    ValueType{8, ValueType::is_float},
};

/// Reads from the front. The first failure sticks; ask for it at the end of a stretch.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    std::string_view take(std::uint64_t count) {
        if (failed_ || count > bytes_.size() - position_) {
            failed_ = true;
            return {};
        }
        position_ += count;
        return bytes_.substr(position_ - count, count);
    }
    std::uint64_t number(std::uint8_t size) {
        std::uint64_t value = 0;
        int shift = 0;
        for (const char c : take(size)) {
            value |= std::uint64_t{static_cast<unsigned char>(c)} << shift;
            shift += 8;
        }
        return value;
    }
    std::string string() { return std::string(take(number(8))); }
    bool failed() const { return failed_; }
    std::uint64_t position() const { return position_; }

  private:
    std::string_view bytes_;
    std::uint64_t position_ = 0;
    bool failed_ = false;
};

Error wrong(const std::string& file, std::string message) {
    Error error = world_error("gguf-format", std::move(message), "give a GGUF model file of version 2 or 3");
    error.where.file = file;
    return error;
}
Error truncated(const std::string& file, std::string message) {
    Error error = world_error("gguf-truncated", std::move(message), "the file was not fetched or written whole");
    error.where.file = file;
    return error;
}

std::int64_t sign_extend(std::uint64_t value, std::uint8_t size) {
    const int shift = 64 - 8 * size;
    return static_cast<std::int64_t>(value << shift) >> shift;
}

GgufValue scalar(Reader& reader, const ValueType& type) {
    if (type.kind == ValueType::is_string) return reader.string();
    const std::uint64_t raw = reader.number(type.size);
    if (type.kind == ValueType::is_signed) return sign_extend(raw, type.size);
    if (type.kind == ValueType::is_bool) return raw != 0;
    if (type.kind != ValueType::is_float) return raw;
    if (type.size == 8) return std::bit_cast<double>(raw);
    return double{std::bit_cast<float>(static_cast<std::uint32_t>(raw))};
}

/// Skips the elements of an array and returns their number; nothing if its element type is none (arrays in arrays are
/// allowed by the format, but nobody writes them).
std::optional<std::uint64_t> skip_array(Reader& reader) {
    const std::uint64_t type = reader.number(4);
    const std::uint64_t count = reader.number(8);
    if (reader.failed()) return count;
    if (type >= kValueTypes.size() || kValueTypes[type].kind == ValueType::is_array) return std::nullopt;
    const ValueType& element = kValueTypes[type];
    if (element.size == 0) {
        for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) reader.take(reader.number(8));
    } else if (count > std::numeric_limits<std::uint64_t>::max() / element.size) {
        return std::nullopt;
    } else {
        reader.take(count * element.size);
    }
    return count;
}

Done read_values(Reader& reader, std::uint64_t count, GgufInfo& info, const std::string& file) {
    for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
        const std::string key = reader.string();
        const std::uint64_t type = reader.number(4);
        if (reader.failed()) break;
        if (type >= kValueTypes.size())
            return fail(wrong(file, fmt::format("key '{}' has the unknown type {}", printable(key), type)));
        if (info.values.contains(key) || info.array_lengths.contains(key))
            return fail(wrong(file, fmt::format("there are two values for '{}'", printable(key))));
        if (kValueTypes[type].kind == ValueType::is_array) {
            const auto length = skip_array(reader);
            if (!length) return fail(wrong(file, fmt::format("key '{}' is not a readable array", printable(key))));
            info.array_lengths[key] = *length;
        } else {
            info.values[key] = scalar(reader, kValueTypes[type]);
        }
    }
    return {};
}

Done read_tensors(Reader& reader, std::uint64_t count, GgufInfo& info, const std::string& file) {
    std::set<std::string> names;
    for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
        GgufTensor tensor;
        tensor.name = reader.string();
        const std::uint64_t dimensions = reader.number(4);
        if (reader.failed()) break;
        if (dimensions > 4)
            return fail(wrong(file, fmt::format("tensor '{}' has {} dimensions", printable(tensor.name), dimensions)));
        for (std::uint64_t d = 0; d < dimensions; ++d) tensor.dimensions.push_back(reader.number(8));
        tensor.type = static_cast<std::uint32_t>(reader.number(4));
        tensor.offset = reader.number(8);
        if (reader.failed()) break;
        const auto size = tensor_elements(tensor);
        if (!size || (type_info(tensor.type) != nullptr && !tensor_bytes(tensor)))
            return fail(wrong(file, fmt::format("tensor '{}' has an impossible size", printable(tensor.name))));
        if (info.parameters > std::numeric_limits<std::uint64_t>::max() - *size)
            return fail(wrong(file, "the tensors have an impossible size together"));
        if (!names.insert(tensor.name).second)
            return fail(wrong(file, fmt::format("there are two tensors '{}'", printable(tensor.name))));
        info.parameters += *size;
        info.tensors.push_back(std::move(tensor));
    }
    return {};
}

/// Tensors one behind the other, as llama.cpp wants them, so that no byte belongs to two.
Done check_extent(const GgufInfo& info, std::uint64_t file_size, std::uint64_t alignment, const std::string& file) {
    if (info.data_offset > file_size) return fail(truncated(file, "the file ends inside its header"));
    const std::uint64_t data = file_size - info.data_offset;
    std::uint64_t end = 0;
    for (const GgufTensor& tensor : info.tensors) {
        const std::uint64_t bytes = tensor_bytes(tensor).value_or(0);
        if (tensor.offset % alignment != 0 || tensor.offset < end)
            return fail(wrong(file, fmt::format("tensor '{}' begins at {}, which cannot be right",
                                                printable(tensor.name), tensor.offset)));
        if (tensor.offset > data || bytes > data - tensor.offset)
            return fail(truncated(file, fmt::format("tensor '{}' lies behind the end of the file ({} bytes)",
                                                    printable(tensor.name), file_size)));
        end = tensor.offset + bytes;
    }
    return {};
}

std::uint64_t alignment_of(const GgufInfo& info) {
    const auto found = info.values.find("general.alignment");
    const auto* value = found == info.values.end() ? nullptr : std::get_if<std::uint64_t>(&found->second);
    return value == nullptr ? 32 : *value;
}

/// What people take for a model: another format of it, or what stands for it.
Error no_gguf(std::string_view bytes, const std::string& file) {
    struct Other {
        std::string_view begin, message, hint;
    };
    constexpr std::array kOthers = {
        Other{"version https://git-lfs", "this is a pointer of Git LFS, not the model", "run: git lfs pull"},
        Other{"lmgg", "this is a model of llama.cpp's time before GGUF", "convert the original model again"},
        Other{"tjgg", "this is a model of llama.cpp's time before GGUF", "convert the original model again"},
        Other{"<!DOCTYPE", "this is a web page, not the model", "download the file itself"},
        Other{"PK\x03\x04", "this is a zip archive or a PyTorch model", "convert it: convert_hf_to_gguf.py"},
    };
    for (const Other& other : kOthers) {
        if (!bytes.starts_with(other.begin)) continue;
        Error error = wrong(file, std::string(other.message));
        error.hint = other.hint;
        return error;
    }
    return wrong(file, "this is not a GGUF file");
}

Error unknown_version(std::uint32_t version, const std::string& file) {
    if (version == 1) return wrong(file, "GGUF version 1 was given up in 2023: convert the original model again");
    // Version 3 with its bytes turned round.
    if (version != 0 && version % 65536 == 0) return wrong(file, "this GGUF file is for big-endian machines");
    return wrong(file, fmt::format("GGUF version {} is not known", version));
}

}  // namespace

std::optional<std::uint64_t> tensor_elements(const GgufTensor& tensor) {
    std::uint64_t product = 1;
    for (const std::uint64_t n : tensor.dimensions) {
        if (n == 0 || product > (std::uint64_t{1} << 62) / n) return std::nullopt;
        product *= n;
    }
    const GgmlTypeInfo* type = type_info(tensor.type);
    const std::uint64_t row = tensor.dimensions.empty() ? 1 : tensor.dimensions[0];
    if (type != nullptr && row % type->block != 0) return std::nullopt;
    return product;
}

std::optional<std::uint64_t> tensor_bytes(const GgufTensor& tensor) {
    const GgmlTypeInfo* type = type_info(tensor.type);
    const auto count = tensor_elements(tensor);
    if (type == nullptr || !count) return std::nullopt;
    if (*count / type->block > (std::uint64_t{1} << 62) / type->block_bytes) return std::nullopt;
    return *count / type->block * type->block_bytes;
}

std::optional<std::string> GgufInfo::text(const std::string& key) const {
    const auto found = values.find(key);
    const auto* value = found == values.end() ? nullptr : std::get_if<std::string>(&found->second);
    return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::uint64_t> GgufInfo::number(const std::string& key) const {
    const auto found = values.find(key);
    if (found == values.end()) return std::nullopt;
    if (const auto* value = std::get_if<std::uint64_t>(&found->second)) return *value;
    const auto* value = std::get_if<std::int64_t>(&found->second);
    return value == nullptr || *value < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(*value));
}

std::string GgufInfo::architecture() const { return text("general.architecture").value_or(""); }

std::string GgufInfo::describe() const {
    const std::string name = printable(architecture()).substr(0, 40);
    std::string out = fmt::format("{} {:.2g}B", name.empty() ? "model" : name, static_cast<double>(parameters) / 1e9);
    const std::string_view type = file_type_name(number("general.file_type").value_or(~std::uint64_t{0}));
    return type.empty() ? out : fmt::format("{} {}", out, type);
}

Result<GgufInfo> parse_gguf(std::string_view bytes, std::uint64_t file_size, const std::string& file) {
    Reader reader(bytes);
    if (reader.take(4) != "GGUF") return fail(no_gguf(bytes, file));
    GgufInfo info;
    info.version = static_cast<std::uint32_t>(reader.number(4));
    if (!reader.failed() && info.version != 2 && info.version != 3) return fail(unknown_version(info.version, file));
    const std::uint64_t tensors = reader.number(8);
    const std::uint64_t values = reader.number(8);
    if (tensors > kMostEntries || values > kMostEntries)
        return fail(wrong(file, fmt::format("{} tensors and {} keys cannot be right", tensors, values)));
    LF_TRY(read_values(reader, values, info, file));
    LF_TRY(read_tensors(reader, tensors, info, file));
    if (reader.failed()) return fail(truncated(file, "the file ends inside its header"));
    const std::uint64_t alignment = alignment_of(info);
    if (!std::has_single_bit(alignment) || alignment > kMostNameBytes)
        return fail(wrong(file, fmt::format("an alignment of {} is not possible", alignment)));
    info.data_offset = (reader.position() + alignment - 1) / alignment * alignment;
    LF_TRY(check_extent(info, file_size, alignment, file));
    return info;
}

Result<GgufInfo> read_gguf(const std::string& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status = {};
    if (descriptor < 0 || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        if (descriptor >= 0) ::close(descriptor);
        Error error = world_error("file-unreadable", "the model cannot be read", "give the path of a GGUF file");
        error.where.file = file;
        return fail(std::move(error));
    }
    const auto file_size = static_cast<std::uint64_t>(status.st_size);
    std::string bytes;
    Result<GgufInfo> result = fail(truncated(file, "the file is empty"));
    for (std::size_t wanted = std::size_t{1} << 20; wanted <= kMostHeaderBytes; wanted *= 4) {
        bytes.resize(std::min<std::uint64_t>(wanted, file_size));
        std::size_t filled = 0;
        while (filled < bytes.size()) {
            const auto offset = static_cast<off_t>(filled);
            const ssize_t got = ::pread(descriptor, bytes.data() + filled, bytes.size() - filled, offset);
            if (got <= 0) break;
            filled += static_cast<std::size_t>(got);
        }
        bytes.resize(filled);
        result = parse_gguf(bytes, file_size, file);
        if (result || result.error().id != "gguf-truncated" || filled < wanted) break;
    }
    ::close(descriptor);
    return result;
}

}  // namespace lf::bench
