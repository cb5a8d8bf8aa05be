// Nobody begins before everybody is there: users wait in on_start until all have been spawned.
//   cicada -f examples/semaphore_wait/cicadafile.cpp --host http://127.0.0.1:8000 -u 20 -r 10 -t 20s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

static Semaphore all_are_here(0);

static const auto spawned = events().spawning_complete += [](const SpawningCompleteEvent& event) {
    log::info(std::to_string(event.user_count) + " users are here");
    all_are_here.release(event.user_count);
};

// No more than three at a time may read the slow report. The destructor gives the seat back however
// the task ends, a user that is stopped in the middle of it included.
static Semaphore readers(3);
struct Seat {
    Seat() { readers.acquire(); }
    ~Seat() { readers.release(); }
};

class Visitor : public HttpUser {
public:
    void on_start() override {
        client.get("/", {.name = "arrive"});
        all_are_here.acquire();
    }
    void index() { client.get("/"); }
    void read_report() {
        const Seat seat;
        client.get("/slow?ms=50", {.name = "report"});
    }
};

static const auto visitors = users<Visitor>()
    .wait_time(constant(0.1s))
    .task<&Visitor::index>()
    .task<&Visitor::read_report>();
