// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "http/exchange.hpp"

namespace cicada::http {

/// One request on the wire with its answer, or with the reason why there is none. A redirected
/// request is several of these. The views hold during the call.
struct SeenExchange {
    std::string_view method;
    std::string_view name;          ///< as Request::name; empty too of a redirect that is followed
    std::string_view request_head;  ///< request line and fields as sent; empty: nothing was sent
    std::string_view request_body;  ///< empty for a file
    std::string_view body_file;
    std::uint64_t request_body_size;
    std::chrono::nanoseconds time;      ///< from the request's call to now
    std::chrono::nanoseconds own_time;  ///< without the redirects before it
    const Exchange& answer;             ///< as it is now
};

/// Looks on, for a person who wants to see what is sent.
class WireObserver {
public:
    WireObserver() = default;
    WireObserver(const WireObserver&) = delete;
    WireObserver& operator=(const WireObserver&) = delete;
    virtual ~WireObserver() = default;

    /// In the fiber that sends, after each answer. Must not suspend or throw.
    virtual void on_exchange(const SeenExchange& seen) = 0;
};

}  // namespace cicada::http
