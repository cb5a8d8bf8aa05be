// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "user/arrival_source.hpp"
#include "user/sent_request.hpp"

namespace cicada::user {

struct Environment;

/// The requests of one user that are not recorded yet, and those recorded that its `request`
/// listeners have not heard of.
///
/// Settling records at once and never suspends or throws, so that a destructor may do it; the
/// listeners, who may do both, are called when the user's fiber empties the box.
class Outbox {
public:
    /// `arrival`: the first answer is noted there; null: it is not.
    explicit Outbox(Environment& environment, ArrivalTimes* arrival = nullptr)
        : environment_(environment), arrival_(arrival) {}
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;
    ~Outbox();

    /// Takes over a reference to `sent`, whose answer has come, until it is settled.
    void add(SentRequest& sent);

    /// Records it; does nothing if it has been.
    void settle(SentRequest& sent) noexcept;

    /// The Response of `sent` goes out of scope: settles it, unless it does so because of an
    /// exception, which may be about to end the task and fail it.
    static void let_go_of(SentRequest& sent) noexcept;

    /// Those that the calling fiber has sent.
    void settle_mine() noexcept;
    void settle_all() noexcept;

    /// An exception leaves the calling fiber's task: fails those that nobody has judged.
    void fail_mine(std::string_view why) noexcept;

    /// Calls the listeners. Suspends if they do; throws what passes through to the user.
    void empty() {
        if (settled_first_ != nullptr) [[unlikely]] {
            announce_all();
        }
    }

    /// Whether what the calling fiber sends is announced: not from within a listener.
    [[nodiscard]] bool announces() const;

private:
    void announce_all();

    Environment& environment_;
    ArrivalTimes* arrival_;
    SentRequest* pending_ = nullptr;
    SentRequest* settled_first_ = nullptr;
    SentRequest* settled_last_ = nullptr;
    const void* announcing_ = nullptr;  // the fiber that calls listeners
};

/// Of the calling fiber, as long as it lives.
[[nodiscard]] const void* this_fiber();

}  // namespace cicada::user
