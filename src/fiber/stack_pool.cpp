// SPDX-License-Identifier: Apache-2.0
#include "fiber/stack_pool.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>

#include "base/expects.hpp"
#include "base/log.hpp"
#include "fiber/sanitizer.hpp"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

namespace cicada::fiber {
namespace {

constexpr std::size_t kStacksPerSlab = 256;
constexpr std::array<std::uint64_t, 4> kCanary{
    0xc1cada00c1cada01U, 0xc1cada02c1cada03U, 0xc1cada04c1cada05U, 0xc1cada06c1cada07U};

std::size_t page_size() {
    static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return size;
}

std::size_t rounded_up(std::size_t value, std::size_t unit) {
    return (value + unit - 1) / unit * unit;
}

char* reserve(std::size_t size) {
    void* memory = mmap(nullptr,
                        size,
                        PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK,
                        -1,
                        0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    madvise(memory, size, MADV_NOHUGEPAGE);  // refused where there are none: just as well
    return static_cast<char*>(memory);
}

}  // namespace

GuardKind best_guard() {
    const std::size_t size = page_size();
    char* probe = reserve(size);
    const bool works = madvise(probe, size, MADV_GUARD_INSTALL) == 0;
    munmap(probe, size);
    return works ? GuardKind::Madvise : GuardKind::Mprotect;
}

StackPool::StackPool(std::size_t stack_size, GuardKind guards)
    : stack_size_(rounded_up(stack_size, page_size())),
      guards_(guards == GuardKind::Auto ? best_guard() : guards) {}

StackPool::~StackPool() {
    for (const Slab& slab : slabs_) {
        sanitizer::forget_stack(slab.memory, slab.size);  // others may be given these addresses
        munmap(slab.memory, slab.size);
    }
}

void StackPool::add_slab() {
    const std::size_t size = kStacksPerSlab * (stack_size_ + kGuardSize);
    slabs_.push_back({reserve(size), size});
    carved_in_last_slab_ = 0;
}

bool StackPool::install_guard(char* guard) const {
    if (guards_ == GuardKind::Madvise) return madvise(guard, kGuardSize, MADV_GUARD_INSTALL) == 0;
    if (guards_ == GuardKind::Mprotect) return mprotect(guard, kGuardSize, PROT_NONE) == 0;
    return false;
}

Stack StackPool::carve() {
    if (slabs_.empty() || carved_in_last_slab_ == kStacksPerSlab) add_slab();
    char* guard = slabs_.back().memory + carved_in_last_slab_ * (stack_size_ + kGuardSize);
    Stack stack{guard + kGuardSize, stack_size_, false};
    if (!install_guard(guard)) {
        if (guards_ != GuardKind::Canary) {
            base::log(base::LogLevel::Warning,
                      "no more guard pages for fiber stacks: the kernel's limit of memory mappings "
                      "(vm.max_map_count) is reached; further stacks have a canary instead");
            guards_ = GuardKind::Canary;
        }
        stack.has_canary = true;
        write_canary(stack);
    }
    ++carved_in_last_slab_;
    return stack;
}

Stack StackPool::take() {
    if (free_.empty()) return carve();
    const Stack stack = free_.back();
    free_.pop_back();
    if (stack.has_canary) write_canary(stack);
    return stack;
}

void StackPool::give_back(Stack stack) {
    if (free_.size() >= kWarmStacks) madvise(stack.low, stack.size, MADV_DONTNEED);
    free_.push_back(stack);
}

void write_canary(const Stack& stack) {
    std::memcpy(stack.low, kCanary.data(), sizeof kCanary);
}

bool canary_is_intact(const Stack& stack) {
    return std::memcmp(stack.low, kCanary.data(), sizeof kCanary) == 0;
}

// Not inlined: its own frame marks the end of the caller's.
[[gnu::noinline]] void trim(const Stack& stack) {
    constexpr std::size_t kOwnFrame = 1024;  // and what madvise itself needs
    const auto* here = static_cast<const char*>(__builtin_frame_address(0));
    base::expects(here > stack.low && here <= stack.top(), "a fiber trims its own stack");
    const auto used_from = static_cast<std::size_t>(here - stack.low);
    const std::size_t unused = std::max(used_from, kOwnFrame) - kOwnFrame;
    const std::size_t end = unused / page_size() * page_size();
    const std::size_t begin = stack.has_canary ? page_size() : 0;
    if (end > begin) madvise(stack.low + begin, end - begin, MADV_DONTNEED);
}

}  // namespace cicada::fiber
