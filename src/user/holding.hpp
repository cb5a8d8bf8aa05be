// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

// What one engine has of tickets that are lent to it in blocks.
namespace cicada::user {

/// Tickets `first`, `first + stride`, ...: `count` of them. Of a limit only `count` matters.
struct TicketBlock {
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::int64_t stride = 1;  ///< 1 or more

    friend bool operator==(const TicketBlock&, const TicketBlock&) = default;
};

/// How much another block is needed.
enum class Need : std::uint8_t {
    None,
    Soon,  ///< a quarter of what was here after the last grant has been taken
    Now,   ///< somebody found none
};

/// So few are left when another block is asked for, of `here` there were.
[[nodiscard]] constexpr std::int64_t low_water(std::int64_t here) {
    return here - (here < 4 ? 1 : here / 4);  // -1: never, as there are none
}

/// granted = used + taken + returned + those that are here.
///
/// Blocks are used from the first granted on, and given back from the last granted on.
struct Holding {
    std::int64_t granted = 0;   ///< in sum of all blocks
    std::int64_t used = 0;      ///< spent for good
    std::int64_t taken = 0;     ///< will be used, or come back here
    std::int64_t returned = 0;  ///< in sum of all recalls
    std::uint64_t recalls = 0;  ///< worked off
    Need need = Need::None;

    [[nodiscard]] std::int64_t here() const { return granted - used - taken - returned; }

    friend bool operator==(const Holding&, const Holding&) = default;
};

/// Where an engine keeps a Holding as it changes, for who reads it when the process is gone.
struct HoldingTrace {
    std::atomic<std::int64_t> granted{0};
    std::atomic<std::int64_t> used{0};
    std::atomic<std::int64_t> taken{0};
    std::atomic<std::int64_t> returned{0};

    /// `used` first: what is torn is rather used than free.
    void keep(const Holding& held) {
        constexpr auto kAnyOrder = std::memory_order_relaxed;
        used.store(held.used, kAnyOrder);
        taken.store(held.taken, kAnyOrder);
        granted.store(held.granted, kAnyOrder);
        returned.store(held.returned, kAnyOrder);
    }
};

}  // namespace cicada::user
