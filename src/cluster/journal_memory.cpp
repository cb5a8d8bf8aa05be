// SPDX-License-Identifier: Apache-2.0
#include "cluster/journal_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "cluster/journal_format.hpp"

namespace cicada::cluster {
namespace {

std::string text_of(int error) {
    return std::generic_category().message(error);
}

}  // namespace

std::size_t journal_size(const JournalLimits& limits) {
    return kJournalTextsAt + limits.text_bytes + limits.chunks * JournalLimits::kChunkBytes;
}

base::Result<JournalMemory> JournalMemory::map(int fd, std::size_t size) {
    void* const begin = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (begin == MAP_FAILED) {
        const int error = errno;
        ::close(fd);
        return base::failure("a journal cannot be mapped: " + text_of(error));
    }
    return JournalMemory(fd, {static_cast<std::byte*>(begin), size});
}

base::Result<JournalMemory> JournalMemory::create(const JournalLimits& limits) {
    const std::size_t size = journal_size(limits);
    const int fd = ::memfd_create("cicada-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return base::failure("there is no memory for a journal: " + text_of(errno));
    // A reader must not meet the end of the file where there was memory before.
    if (::ftruncate(fd, static_cast<off_t>(size)) != 0 ||
        ::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0) {
        const int error = errno;
        ::close(fd);
        return base::failure("there is no memory for a journal: " + text_of(error));
    }
    auto memory = map(fd, size);
    if (!memory) return memory;
    auto* const header = reinterpret_cast<JournalHeader*>(memory->bytes().data());
    header->text_bytes = limits.text_bytes;
    header->chunks = limits.chunks;
    return memory;
}

base::Result<JournalMemory> JournalMemory::adopt(int fd) {
    struct stat about {};
    if (::fstat(fd, &about) != 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        return base::failure("descriptor " + std::to_string(fd) +
                             " is not the journal of a parent: " + text_of(errno));
    }
    const auto size = static_cast<std::size_t>(about.st_size);
    if (!S_ISREG(about.st_mode) || size < journal_size({.text_bytes = 0, .chunks = 0})) {
        return base::failure("descriptor " + std::to_string(fd) +
                             " is not the journal of a parent");
    }
    auto memory = map(fd, size);
    if (!memory) return memory;
    const auto* const header = reinterpret_cast<JournalHeader*>(memory->bytes().data());
    if (journal_size({.text_bytes = header->text_bytes, .chunks = header->chunks}) != size) {
        return base::failure("descriptor " + std::to_string(fd) +
                             " is not the journal of a parent");
    }
    return memory;
}

JournalMemory::JournalMemory(JournalMemory&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), bytes_(std::exchange(other.bytes_, {})) {}

JournalMemory& JournalMemory::operator=(JournalMemory&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(bytes_, other.bytes_);
    return *this;
}

JournalMemory::~JournalMemory() {
    if (fd_ < 0) return;
    ::munmap(bytes_.data(), bytes_.size());
    ::close(fd_);
}

}  // namespace cicada::cluster
