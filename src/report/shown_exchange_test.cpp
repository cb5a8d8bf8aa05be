// SPDX-License-Identifier: Apache-2.0
#include "report/shown_exchange.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "fiber/scheduler.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "run/recorded_answers.hpp"

namespace cicada::report {
namespace {

struct Seen {
    std::string shown;
    std::string recorded;
};

class Collector final : public http::WireObserver {
public:
    void on_exchange(const http::SeenExchange& seen) override {
        all.shown += shown_exchange(seen);
        all.recorded += recorded_exchange(seen, "Shopper.browse");
    }

    Seen all;
};

/// What a server that answers with `body` lets an observer see of one request.
Seen seen_of(const http::Request& request, const std::string& type, const std::string& body) {
    Collector collector;
    fiber::Scheduler scheduler({.io = fiber::IoKind::Epoll});
    scheduler.run([&] {
        http::Server server(net::Endpoint::from_literal("127.0.0.1", 0).value(),
                            [&](const http::ServerRequest&, http::ResponseWriter& writer) {
                                writer.reply(200, type, body);
                            });
        const fiber::Handle serving = fiber::start([&server] { server.run(); });
        http::Network network;
        http::Client client(network,
                            std::make_shared<http::ClientProfile>(),
                            http::Url::parse("http://" + server.endpoint().text()).value());
        client.set_observer(&collector);
        http::Exchange exchange;
        client.send(request, exchange);
    });
    return collector.all;
}

bool has(const std::string& text, const std::string& part) {
    CAPTURE(text);
    CAPTURE(part);
    const bool found = text.find(part) != std::string::npos;
    CHECK(found);
    return found;
}

TEST_CASE("an exchange is shown as it was on the wire, JSON laid out") {
    // Goal: a person reads what was sent and what came.
    // Method: a real exchange with bodies in both directions.
    const Seen seen = seen_of({.method = "POST",
                               .url = "/items",
                               .body = "{\"a\":1}",
                               .content_type = "application/json",
                               .has_body = true},
                              "application/json",
                              "{\"id\": 7, \"tags\": []}");
    has(seen.shown, "> POST /items HTTP/1.1\n> Host: 127.0.0.1:");
    has(seen.shown, ">\n> {\n>   \"a\": 1\n> }\n< HTTP/1.1 200 OK\n");
    has(seen.shown, "<\n< {\n<   \"id\": 7,\n<   \"tags\": []\n< }\n  ");
    CHECK(seen.shown.ends_with(" ms\n\n"));
}

TEST_CASE("bodies that are long or no text are only counted") {
    // Goal: no terminal is flooded, and no escape sequence of a server reaches it.
    // Method: a long text, bytes, and an escape.
    const std::string text(10'000, 'x');
    const Seen seen = seen_of({.url = "/"}, "text/plain", text);
    has(seen.shown, "\n< ... (10,000 bytes in all)\n");
    CHECK(seen.shown.size() < 5'000);
    has(seen_of({.url = "/"}, "image/png", std::string("\x89PNG\0\1", 6)).shown,
        "< (6 bytes that are no text)\n");
    has(seen_of({.url = "/"}, "text/plain", "\x1b[2J").shown, "< (4 bytes that are no text)\n");
}

TEST_CASE("what is recorded can answer in a dry run") {
    // Goal: --record writes what --answers reads, with the request's name and the answer's own
    //   time. Method: there and back, for text and for bytes.
    const Seen text = seen_of({.url = "/a?b=c", .name = "a page"}, "text/plain", "some text");
    const Seen bytes = seen_of({.url = "/b"}, "image/png", std::string("\xff\0\x01", 3));
    auto read = run::RecordedAnswers::parse(text.recorded + bytes.recorded, "seen.jsonl");
    REQUIRE(read);
    const http::MadeUpAnswer* answer = read->next(
        {.method = "GET", .name = "a page", .origin = "", .target = "/other", .body = ""});
    REQUIRE(answer != nullptr);
    CHECK(answer->status == 200);
    CHECK(answer->body == "some text");
    CHECK(answer->fields.find("Content-Type: text/plain\r\n") != std::string_view::npos);
    CHECK(answer->latency > std::chrono::nanoseconds{});
    answer = read->next({.method = "GET", .name = "", .origin = "", .target = "/b", .body = ""});
    REQUIRE(answer != nullptr);
    CHECK(answer->body == std::string_view("\xff\0\x01", 3));
    const auto record = nlohmann::json::parse(text.recorded);
    CHECK(record["name"] == "a page");
    CHECK(record["answer_ms"] <= record["time_ms"]);
    CHECK_FALSE(nlohmann::json::parse(bytes.recorded).contains("name"));
}

TEST_CASE("an exchange is recorded as one line of JSON") {
    // Goal: --record can be read again, whatever the bytes are.
    // Method: text and bytes.
    const auto record = nlohmann::json::parse(
        seen_of({.url = "/a?b=c"}, "text/plain", "gr\xc3\xbc\xc3\x9f").recorded);
    CHECK(record["task"] == "Shopper.browse");
    CHECK(record["method"] == "GET");
    CHECK(record["url"].get<std::string>().ends_with("/a?b=c"));
    CHECK(record["status"] == 200);
    CHECK(record["body"] == "gr\xc3\xbc\xc3\x9f");
    CHECK(record["error"] == "");
    CHECK(record["request_fields"][0][0] == "Host");
    bool has_type = false;
    for (const auto& field : record["fields"]) {
        has_type = has_type || (field[0] == "Content-Type" && field[1] == "text/plain");
    }
    CHECK(has_type);
    const auto bytes =
        nlohmann::json::parse(seen_of({.url = "/"}, "image/png", "\xff\xfe\x01 ab").recorded);
    CHECK(bytes["body_base64"] == "//4BIGFi");
    CHECK_FALSE(bytes.contains("body"));
}

}  // namespace
}  // namespace cicada::report
