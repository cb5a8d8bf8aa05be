// SPDX-License-Identifier: Apache-2.0
#include "cluster/journal.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "cluster/journal_format.hpp"
#include "cluster/journal_reading.hpp"
#include "stats/recorder.hpp"
#include "user/tickets.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;
using stats::EntryDelta;
using stats::Recorder;

constexpr base::TimePoint kSteady{1'000s};
const base::WallTime kWall{1'700'000'000s + 250ms};
constexpr JournalLimits kSmall{.text_bytes = 64 << 10U, .chunks = 3};

/// A journal, and the recorder of an engine that keeps it.
struct Worker {
    explicit Worker(const JournalLimits& limits = kSmall)
        : memory(JournalMemory::create(limits).value()),
          journal(memory.bytes()),
          recorder({kSteady, kWall},
                   {.observer = &journal, .finished_exchanges = &journal.traffic().finished}) {
        journal.introduce("here_1", 7);
    }

    void request(const std::string& name, int ms, const std::string& error = {}) {
        journal.traffic().begun += 1;
        recorder.record("GET",
                        name,
                        {.completed = kSteady + std::chrono::milliseconds(ms),
                         .response_time = std::chrono::microseconds(ms * 100 + 1),
                         .generator_share = 5us,
                         .bytes = 100,
                         .failed = !error.empty(),
                         .error = error});
    }

    [[nodiscard]] JournalReading read(std::uint64_t last_report = 0) const {
        const auto reading = read_journal(memory.bytes(), last_report);
        REQUIRE(reading);
        return *reading;
    }

    JournalMemory memory;
    Journal journal;
    Recorder recorder;
};

/// All that two deltas must agree in.
std::string text_of(const stats::Delta& delta) {
    std::string text;
    for (const EntryDelta& entry : delta.entries) {
        const stats::Counts& counts = entry.counts;
        text +=
            fmt::format("{} {}: {} {} {} {} {} {} {} last {} times",
                        entry.key->method,
                        entry.key->name,
                        counts.requests,
                        counts.failures,
                        counts.bytes,
                        counts.sent,
                        counts.redirects,
                        counts.resends,
                        counts.aborted,
                        entry.last_request ? entry.last_request->time_since_epoch().count() : 0);
        entry.response_times.for_each([&text](stats::nanoseconds time, std::uint64_t count) {
            text += fmt::format(" {}x{}", count, time.count());
        });
        for (const auto& second : entry.seconds) {
            text += fmt::format(" {}:{}/{}", second.second, second.failures, second.requests);
        }
        text += '\n';
    }
    for (const auto& error : delta.errors) {
        text += fmt::format("{} {}: {} x{} {} {}\n",
                            error.key->method,
                            error.key->name,
                            error.text,
                            error.occurrences,
                            error.first_seen.time_since_epoch().count(),
                            error.last_seen.time_since_epoch().count());
    }
    for (const auto& thrown : delta.exceptions) {
        text += fmt::format("{} {} {} x{}\n", thrown.type, thrown.text, thrown.where, thrown.count);
    }
    for (const auto& metric : delta.metrics) {
        const stats::MetricValues& values = metric.values;
        text += fmt::format("{} {}: {} {} {} {} {} {} {} {}\n",
                            stats::name_of(metric.key->kind),
                            metric.key->text(),
                            values.count,
                            values.passed,
                            values.sum,
                            values.last,
                            values.lowest,
                            values.highest,
                            values.last_set.time_since_epoch().count(),
                            values.distribution.max().count());
    }
    for (const auto& busy : delta.busy) {
        text += fmt::format("busy {} {} {}\n", busy.second, busy.busy.count(), busy.wall.count());
    }
    return text + fmt::format("share {} {}\n",
                              delta.generator_share.count(),
                              delta.generator_share.max().count());
}

TEST_CASE("a journal holds all that its recorder would have handed over") {
    // Goal: every kind of thing that is recorded. Method: what is read equals what take() gives.
    Worker worker;
    worker.request("/", 10);
    worker.request("/slow", 1'900, "HTTP 500");
    worker.request("/", 12, "HTTP 500");
    worker.request("/", 13, std::string(3'000, 'x'));
    worker.recorder.record_aborted(worker.recorder.entry("PUT", "/a"),
                                   {.redirects = 2, .resends = 1});
    worker.recorder.record("MQ", "publish", {.completed = kSteady, .exchanges = {.sent = false}});
    worker.recorder.record_exception("std::runtime_error", "boom", "Shopper.buy");
    worker.recorder.record_exception("std::runtime_error", "boom", "Shopper.buy");
    worker.recorder.record_busy(kSteady + 1s, 300ms, 1s);
    stats::MetricRecorder& metrics = worker.recorder.metrics();
    const std::vector<stats::MetricTag> tags{{"page", "cart"}, {"region", ""}};
    metrics.add(metrics.series(stats::MetricKind::Counter, "basket", tags), 2.5);
    metrics.set(metrics.series(stats::MetricKind::Gauge, "depth"), -3, kWall + 1s);
    metrics.tell(metrics.series(stats::MetricKind::Check, "in stock"), true);
    metrics.tell(metrics.series(stats::MetricKind::Check, "in stock"), false);
    metrics.observe(metrics.series(stats::MetricKind::Trend, "size", {}, stats::MetricUnit::Time),
                    stats::nanoseconds(4ms));

    const JournalReading reading = worker.read();
    CHECK(reading.whole);
    CHECK(reading.node_id == "here_1");
    CHECK(reading.incarnation == 7);
    CHECK_FALSE(reading.crash);
    const std::string expected = text_of(worker.recorder.take(kSteady + 2s));
    CHECK(expected.find("basket{page=cart,region=}: 1 0 2.5") != std::string::npos);
    CHECK(text_of(reading.report.delta) == expected);
}

TEST_CASE("what the master has merged is left out, whether the worker has heard of it or not") {
    // Goal: nothing twice and nothing lost, wherever between sending and acknowledgement it dies.
    Worker worker;
    worker.request("/1", 10);
    [[maybe_unused]] const auto first = worker.recorder.take(kSteady + 1s);
    worker.journal.note_sent(1, worker.recorder.takes());
    worker.request("/2", 20);
    CHECK(worker.read(0).report.delta.entries.size() == 2);
    CHECK(worker.read(1).report.delta.entries.size() == 1);  // merged, not acknowledged
    worker.journal.note_acknowledged(1);
    CHECK(worker.read(1).report.delta.entries.size() == 1);

    [[maybe_unused]] const auto second = worker.recorder.take(kSteady + 2s);
    [[maybe_unused]] const auto third = worker.recorder.take(kSteady + 3s);
    worker.journal.note_sent(2, worker.recorder.takes());
    CHECK(worker.read(1).report.delta.entries.size() == 1);
    CHECK(worker.read(2).report.delta.entries.empty());
    worker.request("/3", 30);
    CHECK(worker.read(2).report.delta.entries.front().key->name == "/3");
    worker.journal.note_acknowledged(1);  // late, and no news
    CHECK(worker.read(1).report.delta.entries.size() == 2);
}

TEST_CASE("statistics that were reset stay so") {
    Worker worker;
    worker.request("/old", 10);
    [[maybe_unused]] const auto dropped = worker.recorder.take(kSteady + 1s);
    worker.journal.on_reset(4);
    worker.request("/new", 20);
    const JournalReading reading = worker.read();
    CHECK(reading.report.statistics_epoch == 4);
    REQUIRE(reading.report.delta.entries.size() == 1);
    CHECK(reading.report.delta.entries.front().key->name == "/new");
}

TEST_CASE("chunks are used again once they are acknowledged, in whatever order they lie") {
    // Goal: a long run in three chunks. Method: random bursts; the journal always equals what the
    // recorder has handed over since the last acknowledgement.
    Worker worker;
    std::mt19937 random(1);
    std::uint64_t report = 0;
    for (int round = 0; round < 200; ++round) {
        const int burst = static_cast<int>(random() % 1'500);
        for (int i = 0; i < burst; ++i) worker.request("/", round * 2'000 + i);
        stats::Delta delta = worker.recorder.take(kSteady + 1s);
        const JournalReading reading = worker.read(report);
        CHECK(reading.whole);
        CHECK(reading.report.delta.uncertain_exchanges == 0);
        const bool equal = text_of(reading.report.delta) == text_of(delta);
        CHECK(equal);
        worker.journal.note_sent(++report, worker.recorder.takes());
        worker.journal.note_acknowledged(report);
    }
}

TEST_CASE(
    "a journal that is full counts what it cannot keep, and goes on when it is acknowledged") {
    Worker worker;
    const std::size_t room = 3 * kRequestsPerChunk;
    for (std::size_t i = 0; i < room + 10; ++i) worker.request("/", 1);
    const JournalReading full = worker.read();
    CHECK(full.report.delta.entries.front().counts.requests == room);
    CHECK(full.report.delta.uncertain_exchanges == 10);

    [[maybe_unused]] const auto first = worker.recorder.take(kSteady + 1s);
    worker.journal.note_sent(1, worker.recorder.takes());
    worker.request("/lost", 1);  // nothing has been acknowledged yet
    CHECK(worker.read().report.delta.uncertain_exchanges == 11);
    CHECK(worker.read(1).report.delta.uncertain_exchanges == 11);
    worker.journal.note_acknowledged(1);
    [[maybe_unused]] const auto second = worker.recorder.take(kSteady + 2s);
    worker.request("/", 1);
    worker.journal.note_sent(2, worker.recorder.takes());
    worker.journal.note_acknowledged(2);
    [[maybe_unused]] const auto third = worker.recorder.take(kSteady + 3s);
    const JournalReading after = worker.read(2);
    CHECK(after.report.delta.uncertain_exchanges == 0);
    REQUIRE(after.report.delta.entries.size() == 1);
    CHECK(after.report.delta.entries.front().counts.requests == 1);
}

TEST_CASE("what the engine held of things that are lent is known to the last ticket") {
    Worker worker;
    user::Tickets tickets([] {});
    tickets.keep_in(worker.journal.trace({run::LeaseKind::Limit, 3}));
    worker.journal.on_lease_round(2);
    tickets.grant(100);
    for (int i = 0; i < 10; ++i) tickets.take();
    for (int i = 0; i < 4; ++i) tickets.use();
    tickets.give_back();
    CHECK(tickets.recall(30) == 30);
    const JournalReading reading = worker.read();
    CHECK(reading.report.lease_round == 2);
    REQUIRE(reading.report.leases.size() == 1);
    CHECK(reading.report.leases.front().key == run::LeaseKey{run::LeaseKind::Limit, 3});
    const user::Holding& held = reading.report.leases.front().held;
    CHECK(held.granted == 100);
    CHECK(held.used == 4);
    CHECK(held.taken == 5);
    CHECK(held.returned == 30);
}

TEST_CASE("names beyond the room for texts are read as (other)") {
    Worker worker({.text_bytes = 96, .chunks = 1});
    for (int i = 0; i < 10; ++i)
        worker.request("/" + std::string(20, static_cast<char>('a' + i)), 1);
    const JournalReading reading = worker.read();
    CHECK(reading.whole);
    std::uint64_t requests = 0;
    for (const EntryDelta& entry : reading.report.delta.entries) requests += entry.counts.requests;
    CHECK(requests == 10);
    CHECK(reading.report.delta.entries.back().key->name == "(other)");
}

TEST_CASE("what was on the wire when the process died is uncertain") {
    Worker worker;
    worker.request("/", 1);
    worker.journal.traffic().begun += 3;
    CHECK(worker.read().report.delta.uncertain_exchanges == 3);
}

TEST_CASE("a journal that is cut off or overwritten is read as far as it is whole") {
    // Goal: no size in it is believed. Method: cut it at many places; overwrite it at random.
    Worker worker;
    for (int i = 0; i < 5'000; ++i)
        worker.request(fmt::format("/{}", i % 50), i, i % 7 ? "" : "no");
    const std::span<std::byte> bytes = worker.memory.bytes();
    for (std::size_t size = 0; size < bytes.size(); size += 4'001) {
        const auto reading = read_journal(bytes.first(size), 0);
        if (!reading) {
            CHECK(reading.error() == "this is no journal");
            continue;
        }
        CHECK_FALSE(reading->whole);
    }
    const std::vector<std::byte> good(bytes.begin(), bytes.end());
    std::mt19937 random(2);
    for (int round = 0; round < 300; ++round) {
        std::memcpy(bytes.data(), good.data(), good.size());
        const std::size_t most = round % 2 == 0 ? kJournalTextsAt + 4'000 : good.size();
        for (int i = 0; i < 40; ++i) bytes[random() % most] = static_cast<std::byte>(random());
        (void)read_journal(bytes, random() % 3);
    }
    std::memset(bytes.data(), 0, bytes.size());
    CHECK(read_journal(bytes, 0).error() == "nothing was ever written to this journal");
}

TEST_CASE("memory that a parent shares is adopted, and nothing else is") {
    const JournalMemory mine = JournalMemory::create(kSmall).value();
    const int copy = ::dup(mine.fd());
    const auto adopted = JournalMemory::adopt(copy);
    REQUIRE(adopted);
    Journal journal(adopted->bytes());
    journal.introduce("child", 3);
    CHECK(read_journal(mine.bytes(), 0)->node_id == "child");
    CHECK(JournalMemory::adopt(987).error() ==
          "descriptor 987 is not the journal of a parent: Bad file descriptor");
    CHECK(JournalMemory::adopt(::dup(1)).has_value() == false);
}

TEST_CASE("a process that is killed has lost nothing that it recorded") {
    // Goal: no system call is needed to keep a record. Method: SIGKILL of a child, right after.
    const JournalMemory memory = JournalMemory::create(kSmall).value();
    const pid_t child = ::fork();
    if (child == 0) {
        Journal journal(memory.bytes());
        Recorder recorder({kSteady, kWall}, {.observer = &journal});
        base::write_text(journal.crash_note().task, "Shopper.buy");
        journal.crash_note().signal = SIGSEGV;
        base::write_text(journal.crash_note().frames[0].symbol, "_ZN7Shopper3buyEv");
        base::write_text(journal.crash_note().frames[0].file, "/cache/test.so");
        journal.crash_note().frames[0].offset = 42;
        journal.crash_note().frames_written = 1;
        for (int i = 0; i < 1'000; ++i) recorder.record("GET", "/", {.completed = kSteady});
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WTERMSIG(status) == SIGKILL);
    const auto reading = read_journal(memory.bytes(), 0);
    REQUIRE(reading);
    CHECK(reading->report.delta.entries.front().counts.requests == 1'000);
    REQUIRE(reading->crash);
    CHECK(reading->crash->signal == SIGSEGV);
    CHECK(reading->crash->task == "Shopper.buy");
    CHECK(reading->crash->stack == std::vector<std::string>{"Shopper::buy()+0x2a in test.so"});
}

}  // namespace
}  // namespace cicada::cluster
