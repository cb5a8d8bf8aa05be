// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace cicada::fiber {

using base::TimePoint;

/// Something to be called at a time. Lives in its owner; it may be destroyed while not scheduled.
struct Timer {
    explicit Timer(void (*on_expiry)(Timer&)) : expired(on_expiry) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void (*expired)(Timer&);
    TimePoint deadline{};

    // The wheel's own.
    Timer* previous = nullptr;
    Timer* next = nullptr;
    std::int32_t place = kNowhere;  ///< a slot, or in the heap

    static constexpr std::int32_t kNowhere = -1;
    static constexpr std::int32_t kInHeap = -2;
    std::size_t heap_index = 0;
    std::uint64_t order = 0;  ///< those with one deadline are called in the order they were added
};

/// All timers of a scheduler: hierarchical wheels for what is far, a small heap for what is near.
///
/// Adding and removing cost the same however many timers there are. A timer is called at its exact
/// time, in order of time; the wheel's tick (33 us) only decides when it moves into the heap.
/// Source: Varghese and Lauck, "Hashed and hierarchical timing wheels", 1987, scheme 7.
class TimerWheel {
public:
    explicit TimerWheel(TimePoint start);
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    void add(Timer& timer, TimePoint deadline);
    void remove(Timer& timer);  ///< one that is not scheduled: nothing

    /// Calls every timer whose deadline is `now` or before. They may add and remove timers.
    void expire(TimePoint now);

    /// Not after the next deadline; the deadline itself when it is near. None: no timer.
    [[nodiscard]] std::optional<TimePoint> next_event() const;

    [[nodiscard]] bool empty() const { return count_ == 0; }

private:
    static constexpr int kTickBits = 15;  // 2^15 ns
    static constexpr int kSlotBits = 6;
    static constexpr std::size_t kSlots = 1U << kSlotBits;
    static constexpr std::size_t kLevels = 9;  // 15 + 9 * 6 bits > 63 bits of nanoseconds

    struct Level {
        std::uint64_t occupied = 0;
        std::array<Timer*, kSlots> slots{};
    };
    struct Slot {
        std::size_t level;
        std::size_t index;
        std::uint64_t first_tick;
    };

    [[nodiscard]] std::uint64_t tick_of(TimePoint time) const;
    [[nodiscard]] TimePoint time_of(std::uint64_t tick) const;
    [[nodiscard]] std::optional<Slot> earliest_slot() const;
    void place(Timer& timer);
    void open(const Slot& slot);

    void heap_push(Timer& timer);
    void heap_remove(Timer& timer);
    void sift_up(std::size_t index);
    void sift_down(std::size_t index);
    void put(std::size_t index, Timer* timer);

    TimePoint start_;
    std::uint64_t current_tick_ = 0;
    std::size_t count_ = 0;
    std::uint64_t added_ = 0;
    std::array<Level, kLevels> levels_{};
    std::vector<Timer*> heap_;
};

}  // namespace cicada::fiber
