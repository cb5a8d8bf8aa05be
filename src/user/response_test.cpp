// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cicada/client.hpp>
#include <cicada/control.hpp>
#include <cicada/fiber.hpp>
#include <cicada/measure.hpp>
#include <cicada/sync.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "user/test_shop.hpp"

using namespace cicada;
using user::Lines;
using user::Shop;
using user::TestRun;
using user::visit;
using user::Visitor;

TEST_CASE("a response is recorded when it leaves scope, once") {
    // Goal: one record per request. Method: a temporary, a variable, a judged temporary, a moved
    // one, a returned one, some in a vector and an optional.
    Shop shop;
    shop.visit_once([](Visitor& self) {
        HttpClient& client = self.client;
        client.get("/temporary");
        { const auto page = client.get("/variable"); }
        client.get("/judged").fail("not what I wanted");
        auto first = client.get("/moved-from");
        auto second = std::move(first);
        second.fail("by its new owner");
        const auto fetch = [&] { return client.get("/returned"); };
        auto page = fetch();
        page = client.get("/assigned");
        auto& same = page;
        page = std::move(same);
        page.fail("still mine");
        std::vector<Response> pages;
        pages.reserve(3);
        for (int i = 0; i < 3; ++i) pages.push_back(client.get("/vector"));
        pages[2].fail("the last");
        std::optional<Response> maybe = client.get("/optional");
        maybe.reset();
        client.del("/x");
        client.head("/x");
        client.options("/x");
        client.put("/x", "text");
        client.patch("/x");
        client.post("/x", {.name = "named"});
        client.request("PROPFIND", "/x");
    });
    CHECK(shop.recorded() == Lines{"GET /temporary",
                                   "GET /variable",
                                   "GET /returned",
                                   "GET /vector *2",
                                   "GET /optional",
                                   "DELETE /x",
                                   "HEAD /x",
                                   "OPTIONS /x",
                                   "PUT /x",
                                   "PATCH /x",
                                   "POST named",
                                   "PROPFIND /x",
                                   "GET /judged: not what I wanted",
                                   "GET /moved-from: by its new owner",
                                   "GET /assigned: still mine",
                                   "GET /vector: the last"});
}

TEST_CASE("when nothing is said, a status of 400 or more or no answer is a failure") {
    // Goal: the default rule, with texts that group. Method: 200, 404, 500, 404 that is passed, a
    // connection that is closed, one that is refused.
    Shop shop;
    shop.visit_once([](Visitor& self) {
        CHECK(self.client.get("/").ok());
        CHECK(self.client.get("/").error().empty());
        CHECK_FALSE(self.client.get("/missing").ok());
        CHECK(self.client.get("/broken").error() == "500 Internal Server Error");
        auto page = self.client.get("/missing");
        if (page.status() == 404) page.succeed();
        CHECK(page.ok());
        self.client.get("/missing", {.name = "renamed"});
        CHECK(self.client.get("/silent").status() == 0);
        CHECK(self.client.get("http://127.0.0.1:1/refused").status() == 0);
        CHECK(self.client.get("http:// bad url").status() == 0);
    });
    const Lines lines = shop.recorded();
    const auto has = [&](const std::string& line) {
        return std::count(lines.begin(), lines.end(), line) == 1;
    };
    CHECK(has("GET / *2"));
    CHECK(has("GET /missing"));
    CHECK(has("GET /missing: 404 Not Found"));
    CHECK(has("GET /broken: 500 Internal Server Error"));
    CHECK(has("GET renamed: 404 Not Found"));
    for (const std::string line : {"GET /silent: ", "GET /refused: ", "GET http:// bad url: "}) {
        CHECK_MESSAGE(std::any_of(lines.begin(),
                                  lines.end(),
                                  [&](const std::string& one) { return one.starts_with(line); }),
                      line);
    }
}

TEST_CASE("a response is settled by the next request, a sleep, and the end of the task") {
    // Goal: no judgement after recording. Method: judge after each of them, and in the next task.
    Shop shop;
    shop.visit_once([](Visitor& self) {
        const auto late = [](Response& page) {
            CHECK_THROWS_WITH_AS(page.fail("late"),
                                 "the response to GET /first is recorded already: a response may "
                                 "be judged until its user sends the next request or waits, or the "
                                 "task ends",
                                 std::logic_error);
            CHECK_THROWS_AS(page.succeed(), std::logic_error);
            CHECK(page.status() == 200);
            CHECK(page.json()["stock"] == 0);
            CHECK(page.json()["stok"] != 1);  // has no effect any more
        };
        auto first = self.client.get("/first");
        self.client.get("/second");
        late(first);
        first = self.client.get("/first");
        sleep(1ms);
        late(first);
        first = self.client.get("/first");
        measure("own", "call", [] {});
        late(first);
    });
    CHECK(shop.recorded() == Lines{"GET /first *3", "GET /second", "own call"});
}

TEST_CASE("a response kept in a member is recorded at the end of its task") {
    // Goal: "until it leaves scope" is never too late. Method: judged in the next execution.
    Shop shop;
    visit = nullptr;
    class Keeper : public HttpUser {
    public:
        void keep() {
            if (kept_.empty()) {
                kept_.push_back(client.get("/kept"));
                return;
            }
            CHECK_THROWS_AS(kept_.back().fail("in the next task"), std::logic_error);
            stop_user();
        }

    private:
        std::vector<Response> kept_;
    };
    users<Keeper>().task<&Keeper::keep>();
    shop.run([&] {
        const auto user = shop.begin();
        TestRun::wait_for_end(*user);
    });
    CHECK(shop.recorded() == Lines{"GET /kept"});
}

TEST_CASE("a response that was moved away says so") {
    // Goal: no use of nothing. Method: each member of a moved-from response.
    Shop shop;
    shop.visit_once([](Visitor& self) {
        auto first = self.client.get("/");
        const auto second = std::move(first);
        const char* const text = "this response was moved away";
        // NOLINTBEGIN(bugprone-use-after-move,clang-analyzer-cplusplus.Move): it is the case.
        CHECK_THROWS_WITH_AS(first.fail("x"), text, std::logic_error);
        CHECK_THROWS_WITH_AS(first.succeed(), text, std::logic_error);
        CHECK_THROWS_WITH_AS((void)first.status(), text, std::logic_error);
        CHECK_THROWS_WITH_AS((void)first.text(), text, std::logic_error);
        CHECK_THROWS_WITH_AS((void)first.json(), text, std::logic_error);
        // NOLINTEND(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
    });
    CHECK(shop.recorded() == Lines{"GET /"});
}

TEST_CASE("an exception that ends the task fails what is not judged, with its text") {
    // Goal: the request that led to the exception is seen. Method: unjudged, passed, failed, and an
    // exception that does not end the task.
    Shop shop;
    users<Visitor>().task("throws", [turn = 0](Visitor& self) mutable {
        ++turn;
        if (turn == 5) stop_user();
        auto page = self.client.get("/" + std::to_string(turn));
        if (turn == 2) page.succeed();
        if (turn == 3) page.fail("by me");
        if (turn == 4) {
            try {
                const auto inner = self.client.get("/inner");
                throw std::runtime_error("caught");
            } catch (const std::exception&) {
            }
            return;
        }
        throw std::runtime_error("out");
    });
    shop.run([&] {
        const auto user = shop.begin();
        TestRun::wait_for_end(*user);
    });
    CHECK(shop.recorded() == Lines{"GET /2",
                                   "GET /4",
                                   "GET /inner",
                                   "GET /1: out",
                                   "GET /3: by me",
                                   "Visitor.throws threw std::runtime_error: out *3"});
}

TEST_CASE("stop_user is no failure of the response") {
    // Goal: leaving a task on purpose is none of the server's faults.
    Shop shop;
    shop.visit_once([](Visitor& self) {
        auto page = self.client.get("/good");
        stop_user();
    });
    CHECK(shop.recorded() == Lines{"GET /good"});
}

TEST_CASE("a Timeout fails the request and passes on; a kill counts it as aborted") {
    // Goal: exchanges = served. Method: a slow page under a Timeout, then a kill in the same place.
    Shop shop;
    int ran = 0;
    users<Visitor>().task("slow", [&](Visitor& self) {
        if (++ran == 1) {
            const Timeout limit(30ms);
            self.client.get("/slow");
        }
        self.client.get("/slow", {.name = "/killed"});
    });
    shop.run([&] {
        const auto user = shop.begin();
        while (ran < 2) fiber::sleep_for(1ms);
        fiber::sleep_for(20ms);
        user->kill({});
        TestRun::wait_for_end(*user);
    });
    CHECK(shop.recorded() ==
          Lines{"GET /killed (aborted)",
                "GET /slow: the timeout of 0.03 s has expired",
                "Visitor.slow threw cicada::TimeoutExpired: the timeout of 0.03 s has expired"});
}

TEST_CASE("on_stop sends requests after a kill") {
    // Goal: a logout is sent and recorded. Method: on_stop of a user that is killed while waiting.
    class Leaver : public HttpUser {
    public:
        void on_stop() override { client.post("/logout"); }
        void idle() {}
    };
    Shop shop;
    users<Leaver>().wait_time(constant(1h)).task<&Leaver::idle>();
    shop.run([&] {
        const auto user = shop.begin();
        fiber::sleep_for(5ms);
        user->kill({});
        TestRun::wait_for_end(*user);
    });
    CHECK(shop.recorded() == Lines{"POST /logout"});
}
