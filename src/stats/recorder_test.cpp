// SPDX-License-Identifier: Apache-2.0
#include "stats/recorder.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "stats/totals.hpp"

namespace cicada::stats {
namespace {

using namespace std::chrono_literals;

constexpr base::TimePoint kSteady{1'000s};
const base::WallTime kWall{1'700'000'000s + 250ms};

Observation passed(base::TimePoint at, nanoseconds time = 3ms) {
    return {.completed = at, .response_time = time, .generator_share = 5us, .bytes = 100};
}

Observation failed(base::TimePoint at, std::string_view error) {
    return {.completed = at, .response_time = 5ms, .failed = true, .error = error};
}

TEST_CASE("the recorder keeps one entry per method and name") {
    // Goal: equal words are one entry, whatever was asked for between.
    Recorder recorder({kSteady, kWall});
    const EntryId get = recorder.entry("GET", "/items");
    const EntryId post = recorder.entry("POST", "/items");
    const EntryId other = recorder.entry("GE", "T/items");
    CHECK(get.index != post.index);
    CHECK(get.index != other.index);
    CHECK(recorder.entry(std::string("GET"), std::string("/items")).index == get.index);
    for (int i = 0; i < 3'000; ++i) (void)recorder.entry("GET", fmt::format("/{}", i));
    CHECK(recorder.entry("GET", "/items").index == get.index);
    CHECK(recorder.entry("POST", "/items").index == post.index);
}

TEST_CASE("a delta holds what was recorded since the last one, and nothing twice") {
    // Goal: counts, bytes, failures, exchanges and seconds of a delta; the next one is empty.
    Recorder recorder({kSteady, kWall});
    recorder.record("GET", "/", passed(kSteady + 100ms));
    recorder.record("GET",
                    "/",
                    {.completed = kSteady + 800ms,
                     .response_time = 2ms,
                     .generator_share = 10us,
                     .bytes = 7,
                     .failed = true,
                     .error = "404 Not Found",
                     .exchanges = {.sent = true, .redirects = 2, .resends = 1}});
    recorder.record("GET", "/", {.completed = kSteady + 850ms, .exchanges = {.sent = false}});
    recorder.record_aborted(recorder.entry("GET", "/"), {.sent = true, .redirects = 1});

    const Delta delta = recorder.take(kSteady + 1s);
    REQUIRE(delta.entries.size() == 1);
    const EntryDelta& entry = delta.entries.front();
    CHECK(entry.key->method == "GET");
    CHECK(entry.key->name == "/");
    CHECK(entry.counts.requests == 3);
    CHECK(entry.counts.failures == 1);
    CHECK(entry.counts.bytes == 107);
    CHECK(entry.counts.sent == 2);
    CHECK(entry.counts.redirects == 3);
    CHECK(entry.counts.resends == 1);
    CHECK(entry.counts.aborted == 1);
    CHECK(entry.counts.exchanges() == 7);
    CHECK(entry.response_times.count() == 3);
    REQUIRE(entry.seconds.size() == 2);  // 0.25 s + 0.8 s lies in the next second of the wall clock
    CHECK(entry.seconds[0].second == 1'700'000'000);
    CHECK(entry.seconds[0].requests == 1);
    CHECK(entry.seconds[1].second == 1'700'000'001);
    CHECK(entry.seconds[1].requests == 2);
    CHECK(entry.seconds[1].failures == 1);
    CHECK(entry.last_request == kWall + 850ms);
    CHECK(delta.taken == kWall + 1s);
    CHECK(delta.generator_share.count() == 2);  // one did not know it
    CHECK(delta.generator_share.max() == 10us);
    CHECK_FALSE(delta.empty());
    CHECK(recorder.take(kSteady + 2s).empty());

    recorder.record("GET", "/", passed(kSteady + 2'900ms));
    const Delta next = recorder.take(kSteady + 3s);
    REQUIRE(next.entries.size() == 1);
    CHECK(next.entries.front().counts.requests == 1);
    CHECK(next.entries.front().response_times.count() == 1);
    REQUIRE(next.entries.front().seconds.size() == 1);
    CHECK(next.entries.front().seconds.front().second == 1'700'000'003);
}

TEST_CASE("seconds come out ascending though requests are judged late") {
    // Goal: a response held for some seconds counts in the second in which it was completed.
    Recorder recorder({kSteady, kWall});
    for (const auto at : {3'000ms, 1'000ms, 2'000ms, 1'000ms, -2'000ms}) {
        recorder.record("GET", "/", passed(kSteady + at));
    }
    const Delta delta = recorder.take(kSteady + 4s);
    std::string text;
    for (const SecondCounts& second : delta.entries.front().seconds) {
        text += fmt::format("{}:{} ", second.second - 1'700'000'000, second.requests);
    }
    CHECK(text == "-2:1 1:2 2:1 3:1 ");
}

TEST_CASE("errors are grouped by entry and text") {
    // Goal: occurrences, first and last time, per entry and text; known texts go on counting.
    Recorder recorder({kSteady, kWall});
    recorder.record("GET", "/a", failed(kSteady + 2s, "refused"));
    recorder.record("GET", "/a", failed(kSteady + 1s, "refused"));
    recorder.record("GET", "/b", failed(kSteady + 1s, "refused"));
    recorder.record("GET", "/b", failed(kSteady + 1s, ""));
    const Delta delta = recorder.take(kSteady + 3s);
    REQUIRE(delta.errors.size() == 3);
    CHECK(delta.errors[0].key->name == "/a");
    CHECK(delta.errors[0].text == "refused");
    CHECK(delta.errors[0].occurrences == 2);
    CHECK(delta.errors[0].first_seen == kWall + 1s);
    CHECK(delta.errors[0].last_seen == kWall + 2s);
    CHECK(delta.errors[1].key->name == "/b");
    CHECK(delta.errors[2].text == "failed");

    recorder.record("GET", "/a", failed(kSteady + 4s, "refused"));
    const Delta next = recorder.take(kSteady + 5s);
    REQUIRE(next.errors.size() == 1);
    CHECK(next.errors[0].occurrences == 1);
    CHECK(next.errors[0].first_seen == kWall + 4s);
}

TEST_CASE("too many names share one row, too many texts one row per entry, each with a warning") {
    // Goal: the caps hold, nothing is lost, the person is told once. Method: small caps.
    Recorder recorder({kSteady, kWall},
                      {.most_names = 3, .most_error_texts = 2, .most_exceptions = 2});
    for (int i = 0; i < 10; ++i) {
        recorder.record("GET", fmt::format("/{}", i), passed(kSteady));
        recorder.record("GET", "/0", failed(kSteady, fmt::format("error {}", i)));
        recorder.record_exception("std::runtime_error", fmt::format("text {}", i), "U.task");
    }
    const Delta delta = recorder.take(kSteady + 1s);
    REQUIRE(delta.entries.size() == 4);
    CHECK(delta.entries[0].counts.requests == 11);
    CHECK(delta.entries[3].key->method.empty());
    CHECK(delta.entries[3].key->name == "(other)");
    CHECK(delta.entries[3].counts.requests == 7);
    REQUIRE(delta.errors.size() == 3);
    CHECK(delta.errors[2].text == "other errors");
    CHECK(delta.errors[2].occurrences == 8);
    REQUIRE(delta.exceptions.size() == 3);
    CHECK(delta.exceptions[2].where == "other exceptions");
    CHECK(delta.exceptions[2].count == 8);
    REQUIRE(delta.warnings.size() == 3);
    CHECK(delta.warnings[0] ==
          "2 different error texts: further new ones are counted as \"other errors\"");
    CHECK(delta.warnings[1] ==
          "2 different exceptions: further new ones are counted as \"other exceptions\"");
    CHECK(delta.warnings[2] ==
          "more than 3 different request names: all further ones are counted together as "
          "\"(other)\"; give requests that differ only in an id one name");
    recorder.record("GET", "/99", failed(kSteady, "error 99"));
    CHECK(recorder.take(kSteady + 2s).warnings.empty());
}

TEST_CASE("exceptions are grouped by type, text and place") {
    // Goal: one row per kind of exception.
    Recorder recorder({kSteady, kWall});
    recorder.record_exception("std::runtime_error", "no stock", "Shopper.buy");
    recorder.record_exception("std::runtime_error", "no stock", "Shopper.buy");
    recorder.record_exception("std::runtime_error", "no stock", "Shopper.browse");
    const Delta delta = recorder.take(kSteady);
    REQUIRE(delta.exceptions.size() == 2);
    CHECK(delta.exceptions[0].count == 2);
    CHECK(delta.exceptions[1].where == "Shopper.browse");
}

TEST_CASE("a long error text is cut between characters") {
    // Goal: a body used as an error text costs 2,000 bytes at most and stays UTF-8.
    std::string text(1'999, 'x');
    text += "\xC3\xA9\xC3\xA9";
    Recorder recorder({kSteady, kWall});
    recorder.record("GET", "/", failed(kSteady, text));
    CHECK(recorder.take(kSteady).errors.front().text == std::string(1'999, 'x'));
}

TEST_CASE("deltas that were not delivered merge into one") {
    // Goal: lateness costs no counts. Method: the same events taken once, and taken thrice and
    // merged, give the same totals.
    Recorder once({kSteady, kWall});
    Recorder thrice({kSteady, kWall});
    Delta pending;
    for (int second = 0; second < 3; ++second) {
        for (Recorder* recorder : {&once, &thrice}) {
            const auto at = kSteady + std::chrono::seconds(second);
            recorder->record("GET", "/", passed(at, std::chrono::milliseconds(second + 1)));
            recorder->record("GET", fmt::format("/{}", second), failed(at, "refused"));
            recorder->record("GET", "/", failed(at, "refused"));
            recorder->record_exception("int", "", "U.task");
            recorder->record_busy(at, 300ms, 1s);
        }
        pending.merge(thrice.take(kSteady + std::chrono::seconds(second + 1)));
    }
    const Delta whole = once.take(kSteady + 3s);
    CHECK(pending.taken == whole.taken);
    CHECK(pending.entries.size() == whole.entries.size());
    REQUIRE(pending.errors.size() == whole.errors.size());
    for (const ErrorCount& error : pending.errors) {
        CHECK(error.occurrences == (error.key->name == "/" ? 3 : 1));
    }
    CHECK(pending.exceptions.size() == 1);
    CHECK(pending.exceptions[0].count == 3);
    CHECK(pending.busy.size() == 3);
    CHECK(pending.generator_share.count() == 3);
    const EntryDelta& late = pending.entries.front();
    CHECK(late.counts.requests == 6);
    CHECK(late.counts.failures == 3);
    CHECK(late.seconds.size() == 3);
    CHECK(late.response_times.max() == 5ms);
    CHECK(late.last_request == whole.entries.front().last_request);
}

}  // namespace
}  // namespace cicada::stats
