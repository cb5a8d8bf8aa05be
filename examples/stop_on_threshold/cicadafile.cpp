// Ends the test when too much fails, with an exit code of its own. A function beside the users looks at
// the totals once a second. (Where a fixed rule is enough, thresholds() does the same in one line.)
//   cicada -f examples/stop_on_threshold/cicadafile.cpp --host http://127.0.0.1:8000 -u 10 -r 10 --headless
//       --most-failures 0.3
#include <cicada/cicada.hpp>
using namespace cicada;

static const auto most_failures = argument<double>("--most-failures", {
    .default_value = 0.2,
    .help = "Share of failed requests at which the test ends.",
});
static const auto at_least = argument<std::int64_t>("--at-least", {
    .default_value = 100,
    .help = "Requests before anything is decided.",
});

class Visitor : public HttpUser {
public:
    void index() { client.get("/"); }
    void broken() { client.get("/status/500", {.name = "broken"}); }
};

static const auto visitors = users<Visitor>()
    .wait_time(constant(0.1s))
    .task<&Visitor::index>()
    .task<&Visitor::broken>();

static const auto watch = events().test_start += [] {
    runner().background([] {
        while (true) {
            sleep(1s);
            const auto totals = runner().totals();
            const double failed = static_cast<double>(totals.failures) / static_cast<double>(std::max<std::int64_t>(totals.requests, 1));
            if (totals.requests < at_least.value() || failed <= most_failures.value()) continue;
            log::error("too many failures, stopping");
            runner().exit_code(9);
            runner().quit();
            return;
        }
    });
};
