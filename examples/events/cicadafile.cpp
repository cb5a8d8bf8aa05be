// Every event of a run: who wants to know, adds a listener. The log shows in which order they come.
//   cicada -f examples/events/cicadafile.cpp --host http://127.0.0.1:8000 -u 5 -r 5 -t 12s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

static std::string token;  // fetched once, before the first user comes
static std::int64_t gold_requests = 0;

class Visitor : public HttpUser {
public:
    void index() { client.get("/", {.headers = {{"Authorization", token}}, .context = {{"customer", "gold"}}}); }
    void stumble() { throw std::runtime_error("stumbled"); }
};

static const auto visitors = users<Visitor>()
    .wait_time(constant(0.5s))
    .task<&Visitor::index>({.weight = 9})
    .task<&Visitor::stumble>();

static const auto on_init = events().init += [] { log::info("init: the program has started"); };

// A listener may block. The run time begins when the last one has returned.
static const auto on_start = events().test_start += [] {
    HttpClient client;  // the run's own; its requests are recorded
    const auto page = client.post("/login", form({{"username", "ellen"}, {"password", "education"}}));
    token = "Bearer " + page.header("set-cookie").value_or("none");
    log::info("test_start: got a token");

    // Something to do beside the users, until the test stops.
    runner().background([] {
        while (true) {
            sleep(5s);
            log::info("background: " + std::to_string(runner().totals().requests) + " requests so far");
        }
    });
};

static const auto on_spawned = events().spawning_complete += [](const SpawningCompleteEvent& event) {
    log::info("spawning_complete: " + std::to_string(event.user_count) + " users");
};

static const auto on_request = events().request += [](const RequestEvent& request) {
    for (const Field& field : request.context) {
        if (field.name() == "customer" && field.value() == "gold") ++gold_requests;
    }
    if (!request.failure.empty()) log::warning("request: " + std::string(request.name) + " failed");
};

static const auto on_error = events().user_error += [](const UserErrorEvent& error) {
    log::info("user_error: " + std::string(error.task) + ": " + std::string(error.text));
};

static const auto on_reset = events().reset_stats += [] { log::info("reset_stats"); };
static const auto on_usage = events().usage_monitor += [](const UsageEvent& usage) {
    log::info("usage_monitor: " + std::to_string(usage.resident_bytes / 1'000'000) + " MB");
};
static const auto on_cpu = events().cpu_warning += [](const CpuWarningEvent&) { log::warning("cpu_warning"); };

static const auto on_stopping = events().test_stopping += [] { log::info("test_stopping"); };
static const auto on_stop = events().test_stop += [] {
    log::info("test_stop: " + std::to_string(gold_requests) + " requests of gold customers");
    runner().exit_code(0);  // stumbling is part of this test
};
static const auto on_quitting = events().quitting += [] { log::info("quitting"); };
static const auto on_quit = events().quit += [](const QuitEvent& event) {
    log::info("quit: exit code " + std::to_string(event.exit_code));
};

// Messages: to other nodes of a cluster; alone, to oneself.
static const auto on_hello = on_message("hello", [](const NodeMessage& message) {
    log::info("hello from " + std::string(message.from) + ": " + message.data["text"].text());
});
static const auto say_hello = events().spawning_complete += [] {
    runner().send_message("hello", json_object({{"text", "all are here"}}));
};
