// SPDX-License-Identifier: Apache-2.0
// Goal: whatever a transport does to numbered items, the receiver takes each once and in order, and
// the sender keeps none for ever. Method: single calls for each rule; then ten thousand steps of a
// seeded transport that drops, repeats and reorders, on a clock of the test's own.
#include "cluster/stream.hpp"

#include <doctest/doctest.h>

#include <random>

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a stream sends what is new at once, and the rest again in time") {
    SendingStream<int> stream({.resend_after = 500ms, .most_on_their_way = 2});
    const base::TimePoint start{};
    CHECK(!stream.due(start));
    CHECK(stream.next_deadline() == base::TimePoint::max());
    CHECK(stream.push(10) == 1);
    CHECK(stream.push(20) == 2);
    CHECK(stream.push(30) == 3);
    CHECK(stream.next_deadline() <= start);
    const auto first = stream.due(start);
    REQUIRE(first);
    CHECK(first->first == 1);
    CHECK(first->items == std::vector{10, 20});
    CHECK(stream.next_deadline() == start + 500ms);
    CHECK(!stream.due(start + 499ms));

    const auto again = stream.due(start + 500ms);
    REQUIRE(again);
    CHECK(again->first == 1);
    CHECK(again->items == std::vector{10, 20});

    stream.acknowledge(1, start + 600ms);
    const auto next = stream.due(start + 600ms);
    REQUIRE(next);
    CHECK(next->first == 3);
    CHECK(next->items == std::vector{30});
    stream.acknowledge(3, start + 700ms);
    CHECK(stream.idle());
    CHECK(stream.next_deadline() == base::TimePoint::max());
}

TEST_CASE("an acknowledgement of what was never sent changes nothing") {
    SendingStream<int> stream;
    stream.push(1);
    stream.acknowledge(1, {});
    CHECK(!stream.idle());
    REQUIRE(stream.due({}));
    stream.acknowledge(7, {});
    CHECK(!stream.idle());
    stream.acknowledge(1, {});
    stream.acknowledge(0, {});
    CHECK(stream.idle());
}

TEST_CASE("a stream goes on where the other side is, or begins anew") {
    SendingStream<int> stream;
    for (int value = 1; value <= 5; ++value) stream.push(value);
    stream.resume_after(3, {});
    const auto rest = stream.due({});
    REQUIRE(rest);
    CHECK(rest->first == 4);
    CHECK(rest->items == std::vector{4, 5});
    stream.begin_anew();
    CHECK(stream.push(9) == 1);
}

TEST_CASE("only what has not been sent may be replaced") {
    SendingStream<int> stream;
    CHECK(stream.last_unsent() == nullptr);
    stream.push(1);
    REQUIRE(stream.last_unsent() != nullptr);
    *stream.last_unsent() = 2;
    CHECK(stream.due({})->items == std::vector{2});
    CHECK(stream.last_unsent() == nullptr);
}

TEST_CASE("a stream that nobody reads is noticed") {
    SendingStream<int> stream({.most_kept = 3});
    for (int value = 0; value < 3; ++value) stream.push(value);
    CHECK(!stream.overfull());
    stream.push(3);
    CHECK(stream.overfull());
}

TEST_CASE("a receiver acknowledges again what it has already") {
    ReceivingStream stream;
    CHECK(!stream.take_acknowledgement());
    CHECK(stream.accept(1));
    CHECK(stream.take_acknowledgement() == 1);
    CHECK(!stream.take_acknowledgement());
    CHECK(!stream.accept(1));
    CHECK(stream.take_acknowledgement() == 1);
    CHECK(!stream.accept(3));
    CHECK(stream.last() == 1);
}

TEST_CASE("each item arrives once and in order over a transport that loses and repeats") {
    for (unsigned seed = 0; seed < 50; ++seed) {
        std::mt19937 random(seed);
        SendingStream<int> sender;
        ReceivingStream receiver;
        std::vector<SendingStream<int>::Batch> way;
        std::vector<std::uint64_t> way_back;
        std::vector<int> taken;
        base::TimePoint now{};
        int pushed = 0;
        for (int step = 0; step < 2000; ++step) {
            const bool faults = step < 1000;
            now += 100ms;
            if (faults && random() % 2 == 0) sender.push(pushed++);
            while (auto batch = sender.due(now)) {
                const auto copies = faults ? random() % 3 : 1U;
                for (auto copy = copies; copy > 0; --copy) way.push_back(*batch);
            }
            if (faults) std::shuffle(way.begin(), way.end(), random);
            const std::size_t count = faults ? way.size() / 2 : way.size();
            for (std::size_t index = 0; index < count; ++index) {
                std::uint64_t number = way[index].first;
                for (const int item : way[index].items) {
                    if (receiver.accept(number++)) taken.push_back(item);
                }
            }
            way.erase(way.begin(), way.begin() + static_cast<std::ptrdiff_t>(count));
            const auto answer = receiver.take_acknowledgement();
            if (answer && (!faults || random() % 2 == 0)) way_back.push_back(*answer);
            if (faults) std::shuffle(way_back.begin(), way_back.end(), random);
            for (; !way_back.empty(); way_back.pop_back()) {
                sender.acknowledge(way_back.back(), now);
            }
        }
        REQUIRE(sender.idle());
        REQUIRE(taken.size() == static_cast<std::size_t>(pushed));
        for (int index = 0; index < pushed; ++index) REQUIRE(taken[index] == index);
    }
}

}  // namespace
}  // namespace cicada::cluster
