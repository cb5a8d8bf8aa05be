// SPDX-License-Identifier: Apache-2.0
#include "run/answers.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fiber/scheduler.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

const http::AskedRequest kPage{
    .method = "GET", .name = "", .origin = "http://shop:1", .target = "/a?b", .body = ""};

/// Answers once, in a fiber; what the answer refers to stays as long as `answers`.
http::MadeUpAnswer ask(Answers& answers, const http::AskedRequest& request = kPage) {
    http::MadeUpAnswer got;
    fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
    scheduler.run([&] { got = answers.answer(request); });
    return got;
}

std::vector<detail::DryRunFunction> functions(detail::DryRunFunction one) {
    std::vector<detail::DryRunFunction> all;
    all.push_back(std::move(one));
    return all;
}

std::string refusal(const DryRunAnswer& given) {
    const auto by_test = functions([given](const DryRunRequest&) { return given; });
    Answers answers(by_test, std::nullopt, 100ms);
    return std::string(ask(answers).error);
}

TEST_CASE("the test answers first, then the record, then it is a plain 200") {
    // Goal: the order, what each is asked, and the counts. Method: one request for each.
    std::vector<std::string> asked;
    std::vector<detail::DryRunFunction> by_test;
    by_test.emplace_back([&](const DryRunRequest& request) -> std::optional<DryRunAnswer> {
        asked.push_back(std::string(request.method) + " " + std::string(request.name) + " " +
                        std::string(request.host) + " " + std::string(request.path) + " " +
                        std::string(request.body) + " " + std::string(request.task));
        if (request.path != "/own") return {};
        return DryRunAnswer{.status = 429, .body = "busy", .headers = {{"A", "b"}}, .latency = 7ms};
    });
    by_test.emplace_back([](const DryRunRequest& request) -> std::optional<DryRunAnswer> {
        if (request.path != "/second") return {};
        return DryRunAnswer{};
    });
    auto recorded = RecordedAnswers::parse(
        R"({"method": "GET", "url": "http://a/kept", "status": 302, "time_ms": 1})", "a.jsonl");
    REQUIRE(recorded);
    Answers answers(by_test, std::move(*recorded), 50ms);

    http::AskedRequest request = kPage;
    request.target = "/own";
    request.name = "own page";
    request.body = "x=1";
    http::MadeUpAnswer got = ask(answers, request);
    CHECK(asked.back() == "GET own page http://shop:1 /own x=1 main");
    CHECK(got.status == 429);
    CHECK(got.reason == "Too Many Requests");
    CHECK(got.fields == "A: b\r\n");
    CHECK(got.body == "busy");
    CHECK(got.latency == 7ms);

    request = kPage;
    request.target = "/second";
    got = ask(answers, request);
    CHECK(got.status == 200);
    CHECK(got.latency == 50ms);
    request.target = "/kept";
    CHECK(ask(answers, request).status == 302);
    got = ask(answers);
    CHECK(asked.back() == "GET /a?b http://shop:1 /a?b  main");
    CHECK(got.status == 200);
    CHECK(got.body.empty());
    CHECK(got.latency == 50ms);
    CHECK(answers.counts().by_test == 2);
    CHECK(answers.counts().recorded == 1);
    CHECK(answers.counts().plain == 1);
    CHECK(answers.not_recorded() == std::set<std::string>{"GET /a?b"});
}

TEST_CASE("an answer that cannot be fails its request") {
    // Goal: one line that names the value and the limit. Method: each of them, and a throw.
    CHECK(refusal({}) == "");
    CHECK(refusal({.status = 42}) == "on_dry_run() gave status 42, which has to be 100 to 999");
    CHECK(refusal({.latency = -1ms}) ==
          "on_dry_run() gave a latency of -0.001 s, which has to be 0 or more");
    CHECK(refusal({.headers = {{"A", "b\nc"}}}) ==
          "on_dry_run() gave header \"A\", whose name is empty or which has a line break");
    CHECK(refusal({.status = 0, .error = "refused"}) == "refused");
    const auto by_test = functions([](const DryRunRequest&) -> std::optional<DryRunAnswer> {
        throw std::runtime_error("no idea");
    });
    Answers answers(by_test, std::nullopt, 100ms);
    CHECK(ask(answers).error == "on_dry_run() threw std::runtime_error: no idea");
    CHECK(answers.counts().all() == 1);
}

TEST_CASE("requests that are not in the record are named, but not all") {
    // Goal: a person learns what to record; no list without end. Method: ten pages.
    const std::vector<detail::DryRunFunction> none;
    auto recorded = RecordedAnswers::parse(
        R"({"method": "GET", "url": "http://a/kept", "status": 200, "time_ms": 1})", "a.jsonl");
    Answers answers(none, std::move(*recorded), 100ms);
    for (int page = 0; page < 10; ++page) {
        const std::string target = "/" + std::to_string(page);
        http::AskedRequest request = kPage;
        request.target = target;
        (void)ask(answers, request);
    }
    CHECK(answers.not_recorded().size() == Answers::kMostNamed);
    CHECK(answers.counts().plain == 10);
}

}  // namespace
}  // namespace cicada::run
