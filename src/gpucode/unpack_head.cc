// SPDX-License-Identifier: MIT
#include "gpucode/unpack_head.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace lf::gpucode {

namespace {

struct FreeStream {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

std::size_t unpack_zstd(elf::Bytes packed, std::vector<std::uint8_t>& out) {
    const std::unique_ptr<ZSTD_DStream, FreeStream> stream(ZSTD_createDStream());
    if (stream == nullptr) return 0;
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    while (output.pos < output.size) {
        const std::size_t before = output.pos + input.pos;
        const std::size_t left = ZSTD_decompressStream(stream.get(), &output, &input);
        if (ZSTD_isError(left) != 0U || left == 0 || output.pos + input.pos == before) break;
    }
    return output.pos;
}

std::size_t unpack_zlib(elf::Bytes packed, std::vector<std::uint8_t>& out) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) return 0;
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    stream.next_in = const_cast<Bytef*>(packed.data());  // zlib only reads it
    stream.avail_in = static_cast<uInt>(std::min(packed.size(), kMost));
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(std::min(out.size(), kMost));
    inflate(&stream, Z_SYNC_FLUSH);  // however it ends, total_out is what was unpacked
    const std::size_t unpacked = stream.total_out;
    inflateEnd(&stream);
    return unpacked;
}

/// Bytes of one LZ4 block (its "Block Format Description": a token, literals, how far back a match begins, its length).
class Lz4Block {
  public:
    explicit Lz4Block(elf::Bytes packed) : packed_(packed) {}

    std::size_t unpack(std::vector<std::uint8_t>& out) {
        std::size_t size = 0;
        while (const auto token = next()) {
            std::size_t literals = length(*token >> 4U);
            for (; literals > 0 && size < out.size(); --literals) {
                const auto byte = next();
                if (!byte) return size;
                out[size++] = *byte;
            }
            const auto low = next(), high = next();
            if (size == out.size() || !low || !high) return size;
            const std::size_t back = *low | static_cast<std::size_t>(*high) << 8U;
            if (back == 0 || back > size) return size;
            for (std::size_t match = length(*token & 15U) + 4; match > 0 && size < out.size(); --match, ++size) {
                out[size] = out[size - back];
            }
        }
        return size;
    }

  private:
    std::optional<std::uint8_t> next() {
        if (at_ == packed_.size()) return std::nullopt;
        return packed_[at_++];
    }
    /// 15 goes on in further bytes, up to one that is not 255.
    std::size_t length(std::size_t begun) {
        if (begun != 15) return begun;
        while (const auto byte = next()) {
            begun += *byte;
            if (*byte != 255) break;
        }
        return begun;
    }

    elf::Bytes packed_;
    std::size_t at_ = 0;
};

}  // namespace

bool is_zstd(elf::Bytes packed) { return elf::read_at<std::uint32_t>(packed, 0) == ZSTD_MAGICNUMBER; }

std::vector<std::uint8_t> unpack_head(elf::Bytes packed, Packing packing, std::size_t want) {
    std::vector<std::uint8_t> out(want);
    if (want == 0 || packed.empty()) return {};
    std::size_t size = 0;
    switch (packing) {
        case Packing::zlib: size = unpack_zlib(packed, out); break;
        case Packing::zstd: size = unpack_zstd(packed, out); break;
        case Packing::lz4: size = Lz4Block(packed).unpack(out); break;
    }
    out.resize(size);
    return out;
}

std::optional<std::uint64_t> zstd_frame_size(elf::Bytes packed) {
    const std::size_t size = ZSTD_findFrameCompressedSize(packed.data(), packed.size());
    if (ZSTD_isError(size) != 0U) return std::nullopt;
    return size;
}

}  // namespace lf::gpucode
