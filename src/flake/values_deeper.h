// SPDX-License-Identifier: MIT
/// \file
/// \brief How deep Values goes before it stops: only its own files include this.
#pragma once

#include "flake/values.h"

namespace lf::flake {

/// Functions of functions of functions: nobody's fleet is deeper, and the stack holds so many.
inline constexpr int kMaxDepth = 120;

class Values::Deeper {
  public:
    explicit Deeper(Values& values) : values_(values) { ++values_.depth_; }
    ~Deeper() { --values_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    bool ok() const {
        if (!values_.may_work()) values_.gave_up_ = true;
        return values_.depth_ <= kMaxDepth && values_.work_ > 0;
    }

  private:
    Values& values_;
};

}  // namespace lf::flake
