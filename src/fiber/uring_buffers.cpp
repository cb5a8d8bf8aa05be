// SPDX-License-Identifier: Apache-2.0
#include "fiber/uring_buffers.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <system_error>

namespace cicada::fiber {
namespace {

constexpr std::size_t kRingBytes = UringBuffers::kMostBuffers * sizeof(io_uring_buf);

}  // namespace

UringBuffers::UringBuffers(io_uring& ring) : ring_(ring) {
    void* memory =
        mmap(nullptr, kRingBytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    buffer_ring_ = static_cast<io_uring_buf_ring*>(memory);

    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uint64_t>(memory);
    registration.ring_entries = kMostBuffers;
    registration.bgid = kGroup;
    const int error = io_uring_register_buf_ring(&ring_, &registration, 0);
    if (error != 0) {
        munmap(memory, kRingBytes);
        throw std::system_error(-error, std::generic_category(), "io_uring_register_buf_ring");
    }
    io_uring_buf_ring_init(buffer_ring_);
    grow();
}

UringBuffers::~UringBuffers() {
    io_uring_unregister_buf_ring(&ring_, kGroup);
    munmap(buffer_ring_, kRingBytes);
}

void UringBuffers::offer(std::uint16_t buffer) {
    io_uring_buf_ring_add(buffer_ring_,
                          memory_of(buffer),
                          kBufferSize,
                          buffer,
                          io_uring_buf_ring_mask(kMostBuffers),
                          0);
    io_uring_buf_ring_advance(buffer_ring_, 1);
    ++free_;
}

void UringBuffers::give_back(std::uint16_t buffer) {
    offer(buffer);
}

bool UringBuffers::grow() {
    const std::size_t first = slabs_.size() * kBuffersPerSlab;
    if (first >= kMostBuffers) return false;
    slabs_.push_back(std::make_unique_for_overwrite<char[]>(kBuffersPerSlab * kBufferSize));
    for (std::size_t i = 0; i < kBuffersPerSlab; ++i) offer(static_cast<std::uint16_t>(first + i));
    return true;
}

}  // namespace cicada::fiber
