// SPDX-License-Identifier: MIT
/// \file
/// \brief Names of C++ functions as people write them.
#pragma once

#include <string>
#include <string_view>

namespace lf {

/// "_ZNSt13random_device7_M_initERKS_" → "std::random_device::_M_init(std::random_device const&)", by the runtime's own
/// reader. "" for what is no mangled name, and for what is not worth the risk: names may come from a hostile file, and
/// a short one can stand for gigabytes. So names over 1000 bytes, with more than 12 references back into themselves
/// (each three of them triple the result at most), and results over 1000 bytes are left alone.
std::string demangled(std::string_view name);

}  // namespace lf
