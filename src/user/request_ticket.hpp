// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "fiber/scheduler.hpp"
#include "user/ticket_office.hpp"

namespace cicada::user {

class LiveUser;

/// One ticket of each request limit the calling fiber works under, for one request.
///
/// Made before a request is sent or a measured call is made. An exchange's is given back when it
/// goes and neither use() nor use_cut_off() was called: nothing was sent and nothing is recorded.
/// A measured call that has begun may have sent something, so that its ticket is spent in any case.
class RequestTicket {
public:
    enum class For : std::uint8_t {
        Exchange,  ///< its end depends on the network alone
        Call,      ///< of a measured function, which may itself send requests
    };

    /// Waits where a limit is lent in blocks and the next one has to come. Throws LimitReached when
    /// a limit is spent, but not before what the user has on the wire under a limit has ended: the
    /// exception unwinds the fibers that wait for it, and their requests have been counted.
    /// Suspends in both cases.
    RequestTicket(LiveUser& user, For purpose)
        : user_(user),
          purpose_(purpose),
          end_(purpose == For::Exchange ? End::GivenBack : End::UsedInPart),
          scope_(static_cast<const RequestScope*>(fiber::purpose())) {
        if (scope_ != nullptr) [[unlikely]]
            take();
    }
    RequestTicket(const RequestTicket&) = delete;
    RequestTicket& operator=(const RequestTicket&) = delete;
    ~RequestTicket() {
        if (scope_ != nullptr) [[unlikely]]
            settle();
    }

    /// There is none, and the caller must not throw, being called by a destructor: the request is
    /// not sent all the same.
    [[nodiscard]] bool refused() const { return refused_; }

    void use() { end_ = End::Used; }                ///< it is recorded
    void use_cut_off() { end_ = End::UsedInPart; }  ///< it was sent; nobody awaits the answer

private:
    enum class End : std::uint8_t { GivenBack, Used, UsedInPart };

    void take();
    [[nodiscard]] bool awaits_grant() const;
    void settle() noexcept;

    LiveUser& user_;
    For purpose_;
    End end_;
    bool refused_ = false;
    const RequestScope* scope_;
};

/// The requests that a user has on the wire under request limits.
class LimitedRequests {
public:
    [[nodiscard]] bool none() const { return count_ == 0; }
    void begin() { ++count_; }
    void end();
    /// Waits until there is none, or was none for a moment. Suspends.
    void wait_for_end();

    /// A request was refused in that scope. Until forgotten, what its execution does next throws
    /// LimitReached again, as a test may have swallowed the first.
    void note_refusal(const RequestScope* scope) { refused_in_ = scope; }
    void forget_refusal() { refused_in_ = nullptr; }
    void throw_if_refused() {
        if (refused_in_ != nullptr) [[unlikely]]
            throw_again();
    }

private:
    void throw_again();

    std::int64_t count_ = 0;
    const RequestScope* refused_in_ = nullptr;
    std::unique_ptr<Event> ended_{};
};

}  // namespace cicada::user
