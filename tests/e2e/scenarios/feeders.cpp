// SPDX-License-Identifier: Apache-2.0
// Users that each ask for a row and send it; ROWS names the file, AT_END says what happens at its
// end.
#include <cicada/cicada.hpp>
#include <cstdlib>
#include <map>
using namespace cicada;

static AtEnd at_end() {
    const std::string_view word = std::getenv("AT_END") != nullptr ? std::getenv("AT_END") : "";
    return word == "stop_run" ? AtEnd::StopRun : AtEnd::StopUser;
}

static const auto rows = csv_feeder(std::getenv("ROWS"), Feed::Unique, {.at_end = at_end()});
static std::map<std::string, int> used;

class Reader : public HttpUser {
public:
    void read() {
        const auto row = rows.next();
        client.get("/echo", {.name = "/echo", .query = {{"id", row["id"]}, {"text", row["text"]}}});
        used[row["id"]] += 1;
    }
    void on_stop() override { client.get("/", {.name = "bye"}); }
};

static const auto readers = users<Reader>().wait_time(between(0s, 10ms)).task<&Reader::read>();

static const auto report = events().test_stop += [] {
    int most = 0;
    for (const auto& [id, times] : used) most = times > most ? times : most;
    log::info("rows used: " + std::to_string(used.size()) + ", at most " + std::to_string(most) +
              " times");
};
