// SPDX-License-Identifier: MIT
//
// A file of random weights that llama.cpp takes for a model. What decides its speed is true to life: shape, types of
// the tensors, and weights whose spread keeps activations near 1, so that no operation meets infinities or denormals.
#include "bench/synthetic.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/descriptor.h"
#include "base/files.h"
#include "base/text.h"
#include "bench/model_file.h"
#include "bench/synthetic_blocks.h"
#include "bench/synthetic_header.h"

namespace lf::bench {
namespace {

Done check_shape(const ModelShape& shape) {
    const bool ok = shape.layers >= 1 && shape.layers <= 512 && shape.width >= 256 && shape.width <= 65536 &&
                    shape.width % 256 == 0 && shape.feed_forward >= 256 && shape.feed_forward <= 262144 &&
                    shape.feed_forward % 256 == 0 && shape.heads >= 1 && shape.width % shape.heads == 0 &&
                    shape.width / shape.heads % 32 == 0 && shape.kv_heads >= 1 && shape.heads % shape.kv_heads == 0 &&
                    shape.vocabulary >= 512 && shape.vocabulary <= 1'000'000 && shape.experts <= 1024 &&
                    shape.experts_used <= shape.experts && (shape.experts == 0) == (shape.experts_used == 0);
    if (ok) return {};
    return fail(usage_error("bench-shape", "this shape of a model is not possible",
                            "width and feed forward are multiples of 256, a head's width one of 32"));
}

/// A row of `width` weights keeps the size of what it is multiplied with: spread 1/√width.
WeightPools pools_of(const SyntheticModel& model) {
    return {model.seed, 1.0 / std::sqrt(static_cast<double>(model.shape.width))};
}

/// `count` bytes of a source from its byte `offset` on, handed out in pieces.
template <class Piece>
Done for_pieces(const WeightPools::Source& source, std::uint64_t offset, std::uint64_t count, Piece piece) {
    const std::string_view pool = *source.pool;
    std::size_t position = (source.start + offset) % pool.size();
    while (count > 0) {
        const std::size_t length = std::min<std::uint64_t>(count, pool.size() - position);
        LF_TRY(piece(pool.substr(position, length)));
        count -= length;
        position = 0;
    }
    return {};
}

Done write_into(ModelFile& file, const SyntheticModel& model) {
    LF_TRY(file.write(model_header(model)));
    WeightPools pools = pools_of(model);
    std::size_t number = 0;
    for (const GgufTensor& tensor : model_tensors(model.shape, model.quant)) {
        const std::uint64_t bytes = tensor_bytes(tensor).value_or(0);
        LF_TRY(for_pieces(pools.source(tensor, number++), 0, bytes,
                          [&](std::string_view piece) { return file.write(piece); }));
        LF_TRY(file.write(std::string(gguf_aligned(bytes) - bytes, '\0')));
    }
    return file.keep();
}

bool stands_at(int descriptor, std::uint64_t offset, std::string_view expected) {
    std::string found(expected.size(), '\0');
    std::size_t filled = 0;
    while (filled < found.size()) {
        const ssize_t got =
            ::pread(descriptor, found.data() + filled, found.size() - filled, static_cast<off_t>(offset + filled));
        if (got <= 0) return false;
        filled += static_cast<std::size_t>(got);
    }
    return found == expected;
}

/// Does the tensor begin and end with its weights? A file whose writing the machine did not survive has zeros there.
bool tensor_stands(int descriptor, std::uint64_t offset, std::uint64_t bytes, const WeightPools::Source& source) {
    const std::uint64_t count = std::min<std::uint64_t>(bytes, 512);
    for (const std::uint64_t from : {std::uint64_t{0}, bytes - count}) {
        std::string expected;
        (void)for_pieces(source, from, count, [&](std::string_view piece) -> Done {
            expected += piece;
            return {};
        });
        if (!stands_at(descriptor, offset + from, expected)) return false;
    }
    return true;
}

bool is_whole(const SyntheticModel& model, std::uint64_t size, const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status = {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    const std::string header = model_header(model);
    if (static_cast<std::uint64_t>(status.st_size) != size || !stands_at(file.get(), 0, header)) return false;
    WeightPools pools = pools_of(model);
    std::size_t number = 0;
    for (const GgufTensor& tensor : model_tensors(model.shape, model.quant))
        if (!tensor_stands(file.get(), header.size() + tensor.offset, tensor_bytes(tensor).value_or(0),
                           pools.source(tensor, number++)))
            return false;
    return true;
}

}  // namespace

Result<std::uint64_t> model_size(const SyntheticModel& model) {
    LF_TRY(check_shape(model.shape));
    std::uint64_t size = model_header(model).size();
    for (const GgufTensor& tensor : model_tensors(model.shape, model.quant))
        size += gguf_aligned(tensor_bytes(tensor).value_or(0));
    return size;
}

Done write_model(const SyntheticModel& model, const std::string& path) {
    LF_ASSIGN(const std::uint64_t size, model_size(model));
    ModelFile file(path);
    LF_TRY(file.open());
    LF_TRY(file.reserve(size));
    return write_into(file, model);
}

Result<std::string> cached_model(const SyntheticModel& model, const std::string& directory) {
    LF_ASSIGN(const std::uint64_t size, model_size(model));
    LF_TRY(make_directories(directory));
    std::string path =
        fmt::format("{}/synthetic-{}-{}-{}.gguf", directory, model.shape.name, model.quant.name, model.seed);
    if (is_whole(model, size, path)) return path;
    ModelFile file(path);
    LF_TRY(file.open());
    if (is_whole(model, size, path)) return path;  // somebody else wrote it while we waited
    LF_TRY(file.reserve(size));
    LF_TRY(write_into(file, model));
    return path;
}

std::string describe(const SyntheticModel& model) {
    const std::string experts = model.shape.experts == 0
                                    ? ""
                                    : fmt::format(", {} of {} experts", model.shape.experts_used, model.shape.experts);
    return fmt::format("synthetic {} {} {} ({} layers, width {}{}), random weights", model.shape.architecture,
                       model.shape.name, model.quant.name, model.shape.layers, model.shape.width, experts);
}

}  // namespace lf::bench
