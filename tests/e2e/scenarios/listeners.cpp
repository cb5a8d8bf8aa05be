// SPDX-License-Identifier: Apache-2.0
// Listeners that block, in one of the ways that LISTENERS names.
#include <cicada/cicada.hpp>
#include <cstdlib>
using namespace cicada;

static bool is(std::string_view way) {
    return std::getenv("LISTENERS") == way;
}

class Visitor : public HttpUser {
public:
    void index() { client.get("/"); }
};
static const auto visitors = users<Visitor>().wait_time(constant(20ms)).task<&Visitor::index>();

static const auto at_init = events().init += [] {
    if (is("init_hangs")) sleep(kForever);
};
static const auto at_start = events().test_start += [] {
    if (is("start_is_slow")) sleep(1500ms);
    if (is("start_hangs")) sleep(kForever);
    if (is("background")) {
        runner().background([] {
            for (int round = 1;; ++round) {
                sleep(100ms);
                runner().send_message(
                    "round", json_object({{"number", round}, {"users", runner().user_count()}}));
            }
        });
    }
    if (is("background_throws"))
        runner().background([] { throw std::runtime_error("no database"); });
};
static const auto on_round = on_message("round", [](const NodeMessage& message) {
    log::info("round " + std::to_string(message.data["number"].integer()) + " from " +
              std::string(message.from));
});
static const auto at_stop = events().test_stop +=
    [] { log::info("stopped with " + std::to_string(runner().user_count()) + " users"); };
static const auto at_quitting = events().quitting += [] {
    if (is("quitting_hangs")) sleep(kForever);
    if (is("background")) sleep(300ms);
};
