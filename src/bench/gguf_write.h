// SPDX-License-Identifier: MIT
/// \file
/// \brief Bytes of a GGUF header (version 3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/gguf.h"

namespace lf::bench {

/// Keys in the order in which they are given; a key must be given once only.
class GgufHeader {
  public:
    void text(std::string_view key, std::string_view value);
    void number(std::string_view key, std::uint32_t value);
    void big_number(std::string_view key, std::uint64_t value);
    void real(std::string_view key, float value);
    void flag(std::string_view key, bool value);
    void texts(std::string_view key, const std::vector<std::string>& values);
    void reals(std::string_view key, const std::vector<float>& values);
    void integers(std::string_view key, const std::vector<std::int32_t>& values);
    /// The header with its tensor table, filled up to where the data begins.
    std::string finish(const std::vector<GgufTensor>& tensors) const;

  private:
    std::string values_;
    std::uint64_t count_ = 0;
    void key(std::string_view key, std::uint32_t type);
    void array(std::string_view key, std::uint32_t type, std::uint64_t length);
};

}  // namespace lf::bench
