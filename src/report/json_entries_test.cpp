// SPDX-License-Identifier: Apache-2.0
#include "report/json_entries.hpp"

#include <doctest/doctest.h>

#include "report/fake_run_test.hpp"

namespace cicada::report {
namespace {

TEST_CASE("--json prints Locust's map for each entry that has requests, then keys of ours") {
    // Goal: keys, order, indentation, string keys of maps. Method: golden text.
    const stats::Totals totals =
        totals_of({{"GET", "/", 0.25}, {"GET", "/", 119.004, "boom", 1.5}});
    CHECK(json_entries(totals) == R"([
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
    }
]
)");
}

TEST_CASE("--json of nothing is an empty array, and foreign bytes do not break it") {
    // Goal: entries that were reset to zero are left out; names that are no UTF-8 are repaired.
    CHECK(json_entries(stats::Totals(kTestStart)) == "[]\n");
    stats::Totals totals = totals_of({{"GET", "/\xFF", 1}});
    CHECK(json_entries(totals).find("\"name\": \"/\xEF\xBF\xBD\"") != std::string::npos);
    totals.reset(kTestStart);
    CHECK(json_entries(totals) == "[]\n");
}

}  // namespace
}  // namespace cicada::report
