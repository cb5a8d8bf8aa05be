// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cicada/client.hpp>
#include <cicada/control.hpp>
#include <cicada/events.hpp>
#include <cicada/fiber.hpp>
#include <cicada/measure.hpp>
#include <cicada/sync.hpp>
#include <fstream>
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

TEST_CASE("a redirected request is one record with all its exchanges") {
    // Goal: exchanges = served. Method: the entry's counts after one redirect and one refused to
    // be followed.
    Shop shop;
    shop.visit_once([](Visitor& self) {
        const auto page = self.client.get("/moved");
        CHECK(page.text() == "some text");
        CHECK(page.url().ends_with("/text"));
        CHECK(self.client.get("/moved", {.follow_redirects = false}).status() == 302);
    });
    const stats::Delta delta = shop.recorder.take(base::steady_now());
    REQUIRE(delta.entries.size() == 1);
    CHECK(delta.entries[0].key->name == "/moved");
    CHECK(delta.entries[0].counts.requests == 2);
    CHECK(delta.entries[0].counts.redirects == 1);
    CHECK(delta.entries[0].counts.exchanges() == 3);
    CHECK(delta.entries[0].response_times.max() < 5s);
    CHECK(delta.generator_share.count() == 2);
    CHECK(delta.generator_share.max() <= delta.entries[0].response_times.max());
}

TEST_CASE("what is sent is what the options say") {
    // Goal: headers, query, body, file and the identity arrive. Method: a page that echoes them.
    Shop shop;
    shop.environment.test_folder = std::filesystem::temp_directory_path();
    shop.environment.trace_header = "X-Trace";
    shop.environment.client_defaults = {.headers = {{"X-Default", "yes"}, {"X-Both", "no"}}};
    static std::string name;
    name = "cicada_response_test_" + std::to_string(getpid());
    const auto path = shop.environment.test_folder / name;
    std::ofstream(path) << "from a file";

    class Sender : public HttpUser {
    public:
        Sender() : HttpUser({.headers = {{"X-Both", "own"}}, .timeout = 5s}) {}
        void on_start() override {
            CHECK(host().starts_with("http://127.0.0.1:"));
            const auto page = client.post("/echo", "hello", {.query = {{"q", "a b&"}}});
            const std::string_view text = page.text();
            CHECK(text.starts_with("POST /echo?q=a+b%26 HTTP/1.1\r\n"));
            CHECK(text.ends_with("\r\n\r\nhello"));
            CHECK(text.find("X-Default: yes\r\n") != text.npos);
            CHECK(text.find("X-Both: own\r\n") != text.npos);
            CHECK(text.find("X-Both: no") == text.npos);
            CHECK(text.find("Content-Type: text/plain; charset=utf-8\r\n") != text.npos);
            CHECK(text.find("X-Trace: r1.7.0.0\r\n") != text.npos);
            CHECK(page.header("content-TYPE") == "text/plain");
            CHECK_FALSE(page.header("X-None"));
            CHECK(page.size() == static_cast<std::int64_t>(text.size()));
            CHECK(page.elapsed() > 0s);
        }
        void send() {
            const auto page = client.put("/echo", file(name), {.headers = {{"X-Both", "3"}}});
            CHECK(page.text().ends_with("\r\n\r\nfrom a file"));
            CHECK(page.text().find("X-Both: 3\r\n") != std::string_view::npos);
            CHECK(page.text().find("X-Trace: r1.7.1.1\r\n") != std::string_view::npos);
            const auto dropped = client.get("/text", {.discard_body = true});
            CHECK(dropped.text().empty());
            CHECK(dropped.size() == 9);
            CHECK(client.post("/echo").text().find("Content-Length: 0\r\n") != std::string::npos);
            stop_user();
        }
    };
    users<Sender>().task<&Sender::send>();
    shop.run([&] {
        auto user = shop.begin();
        user = shop.start(7);
        TestRun::wait_for_end(*user);
    });
    std::filesystem::remove(path);
    CHECK(shop.recorded().front().starts_with("POST /echo?q=a+b%26"));
}

TEST_CASE("request listeners hear of each request, and may stop the user or send requests") {
    // Goal: listeners run in the user's fiber. Method: one that sends a request of its own, which
    // is recorded but not announced, and stops the user at the third.
    Shop shop;
    Lines heard;
    users<Visitor>().task("three", [](Visitor& self) {
        auto page = self.client.get("/1", {.context = {{"step", "one"}}});
        page.fail("odd");
        self.client.get("/2");
        measure("own", "call", [] { return 5; });
        self.client.get("/3");
        self.client.get("/never");
    });
    Visitor* visitor = nullptr;
    events().request += [&](const RequestEvent& request) {
        std::string line(request.type);
        line.append(" ").append(request.name).append(" ").append(request.failure);
        for (const Field& field : request.context) line += field.name() + "=" + field.value();
        if (request.response != nullptr) line += std::to_string(request.response->status());
        CHECK(request.response_time >= 0s);
        heard.push_back(line);
        if (visitor != nullptr) visitor->client.get("/from-listener");
        if (request.name == "/3") stop_user();
    };
    visit = nullptr;
    shop.run([&] {
        const auto user = shop.begin();
        TestRun::wait_for_end(*user);
    });
    CHECK(heard == Lines{"GET /1 oddstep=one200", "GET /2 200", "own call ", "GET /3 200"});
    CHECK(shop.recorded() == Lines{"GET /2", "own call", "GET /3", "GET /1: odd"});
}

TEST_CASE("a request sent by a listener is recorded and not announced") {
    // Goal: no endless loop. Method: a listener that sends one for each it hears of.
    Shop shop;
    int heard = 0;
    shop.visit_once([&](Visitor& self) {
        events().request += [&] {
            ++heard;
            self.client.get("/from-listener");
        };
        self.client.get("/1");
        self.client.get("/2");
    });
    CHECK(heard == 2);
    CHECK(shop.recorded() == Lines{"GET /1", "GET /from-listener *2", "GET /2"});
}

TEST_CASE("spawned fibers send and judge for themselves") {
    // Goal: parallel requests of one user. Method: two at once, one judged after the other has been
    // sent; one that throws; one whose response is kept in a global.
    Shop shop;
    static std::optional<Response> global;
    shop.visit_once([](Visitor& self) {
        auto one = spawn([&] {
            auto page = self.client.get("/one");
            Event never;
            try {
                const Timeout limit(20ms);
                never.wait();
            } catch (const TimeoutExpired&) {
            }
            page.fail("judged after /two was sent");
        });
        auto two = spawn([&] { self.client.get("/two"); });
        auto three = spawn([&] {
            auto page = self.client.get("/three");
            throw std::runtime_error("no good");
        });
        auto four = spawn([&] { global = self.client.get("/four"); });
        join(one, two, four);
        CHECK_THROWS_AS(global->fail("late"), std::logic_error);
        CHECK_THROWS_WITH_AS(three.join(), "no good", std::runtime_error);
    });
    global.reset();
    Lines lines = shop.recorded();
    std::sort(lines.begin(), lines.end());
    CHECK(lines == Lines{"GET /four",
                         "GET /one: judged after /two was sent",
                         "GET /three: no good",
                         "GET /two"});
}

TEST_CASE("a client works in its own user's fibers alone") {
    // Goal: one clear error. Method: from the run's fiber, and from another user's.
    Shop shop;
    HttpClient* others = nullptr;
    Lines texts;
    const auto attempt = [&texts](HttpClient& client) {
        try {
            client.get("/x");
        } catch (const std::logic_error& error) {
            texts.emplace_back(error.what());
        }
    };
    users<Visitor>().task("share", [&](Visitor& self) {
        if (others == nullptr) {
            others = &self.client;
            sleep(1h);
        }
        attempt(*others);
        stop_user();
    });
    shop.run([&] {
        const auto one = shop.begin();
        fiber::sleep_for(5ms);
        const auto two = shop.start(1);
        TestRun::wait_for_end(*two);
        attempt(*others);
        HttpClient lonely;
        attempt(lonely);
        one->kill({});
        TestRun::wait_for_end(*one);
    });
    const std::string text =
        "GET /x: a client works in the fibers of its own user alone: in tasks, on_start, on_stop "
        "and what they spawn; or in listeners if one of them has made it";
    CHECK(texts == Lines{text, text, text});
    CHECK(shop.recorded().empty());
}

TEST_CASE("a missing host stops the run with one sentence") {
    // Goal: no run of failures. Method: a path without a host; a whole URL works without one.
    Shop shop;
    visit = [&](Visitor& self) {
        CHECK(self.client
                  .get("http://127.0.0.1:" + std::to_string(shop.server.endpoint().port()) + "/")
                  .ok());
        self.client.get("/cart");
    };
    users<Visitor>().task<&Visitor::once>();
    shop.run([&] {
        auto user = shop.begin();
        shop.environment.host.clear();
        TestRun::wait_for_end(*user);
    });
    CHECK(shop.failures == Lines{"user class Visitor has no host for \"/cart\": give --host, or "
                                 ".host(\"http://...\") where the class is declared"});
    CHECK(shop.recorded() == Lines{"GET /"});
}
