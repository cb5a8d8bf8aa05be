// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/control.hpp>
#include <cstdint>
#include <string>

namespace cicada::user {

/// How something the author wrote has ended. What comes later in this list outweighs the earlier.
enum class Outcome : std::uint8_t {
    Finished,
    PickAtOnce,         ///< the loop goes on without a wait
    Threw,              ///< an exception, which has been counted
    Interrupted,        ///< the task set is left; its parent waits
    InterruptedAtOnce,  ///< the task set is left; its parent picks at once
    NothingLeft,        ///< no task is left to choose: a set is left, a user ends
    Stopped,            ///< the user ends
    Cancelled,          ///< the fiber unwinds
};

/// Leaves a task, but is no failure of it: thrown by stop_user(), interrupt() and reschedule(). No
/// std::exception, so that a test that catches those lets it pass.
struct Departure {
    Outcome outcome;
};

/// As thrown by stop_user().
struct StopUser : Departure {
    StopUser() : Departure{Outcome::Stopped} {}
};

/// An exception in words.
struct Thrown {
    std::string type;  ///< "std::runtime_error"; as the compiler names it, without Cicada's own
    std::string text;  ///< what(), or the value of a thrown text or number; may be empty

    /// The text or, if there is none, the type. Never empty.
    [[nodiscard]] const std::string& summary() const { return text.empty() ? type : text; }
};

/// The exception being handled, which is none of the above.
[[nodiscard]] Thrown thrown_now();

}  // namespace cicada::user
