// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "demo/counters.hpp"
#include "demo/known_latency.hpp"
#include "demo/sessions.hpp"
#include "fiber/scheduler.hpp"
#include "http/server.hpp"

namespace cicada::demo {

/// The demo shop: what each page does. See docs of `cicada demo-server` for the list.
class Shop {
public:
    /// `trace_header`: its values are collected for /seen; empty: none.
    explicit Shop(std::string trace_header);

    /// Answers one request. Suspends where a page is slow.
    void answer(const http::ServerRequest& request, http::ResponseWriter& writer);

private:
    using Request = http::ServerRequest;
    using Writer = http::ResponseWriter;

    enum class Counted : std::uint8_t { Yes, No };

    /// `path` ends in `/` where a number follows; `methods` lists those allowed, empty: any.
    struct Page {
        std::string_view path;
        bool numbered;
        std::string_view methods;
        Counted counted;
        void (Shop::*answer)(const Request&, Writer&, std::uint64_t number);
    };
    static const std::vector<Page>& pages();
    static std::vector<std::string> patterns();
    static bool matches(const Page& page, std::string_view path, std::uint64_t& number);
    void note(std::size_t pattern, const Request& request);
    void wait_for_stall() const;

    // shop_pages.cpp
    void home(const Request&, Writer&, std::uint64_t);
    void profile(const Request&, Writer&, std::uint64_t);
    void login(const Request&, Writer&, std::uint64_t);
    void logout(const Request&, Writer&, std::uint64_t);
    void items(const Request&, Writer&, std::uint64_t);
    void item(const Request&, Writer&, std::uint64_t number);
    void cart(const Request&, Writer&, std::uint64_t);
    void checkout(const Request&, Writer&, std::uint64_t);

    // pages_on_demand.cpp
    void slow(const Request&, Writer&, std::uint64_t);
    void status(const Request&, Writer&, std::uint64_t number);
    void bytes(const Request&, Writer&, std::uint64_t number);
    void stream(const Request&, Writer&, std::uint64_t number);
    void echo(const Request&, Writer&, std::uint64_t);
    void redirect(const Request&, Writer&, std::uint64_t number);
    void headers(const Request&, Writer&, std::uint64_t);
    void bench_item(const Request&, Writer&, std::uint64_t number);
    void known_latency(const Request&, Writer&, std::uint64_t);
    void known_latency_truth(const Request&, Writer&, std::uint64_t);
    void stall(const Request&, Writer&, std::uint64_t);
    void count(const Request&, Writer&, std::uint64_t);
    void seen(const Request&, Writer&, std::uint64_t);
    void times(const Request&, Writer&, std::uint64_t);
    void reset(const Request&, Writer&, std::uint64_t);

    std::string trace_header_;
    Counters counters_;
    Identities identities_;
    ArrivalTimes arrival_times_;
    Sessions sessions_;
    KnownLatency known_latency_;
    fiber::TimePoint stall_begin_{};
    fiber::TimePoint stall_end_{};
    std::uint64_t orders_ = 0;
};

}  // namespace cicada::demo
