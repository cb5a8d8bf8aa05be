// SPDX-License-Identifier: Apache-2.0
#include "report/json_entries.hpp"

#include <doctest/doctest.h>

#include "report/fake_run_test.hpp"

namespace cicada::report {
namespace {

/// The golden texts are of the entries alone.
std::string without_last(const std::string& report) {
    const std::size_t last = report.rfind("    {\n        \"name\": \"(run)\"");
    REQUIRE(last != std::string::npos);
    return report.substr(0, last);
}

TEST_CASE("--json prints Locust's map for each entry that has requests, then keys of ours") {
    // Goal: keys, order, indentation, string keys of maps. Method: golden text.
    const stats::Totals totals =
        totals_of({{"GET", "/", 0.25}, {"GET", "/", 119.004, "boom", 1.5}});
    CHECK(without_last(json_report(snapshot_of(totals))) == R"([
    {
        "name": "/",
        "method": "GET",
        "last_request_timestamp": 1700000001.5,
        "start_time": 1700000000.0,
        "num_requests": 2,
        "num_none_requests": 0,
        "num_failures": 1,
        "total_response_time": 119.254,
        "max_response_time": 119.004,
        "min_response_time": 0.25,
        "total_content_length": 200,
        "response_times": {
            "0": 1,
            "120": 1
        },
        "num_reqs_per_sec": {
            "1700000000": 1,
            "1700000001": 1
        },
        "num_fail_per_sec": {
            "1700000001": 1
        },
        "median_response_time_ms": 0.25,
        "response_time_percentiles_ms": {
            "0.5": 119.004,
            "0.66": 119.004,
            "0.75": 119.004,
            "0.8": 119.004,
            "0.9": 119.004,
            "0.95": 119.004,
            "0.98": 119.004,
            "0.99": 119.004,
            "0.999": 119.004,
            "0.9999": 119.004,
            "1.0": 119.004
        },
        "exchanges": 2,
        "redirects": 0,
        "resends": 0,
        "aborted": 0
    },
)");
}

TEST_CASE("--json of nothing has no entries, and foreign bytes do not break it") {
    // Goal: entries that were reset to zero are left out; names that are no UTF-8 are repaired.
    // Method: no requests; a name with a byte that is none.
    CHECK(without_last(json_report(snapshot_of(stats::Totals(kTestStart)))) == "[\n");
    stats::Totals totals = totals_of({{"GET", "/\xFF", 1}});
    const std::string text = json_report(snapshot_of(totals));
    CHECK(text.find("\"name\": \"/\xEF\xBF\xBD\"") != std::string::npos);
    totals.reset(kTestStart);
    CHECK(without_last(json_report(snapshot_of(totals))) == "[\n");
}

TEST_CASE("--json ends with what is to be said of the run") {
    // Goal: verdict, reasons, warnings, thresholds, checks and metrics, and Locust's keys beside
    // them, so that a reader that knows only those goes on.
    // Method: golden text of the last element from its key "run" on.
    run::Snapshot snapshot = snapshot_of(measured_totals());
    snapshot.warnings = {"few ports"};
    snapshot.thresholds = {
        {"p95 < 1ms", "1.5 ms", 1.5, "ms", false, false},
        {"GET /x: p95 < 1s", "no request GET /x was recorded", {}, "", false, true}};
    snapshot.limits = {
        {"Shopper.buy", user::LimitKind::Requests, 50, 50, 2},
        {"Shopper.ping", user::LimitKind::ExecutionsPerUser, 5, 185, 0},
    };
    const std::string text = json_report(snapshot);
    const std::string last = text.substr(without_last(text).size());
    CHECK(last.find("\"num_requests\": 0,") != std::string::npos);
    CHECK(last.substr(last.find("        \"run\"")) == R"json(        "run": {
            "profile": "",
            "dry_run": null,
            "verdict": "SUSPECT",
            "reasons": [
                {
                    "grade": "SUSPECT",
                    "text": "10% of the CPU time was taken by other virtual machines (steal)"
                }
            ],
            "exchanges_uncertain": 0,
            "generator": {
                "share_ms_p50": 0.0,
                "share_ms_p99": 0.0,
                "share_ratio": 0.0,
                "busy_ratio_mean": 0.0,
                "busy_ratio_max": 0.0,
                "held_ms": 0.0,
                "stolen_ratio": 0.1,
                "quota_periods": 0,
                "throttled_periods": 0,
                "connections_short_of_descriptors": 0,
                "connections_short_of_ports": 0
            },
            "warnings": [
                "few ports",
                "10% of the CPU time was taken by other virtual machines (steal)"
            ],
            "thresholds": [
                {
                    "threshold": "p95 < 1ms",
                    "passed": false,
                    "actual": "1.5 ms",
                    "actual_value_ms": 1.5
                },
                {
                    "threshold": "GET /x: p95 < 1s",
                    "passed": false,
                    "actual": "no request GET /x was recorded",
                    "actual_value": null
                }
            ],
            "limits": [
                {
                    "name": "Shopper.buy",
                    "counts": "requests",
                    "per_user": false,
                    "limit": 50,
                    "done": 50,
                    "cut_off": 2,
                    "uncertain": 0,
                    "beyond": 0,
                    "reached": true
                },
                {
                    "name": "Shopper.ping",
                    "counts": "executions",
                    "per_user": true,
                    "limit": 5,
                    "done": 185,
                    "cut_off": 0,
                    "uncertain": 0,
                    "beyond": 0,
                    "reached": null
                }
            ],
            "checks": [
                {
                    "kind": "check",
                    "name": "logged in",
                    "tags": "",
                    "passed": 2,
                    "failed": 1,
                    "count": 3
                }
            ],
            "metrics": [
                {
                    "kind": "counter",
                    "name": "orders",
                    "tags": "",
                    "sum": 6.0,
                    "count": 2
                },
                {
                    "kind": "counter",
                    "name": "orders",
                    "tags": "region=eu",
                    "sum": 4.0,
                    "count": 1
                },
                {
                    "kind": "gauge",
                    "name": "stock",
                    "tags": "",
                    "last": -2.5,
                    "min": -2.5,
                    "max": 7.0,
                    "count": 2
                },
                {
                    "kind": "rate",
                    "name": "hits",
                    "tags": "",
                    "passed": 1,
                    "failed": 0,
                    "count": 1
                },
                {
                    "kind": "trend",
                    "name": "render",
                    "tags": "",
                    "unit": "ms",
                    "average": 15.0,
                    "min": 10.0,
                    "median": 10.0,
                    "p95": 20.0,
                    "p99": 20.0,
                    "p99.9": 20.0,
                    "max": 20.0,
                    "count": 2
                }
            ],
            "arrivals": []
        }
    }
]
)json");
}

}  // namespace
}  // namespace cicada::report
