// SPDX-License-Identifier: Apache-2.0
#include "cluster/router.hpp"

#include <doctest/doctest.h>
#include <poll.h>

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "cluster/dealer.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;

// What `get` returns, as soon as that is something; waits for the descriptor between its calls, at
// most 5 s in all.
template <class Get>
auto patiently(int descriptor, Get get) {
    const auto deadline = base::steady_now() + 5s;
    auto got = get();
    while (!got && base::steady_now() < deadline) {
        pollfd waited{.fd = descriptor, .events = POLLIN, .revents = 0};
        ::poll(&waited, 1, 20);
        got = get();
    }
    return got;
}

std::string heard(Router& router) {
    const auto received = patiently(router.descriptor(), [&] { return router.try_receive(); });
    if (!received) return "nothing";
    return received->id + ": " + received->bytes + (received->secured ? " (secured)" : "");
}

std::string heard(Dealer& dealer) {
    return patiently(dealer.descriptor(), [&] { return dealer.try_receive(); }).value_or("nothing");
}

// The lines of the log while it lives.
class Log {
public:
    Log() {
        base::set_log_writer([this](const base::LogLine& line) {
            const std::lock_guard lock(mutex_);
            lines_.push_back(line.text);
        });
    }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    ~Log() { base::set_log_writer({}); }

    std::optional<std::string> first() {
        const std::lock_guard lock(mutex_);
        if (lines_.empty()) return std::nullopt;
        return lines_.front();
    }

private:
    std::mutex mutex_;
    std::vector<std::string> lines_;
};

// Who was refused may be gone before anybody has seen its address.
bool is_refusal(const std::optional<std::string>& line) {
    const std::string why = ": it does not know the cluster's secret";
    return line == "refused a connection from 127.0.0.1" + why ||
           line == "refused a connection from an unknown host" + why;
}

const ClusterKeys& some_keys() {
    static const ClusterKeys keys = *keys_of("correct horse battery");
    return keys;
}

RouterOptions local(std::optional<ClusterKeys> keys = {}) {
    return {.host = "127.0.0.1", .port = 0, .keys = keys};
}

}  // namespace

// Goal of all: who may speak with a master does, and nobody else. Method: real sockets on loopback.

TEST_CASE("router and dealers speak with each other") {
    Router router(local());
    CHECK(router.send("one", "early") == Delivery::Unknown);
    Dealer one({.port = router.port(), .id = "one"});
    Dealer two({.port = router.port(), .id = "two"});
    CHECK(one.send("hello") == SendResult::Sent);
    CHECK(heard(router) == "one: hello");
    CHECK(two.send("hello") == SendResult::Sent);
    CHECK(heard(router) == "two: hello");
    CHECK(router.send("two", "welcome") == Delivery::Sent);
    CHECK(heard(two) == "welcome");
    CHECK_FALSE(one.try_receive().has_value());
}

TEST_CASE("a connection with the id of another takes its place") {
    Router router(local());
    Dealer old({.port = router.port(), .id = "one"});
    CHECK(old.send("old") == SendResult::Sent);
    CHECK(heard(router) == "one: old");
    Dealer fresh({.port = router.port(), .id = "one"});
    CHECK(fresh.send("fresh") == SendResult::Sent);
    CHECK(heard(router) == "one: fresh");
}

TEST_CASE("an address that is taken is named") {
    Router router(local());
    const std::string taken =
        "cannot wait for workers at 127.0.0.1:" + std::to_string(router.port()) +
        ": Address already in use; try --master-bind-port, "
        "--master-bind-host, --plain-bind";
    CHECK_THROWS_WITH_AS(
        Router({.host = "127.0.0.1", .port = router.port()}), taken.c_str(), base::Error);
}

TEST_CASE("who knows the secret speaks encrypted") {
    Router router(local(some_keys()));
    Dealer dealer({.port = router.port(), .id = "one", .keys = some_keys()});
    CHECK(dealer.send("hello") == SendResult::Sent);
    CHECK(heard(router) == "one: hello (secured)");
    CHECK(router.send("one", "welcome") == Delivery::Sent);
    CHECK(heard(dealer) == "welcome");
    CHECK_FALSE(dealer.trouble().has_value());
}

TEST_CASE("who does not know the secret is refused, and both sides say so") {
    Log log;
    Router router(local(some_keys()));
    ClusterKeys wrong = *keys_of("another secret of theirs");
    SUBCASE("another secret") {}
    SUBCASE("the master's key, but not the workers'") {
        wrong.master_public = some_keys().master_public;
    }
    Dealer dealer({.port = router.port(), .id = "one", .keys = wrong});
    CHECK(dealer.send("hello") == SendResult::Sent);
    CHECK(patiently(-1, [&] { return dealer.trouble(); }) ==
          "the master at 127.0.0.1:" + std::to_string(router.port()) +
              " refuses this worker: it has another cluster secret, or none, or is no master");
    CHECK(is_refusal(patiently(-1, [&] { return log.first(); })));
    CHECK_FALSE(router.try_receive().has_value());
    CHECK(router.send("one", "x") == Delivery::Unknown);
}

TEST_CASE("who cannot encrypt is refused, and both sides say so") {
    Log log;
    Router router(local(some_keys()));
    Dealer dealer({.port = router.port(), .id = "one"});
    CHECK(dealer.send("hello") == SendResult::Sent);
    CHECK(patiently(-1, [&] { return dealer.trouble(); }) ==
          "the master at 127.0.0.1:" + std::to_string(router.port()) +
              " refuses this worker: it wants a cluster secret (--cluster-secret), or is no "
              "master");
    CHECK(is_refusal(patiently(-1, [&] { return log.first(); })));
    CHECK_FALSE(router.try_receive().has_value());
}

TEST_CASE("a worker with a secret does not speak to a master without") {
    Router router(local());
    Dealer dealer({.port = router.port(), .id = "one", .keys = some_keys()});
    CHECK(dealer.send("hello") == SendResult::Sent);
    CHECK(patiently(-1, [&] { return dealer.trouble(); }).has_value());
    CHECK_FALSE(router.try_receive().has_value());
}

TEST_CASE("the plain door lets in who cannot encrypt, but under no id of who can") {
    auto options = local(some_keys());
    options.plain = Bind{.host = "127.0.0.1", .port = 0};
    Router router(options);
    Dealer secured({.port = router.port(), .id = "one", .keys = some_keys()});
    Dealer plain({.port = router.plain_port(), .id = "two"});
    CHECK(secured.send("hello") == SendResult::Sent);
    CHECK(heard(router) == "one: hello (secured)");
    CHECK(plain.send("hello") == SendResult::Sent);
    CHECK(heard(router) == "two: hello");
    CHECK(router.send("one", "for one") == Delivery::Sent);
    CHECK(router.send("two", "for two") == Delivery::Sent);
    CHECK(heard(secured) == "for one");
    CHECK(heard(plain) == "for two");

    Dealer thief({.port = router.plain_port(), .id = "one"});
    CHECK(thief.send("I am one") == SendResult::Sent);
    CHECK(thief.send("hello") == SendResult::Sent);
    CHECK(plain.send("again") == SendResult::Sent);
    CHECK(heard(router) == "two: again");
    CHECK(router.send("one", "still for one") == Delivery::Sent);
    CHECK(heard(secured) == "still for one");
    CHECK_FALSE(thief.try_receive().has_value());
}

TEST_CASE("a place to bind to is a port, or a host and a port") {
    const auto of = [](std::string_view text) {
        const auto bind = bind_of(text);
        return bind ? bind->host + " " + std::to_string(bind->port) : "none";
    };
    CHECK(of("5558") == "* 5558");
    CHECK(of("10.0.0.1:5558") == "10.0.0.1 5558");
    CHECK(of("[::1]:5558") == "::1 5558");
    CHECK(of("*:0") == "* 0");
    for (const std::string_view none :
         {"", "x", "1.2.3.4", "host:", ":5558", "h:65536", "h:5558x"}) {
        CAPTURE(none);
        CHECK(of(none) == "none");
    }
    CHECK(is_loopback("127.0.0.1"));
    CHECK(is_loopback("localhost"));
    CHECK(is_loopback("::1"));
    CHECK_FALSE(is_loopback("*"));
    CHECK_FALSE(is_loopback("10.0.0.1"));
}

}  // namespace cicada::cluster
