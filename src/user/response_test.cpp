// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cicada/client.hpp>
#include <cicada/control.hpp>
#include <cicada/events.hpp>
#include <cicada/fiber.hpp>
#include <cicada/json.hpp>
#include <cicada/measure.hpp>
#include <cicada/sync.hpp>
#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/server.hpp"
#include "user/test_run.hpp"

using namespace cicada;
using user::Phase;
using user::TestRun;

namespace {

using Lines = std::vector<std::string>;

class Visitor;
std::function<void(Visitor&)> visit;

/// Calls `visit` once.
class Visitor : public HttpUser {
public:
    void once() {
        visit(*this);
        stop_user();
    }
    std::vector<Response> kept;
};

void answer(const http::ServerRequest& request, http::ResponseWriter& writer) {
    if (request.path == "/missing") return writer.reply(404, "text/plain", "none");
    if (request.path == "/broken") return writer.reply(500, "text/plain", "oh");
    if (request.path == "/text") return writer.reply(200, "text/plain", "some text");
    if (request.path == "/silent") return writer.abandon();
    if (request.path == "/slow") {
        fiber::sleep_for(10s);
        return writer.reply(200, "text/plain", "late");
    }
    if (request.path == "/moved") {
        writer.add_header("Location", "/text");
        return writer.reply(302, "text/plain", "");
    }
    if (request.path == "/echo") {
        const std::string head(request.head);
        return writer.reply(200, "text/plain", head + std::string(request.body));
    }
    writer.reply(200,
                 "application/json",
                 R"({"stock": 0, "price": 2.5, "a": [7, 8.5, "x"], "b": {"c": "text"}, "on": true,)"
                 R"( "none": null, "n": "t\u00e9\n"})");
}

/// A server on loopback, and one visit of one user to it.
struct Shop : TestRun {
    Shop() : TestRun(fiber::ClockKind::Real) {}

    void visit_once(std::function<void(Visitor&)> what) {
        visit = std::move(what);
        users<Visitor>().task<&Visitor::once>();
        run([&] {
            const auto user = begin();
            wait_for_end(*user);
        });
    }

    /// In run(): the server's fiber, and a user.
    std::unique_ptr<user::LiveUser> begin() {
        environment.host = "http://127.0.0.1:" + std::to_string(server.endpoint().port());
        serving = fiber::start([this] { server.run(); });
        return start();
    }

    void run(const std::function<void()>& body) {
        TestRun::run([&] {
            body();
            serving.cancel();
            serving = {};
        });
    }

    http::Server server{*net::Endpoint::from_literal("127.0.0.1", 0), answer};
    fiber::Handle serving;
};

}  // namespace

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

TEST_CASE("json() reads values, and a missing one fails the response") {
    // Goal: no check passes by accident. Method: right and wrong questions, one response each.
    Shop shop;
    shop.visit_once([](Visitor& self) {
        HttpClient& client = self.client;
        {
            const auto page = client.get("/right");
            const JsonView json = page.json();
            CHECK(json["stock"] == 0);
            CHECK(json["stock"] < 1);
            CHECK(1 > json["stock"]);
            CHECK(json["price"] == 2.5);
            CHECK(json["price"] > 2);
            CHECK(json["a"][0] == 7);
            CHECK(json["a"][1] <= 8.5);
            CHECK(json["a"].size() == 3);
            CHECK(json["b"]["c"] == "text");
            CHECK(json["b"]["c"] != "other");
            CHECK(json["on"] == true);
            CHECK(json["n"] == "t\xC3\xA9\n");
            CHECK(json["n"].text() == "t\xC3\xA9\n");
            CHECK(json["price"].number() == 2.5);
            CHECK(json["stock"].integer() == 0);
            CHECK(json["on"].truth());
            CHECK(json["none"].exists());
            CHECK_FALSE(json["nobody"].exists());
            CHECK(json["nobody"]["home"].value_or("none") == "none");
            CHECK(json["nobody"].value_or(1.5) == 1.5);
            CHECK(json["b"].dump() == R"({"c": "text"})");
            CHECK(to_nlohmann(json["a"]) == nlohmann::json::array({7, 8.5, "x"}));
            CHECK(page.ok());
        }
        CHECK_FALSE(client.get("/stok").json()["stok"] < 1);
        CHECK(client.get("/deep").json()["b"]["c"]["d"] != 1);
        CHECK(client.get("/index").json()["a"][3] != 1);
        CHECK(client.get("/type").json()["b"]["c"] != 1);
        CHECK(client.get("/object").json() != 1);
        CHECK_THROWS_WITH_AS((void)client.get("/throws").json()["price"].text(),
                             "no text at /price",
                             std::runtime_error);
        CHECK_THROWS_AS((void)client.get("/integer").json()["price"].integer(), std::runtime_error);
        CHECK_FALSE(client.get("/text").json()["stock"] > 0);
        auto forgiven = client.get("/forgiven");
        CHECK(forgiven.json()["x"] != 1);
        forgiven.succeed();
        const JsonView outlives = client.get("/outlives").json();
        const std::string text = client.get("/text").text();
        client.get("/");
        CHECK(outlives["b"]["c"] == "text");
        CHECK(text == "some text");
        CHECK(JsonView()["x"] != 1);
        CHECK_THROWS_AS((void)JsonView().text(), std::runtime_error);
    });
    CHECK(shop.recorded() == Lines{"GET /right",
                                   "GET /text",
                                   "GET /forgiven",
                                   "GET /outlives",
                                   "GET /",
                                   "GET /stok: no number at /stok",
                                   "GET /deep: no number at /b/c/d",
                                   "GET /index: no number at /a/3",
                                   "GET /type: no number at /b/c",
                                   "GET /object: no number at /",
                                   "GET /throws: no text at /price",
                                   "GET /integer: no whole number at /price",
                                   "GET /text: the body is not JSON"});
}

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
        "and what they spawn";
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

TEST_CASE("measure() records what it calls") {
    // Goal: any protocol. Method: sizes, a failure of its own, an exception, a timeout, stop_user.
    Shop shop;
    shop.visit_once([](Visitor&) {
        CHECK(measure("p", "size", [] { return 12U; }) == Verdict::Passed);
        measure("p", "nothing", [] {});
        CHECK(measure("p", "says", [](Measurement& m) { m.failure = "no"; }) == Verdict::Failed);
        CHECK(measure("p", "throws", [] { throw std::runtime_error("bad"); }) == Verdict::Failed);
        try {
            const Timeout limit(5ms);
            measure("p", "slow", [] { sleep(1h); });
            FAIL("the timeout has to pass on");
        } catch (const TimeoutExpired&) {
        }
        measure("p", "stops", [] { stop_user(); });
    });
    CHECK(shop.recorded() == Lines{"p size",
                                   "p nothing",
                                   "p says: no",
                                   "p throws: bad",
                                   "p slow: the timeout of 0.005 s has expired"});
}
