// SPDX-License-Identifier: Apache-2.0
#include "fiber/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

#include "base/expects.hpp"

namespace cicada::fiber {
namespace {

bool comes_before(const Timer& one, const Timer& other) {
    if (one.deadline != other.deadline) return one.deadline < other.deadline;
    return one.order < other.order;
}

}  // namespace

TimerWheel::TimerWheel(TimePoint start) : start_(start) {}

std::uint64_t TimerWheel::tick_of(TimePoint time) const {
    if (time <= start_) return 0;
    const std::chrono::nanoseconds since = time - start_;
    return static_cast<std::uint64_t>(since.count()) >> kTickBits;
}

TimePoint TimerWheel::time_of(std::uint64_t tick) const {
    return start_ + std::chrono::nanoseconds(static_cast<std::int64_t>(tick << kTickBits));
}

void TimerWheel::add(Timer& timer, TimePoint deadline) {
    base::expects(timer.place == Timer::kNowhere, "a timer is scheduled once at a time");
    timer.deadline = deadline;
    timer.order = ++added_;
    ++count_;
    place(timer);
}

void TimerWheel::place(Timer& timer) {
    const std::uint64_t tick = tick_of(timer.deadline);
    if (tick <= current_tick_) return heap_push(timer);

    const int highest = 63 - std::countl_zero(tick ^ current_tick_);
    const auto level = static_cast<std::size_t>(highest / kSlotBits);
    const std::size_t index = (tick >> (level * kSlotBits)) & (kSlots - 1);
    Level& wheel = levels_.at(level);
    timer.place = static_cast<std::int32_t>(level * kSlots + index);
    timer.previous = nullptr;
    timer.next = wheel.slots[index];
    if (timer.next != nullptr) timer.next->previous = &timer;
    wheel.slots[index] = &timer;
    wheel.occupied |= std::uint64_t{1} << index;
}

void TimerWheel::remove(Timer& timer) {
    if (timer.place == Timer::kNowhere) return;
    --count_;
    if (timer.place == Timer::kInHeap) return heap_remove(timer);

    Level& wheel = levels_.at(static_cast<std::size_t>(timer.place) / kSlots);
    const std::size_t index = static_cast<std::size_t>(timer.place) % kSlots;
    if (timer.next != nullptr) timer.next->previous = timer.previous;
    if (timer.previous != nullptr) {
        timer.previous->next = timer.next;
    } else {
        wheel.slots[index] = timer.next;
        if (timer.next == nullptr) wheel.occupied &= ~(std::uint64_t{1} << index);
    }
    timer.place = Timer::kNowhere;
}

/// Lower levels hold what comes first: a timer stands at the level where its tick first differs
/// from the current one.
std::optional<TimerWheel::Slot> TimerWheel::earliest_slot() const {
    for (std::size_t level = 0; level < kLevels; ++level) {
        const Level& wheel = levels_[level];
        if (wheel.occupied == 0) continue;
        const auto index = static_cast<std::size_t>(std::countr_zero(wheel.occupied));
        const std::size_t shift = level * kSlotBits;
        const std::size_t above = shift + kSlotBits;
        const std::uint64_t base = above < 64 ? current_tick_ >> above << above : 0;
        return Slot{level, index, base | (std::uint64_t{index} << shift)};
    }
    return std::nullopt;
}

void TimerWheel::open(const Slot& slot) {
    Level& wheel = levels_.at(slot.level);
    Timer* timer = std::exchange(wheel.slots[slot.index], nullptr);
    wheel.occupied &= ~(std::uint64_t{1} << slot.index);
    current_tick_ = slot.first_tick;
    while (timer != nullptr) {
        Timer* next = timer->next;
        timer->place = Timer::kNowhere;
        place(*timer);
        timer = next;
    }
}

void TimerWheel::expire(TimePoint now) {
    const std::uint64_t now_tick = tick_of(now);
    for (auto slot = earliest_slot(); slot && slot->first_tick <= now_tick;
         slot = earliest_slot()) {
        open(*slot);
    }
    current_tick_ = std::max(current_tick_, now_tick);

    while (!heap_.empty() && heap_.front()->deadline <= now) {
        Timer& timer = *heap_.front();
        heap_remove(timer);
        --count_;
        timer.expired(timer);
    }
}

std::optional<TimePoint> TimerWheel::next_event() const {
    if (!heap_.empty()) return heap_.front()->deadline;
    const std::optional<Slot> slot = earliest_slot();
    if (!slot) return std::nullopt;
    if (slot->level > 0) return time_of(slot->first_tick);

    constexpr int kLooks = 16;  // a crowded slot is opened instead, and the heap orders it
    TimePoint first = TimePoint::max();
    int looks = 0;
    for (const Timer* timer = levels_[0].slots[slot->index]; timer != nullptr;
         timer = timer->next) {
        if (++looks > kLooks) return time_of(slot->first_tick);
        first = std::min(first, timer->deadline);
    }
    return first;
}

void TimerWheel::put(std::size_t index, Timer* timer) {
    heap_[index] = timer;
    timer->heap_index = index;
}

void TimerWheel::heap_push(Timer& timer) {
    timer.place = Timer::kInHeap;
    heap_.push_back(&timer);
    timer.heap_index = heap_.size() - 1;
    sift_up(timer.heap_index);
}

void TimerWheel::heap_remove(Timer& timer) {
    const std::size_t index = timer.heap_index;
    timer.place = Timer::kNowhere;
    Timer* last = heap_.back();
    heap_.pop_back();
    if (last == &timer) return;
    put(index, last);
    sift_up(index);
    sift_down(last->heap_index);
}

void TimerWheel::sift_up(std::size_t index) {
    Timer* timer = heap_[index];
    while (index > 0) {
        const std::size_t parent = (index - 1) / 2;
        if (!comes_before(*timer, *heap_[parent])) break;
        put(index, heap_[parent]);
        index = parent;
    }
    put(index, timer);
}

void TimerWheel::sift_down(std::size_t index) {
    Timer* timer = heap_[index];
    while (true) {
        std::size_t child = 2 * index + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && comes_before(*heap_[child + 1], *heap_[child])) ++child;
        if (!comes_before(*heap_[child], *timer)) break;
        put(index, heap_[child]);
        index = child;
    }
    put(index, timer);
}

}  // namespace cicada::fiber
