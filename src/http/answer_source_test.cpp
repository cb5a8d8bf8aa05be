// SPDX-License-Identifier: Apache-2.0
#include "http/answer_source.hpp"

#include <doctest/doctest.h>

#include <cicada/fiber.hpp>
#include <cicada/sync.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "http/test_loopback.hpp"

namespace cicada::http {
namespace {

using namespace std::chrono_literals;

/// Answers as the test says and notes what it was asked.
class Script final : public AnswerSource {
public:
    explicit Script(std::function<MadeUpAnswer(const AskedRequest&)> answer)
        : answer_(std::move(answer)) {}

    MadeUpAnswer answer(const AskedRequest& request) override {
        asked.push_back(std::string(request.method) + " " + std::string(request.name) + "|" +
                        std::string(request.origin) + "|" + std::string(request.target) + "|" +
                        std::string(request.body));
        return answer_(request);
    }

    std::vector<std::string> asked;

private:
    std::function<MadeUpAnswer(const AskedRequest&)> answer_;
};

/// In virtual time, where any socket would be an error.
void with_answers(Script& script, const std::function<void(TestClient&)>& body) {
    fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
    scheduler.run([&] {
        TestClient client("http://shop:8080/base");
        client.network().answers = &script;
        body(client);
    });
}

TEST_CASE("an answer that no server gave looks like any other, and takes its time") {
    // Goal: status, fields, body, clock points and counts as of a request that was sent.
    // Method: one answer of each kind in virtual time.
    Script script([](const AskedRequest& request) -> MadeUpAnswer {
        if (request.target == "/base/none") return {.error = "connection refused", .latency = 2ms};
        return {.status = 404,
                .reason = "Not Found",
                .fields = "X-Shop: tea\r\n",
                .body = "nothing",
                .latency = 30ms};
    });
    with_answers(script, [&](TestClient& client) {
        const auto begin = fiber::now();
        const Exchange& got =
            client.send({.method = "POST", .url = "/a?b=c", .name = "a", .body = "x=1"});
        CHECK(fiber::now() - begin == 30ms);
        CHECK(got.status() == 404);
        CHECK(got.reason() == "Not Found");
        CHECK(got.header("x-shop") == "tea");
        CHECK(got.body() == "nothing");
        CHECK(got.body_size() == 7);
        CHECK(got.url() == "http://shop:8080/base/a?b=c");
        CHECK(got.counts().exchanges == 1);
        CHECK(got.times().submitted == begin);
        CHECK(got.times().completed == begin + 30ms);
        CHECK(got.times().resumed == begin + 30ms);
        CHECK(script.asked.back() == "POST a|http://shop:8080|/base/a?b=c|x=1");

        CHECK(client.send({.method = "HEAD", .url = "/"}).body().empty());
        CHECK(client.send({.url = "/", .discard_body = true}).body_size() == 7);
        CHECK(client.exchange().body().empty());

        client.get("/none");
        CHECK(client.exchange().status() == 0);
        CHECK(client.exchange().error() == "connection refused");
        CHECK(client.exchange().times().resumed - client.exchange().times().called == 2ms);
        CHECK(client.exchange().counts().exchanges == 1);
    });
}

TEST_CASE("redirects and cookies of made-up answers are heeded") {
    // Goal: a login that redirects works as against a server; the name is the first request's.
    // Method: 303 with a cookie, then the page.
    Script script([](const AskedRequest& request) -> MadeUpAnswer {
        if (request.target == "/base/login") {
            return {.status = 303,
                    .reason = "See Other",
                    .fields = "Location: /home\r\nSet-Cookie: a=b\r\n",
                    .latency = 10ms};
        }
        return {.body = "home", .latency = 5ms};
    });
    with_answers(script, [&](TestClient& client) {
        const Exchange& got = client.send(
            {.method = "POST", .url = "/login", .name = "log in", .body = "x", .has_body = true});
        CHECK(got.status() == 200);
        CHECK(got.body() == "home");
        CHECK(got.counts().exchanges == 2);
        CHECK(got.counts().redirects == 1);
        CHECK(got.times().resumed - got.times().called == 15ms);
        CHECK(script.asked == std::vector<std::string>{"POST log in|http://shop:8080|/base/login|x",
                                                       "GET |http://shop:8080|/home|"});
        CHECK_FALSE(client.client().cookies().empty());
    });
}

TEST_CASE("a made-up answer keeps to the time limits of its request") {
    // Goal: what takes too long is the failure it would be; a Timeout cuts it off; a cancelled
    //   user's exchange may finish in the time to drain.
    // Method: an answer after an hour against each.
    Script script([](const AskedRequest&) -> MadeUpAnswer { return {.latency = 1h}; });
    with_answers(script, [&](TestClient& client) {
        const auto begin = fiber::now();
        client.send({.url = "/", .timeout = 2s});
        CHECK(client.exchange().error() == "no response within 2 s");
        CHECK(client.exchange().status() == 0);
        CHECK(fiber::now() - begin == 2s);
        const Timeout limit(3s);
        CHECK_THROWS_AS(client.get("/"), TimeoutExpired);
        CHECK(client.exchange().counts().aborted == 1);
    });
    Script quick([](const AskedRequest&) -> MadeUpAnswer { return {.latency = 1s}; });
    with_answers(quick, [&](TestClient& client) {
        fiber::Handle user = fiber::start([&] { client.get("/"); });
        fiber::sleep_for(500ms);
        user.cancel(2s);
        user.join();
        CHECK(client.exchange().status() == 200);
        fiber::Handle other = fiber::start([&] { client.get("/"); });
        fiber::sleep_for(500ms);
        other.cancel(100ms);
        other.join();
        CHECK(client.exchange().error() == "aborted: the user was stopped");
        CHECK(client.exchange().counts().aborted == 1);
    });
}

}  // namespace
}  // namespace cicada::http
