// SPDX-License-Identifier: Apache-2.0
#include "cluster/engine_codec.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <random>

#include "cluster/codec.hpp"
#include "cluster/histogram_codec.hpp"
#include "cluster/test_hex.hpp"
#include "cluster/test_messages.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;

template <class Message>
Message there_and_back(const Message& sent) {
    Decoder decoder;
    if constexpr (std::is_constructible_v<FromWorker, const Message&>) {
        auto read = decoder.from_worker(encode(FromWorker(sent), "w"));
        REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error()));
        return std::get<Message>(std::move(read->message));
    } else {
        auto read = decoder.from_master(encode(FromMaster(sent), "w"));
        REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error()));
        return std::get<Message>(std::move(read->message));
    }
}

}  // namespace

TEST_CASE("all messages between Cicada nodes come back as they were sent") {
    // Goal: no field of any of them is lost, mixed up or rounded. Method: the fullest messages
    // there are, there and back; what is read must be written to the same bytes. That each field is
    // there at all is checked while compiling (Layout).
    Decoder decoder;
    for (const FromWorker& message : full_messages_of_worker()) {
        const std::string bytes = encode(message, "w");
        CAPTURE(type_of(message));
        const auto read = decoder.from_worker(bytes);
        REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error()));
        CHECK(read->message.index() == message.index());
        CHECK(encode(read->message, "w") == bytes);
    }
    for (const FromMaster& message : full_messages_of_master()) {
        const std::string bytes = encode(message, "w");
        CAPTURE(type_of(message));
        const auto read = decoder.from_master(bytes);
        REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error()));
        CHECK(read->message.index() == message.index());
        CHECK(encode(read->message, "w") == bytes);
    }
}

TEST_CASE("a report means the same after its journey") {
    // Method: a few of each kind of its values, looked at one by one.
    const auto sent = full_report(7);
    const auto read = there_and_back(sent);
    CHECK(read.incarnation == sent.incarnation);
    CHECK(read.number == sent.number);
    CHECK(read.report.users == sent.report.users);
    CHECK(read.report.shape->aim == sent.report.shape->aim);
    CHECK(read.report.arrivals == sent.report.arrivals);
    CHECK(read.report.limits == sent.report.limits);
    CHECK(read.report.leases == sent.report.leases);
    CHECK(read.report.lease_returns == sent.report.lease_returns);
    CHECK(read.report.exit_code == -3);
    CHECK(read.report.letters.at(0).json == sent.report.letters.at(0).json);
    const stats::Delta& delta = read.report.delta;
    CHECK(delta.taken == sent.report.delta.taken);
    CHECK(*delta.entries.at(0).key == *sent.report.delta.entries.at(0).key);
    CHECK(delta.entries.at(0).counts.exchanges() ==
          sent.report.delta.entries.at(0).counts.exchanges());
    CHECK(delta.errors.at(0).text == sent.report.delta.errors.at(0).text);
    CHECK(delta.errors.at(0).key == delta.entries.at(0).key);
    CHECK(delta.busy.at(0).share() == sent.report.delta.busy.at(0).share());
    CHECK(delta.metrics.at(0).key->text() == sent.report.delta.metrics.at(0).key->text());
    CHECK(delta.uncertain_exchanges == sent.report.delta.uncertain_exchanges);
    for (const double part : {0.0, 0.5, 0.95, 0.999, 1.0}) {
        CHECK(delta.entries.at(0).response_times.percentile(part) ==
              sent.report.delta.entries.at(0).response_times.percentile(part));
    }
}

TEST_CASE("any histogram arrives as it left, whatever it holds") {
    std::mt19937_64 random(5);
    for (int round = 0; round < 100; ++round) {
        from_worker::Report sent;
        stats::Histogram& times = sent.report.delta.generator_share;
        for (int i = 0; i < round; ++i) {
            times.record_many(std::chrono::nanoseconds(
                                  static_cast<std::int64_t>(random() >> (random() % 60 + 2))),
                              random() % 1000 + 1);
        }
        const auto read = there_and_back(sent).report.delta.generator_share;
        CHECK(read.count() == times.count());
        CHECK(read.sum_ns() == times.sum_ns());
        CHECK(read.min() == times.min());
        CHECK(read.max() == times.max());
        for (int part = 0; part <= 100; ++part) {
            CHECK(read.percentile(part / 100.0) == times.percentile(part / 100.0));
        }
    }
}

TEST_CASE("a histogram's bytes are those of docs/protocol.md") {
    stats::Histogram times;
    times.record_many(100ns, 2);
    times.record_many(1'000ns, 3);
    Packer packer;
    write_histogram(packer, times);
    CHECK(to_hex(packer.take()) == "9464cd03e8cb40a9000000000000c4056402960303");
}

TEST_CASE("figures that are not finite arrive, as a test may set them") {
    from_worker::Report sent;
    stats::MetricDelta metric{.key = std::make_shared<stats::MetricKey>()};
    metric.values.sum = 1.0 / 0.0;
    sent.report.delta.metrics.push_back(metric);
    CHECK(there_and_back(sent).report.delta.metrics.at(0).values.sum == 1.0 / 0.0);
}

TEST_CASE("entries of several messages share their keys") {
    // Goal: deltas are merged by the addresses of keys (stats::Delta::merge).
    Decoder decoder;
    const std::string bytes = encode(full_report(1), "w");
    auto first = std::get<from_worker::Report>(decoder.from_worker(bytes)->message);
    auto second = std::get<from_worker::Report>(decoder.from_worker(bytes)->message);
    const std::size_t entries = first.report.delta.entries.size();
    first.report.delta.merge(std::move(second.report.delta));
    CHECK(first.report.delta.entries.size() == entries);
}

TEST_CASE("a record may be longer or shorter than it is known here") {
    // Goal: a later version may add fields. Method: an array with more values, one with fewer.
    Decoder decoder;
    Packer longer;
    longer.array(3);
    longer.text("cicada_report_done");
    longer.array(3);
    longer.count(5);
    longer.count(6);
    longer.text("new");
    longer.text("w");
    const auto read = decoder.from_master(longer.take());
    REQUIRE(read.has_value());
    CHECK(std::get<from_master::ReportDone>(read->message).number == 6);

    Packer shorter;
    shorter.array(3);
    shorter.text("cicada_report_done");
    shorter.array(1);
    shorter.count(5);
    shorter.text("w");
    CHECK(std::get<from_master::ReportDone>(decoder.from_master(shorter.take())->message).number ==
          0);
}

}  // namespace cicada::cluster
