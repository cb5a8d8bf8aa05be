// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

namespace cicada::stats {

/// A fast hash of a few words, for tables in this process; no protection against chosen keys (the
/// keys are a test's own names, and their number is capped).
[[nodiscard]] inline std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0) {
    constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15;
    const auto mixed = [](std::uint64_t a, std::uint64_t b) {
        const auto product = static_cast<unsigned __int128>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    std::uint64_t hash = mixed(seed ^ kOdd, text.size() + kOdd);
    while (text.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), 8);
        hash = mixed(hash ^ word, kOdd);
        text.remove_prefix(8);
    }
    if (!text.empty()) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), text.size());
        hash = mixed(hash ^ word, kOdd);
    }
    return hash;
}

/// Finds the place of an item in a vector by the item's hash. Holds no keys: whoever asks says
/// whether the item at a place is the right one.
class HashIndex {
public:
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

    /// The place for which `is_it(place)` holds, or kNone.
    template <class Predicate>
    [[nodiscard]] std::uint32_t find(std::uint64_t hash, Predicate is_it) const {
        if (slots_.empty()) return kNone;
        const std::size_t mask = slots_.size() - 1;
        for (std::size_t i = hash & mask; slots_[i].place != kNone; i = (i + 1) & mask) {
            if (slots_[i].hash == hash && is_it(slots_[i].place)) return slots_[i].place;
        }
        return kNone;
    }

    void insert(std::uint64_t hash, std::uint32_t place) {
        if (2 * (count_ + 1) > slots_.size()) grow();
        put(hash, place);
        ++count_;
    }

private:
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t place = kNone;
    };

    void put(std::uint64_t hash, std::uint32_t place) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t i = hash & mask;
        while (slots_[i].place != kNone) i = (i + 1) & mask;
        slots_[i] = {hash, place};
    }

    void grow() {
        std::vector<Slot> old(slots_.empty() ? 64 : 2 * slots_.size());
        old.swap(slots_);
        for (const Slot& slot : old) {
            if (slot.place != kNone) put(slot.hash, slot.place);
        }
    }

    std::vector<Slot> slots_;  // a power of two, at most half of them in use
    std::size_t count_ = 0;
};

}  // namespace cicada::stats
