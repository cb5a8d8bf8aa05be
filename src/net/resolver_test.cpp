// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "fiber/scheduler.hpp"
#include "net/shortages.hpp"

namespace cicada::net {
namespace {

using namespace std::chrono_literals;

/// Stands in for getaddrinfo; called on helper threads.
struct FakeNames {
    std::atomic<int> lookups = 0;
    std::atomic<bool> fails = false;
    int addresses = 3;

    Lookup lookup() {
        return [this](const std::string&) -> base::Result<std::vector<Endpoint>> {
            ++lookups;
            if (fails) return base::failure(std::string("Name or service not known"));
            std::vector<Endpoint> found;
            for (int i = 1; i <= addresses; ++i) {
                found.push_back(Endpoint::from_literal("127.0.0." + std::to_string(i), 0).value());
            }
            return found;
        };
    }
};

void in_fiber(const std::function<void()>& body) {
    fiber::Scheduler scheduler({.io = fiber::IoKind::Epoll});
    scheduler.run(body);
}

}  // namespace

TEST_CASE("literal addresses are not looked up") {
    // Goal: no thread is asked for what is an address already. Method: a lookup that would count.
    in_fiber([] {
        FakeNames names;
        Resolver resolver({.lookup = names.lookup()});
        CHECK(resolver.resolve("127.0.0.1", 80)->at(0).text() == "127.0.0.1:80");
        CHECK(resolver.resolve("::1", 81)->at(0).text() == "[::1]:81");
        CHECK(names.lookups == 0);
    });
}

TEST_CASE("all addresses are given, each first in its turn") {
    // Goal: new connections are spread. Method: ask as often as there are addresses, and once more.
    in_fiber([] {
        FakeNames names;
        Resolver resolver({.lookup = names.lookup()});
        std::string firsts;
        for (int i = 0; i < 4; ++i) {
            const auto addresses = resolver.resolve("shop", 80).value();
            CHECK(addresses.size() == 3);
            firsts += addresses[0].text() + " ";
        }
        CHECK(firsts == "127.0.0.1:80 127.0.0.2:80 127.0.0.3:80 127.0.0.1:80 ");
        CHECK(names.lookups == 1);
    });
}

TEST_CASE("a name is looked up again when its time is over") {
    // Goal: --dns-ttl. Method: a ttl of 5 ms and of 0; a later failure keeps the old addresses.
    in_fiber([] {
        FakeNames names;
        Resolver resolver({.ttl = 5ms, .lookup = names.lookup()});
        CHECK(resolver.resolve("shop", 80).has_value());
        CHECK(resolver.resolve("shop", 81)->at(0).port() == 81);
        CHECK(names.lookups == 1);
        fiber::sleep_for(6ms);
        names.addresses = 1;
        CHECK(resolver.resolve("shop", 80)->size() == 1);
        CHECK(names.lookups == 2);
        fiber::sleep_for(6ms);
        names.fails = true;
        CHECK(resolver.resolve("shop", 80)->size() == 1);
        CHECK(names.lookups == 3);

        Resolver uncached({.ttl = 0s, .lookup = names.lookup()});
        names.fails = false;
        CHECK(uncached.resolve("shop", 80).has_value());
        CHECK(uncached.resolve("shop", 80).has_value());
        CHECK(names.lookups == 5);
    });
}

TEST_CASE("a name that is not known is one clear error, and asked for again") {
    // Goal: the text, and that a failure is not remembered. Method: fail, then succeed.
    in_fiber([] {
        FakeNames names;
        names.fails = true;
        Resolver resolver({.lookup = names.lookup()});
        CHECK(resolver.resolve("nosuch.example", 80).error() ==
              "cannot resolve nosuch.example: Name or service not known");
        names.fails = false;
        CHECK(resolver.resolve("nosuch.example", 80).has_value());
    });
}

TEST_CASE("one lookup is on its way however many wait for it") {
    // Goal: ten thousand users starting at once ask once. Method: fifty fibers and a slow lookup.
    in_fiber([] {
        FakeNames names;
        Resolver resolver({.lookup = [&](const std::string& name) {
            std::this_thread::sleep_for(5ms);
            return names.lookup()(name);
        }});
        int right = 0;
        std::vector<fiber::Handle> fibers;
        for (int i = 0; i < 50; ++i) {
            fibers.push_back(
                fiber::start([&] { right += resolver.resolve("shop", 80).has_value() ? 1 : 0; }));
        }
        for (auto& fiber : fibers) fiber.join();
        CHECK(right == 50);
        CHECK(names.lookups == 1);
    });
}

TEST_CASE("names kept are bounded") {
    // Goal: a test that invents hosts does not fill memory. Method: three names, room for two.
    in_fiber([] {
        FakeNames names;
        Resolver resolver({.names_max = 2, .lookup = names.lookup()});
        for (const char* name : {"a", "b", "c", "b", "c"}) {
            CHECK(resolver.resolve(name, 1).has_value());
        }
        CHECK(names.lookups == 3);
        CHECK(resolver.resolve("a", 1).has_value());
        CHECK(names.lookups == 4);
    });
}

TEST_CASE("a name that cannot be looked up for want of a descriptor is a shortage") {
    // Goal: it is counted for each connection that was not made, and other failures are not.
    // Method: lookups that leave EMFILE, and another error, in errno.
    in_fiber([] {
        int left_in_errno = EMFILE;
        Resolver resolver(
            {.lookup = [&](const std::string&) -> base::Result<std::vector<Endpoint>> {
                errno = left_in_errno;
                return base::failure(std::string("Name or service not known"));
            }});
        [[maybe_unused]] const Shortages before = take_shortages();
        CHECK_FALSE(resolver.resolve("shop", 80).has_value());
        CHECK_FALSE(resolver.resolve("shop", 80).has_value());
        CHECK(take_shortages().descriptors == 2);
        left_in_errno = EADDRNOTAVAIL;
        CHECK_FALSE(resolver.resolve("shop", 80).has_value());
        const Shortages none = take_shortages();
        CHECK(none.descriptors + none.ports == 0);
    });
}

TEST_CASE("the system's own lookup says when it lacks descriptors") {
    // Goal: not "no such name" of a name that there is. Method: as many as are open may be open.
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    const rlimit none{0, limit.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    errno = 0;
    const auto found = system_lookup("localhost");
    const int lacks = errno;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error() == "Too many open files");
    CHECK(lacks == EMFILE);
}

TEST_CASE("the system's own lookup knows localhost") {
    // Goal: getaddrinfo is asked rightly. Method: the one name every machine has, and one it has
    // not.
    const auto found = system_lookup("localhost");
    REQUIRE(found.has_value());
    CHECK(found->at(0).port() == 0);
    CHECK_FALSE(system_lookup("no such name").error().empty());
}

}  // namespace cicada::net
