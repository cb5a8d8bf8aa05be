// SPDX-License-Identifier: Apache-2.0
#include "web/swarm.hpp"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "stats/recorder.hpp"
#include "web/page.hpp"
#include "web/statistics_json.hpp"

namespace cicada::web {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// Takes what it is told.
class RecordingRun final : public run::RunControl {
public:
    base::Result<void> start(const run::Target& target) override {
        started.push_back(target);
        if (refusal.empty()) return {};
        return base::failure(refusal);
    }
    void stop() override {}
    void stop_and_wait() override {}
    void quit() override {}
    void pause() override {}
    void resume() override {}
    void reset_statistics() override {}
    [[nodiscard]] std::shared_ptr<const run::Snapshot> snapshot() const override { return {}; }

    std::vector<run::Target> started;
    std::string refusal;
};

json post(RecordingRun& run,
          const std::map<std::string, std::string>& form,
          const ServerOptions& options = {}) {
    return json::parse(swarm(run, options, [&form](const std::string& name) {
        const auto found = form.find(name);
        return found == form.end() ? std::nullopt : std::optional(found->second);
    }));
}

TEST_CASE("a form becomes a target") {
    // Goal: every field arrives; what is left out is as the command line says.
    // Method: a full form, and a short one.
    RecordingRun run;
    const json answer = post(run,
                             {{"user_count", "5"},
                              {"spawn_rate", "2.5"},
                              {"host", "http://<b>a</b>"},
                              {"run_time", "1m"}});
    CHECK(answer == json{{"success", true},
                         {"message", "Swarming started"},
                         {"host", "http://ba/b"},
                         {"run_time", 60}});
    CHECK(run.started.at(0).users == 5);
    CHECK(run.started.at(0).spawn_rate == 2.5);
    CHECK(run.started.at(0).run_time == 60s);
    post(run,
         {{"user_count", "1"}, {"spawn_rate", "1"}},
         {.target_host = "http://c", .run_time = 9s});
    CHECK(run.started.at(1).host == "http://c");
    CHECK(run.started.at(1).run_time == 9s);
    post(run, {{"user_count", "1"}, {"spawn_rate", "1"}, {"run_time", ""}}, {.run_time = 9s});
    CHECK_FALSE(run.started.at(2).run_time.has_value());
}

TEST_CASE("a refusal of the run is answered, not thrown") {
    // Goal: the page shows the sentence.
    // Method: a run that refuses; a form that never reaches it.
    RecordingRun run;
    run.refusal = "not now";
    CHECK(post(run, {{"user_count", "1"}, {"spawn_rate", "1"}})["message"] == "not now");
    CHECK(post(run, {{"user_count", ""}, {"spawn_rate", "1"}})["success"] == false);
    CHECK(run.started.size() == 1);
}

TEST_CASE("names from a server cannot break JSON or page") {
    // Goal: bytes that are no UTF-8, quotes and markup stay text.
    // Method: such a name in the statistics, such a host on the page.
    stats::Recorder recorder({base::TimePoint(1h), base::WallTime(1'000'000s)});
    recorder.record("GET",
                    "/\xff\"<b>",
                    {.completed = base::TimePoint(1h),
                     .response_time = 250us,
                     .failed = true,
                     .error = "\xfe"});
    stats::Totals totals(base::WallTime(1'000'000s));
    totals.merge(recorder.take(base::TimePoint(1h)));
    run::Snapshot snapshot;
    snapshot.statistics = std::make_shared<const stats::Totals>(totals);
    const json found = json::parse(statistics_json(snapshot, base::WallTime(1'000'001s)));
    CHECK(found["state"] == "ready");
    CHECK(found["stats"].size() == 2);
    CHECK(found["stats"][0]["median_response_time"] == doctest::Approx(0.25).epsilon(0.01));
    CHECK(found["errors"][0]["occurrences"] == 1);
    CHECK(found["fail_ratio"] == 1.0);

    const std::string document = page({.target_host = "</script><script>alert(1)</script>"});
    CHECK(document.find("<script>alert") == std::string::npos);
}

}  // namespace
}  // namespace cicada::web
