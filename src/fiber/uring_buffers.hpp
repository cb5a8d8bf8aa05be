// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace cicada::fiber {

/// The receive buffers that all sockets of a ring share: the kernel takes one when bytes come, and
/// we give it back when they are read.
///
/// Grows while buffers are out, up to kMostBuffers; a receive that finds none ends with ENOBUFS.
class UringBuffers {
public:
    static constexpr std::size_t kBufferSize = 4096;
    static constexpr std::size_t kBuffersPerSlab = 512;
    static constexpr std::size_t kMostBuffers = 16'384;  ///< 64 MiB
    static constexpr int kGroup = 0;

    /// Error: std::system_error where the kernel has no buffer rings (before 5.19).
    explicit UringBuffers(io_uring& ring);
    UringBuffers(const UringBuffers&) = delete;
    UringBuffers& operator=(const UringBuffers&) = delete;
    ~UringBuffers();

    [[nodiscard]] char* memory_of(std::uint16_t buffer) {
        return slabs_[buffer / kBuffersPerSlab].get() + buffer % kBuffersPerSlab * kBufferSize;
    }

    void taken() { --free_; }
    void give_back(std::uint16_t buffer);

    /// Adds a slab if there may be more; false: all kMostBuffers are out.
    bool grow();

    [[nodiscard]] std::size_t free_count() const { return free_; }

private:
    void offer(std::uint16_t buffer);

    io_uring& ring_;
    io_uring_buf_ring* buffer_ring_ = nullptr;
    std::vector<std::unique_ptr<char[]>> slabs_;
    std::size_t free_ = 0;
};

}  // namespace cicada::fiber
