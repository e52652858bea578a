// SPDX-License-Identifier: MIT
/// \file
/// \brief A file descriptor that closes itself.
#pragma once

#include <unistd.h>

#include <utility>

namespace lf {

class Descriptor {
  public:
    /// Takes over `fd`; a negative one (a failed open) is kept and never closed.
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    /// close(2) with its result, for those who must know whether the bytes arrived.
    int close() { return ::close(std::exchange(fd_, -1)); }

  private:
    int fd_;
};

}  // namespace lf
