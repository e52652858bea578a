// SPDX-License-Identifier: MIT
//
// A file of random weights that llama.cpp takes for a model. What decides its speed is true to life: shape, types of
// the tensors (the mix that llama-quantize calls Q4_K_M), and weights whose spread keeps activations near 1, so that no
// operation meets infinities or denormals. The weights come from a pool of random blocks that is written again and
// again: memory is read in the same way whatever stands in it, and the file is made at the speed of the disk.
#include "bench/gguf_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/files.h"
#include "bench/gguf.h"

namespace lf::bench {
namespace {

constexpr std::uint64_t kAlignment = 32;
// Blocks in a pool: a prime, so that the rows of a tensor do not repeat with it.
constexpr std::size_t kPoolBlocks = 16381;
constexpr std::uint64_t kSpareDisk = std::uint64_t{64} << 20;

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
struct Random {
    std::uint64_t state;
    std::uint64_t next() {
        std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
};

void put(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}
void put_string(std::string& out, std::string_view text) {
    put(out, text.size(), 8);
    out += text;
}
void put_key(std::string& out, std::string_view key, std::uint32_t type) {
    put_string(out, key);
    put(out, type, 4);
}

/// The nearest half precision number; for positive values below 65504, denormals included.
std::uint16_t to_half(double value) {
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);  // value = fraction · 2^exponent, fraction in [0.5, 1)
    if (exponent < -13) return static_cast<std::uint16_t>(std::lround(std::ldexp(value, 24)));
    const auto mantissa = static_cast<int>(std::lround(std::ldexp(fraction, 11)));  // 1024 to 2048
    return static_cast<std::uint16_t>(((exponent + 14) << 10) + mantissa - 1024);
}

struct TensorPlan {
    std::string name;
    std::vector<std::uint64_t> dimensions;
    GgmlType type;
    std::uint64_t bytes() const {
        std::uint64_t count = 1;
        for (const std::uint64_t n : dimensions) count *= n;
        const GgmlTypeInfo* info = type_info(static_cast<std::uint32_t>(type));
        return count / info->block * info->block_bytes;
    }
};

/// Which layers llama-quantize gives more bits to in Q4_K_M: the first and last eighth and every third between
/// (llama.cpp, llama-quant.cpp, use_more_bits).
bool more_bits(std::uint32_t layer, std::uint32_t layers) {
    return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}

std::vector<TensorPlan> tensors_of(const ModelShape& shape) {
    const std::uint64_t width = shape.width;
    const std::uint64_t kv = std::uint64_t{shape.kv_heads} * (shape.width / shape.heads);
    std::vector<TensorPlan> all = {
        {"token_embd.weight", {width, shape.vocabulary}, GgmlType::q4_k},
        {"output_norm.weight", {width}, GgmlType::f32},
        {"output.weight", {width, shape.vocabulary}, GgmlType::q6_k},
    };
    for (std::uint32_t i = 0; i < shape.layers; ++i) {
        const GgmlType better = more_bits(i, shape.layers) ? GgmlType::q6_k : GgmlType::q4_k;
        const auto add = [&](std::string_view name, std::vector<std::uint64_t> dimensions, GgmlType type) {
            all.push_back({fmt::format("blk.{}.{}.weight", i, name), std::move(dimensions), type});
        };
        add("attn_norm", {width}, GgmlType::f32);
        add("attn_q", {width, width}, GgmlType::q4_k);
        add("attn_k", {width, kv}, GgmlType::q4_k);
        add("attn_v", {width, kv}, better);
        add("attn_output", {width, width}, GgmlType::q4_k);
        add("ffn_norm", {width}, GgmlType::f32);
        add("ffn_gate", {width, shape.feed_forward}, GgmlType::q4_k);
        add("ffn_up", {width, shape.feed_forward}, GgmlType::q4_k);
        add("ffn_down", {shape.feed_forward, width}, better);
    }
    return all;
}

std::uint64_t aligned(std::uint64_t n) { return (n + kAlignment - 1) / kAlignment * kAlignment; }

/// Keys and their values; types as in gguf.md: 4 = uint32, 6 = float32, 8 = string, 9 = array, 5 = int32.
struct Values {
    std::string bytes;
    std::uint64_t count = 0;
    void text(std::string_view key, std::string_view value) {
        put_key(bytes, key, 8);
        put_string(bytes, value);
        ++count;
    }
    void number(std::string_view key, std::uint32_t value) {
        put_key(bytes, key, 4);
        put(bytes, value, 4);
        ++count;
    }
    void real(std::string_view key, float value) {
        put_key(bytes, key, 6);
        put(bytes, std::bit_cast<std::uint32_t>(value), 4);
        ++count;
    }
    void array(std::string_view key, std::uint32_t type, std::uint64_t length) {
        put_key(bytes, key, 9);
        put(bytes, type, 4);
        put(bytes, length, 8);
        ++count;
    }
};

std::string token(std::uint32_t index) {
    constexpr std::array<std::string_view, 3> kSpecial = {"<unk>", "<s>", "</s>"};
    if (index < kSpecial.size()) return std::string(kSpecial[index]);
    if (index < 259) return fmt::format("<0x{:02X}>", index - 3);
    return fmt::format("\u2581w{}", index);
}
/// llama.h, enum llama_token_type: 1 normal, 2 unknown, 3 control, 6 byte.
std::uint32_t token_type(std::uint32_t index) {
    constexpr std::array<std::uint32_t, 3> kSpecial = {2, 3, 3};
    return index < kSpecial.size() ? kSpecial[index] : index < 259 ? 6 : 1;
}

/// A vocabulary that llama.cpp reads without complaint: special tokens, the 256 bytes, made-up words.
void put_vocabulary(Values& values, std::uint32_t size) {
    values.text("tokenizer.ggml.model", "llama");
    values.text("tokenizer.ggml.pre", "default");
    values.array("tokenizer.ggml.tokens", 8, size);
    for (std::uint32_t i = 0; i < size; ++i) put_string(values.bytes, token(i));
    values.array("tokenizer.ggml.scores", 6, size);
    for (std::uint32_t i = 0; i < size; ++i)
        put(values.bytes, std::bit_cast<std::uint32_t>(i < 259 ? 0.0F : -static_cast<float>(i)), 4);
    values.array("tokenizer.ggml.token_type", 5, size);
    for (std::uint32_t i = 0; i < size; ++i) put(values.bytes, token_type(i), 4);
    values.number("tokenizer.ggml.unknown_token_id", 0);
    values.number("tokenizer.ggml.bos_token_id", 1);
    values.number("tokenizer.ggml.eos_token_id", 2);
}

std::string header(const ModelShape& shape, const std::vector<TensorPlan>& tensors) {
    Values values;
    values.text("general.architecture", "llama");
    values.text("general.name", fmt::format("llama-fleet synthetic {} seed {}", shape.name, shape.seed));
    values.number("general.file_type", 15);  // Q4_K_M
    values.number("general.quantization_version", 2);
    values.number("llama.context_length", shape.context);
    values.number("llama.embedding_length", shape.width);
    values.number("llama.block_count", shape.layers);
    values.number("llama.feed_forward_length", shape.feed_forward);
    values.number("llama.attention.head_count", shape.heads);
    values.number("llama.attention.head_count_kv", shape.kv_heads);
    values.number("llama.rope.dimension_count", shape.width / shape.heads);
    values.number("llama.vocab_size", shape.vocabulary);
    values.real("llama.rope.freq_base", 10000.0F);
    values.real("llama.attention.layer_norm_rms_epsilon", 1e-5F);
    put_vocabulary(values, shape.vocabulary);

    std::string out = "GGUF";
    put(out, 3, 4);
    put(out, tensors.size(), 8);
    put(out, values.count, 8);
    out += values.bytes;
    std::uint64_t offset = 0;
    for (const TensorPlan& tensor : tensors) {
        put_string(out, tensor.name);
        put(out, tensor.dimensions.size(), 4);
        for (const std::uint64_t n : tensor.dimensions) put(out, n, 8);
        put(out, static_cast<std::uint32_t>(tensor.type), 4);
        put(out, offset, 8);
        offset += aligned(tensor.bytes());
    }
    out.resize(aligned(out.size()));
    return out;
}

/// Eight scales and eight minimums of 6 bits, equal in pairs, packed as ggml's get_scale_min_k4 takes them apart.
void put_q4_k_scales(std::string& out, std::uint64_t random) {
    std::array<std::uint8_t, 12> packed{};
    for (std::size_t j = 0; j < 8; ++j) {
        const auto scale = static_cast<std::uint8_t>(32 + ((random >> (5 * j)) & 31));
        if (j < 4) {
            packed[j] |= scale;
            packed[j + 4] |= scale;
        } else {
            packed[j + 4] = static_cast<std::uint8_t>((scale & 15) | (scale & 15) << 4);
            packed[j - 4] |= static_cast<std::uint8_t>((scale >> 4) << 6);
            packed[j] |= static_cast<std::uint8_t>((scale >> 4) << 6);
        }
    }
    out.append(reinterpret_cast<const char*>(packed.data()), packed.size());
}

/// Random blocks whose weights have mean 0 and standard deviation `spread`. Q4_K: d·scale·(q − 7.5), scale 32 to 63, q
/// 0 to 15. Q6_K: d·scale·(q − 32), scale −128 to 127, q 0 to 63.
std::string pool_of(GgmlType type, double spread, Random random) {
    std::string pool;
    const bool small = type == GgmlType::q4_k;
    const double unit = small ? spread / (47.5 * 4.61) : spread / (73.9 * 18.5);
    const auto put_random = [&](int words) {
        for (int i = 0; i < words; ++i) put(pool, random.next(), 8);
    };
    for (std::size_t block = 0; block < kPoolBlocks; ++block) {
        if (small) {
            put(pool, to_half(unit), 2);
            put(pool, to_half(7.5 * unit), 2);
            put_q4_k_scales(pool, random.next());
            put_random(16);
        } else {
            put_random(26);  // 128 low halves, 64 high pairs, 16 scales
            put(pool, to_half(unit), 2);
        }
    }
    return pool;
}

Error file_error(std::string id, std::string message, const std::string& path, std::string hint = {}) {
    Error error = world_error(std::move(id), std::move(message), std::move(hint));
    error.where.file = path;
    return error;
}

/// A file that is gone again unless it was kept.
class NewFile {
  public:
    explicit NewFile(std::string path)
        : path_(std::move(path)),
          partial_(fmt::format("{}.{}.partial", path_, ::getpid())),
          descriptor_(::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {}
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
        if (!kept_) ::unlink(partial_.c_str());
    }
    Done write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return fail(failure(errno));
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return {};
    }
    Done keep() {
        if (::fdatasync(descriptor_) != 0 || ::rename(partial_.c_str(), path_.c_str()) != 0)
            return fail(failure(errno));
        kept_ = true;
        return {};
    }
    bool open() const { return descriptor_ >= 0; }
    Error failure(int number) const {
        const char* const id = number == ENOSPC || number == EDQUOT ? "bench-disk-full" : "file-unwritable";
        return file_error(id, fmt::format("the model cannot be written: {}", std::strerror(number)), path_);
    }

  private:
    std::string path_;
    std::string partial_;
    int descriptor_;
    bool kept_ = false;
};

Done check_disk(const std::string& path, std::uint64_t bytes) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    struct statvfs disk = {};
    if (::statvfs(folder.empty() ? "." : folder.c_str(), &disk) != 0) return {};
    const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    if (free >= bytes + kSpareDisk) return {};
    return fail(file_error("bench-disk-full",
                           fmt::format("the model needs {} MiB, only {} MiB are free", bytes >> 20, free >> 20), path,
                           "make room, or let XDG_CACHE_HOME name a folder on another disk"));
}

/// `bytes` bytes (whole blocks) from the pool, beginning at block `first` and going round.
Done write_blocks(NewFile& file, std::string_view pool, std::size_t block_bytes, std::size_t first,
                  std::uint64_t bytes) {
    std::size_t position = first % kPoolBlocks * block_bytes;
    while (bytes > 0) {
        const std::size_t count = std::min<std::uint64_t>(bytes, pool.size() - position);
        LF_TRY(file.write(pool.substr(position, count)));
        bytes -= count;
        position = 0;
    }
    return {};
}

Done write_tensors(NewFile& file, const ModelShape& shape, const std::vector<TensorPlan>& tensors) {
    // A row of `width` weights keeps the size of what it is multiplied with: spread 1/√width.
    const double spread = 1.0 / std::sqrt(static_cast<double>(shape.width));
    const std::string q4_k = pool_of(GgmlType::q4_k, spread, Random{shape.seed});
    const std::string q6_k = pool_of(GgmlType::q6_k, spread, Random{shape.seed ^ 0x5eed});
    std::string ones;
    for (std::uint32_t i = 0; i < shape.width; ++i) put(ones, std::bit_cast<std::uint32_t>(1.0F), 4);
    Random random{shape.seed ^ 0x0ff5e7};
    for (const TensorPlan& tensor : tensors) {
        const std::uint64_t bytes = tensor.bytes();
        if (tensor.type == GgmlType::f32) {
            LF_TRY(file.write(ones));
        } else {
            const bool small = tensor.type == GgmlType::q4_k;
            LF_TRY(write_blocks(file, small ? q4_k : q6_k, small ? 144 : 210, random.next() % kPoolBlocks, bytes));
        }
        LF_TRY(file.write(std::string(aligned(bytes) - bytes, '\0')));
    }
    return {};
}

Done check_shape(const ModelShape& shape) {
    const bool ok = shape.layers >= 1 && shape.layers <= 512 && shape.width >= 256 && shape.width <= 65536 &&
                    shape.width % 256 == 0 && shape.feed_forward >= 256 && shape.feed_forward <= 262144 &&
                    shape.feed_forward % 256 == 0 && shape.heads >= 1 && shape.width % shape.heads == 0 &&
                    shape.width / shape.heads % 32 == 0 && shape.kv_heads >= 1 && shape.heads % shape.kv_heads == 0 &&
                    shape.vocabulary >= 512 && shape.vocabulary <= 1'000'000;
    if (ok) return {};
    return fail(usage_error("bench-shape", "this shape of a model is not possible",
                            "width and feed forward are multiples of 256, a head's width one of 32"));
}

bool begins_with(const std::string& path, std::string_view expected) {
    std::ifstream file(path, std::ios::binary);
    std::string begin(expected.size(), '\0');
    return file.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == expected;
}

}  // namespace

Result<std::uint64_t> model_size(const ModelShape& shape) {
    LF_TRY(check_shape(shape));
    const auto tensors = tensors_of(shape);
    std::uint64_t size = header(shape, tensors).size();
    for (const TensorPlan& tensor : tensors) size += aligned(tensor.bytes());
    return size;
}

Done write_model(const ModelShape& shape, const std::string& path) {
    LF_ASSIGN(const std::uint64_t size, model_size(shape));
    LF_TRY(check_disk(path, size));
    const auto tensors = tensors_of(shape);
    NewFile file(path);
    if (!file.open()) return fail(file.failure(errno));
    LF_TRY(file.write(header(shape, tensors)));
    LF_TRY(write_tensors(file, shape, tensors));
    return file.keep();
}

Result<std::string> cached_model(const ModelShape& shape, const std::string& directory) {
    LF_ASSIGN(const std::uint64_t size, model_size(shape));
    LF_TRY(make_directories(directory));
    const std::string path = fmt::format("{}/synthetic-{}-q4_k_m-{}.gguf", directory, shape.name, shape.seed);
    std::error_code missing;
    if (std::filesystem::file_size(path, missing) == size && !missing &&
        begins_with(path, header(shape, tensors_of(shape))))
        return path;
    LF_TRY(write_model(shape, path));
    return path;
}

std::string describe(const ModelShape& shape) {
    return fmt::format("synthetic llama {} Q4_K_M ({} layers, width {}), random weights", shape.name, shape.layers,
                       shape.width);
}

}  // namespace lf::bench
