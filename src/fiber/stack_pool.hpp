// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fiber/scheduler.hpp"

namespace cicada::fiber {

/// The stack of one fiber: `[low, low + size)`, below it `kGuardSize` bytes that nobody may touch.
struct Stack {
    char* low = nullptr;
    std::size_t size = 0;
    bool has_canary = false;

    [[nodiscard]] char* top() const { return low + size; }
};

/// Below each stack; as large as the kernel's own for the main stack, since
/// -fstack-clash-protection touches every page on the way down and other code rarely skips more.
inline constexpr std::size_t kGuardSize = std::size_t{64} * 1024;

/// Stacks kept resident for the next fiber; the memory of any further free one goes back.
inline constexpr std::size_t kWarmStacks = 1024;

/// Hands out stacks of one size from slabs of reserved address space, and takes them back.
///
/// Only pages that were touched are resident. A guard is installed when a stack is used first.
class StackPool {
public:
    StackPool(std::size_t stack_size, GuardKind guards);
    StackPool(const StackPool&) = delete;
    StackPool& operator=(const StackPool&) = delete;
    ~StackPool();

    /// Error: std::bad_alloc when there is no address space left.
    [[nodiscard]] Stack take();
    void give_back(Stack stack);

    [[nodiscard]] std::size_t stack_size() const { return stack_size_; }

private:
    struct Slab {
        char* memory = nullptr;
        std::size_t size = 0;
    };

    void add_slab();
    [[nodiscard]] Stack carve();
    [[nodiscard]] bool install_guard(char* guard) const;

    std::size_t stack_size_;
    GuardKind guards_;
    std::vector<Slab> slabs_;
    std::size_t carved_in_last_slab_ = 0;
    std::vector<Stack> free_;
};

/// The first kind of guard that this kernel offers.
[[nodiscard]] GuardKind best_guard();

void write_canary(const Stack& stack);
[[nodiscard]] bool canary_is_intact(const Stack& stack);

/// Gives back the pages of `stack`, on which the caller runs, that lie below what is in use.
void trim(const Stack& stack);

}  // namespace cicada::fiber
