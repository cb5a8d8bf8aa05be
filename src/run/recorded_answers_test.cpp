// SPDX-License-Identifier: Apache-2.0
#include "run/recorded_answers.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

std::string complaint(const std::string& text) {
    const auto read = RecordedAnswers::parse(text, "a.jsonl");
    return read ? "none" : read.error();
}

constexpr const char* kItem = R"({"method": "GET", "url": "http://a:1/items/)";
constexpr const char* kRest = R"(", "status": 200, "time_ms": 2})";

TEST_CASE("recorded answers are found by target, then by name, each in turn") {
    // Goal: the answer of that very page, else of one like it; over and over again; another host
    //   does not matter. Method: two answers of one page, one of another, one without a name.
    auto read = RecordedAnswers::parse(
        R"({"method": "GET", "url": "http://a:1/items/1", "name": "/items/[id]", "status": 200, "reason": "OK",)"
        R"( "fields": [["A", "b"], ["C", "d"]], "body": "one", "error": "", "time_ms": 9, "answer_ms": 2.5})"
        "\n\n"
        R"({"method": "GET", "url": "http://a:1/items/1", "name": "/items/[id]", "status": 404, "body": "gone", "time_ms": 1})"
        "\n"
        R"({"method": "GET", "url": "http://a:1/items/2?x=y", "status": 200, "body_base64": "/wE=", "time_ms": 3})"
        "\r\n"
        R"({"method": "POST", "url": "http://a:1/cart", "status": 0, "error": "refused", "time_ms": 4})",
        "a.jsonl");
    REQUIRE(read);
    CHECK(read->size() == 4);
    RecordedAnswers answers = std::move(*read);
    const auto ask = [&](std::string_view method, std::string_view target, std::string_view name) {
        return answers.next({.method = method, .name = name, .origin = "x", .target = target});
    };
    const http::MadeUpAnswer* got = ask("GET", "/items/1", "/items/[id]");
    REQUIRE(got != nullptr);
    CHECK(got->status == 200);
    CHECK(got->reason == "OK");
    CHECK(got->fields == "A: b\r\nC: d\r\n");
    CHECK(got->body == "one");
    CHECK(got->latency == 2500us);
    got = ask("GET", "/items/1", "");
    CHECK(got->status == 404);
    CHECK(got->latency == 1ms);
    CHECK(ask("GET", "/items/1", "")->status == 200);
    CHECK(ask("GET", "/items/77", "/items/[id]")->body == "one");
    CHECK(ask("GET", "/items/78", "/items/[id]")->body == "gone");
    CHECK(ask("GET", "/items/2?x=y", "")->body == "\xff\x01");
    got = ask("POST", "/cart", "");
    CHECK(got->error == "refused");
    CHECK(got->latency == 4ms);
    CHECK(ask("GET", "/items/77", "") == nullptr);
    CHECK(ask("POST", "/items/1", "/items/[id]") == nullptr);
    CHECK(ask("GET", "/items/2", "") == nullptr);
}

TEST_CASE("what is no record is told with its line") {
    // Goal: one clear line. Method: each mistake a line can have.
    const std::string good = std::string(kItem) + "1" + kRest + "\n";
    CHECK(complaint(good) == "none");
    CHECK(complaint("") == "a.jsonl has no answer in it");
    CHECK(complaint(" \n\n") == "a.jsonl has no answer in it");
    CHECK(complaint(good + "GET / 200") ==
          "a.jsonl:2: this is no JSON object, as --record writes them");
    CHECK(complaint(good + good + "[]") ==
          "a.jsonl:3: this is no JSON object, as --record writes them");
    CHECK(complaint(R"({"url": "http://a/"})") == "a.jsonl:1: it has no \"method\"");
    CHECK(complaint(R"({"method": "GET", "url": 7})") == "a.jsonl:1: its \"url\" is no text");
    CHECK(complaint(R"({"method": "GET", "url": "/x"})") ==
          "a.jsonl:1: its \"url\" is no http:// URL");
    const std::string begin = R"({"method": "GET", "url": "http://a/", )";
    CHECK(complaint(begin + R"("time_ms": 1})") == "a.jsonl:1: it has no \"status\"");
    CHECK(complaint(begin + R"("status": 42, "time_ms": 1})") ==
          "a.jsonl:1: its \"status\" is not 100 to 999");
    CHECK(complaint(begin + R"("status": 200})") ==
          "a.jsonl:1: its \"time_ms\" is not 0 to 86400000");
    CHECK(complaint(begin + R"("status": 200, "time_ms": -1})") ==
          "a.jsonl:1: its \"time_ms\" is not 0 to 86400000");
    CHECK(complaint(begin + R"("status": 200, "time_ms": 1, "body_base64": "?"})") ==
          "a.jsonl:1: its \"body_base64\" is no base64");
    CHECK(complaint(begin + R"("status": 200, "time_ms": 1, "fields": [["a"]]})") ==
          "a.jsonl:1: its \"fields\" are no list of [name, value]");
    CHECK(complaint(begin + R"("status": 200, "time_ms": 1, "fields": [["a", "b\r\nc"]]})") ==
          "a.jsonl:1: its \"fields\" are no list of [name, value]");
    CHECK(complaint(begin + R"("status": 200, "time_ms": 1, "reason": "a\nb"})") ==
          "a.jsonl:1: its \"reason\" is no line of text");
    const auto none = RecordedAnswers::read("/none/a.jsonl");
    REQUIRE_FALSE(none);
    CHECK(none.error() == "/none/a.jsonl: No such file or directory");
    const auto folder = RecordedAnswers::read("/");
    CHECK_FALSE(folder);
}

}  // namespace
}  // namespace cicada::run
