// Wait times of one's own: a member function, a lambda, and one that changes with what happened.
//   cicada -f examples/custom_wait/cicadafile.cpp --host http://127.0.0.1:8000 -u 6 -r 6 -t 20s --headless
#include <cicada/cicada.hpp>
#include <algorithm>
using namespace cicada;

// Doubles its wait each time something fails, up to 2 s, and halves it otherwise, down to 50 ms.
class Patient : public HttpUser {
public:
    void poll() {
        const bool good = client.get(random_int(1, 4) == 1 ? "/status/503" : "/items", {.name = "/poll"}).ok();
        wait_ms_ = std::clamp<std::int64_t>(good ? wait_ms_ / 2 : wait_ms_ * 2, 50, 2'000);
    }
    Duration backoff() const { return std::chrono::milliseconds(wait_ms_); }

private:
    std::int64_t wait_ms_ = 50;
};

class Visitor : public HttpUser {
public:
    void index() { client.get("/"); }
};

static const auto patient = users<Patient>().wait_time(&Patient::backoff).task<&Patient::poll>();

// Most visitors are quick, one in ten takes its time.
static const auto visitors = users<Visitor>()
    .wait_time([]() -> Duration { return random_fraction() < 0.9 ? 100ms : 1500ms; })
    .task<&Visitor::index>();

// The later the user came, the slower it is: a wait time may ask the user.
static const auto crowd = users<Visitor>()
    .name("Crowd")
    .wait_time([](Visitor& visitor) -> Duration { return std::chrono::milliseconds(100 + 50 * visitor.user_number()); })
    .task<&Visitor::index>();
