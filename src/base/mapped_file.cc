// SPDX-License-Identifier: MIT
// Binaries of a gigabyte are looked at in a few places only, so that they are mapped and not read. But who touches a
// page of a mapping that the file no longer has (somebody truncated it meanwhile: a build that is replaced, a full
// disk) gets SIGBUS, which ends the program. So there is a handler: where the address lies in a mapping of ours, it
// puts zeros under it (a page of anonymous memory) and the read goes on, on what now looks like a damaged file, which
// every reader here can bear; changed() tells it afterwards. All other SIGBUS go where they went before. Files that are
// small anyway are read: that is quicker than to map, and what is read cannot change.
#include "base/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>

#include "base/descriptor.h"

namespace lf {
namespace {

constexpr std::size_t kReadWhole = std::size_t{256} << 10;

Error file_error(const char* id, const std::string& path, std::string message) {
    Error error = world_error(id, std::move(message));
    error.where.file = path;
    return error;
}

/// The mappings that the handler knows. Fixed, for a signal handler can take no lock: a slot is taken by its `begin`.
/// Begins and ends are whole pages.
struct Slot {
    std::atomic<std::uintptr_t> begin{0}, end{0};
    std::atomic<bool> missed{false};  ///< a page of it was not there
};
std::array<Slot, 256> slots;
struct sigaction before;
std::uintptr_t page_size = 4096;

Slot* slot_of(std::uintptr_t address) {
    Slot* const found = std::find_if(slots.begin(), slots.end(), [&](const Slot& slot) {
        const std::uintptr_t begin = slot.begin.load(std::memory_order_acquire);
        return begin != 0 && address >= begin && address < slot.end.load(std::memory_order_acquire);
    });
    return found == slots.end() ? nullptr : found;
}

/// mmap is a plain system call on Linux: it takes no lock and keeps errno apart from what we restore.
void on_bus_error(int number, siginfo_t* info, void* context) {
    const int saved = errno;
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    if (Slot* const slot = slot_of(address); slot != nullptr) {
        slot->missed.store(true, std::memory_order_release);
        void* page = static_cast<char*>(info->si_addr) - address % page_size;
        const void* got = ::mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        errno = saved;
        if (got == page) return;
    }
    if ((before.sa_flags & SA_SIGINFO) != 0) return before.sa_sigaction(number, info, context);
    if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) return before.sa_handler(number);
    // As if we were not there: the instruction runs again, and the signal ends the program.
    ::signal(number, SIG_DFL);
}

bool install_handler() {
    static const bool done = [] {
        page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        struct sigaction action {};
        action.sa_sigaction = on_bus_error;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
        ::sigemptyset(&action.sa_mask);
        return ::sigaction(SIGBUS, &action, &before) == 0;
    }();
    return done;
}

std::uintptr_t whole_pages(std::size_t size) { return (size + page_size - 1) & ~(page_size - 1); }

/// False where all slots are taken.
bool guard(const std::uint8_t* data, std::size_t size) {
    if (!install_handler()) return false;
    static std::mutex taking;
    const std::lock_guard lock(taking);
    const auto begin = reinterpret_cast<std::uintptr_t>(data);
    for (Slot& slot : slots) {
        if (slot.begin.load(std::memory_order_relaxed) != 0) continue;
        slot.missed.store(false, std::memory_order_release);
        slot.end.store(begin + whole_pages(size), std::memory_order_release);
        slot.begin.store(begin, std::memory_order_release);
        return true;
    }
    return false;
}

void unguard(const std::uint8_t* data) {
    for (Slot& slot : slots) {
        auto begin = reinterpret_cast<std::uintptr_t>(data);
        if (slot.begin.compare_exchange_strong(begin, 0, std::memory_order_acq_rel)) return;
    }
}

const std::uint8_t* map(std::size_t size, int protection, int flags, int fd) {
    void* data = ::mmap(nullptr, size, protection, flags, fd, 0);
    return data == MAP_FAILED ? nullptr : static_cast<const std::uint8_t*>(data);
}

/// The file as it is now, in memory of its own; a file that is shorter by now ends in zeros.
Result<const std::uint8_t*> read_whole(int fd, std::size_t size, const std::string& path) {
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED)
        return fail(file_error("file-unreadable", path, fmt::format("no memory for its {} bytes", size)));
    auto* bytes = static_cast<std::uint8_t*>(data);
    for (std::size_t have = 0; have < size;) {
        const ssize_t got = ::pread(fd, bytes + have, size - have, static_cast<off_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            const int number = errno;
            ::munmap(data, size);
            return fail(file_error("file-unreadable", path, fmt::format("cannot read: {}", std::strerror(number))));
        }
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::string& path) {
    // O_NONBLOCK: a fifo must not hang us; it is refused below.
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (fd.get() < 0)
        return fail(file_error(errno == ENOENT || errno == ENOTDIR ? "file-missing" : "file-unreadable", path,
                               fmt::format("cannot read: {}", std::strerror(errno))));
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0)
        return fail(file_error("file-unreadable", path, fmt::format("cannot read: {}", std::strerror(errno))));
    if (!S_ISREG(status.st_mode)) {
        const char* what = S_ISDIR(status.st_mode)    ? "a folder"
                           : S_ISFIFO(status.st_mode) ? "a fifo"
                           : S_ISSOCK(status.st_mode) ? "a socket"
                                                      : "a device";
        return fail(file_error("file-not-regular", path, fmt::format("{}, not a regular file", what)));
    }
    const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
    const State state{status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
    if (size == 0) return MappedFile(path, std::move(fd), state, nullptr);
    if (size > kReadWhole) {
        const std::uint8_t* data = map(size, PROT_READ, MAP_PRIVATE, fd.get());
        if (data != nullptr && guard(data, size)) return MappedFile(path, std::move(fd), state, data);
        if (data != nullptr) ::munmap(const_cast<std::uint8_t*>(data), size);
    }
    LF_ASSIGN(const std::uint8_t* data, read_whole(fd.get(), size, path));
    return MappedFile(path, std::move(fd), state, data);
}

MappedFile::MappedFile(std::string path, Descriptor fd, State state, const std::uint8_t* data)
    : path_(std::move(path)),
      fd_(std::move(fd)),
      state_(state),
      data_(data),
      size_(data == nullptr ? 0 : static_cast<std::size_t>(state.size)) {}

bool MappedFile::changed() const {
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) return true;
    if (State{status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec} != state_) return true;
    const Slot* const slot = data_ == nullptr ? nullptr : slot_of(reinterpret_cast<std::uintptr_t>(data_));
    return slot != nullptr && slot->missed.load(std::memory_order_acquire);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::move(other.fd_)),
      state_(other.state_),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, std::size_t{0})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    std::swap(state_, other.state_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

MappedFile::~MappedFile() {
    if (data_ == nullptr) return;
    unguard(data_);
    ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

}  // namespace lf
