// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cicada/events.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cicada::user {

using detail::EventKind;

inline constexpr std::size_t kEventKinds = static_cast<std::size_t>(EventKind::UsageMonitor) + 1;

/// "test_start"
[[nodiscard]] const char* name_of(EventKind kind);

/// Who listens to which event.
///
/// Threads: while files are loaded the main thread, then the engine's. Listeners may suspend, add
/// listeners and remove them (a removed one is not called again).
class Listeners {
public:
    Listeners() = default;
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;

    std::int64_t add(EventKind kind, detail::Function<void(const void*)> listener);
    void remove(std::int64_t number);

    [[nodiscard]] bool heard(EventKind kind) const { return heard_[index(kind)] > 0; }

    /// Calls the listeners of `kind` in a fiber of the run's own; QuittingEvent's in reverse order.
    /// What they throw is logged and noted, but for FiberCancelled, which passes.
    void fire(EventKind kind, const void* event);

    /// As fire(), in a user's fiber: stop_user(), interrupt() and reschedule() pass too, once
    /// the other listeners have been called; of several the strongest.
    void fire_to_user(EventKind kind, const void* event);

    /// A listener has thrown: the exit code is 2 if nothing else decides.
    [[nodiscard]] bool any_threw() const { return threw_; }
    void note_failure() { threw_ = true; }

    /// Logs and notes the exception being handled, which `who` has thrown.
    void note_exception(std::string_view who);

    void clear();  ///< for tests

private:
    struct Entry {
        EventKind kind;
        bool removed = false;
        detail::Function<void(const void*)> call;
    };

    static constexpr std::size_t index(EventKind kind) { return static_cast<std::size_t>(kind); }

    // Entries stay when they are removed, since their listener may be running.
    std::vector<Entry> entries_;
    std::array<int, kEventKinds> heard_{};
    bool threw_ = false;
};

/// The program's one set of listeners.
Listeners& listeners();

}  // namespace cicada::user
