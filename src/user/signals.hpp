// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/control.hpp>
#include <string>

namespace cicada::user {

// What leaves a task but is no failure of it. No std::exception, so that a test that catches those
// lets them pass.

/// Thrown by stop_user().
struct StopUser {};

/// Thrown by reschedule().
struct Reschedule {
    Then then;
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
