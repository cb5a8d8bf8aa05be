// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/clock.hpp"

namespace cicada::user {

/// The times of one arrival of an open model: one execution of a task.
struct ArrivalTimes {
    std::uint64_t pool = 0;    ///< which class of an open model
    std::uint64_t number = 0;  ///< of the arrival in the whole test, from 0
    base::TimePoint planned{};
    base::TimePoint begun{};
    base::TimePoint ended{};

    // Of the first request that was answered.
    bool answered = false;
    base::TimePoint first_called{};
    base::TimePoint first_resumed{};

    void note_answer(base::TimePoint called, base::TimePoint resumed) {
        if (answered) return;
        answered = true;
        first_called = called;
        first_resumed = resumed;
    }
};

/// Where a user of an open model gets its work; one for each user. Called in the user's fiber.
class ArrivalSource {
public:
    ArrivalSource() = default;
    ArrivalSource(const ArrivalSource&) = delete;
    ArrivalSource& operator=(const ArrivalSource&) = delete;
    virtual ~ArrivalSource() = default;

    /// Waits for the user's next arrival and begins it; false: there is none for it any more.
    /// Suspends.  Cancelled: throws FiberCancelled.
    virtual bool next(ArrivalTimes& times) = 0;

    /// It was executed to its end.
    virtual void done(const ArrivalTimes& times, std::string_view task) = 0;

    /// The user has ended; it is not used any more.
    virtual void left() = 0;
};

}  // namespace cicada::user
