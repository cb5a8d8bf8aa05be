// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "run/control.hpp"
#include "stats/recorder.hpp"

// A run that stands still, with known figures.
namespace cicada::report {

inline const base::WallTime kTestStart{std::chrono::seconds(1'700'000'000)};

struct TestRequest {
    std::string method;
    std::string name;
    double ms = 1;
    std::string error{};
    double at_s = 0;  ///< after kTestStart
};

inline stats::Totals totals_of(const std::vector<TestRequest>& requests) {
    using std::chrono::duration_cast;
    using std::chrono::nanoseconds;
    stats::Recorder recorder(stats::ClockPair{base::TimePoint{}, kTestStart});
    const auto in_ns = [](double seconds) {
        return duration_cast<nanoseconds>(std::chrono::duration<double>(seconds));
    };
    nanoseconds last{};
    for (const TestRequest& request : requests) {
        last = std::max(last, in_ns(request.at_s));
        recorder.record(request.method,
                        request.name,
                        {.completed = base::TimePoint(in_ns(request.at_s)),
                         .response_time = in_ns(request.ms / 1000),
                         .generator_share = std::chrono::microseconds(6),
                         .bytes = 100,
                         .failed = !request.error.empty(),
                         .error = request.error});
    }
    stats::Totals totals(kTestStart);
    totals.merge(recorder.take(base::TimePoint(last)));
    return totals;
}

/// The requests behind the table in Locust's documentation: two entries, two seconds.
inline stats::Totals documented_totals() {
    return totals_of({{"GET", "/hello", 12},
                      {"GET", "/hello", 13},
                      {"GET", "/hello", 14, "no, \"never\""},
                      {"GET", "/hello", 15},
                      {"GET", "/hello", 16},
                      {"GET", "/world", 16},
                      {"GET", "/world", 20},
                      {"GET", "/world", 1221, "404 Not Found"},
                      {"GET", "/world", 1250},
                      {"GET", "/world", 1253, "", 2.0}});
}

/// No requests, but a metric of each kind, a check, and a machine that others took time from.
inline stats::Totals measured_totals() {
    using stats::MetricKind;
    stats::Recorder recorder(stats::ClockPair{base::TimePoint{}, kTestStart});
    stats::MetricRecorder& metrics = recorder.metrics();
    const stats::MetricTag eu{"region", "eu"};
    metrics.add(metrics.series(MetricKind::Counter, "orders"), 2);
    metrics.add(metrics.series(MetricKind::Counter, "orders", {&eu, 1}), 4);
    metrics.set(metrics.series(MetricKind::Gauge, "stock"), 7, kTestStart);
    metrics.set(metrics.series(MetricKind::Gauge, "stock"), -2.5, kTestStart);
    metrics.tell(metrics.series(MetricKind::Rate, "hits"), true);
    for (const bool held : {true, false, true}) {
        metrics.tell(metrics.series(MetricKind::Check, "logged in"), held);
    }
    for (const int ms : {10, 20}) {
        metrics.observe(metrics.series(MetricKind::Trend, "render", {}, stats::MetricUnit::Time),
                        std::chrono::milliseconds(ms));
    }
    stats::Totals totals(kTestStart);
    totals.merge(recorder.take(base::TimePoint{}));
    totals.add({.cpu = std::chrono::seconds(10), .stolen = std::chrono::seconds(1)});
    return totals;
}

inline run::Snapshot snapshot_of(stats::Totals totals) {
    run::Snapshot snapshot;
    snapshot.state = run::State::Running;
    snapshot.host = "http://127.0.0.1:8080";
    snapshot.user_count = 5;
    snapshot.target_user_count = 10;
    snapshot.start_time = kTestStart;
    snapshot.elapsed = std::chrono::seconds(7);
    snapshot.run_time = std::chrono::seconds(15);
    snapshot.statistics = std::make_shared<const stats::Totals>(std::move(totals));
    return snapshot;
}

class FakeRun : public run::RunControl {
public:
    explicit FakeRun(run::Snapshot snapshot)
        : snapshot_(std::make_shared<const run::Snapshot>(std::move(snapshot))) {}

    base::Result<void> start(const run::Target&) override { return {}; }
    void stop() override {}
    void stop_and_wait() override {}
    void quit() override {}
    void pause() override {}
    void resume() override {}
    void reset_statistics() override {}
    [[nodiscard]] std::shared_ptr<const run::Snapshot> snapshot() const override {
        return snapshot_;
    }

private:
    std::shared_ptr<const run::Snapshot> snapshot_;
};

}  // namespace cicada::report
