// SPDX-License-Identifier: Apache-2.0
// Goal of all: statistics that Locust's nodes send are counted as they count them, and ours arrive
// there as their own would. Method: a message recorded from Locust 2.46.3, read and written again.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>

#include "cluster/codec.hpp"
#include "cluster/packer.hpp"
#include "cluster/test_hex.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;

// GET /a in 12.5 ms and 147.3 ms and without a time, POST /b in 1234 ms, and its error.
constexpr std::string_view kRecorded =
    "93a5737461747385a57374617473928ea46e616d65a22f61a66d6574686f64a3474554b66c6173745f72657175"
    "6573745f74696d657374616d70cb41d7eca4c6700000aa73746172745f74696d65cb41d7eca4c6100000ac6e75"
    "6d5f726571756573747303b16e756d5f6e6f6e655f726571756573747301ac6e756d5f6661696c7572657300b3"
    "746f74616c5f726573706f6e73655f74696d65cb4063f9999999999ab16d61785f726573706f6e73655f74696d"
    "65cb406269999999999ab16d696e5f726573706f6e73655f74696d65cb4029000000000000b4746f74616c5f63"
    "6f6e74656e745f6c656e677468cd0133ae726573706f6e73655f74696d6573820c01cc9601b06e756d5f726571"
    "735f7065725f73656382ce5fb2931802ce5fb2931901b06e756d5f6661696c5f7065725f736563808ea46e616d"
    "65a22f62a66d6574686f64a4504f5354b66c6173745f726571756573745f74696d657374616d70cb41d7eca4c6"
    "700000aa73746172745f74696d65cb41d7eca4c6700000ac6e756d5f726571756573747301b16e756d5f6e6f6e"
    "655f726571756573747300ac6e756d5f6661696c7572657301b3746f74616c5f726573706f6e73655f74696d65"
    "cb4093480000000000b16d61785f726573706f6e73655f74696d65cb4093480000000000b16d696e5f72657370"
    "6f6e73655f74696d65cb4093480000000000b4746f74616c5f636f6e74656e745f6c656e67746800ae72657370"
    "6f6e73655f74696d657381cd04b001b06e756d5f726571735f7065725f73656381ce5fb2931901b06e756d5f66"
    "61696c5f7065725f73656381ce5fb2931901ab73746174735f746f74616c8ea46e616d65aa4167677265676174"
    "6564a66d6574686f64a0b66c6173745f726571756573745f74696d657374616d70cb41d7eca4c6700000aa7374"
    "6172745f74696d65cb41d7eca4c6100000ac6e756d5f726571756573747304b16e756d5f6e6f6e655f72657175"
    "6573747301ac6e756d5f6661696c7572657301b3746f74616c5f726573706f6e73655f74696d65cb4095c73333"
    "333333b16d61785f726573706f6e73655f74696d65cb4093480000000000b16d696e5f726573706f6e73655f74"
    "696d65cb4029000000000000b4746f74616c5f636f6e74656e745f6c656e677468cd0133ae726573706f6e7365"
    "5f74696d6573830c01cc9601cd04b001b06e756d5f726571735f7065725f73656382ce5fb2931802ce5fb29319"
    "02b06e756d5f6661696c5f7065725f73656381ce5fb2931901a66572726f727381d94064626532623437326563"
    "326438613834343462373565343164656463363565656636356162386130383463323933343566656232396532"
    "34383938633832303586a46e616d65a22f62a66d6574686f64a4504f5354a56572726f72aa6974277320226e6f"
    "220aab6f6363757272656e63657301aa66697273745f7365656ecb41d7eca4c6700000a96c6173745f7365656e"
    "cb41d7eca4c6700000b2757365725f636c61737365735f636f756e7481a15503aa757365725f636f756e7403a3"
    "685f31";

base::WallTime at_ms(std::int64_t ms) {
    return base::WallTime(std::chrono::milliseconds(ms));
}

base::Result<Envelope<FromWorker>> read(std::string_view bytes) {
    Decoder decoder;
    return decoder.from_worker(bytes);
}

from_worker::LocustStats stats_of(std::string_view bytes) {
    auto envelope = read(bytes);
    REQUIRE_MESSAGE(envelope.has_value(), (envelope ? "" : envelope.error()));
    return std::get<from_worker::LocustStats>(std::move(envelope->message));
}

std::string complaint_of(std::string_view json) {
    Packer packer;
    packer.array(3);
    packer.text("stats");
    packer.json(json);
    packer.text("h_1");
    const auto envelope = read(packer.take());
    return envelope ? "" : envelope.error();
}

}  // namespace

TEST_CASE("what a Locust worker measured is read to the last count") {
    const auto stats = stats_of(from_hex(kRecorded));
    CHECK(stats.user_classes_count == ClassCounts{{"U", 3}});
    CHECK(stats.user_count == 3);
    CHECK(stats.since == at_ms(1605538584250));

    REQUIRE(stats.delta.entries.size() == 2);
    const stats::EntryDelta& a = stats.delta.entries[0];
    CHECK(*a.key == stats::EntryKey{"GET", "/a"});
    CHECK(a.counts.requests == 3);
    CHECK(a.counts.failures == 0);
    CHECK(a.counts.bytes == 307);
    CHECK(a.counts.sent == 3);
    CHECK(a.response_times.count() == 2);
    CHECK(a.response_times.min() == 12'500us);
    CHECK(a.response_times.max() == 147'300us);
    CHECK(a.response_times.mean() == 79'900us);
    CHECK(a.last_request == at_ms(1605538585750));
    REQUIRE(a.seconds.size() == 2);
    CHECK(a.seconds[0].second == 1605538584);
    CHECK(a.seconds[0].requests == 2);
    CHECK(a.seconds[1].requests == 1);
    const stats::EntryDelta& b = stats.delta.entries[1];
    CHECK(b.counts.failures == 1);
    CHECK(b.seconds.at(0).failures == 1);

    REQUIRE(stats.delta.errors.size() == 1);
    const stats::ErrorCount& error = stats.delta.errors[0];
    CHECK(error.key == b.key);
    CHECK(error.text == "it's \"no\"\n");
    CHECK(error.occurrences == 1);
    CHECK(error.first_seen == at_ms(1605538585750));
}

TEST_CASE("what we measured is written as a Locust worker would") {
    // Only the entries' own start times differ: ours have one for all.
    const auto stats = stats_of(from_hex(kRecorded));
    std::string expected = from_hex(kRecorded);
    const std::string started = from_hex("aa73746172745f74696d65cb41d7eca4c6");
    const std::size_t second = expected.find(started, expected.find(started) + 1);
    expected.replace(second + started.size(), 1, "\x10");
    CHECK(to_hex(encode(stats, "h_1")) == to_hex(expected));
}

TEST_CASE("an entry without requests is left out, and the total is there") {
    from_worker::LocustStats stats{.since = at_ms(0)};
    stats.delta.entries.push_back(
        {.key = std::make_shared<stats::EntryKey>(stats::EntryKey{"GET", "/"})});
    stats.delta.entries[0].counts.aborted = 1;
    const auto again = stats_of(encode(stats, "h_1"));
    CHECK(again.delta.entries.empty());
    CHECK(encode(stats, "h_1").find("Aggregated") != std::string::npos);
}

TEST_CASE("strange values of a worker's clock and rounding do no harm") {
    // Times below 0 happen when a worker's clock goes back; keys may be whole numbers as floats.
    Packer packer;
    packer.array(3);
    packer.text("stats");
    packer.json(R"({"stats": [{"name": "/", "method": "GET", "num_requests": 3,
                               "total_response_time": -5, "min_response_time": -7.5,
                               "max_response_time": 0, "extra": [1, 2], "num_fail_per_sec": {}}],
                    "more": 1})");
    packer.text("h_1");
    const auto stats = stats_of(packer.take());
    CHECK(stats.delta.entries.at(0).counts.requests == 3);
    CHECK(stats.delta.entries.at(0).response_times.empty());
    CHECK(stats.since == base::WallTime{});

    Packer times;
    times.array(3);
    times.text("stats");
    times.map(1);
    times.text("stats");
    times.array(1);
    times.map(4);
    times.text("name");
    times.text("/");
    times.text("method");
    times.text("GET");
    times.text("response_times");
    times.map(2);
    times.number(150.0);
    times.count(2);
    times.integer(-3);
    times.count(1);
    times.text("num_reqs_per_sec");
    times.map(3);
    for (const int second : {7, 5, 7}) {
        times.integer(second);
        times.count(1);
    }
    times.text("h_1");
    const auto read = stats_of(times.take());
    const stats::EntryDelta& entry = read.delta.entries.at(0);
    CHECK(entry.response_times.count() == 3);
    CHECK(entry.response_times.median() > 149ms);
    CHECK(entry.response_times.median() < 151ms);
    REQUIRE(entry.seconds.size() == 2);
    CHECK(entry.seconds[0].second == 5);
    CHECK(entry.seconds[1].requests == 2);
}

TEST_CASE("statistics that cannot be are refused by the field") {
    CHECK(complaint_of("[]") == "stats: is an array, not a map");
    CHECK(complaint_of("{}") == "stats: has no \"stats\"");
    CHECK(complaint_of(R"({"stats": [{"name": "/"}]})") == "stats: stats has no \"method\"");
    const auto of_entry = [](std::string_view field) {
        return complaint_of(R"({"stats": [{"name": "/", "method": "GET", )" + std::string(field) +
                            "}]}");
    };
    CHECK(of_entry(R"("num_requests": -1)") == "stats: num_requests is -1, not a count");
    CHECK(of_entry(R"("num_requests": 1.5)") == "stats: num_requests is 1.5, not a count");
    CHECK(of_entry(R"("num_requests": 9007199254740993)") ==
          "stats: num_requests is 9007199254740993; the limit is 9007199254740992");
    CHECK(of_entry(R"("start_time": 1e18)") ==
          "stats: start_time is 1e+18, not from 0 to 4000000000 s since 1970");
    CHECK(of_entry(R"("max_response_time": 1e13)") ==
          "stats: max_response_time is 10000000000000 ms; the limit is 1000000000000");
    CHECK(of_entry(R"("response_times": {"x": 1})") ==
          "stats: response_times is text, not a number");
    CHECK(complaint_of(R"({"stats": [], "errors": {"k": {"occurrences": "x"}}})") ==
          "stats: occurrences is text, not a count");
}

}  // namespace cicada::cluster
