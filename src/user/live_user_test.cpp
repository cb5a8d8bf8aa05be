// SPDX-License-Identifier: Apache-2.0
#include "user/live_user.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cicada/control.hpp>
#include <cicada/fiber.hpp>
#include <cicada/log.hpp>
#include <cicada/random.hpp>
#include <cicada/sync.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "user/test_run.hpp"

using namespace cicada;
using user::Phase;
using user::TestRun;

namespace {

/// What the users of a test case did, and when, in ms since its start.
std::vector<std::string> happened;
base::TimePoint begin;
int left_turns = 0;

void note(const std::string& what) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(fiber::now() - begin);
    happened.push_back(what + "@" + std::to_string(ms.count()));
}

/// Does what each test case tells it.
class Actor : public User {
public:
    Actor() { note("constructor"); }
    ~Actor() override { note("destructor"); }
    void on_start() override {
        note("on_start");
        if (start_by) start_by(*this);
    }
    void on_stop() override {
        note("on_stop");
        if (stop_by) stop_by(*this);
    }
    void act() {
        note("act");
        if (act_by) act_by(*this);
    }

    static inline std::function<void(Actor&)> start_by, stop_by, act_by;
};

/// Fresh for each test case.
struct Stage : TestRun {
    Stage() {
        happened.clear();
        Actor::start_by = Actor::stop_by = Actor::act_by = nullptr;
    }
    void run(const std::function<void()>& body) {
        TestRun::run([&] {
            begin = fiber::now();
            body();
        });
    }
    void run_one_user(Duration time) {
        run([&] {
            const auto user = start();
            fiber::sleep_for(time.nanoseconds());
            user->stop();
            wait_for_end(*user);
        });
    }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a user lives from constructor to destructor") {
    // Goal: the order of a life. Method: tasks of 100 ms with waits of 1 s, stopped in a wait.
    Stage stage;
    users<Actor>().wait_time(constant(1s)).task<&Actor::act>();
    Actor::act_by = [](Actor&) { sleep(100ms); };
    stage.run_one_user(2500ms);
    CHECK(happened == Lines{"constructor@0",
                            "on_start@0",
                            "act@0",
                            "act@1100",
                            "act@2200",
                            "on_stop@2500",
                            "destructor@2500"});
    CHECK(stage.ended == 1);
    CHECK(stage.recorded().empty());
}

TEST_CASE("a running user that is stopped finishes its task") {
    // Goal: graceful means graceful. Method: stop in the middle of a task of 1 s.
    Stage stage;
    users<Actor>().wait_time(constant(1s)).task<&Actor::act>();
    Actor::act_by = [](Actor&) {
        sleep(1s);
        note("done");
    };
    stage.run_one_user(500ms);
    CHECK(happened == Lines{"constructor@0",
                            "on_start@0",
                            "act@0",
                            "done@1000",
                            "on_stop@1000",
                            "destructor@1000"});
}

TEST_CASE("a killed user is unwound, and its on_stop still runs and may wait") {
    // Goal: on_stop is shielded. Method: kill inside a task; on_stop sleeps.
    Stage stage;
    users<Actor>().task<&Actor::act>();
    Actor::act_by = [](Actor&) {
        sleep(1h);
        note("never");
    };
    Actor::stop_by = [](Actor&) {
        sleep(2s);
        note("stopped");
    };
    stage.run([&] {
        const auto user = stage.start();
        fiber::sleep_for(500ms);
        user->kill({});
        TestRun::wait_for_end(*user);
    });
    CHECK(happened == Lines{"constructor@0",
                            "on_start@0",
                            "act@0",
                            "on_stop@500",
                            "stopped@2500",
                            "destructor@2500"});
    CHECK(stage.recorded().empty());
}

TEST_CASE("a swallowed cancellation comes again") {
    // Goal: catch (...) in a test cannot keep a user alive. Method: a task that swallows all.
    Stage stage;
    users<Actor>().task<&Actor::act>();
    Actor::act_by = [](Actor&) {
        for (int i = 0; i < 3; ++i) {
            try {
                sleep(1h);
            } catch (...) {
                note("swallowed");
            }
        }
    };
    stage.run([&] {
        const auto user = stage.start();
        fiber::sleep_for(500ms);
        user->kill({});
        TestRun::wait_for_end(*user);
    });
    CHECK(std::count(happened.begin(), happened.end(), "swallowed@500") == 3);
    CHECK(happened.back() == "destructor@500");
    CHECK(stage.ended == 1);
}

TEST_CASE("on_stop has a time limit") {
    // Goal: a hanging on_stop does not hang the run. Method: a limit of 5 s, a sleep of an hour.
    Stage stage;
    stage.environment.on_stop_limit = 5s;
    users<Actor>().wait_time(constant(1s)).task<&Actor::act>();
    Actor::stop_by = [](Actor&) { sleep(1h); };
    stage.run_one_user(500ms);
    CHECK(happened.back() == "destructor@5500");
    CHECK(std::count(stage.log.begin(), stage.log.end(), "Actor.on_stop was cut off after 5 s") ==
          1);
    CHECK(stage.recorded() ==
          Lines{"Actor.on_stop threw cicada::TimeoutExpired: the timeout of 5 s has expired"});
}

TEST_CASE("what a task throws is counted, logged, told to listeners, and the user goes on") {
    // Goal: one bad task does not end a user. Method: a runtime_error, a text and a number in turn.
    Stage stage;
    users<Actor>().wait_time(constant(1s)).task<&Actor::act>();
    Actor::act_by = [turn = 0](Actor&) mutable {
        switch (turn++) {
            case 0:
                throw std::runtime_error("no tea");
            case 1:
                throw std::string("a text");
            case 2:
                throw 7;
            default:
                break;
        }
    };
    Lines told;
    events().user_error += [&told](const UserErrorEvent& error) {
        told.push_back(std::string(error.task) + "/" + std::string(error.type) + "/" +
                       std::string(error.text));
    };
    stage.run_one_user(3500ms);
    CHECK(std::count_if(happened.begin(), happened.end(), [](const std::string& what) {
              return what.starts_with("act");
          }) == 4);
    CHECK(stage.recorded() == Lines{"Actor.act threw std::runtime_error: no tea",
                                    "Actor.act threw std::string: a text",
                                    "Actor.act threw int: 7"});
    CHECK(stage.log == Lines{"Actor.act threw std::runtime_error: no tea",
                             "Actor.act threw std::string: a text",
                             "Actor.act threw int: 7"});
    CHECK(told == Lines{"act/std::runtime_error/no tea", "act/std::string/a text", "act/int/7"});
}

TEST_CASE("what on_start throws ends the user without on_stop") {
    // Goal: as in Locust. Method: on_start throws; the exception is counted under its name.
    Stage stage;
    users<Actor>().task<&Actor::act>();
    Actor::start_by = [](Actor&) { throw std::runtime_error("no login"); };
    stage.run_one_user(1s);
    CHECK(happened == Lines{"constructor@0", "on_start@0", "destructor@0"});
    CHECK(stage.recorded() == Lines{"Actor.on_start threw std::runtime_error: no login"});
    CHECK(stage.ended == 1);
}

TEST_CASE("a user that is stopped before it has begun does nothing, nor one stopped too early") {
    // Goal: no on_stop without on_start. Method: stopped at once, and by its own constructor.
    class Early : public User {
    public:
        Early() { stop_user(); }
        void on_start() override { note("on_start"); }
        void on_stop() override { note("on_stop"); }
    };
    for (const bool at_once : {true, false}) {
        Stage stage;
        if (at_once) {
            users<Actor>().task<&Actor::act>();
        } else {
            users<Early>().task("idle", [] {});
        }
        stage.run([&] {
            const auto user = stage.start();
            if (at_once) user->kill({});
            TestRun::wait_for_end(*user);
        });
        CHECK(happened.empty());
        CHECK(stage.ended == 1);
        CHECK(stage.recorded().empty());
    }
}

TEST_CASE("what on_stop throws is counted") {
    // Goal: nothing is lost, and the user ends. Method: on_stop throws.
    Stage stage;
    users<Actor>().wait_time(constant(1s)).task<&Actor::act>();
    Actor::stop_by = [](Actor&) { throw std::logic_error("odd"); };
    stage.run_one_user(500ms);
    CHECK(happened.back() == "destructor@500");
    CHECK(stage.recorded() == Lines{"Actor.on_stop threw std::logic_error: odd"});
}

TEST_CASE("stop_user ends the user from on_start, a task, a wait time and a listener") {
    // Goal: it passes through everything, and on_stop runs. Method: each place in turn.
    for (const std::string place : {"on_start", "task", "wait_time", "listener"}) {
        CAPTURE(place);
        Stage stage;
        users<Actor>().task<&Actor::act>().wait_time([&place]() -> Duration {
            if (place == "wait_time") stop_user();
            return 1s;
        });
        events().user_error += [&place] {
            if (place == "listener") stop_user();
        };
        Actor::start_by = [&place](Actor&) {
            if (place == "on_start") stop_user();
        };
        Actor::act_by = [&place](Actor&) {
            if (place == "task") stop_user();
            if (place == "listener") throw std::runtime_error("for the listener");
        };
        stage.run([&] {
            const auto user = stage.start();
            TestRun::wait_for_end(*user);
        });
        REQUIRE(happened.size() >= 2);
        CHECK(happened[happened.size() - 2] == "on_stop@0");
        CHECK(stage.recorded().size() == (place == "listener" ? 1 : 0));
    }
}

TEST_CASE("reschedule ends the task with or without a wait") {
    // Goal: WaitFirst waits, PickAtOnce does not. Method: two of the latter, then the former.
    Stage stage;
    users<Actor>().wait_time(constant(1s)).task<&Actor::act>();
    Actor::act_by = [turn = 0](Actor&) mutable {
        if (++turn <= 2) reschedule(Then::PickAtOnce);
        reschedule();
    };
    stage.run_one_user(1500ms);
    CHECK(happened == Lines{"constructor@0",
                            "on_start@0",
                            "act@0",
                            "act@0",
                            "act@0",
                            "act@1000",
                            "on_stop@1500",
                            "destructor@1500"});
    CHECK(stage.recorded().empty());
}

TEST_CASE("constant_pacing starts tasks a period apart, on_start not counted") {
    // Goal: pacing of a whole user. Method: on_start of 0.5 s, tasks of 0.3 s and one of 1.4 s.
    Stage stage;
    users<Actor>().wait_time(constant_pacing(1s)).task<&Actor::act>();
    Actor::start_by = [](Actor&) { sleep(500ms); };
    Actor::act_by = [turn = 0](Actor&) mutable { sleep(++turn == 2 ? 1400ms : 300ms); };
    stage.run_one_user(4500ms);
    CHECK(Lines(happened.begin() + 2, happened.end() - 2) ==
          Lines{"act@500", "act@1500", "act@2900", "act@3900"});
}

TEST_CASE("a wait time may be a lambda, a member, and may throw") {
    // Goal: an exception in a wait time is reported like a task's. Method: the second call throws.
    Stage stage;
    users<Actor>().task<&Actor::act>().wait_time([turn = 0](Actor&) mutable -> Duration {
        if (++turn == 2) throw std::runtime_error("no time");
        return 250ms;
    });
    stage.run_one_user(600ms);
    CHECK(Lines(happened.begin() + 2, happened.end() - 2) ==
          Lines{"act@0", "act@250", "act@250", "act@500"});
    CHECK(stage.recorded() == Lines{"Actor.wait_time threw std::runtime_error: no time"});
}

TEST_CASE("tasks are chosen by weight, and the same seed chooses the same") {
    // Goal: uniform over weights, repeatable. Method: 6,000 choices of two users, run twice.
    const auto choices = [](std::int64_t number) {
        Stage stage;
        static std::string chosen;
        chosen.clear();
        users<Actor>()
            .wait_time(constant(1s))
            .task("a", [] { chosen += 'a'; }, {.weight = 3})
            .task("b", [] { chosen += 'b'; }, {.weight = 2})
            .task("c", [] { chosen += 'c'; })
            .task("never", [] { chosen += 'n'; }, {.weight = 0});
        stage.run([&] {
            const auto user = stage.start(number);
            fiber::sleep_for(5999500ms);
            user->stop();
            TestRun::wait_for_end(*user);
        });
        return chosen;
    };
    const std::string first = choices(0);
    CHECK(first.size() == 6'000);
    CHECK(std::count(first.begin(), first.end(), 'a') == doctest::Approx(3'000).epsilon(0.05));
    CHECK(std::count(first.begin(), first.end(), 'b') == doctest::Approx(2'000).epsilon(0.06));
    CHECK(std::count(first.begin(), first.end(), 'n') == 0);
    CHECK(choices(0) == first);
    CHECK(choices(1) != first);
}

TEST_CASE("random numbers belong to the execution of a task, whatever happened before") {
    // Goal: repeatable by (seed, user, iteration). Method: a task that draws once or a hundred
    // times; the first number of each execution stays the same.
    const auto firsts = [](int draws) {
        Stage stage;
        std::vector<std::int64_t> drawn;
        users<Actor>().wait_time(constant(1s)).task<&Actor::act>();
        Actor::act_by = [&](Actor&) {
            drawn.push_back(random_int(0, 1'000'000));
            for (int i = 1; i < draws; ++i) (void)random_fraction();
        };
        stage.run_one_user(10500ms);
        return drawn;
    };
    CHECK(firsts(1).size() == 11);
    CHECK(firsts(1) == firsts(100));
}

TEST_CASE("a user without waits lets the others run") {
    // Goal: no user starves another. Method: two users whose tasks never suspend, for 1,000 turns.
    Stage stage;
    int most_in_a_row = 0;
    users<Actor>().task("spin", [&, last = std::int64_t{-1}, row = 0](Actor& self) mutable {
        row = self.user_number() == last ? row + 1 : 1;
        last = self.user_number();
        most_in_a_row = std::max(most_in_a_row, row);
        if (self.user_number() == 0 && --left_turns == 0) stop_user();
    });
    stage.run([&] {
        left_turns = 1'000;
        const auto one = stage.start(0);
        const auto two = stage.start(1);
        while (one->phase() != Phase::Ended) fiber::yield();
        two->stop();
        while (two->phase() != Phase::Ended) fiber::yield();
    });
    CHECK(most_in_a_row <= 2);
}

TEST_CASE("a user belongs to the run that creates it") {
    // Goal: a clear error instead of a user without a life. Method: a user made in a task.
    Stage stage;
    users<Actor>().wait_time(constant(1s)).task("make", [] { const Actor other; });
    stage.run_one_user(500ms);
    CHECK(
        stage.recorded() ==
        Lines{"Actor.make threw std::logic_error: a user is created by the run, never by a test"});
}

TEST_CASE("a fiber that a user keeps in a member ends with the user") {
    // Goal: nothing outlives its user. Method: a member fiber that sleeps for an hour.
    class Keeper : public User {
    public:
        void on_start() override {
            background_ = spawn([] {
                try {
                    sleep(1h);
                } catch (...) {
                    note("cancelled");
                    throw;
                }
            });
        }
        void idle() {}

    private:
        Fiber background_;
    };
    Stage stage;
    users<Keeper>().wait_time(constant(1s)).task<&Keeper::idle>();
    stage.run_one_user(500ms);
    CHECK(happened == Lines{"cancelled@500"});
}

TEST_CASE("a fiber whose handle is kept elsewhere ends with the user too") {
    // Goal: no fiber goes on with a user that is gone. Method: the handle is a variable of the
    // file.
    static Fiber elsewhere;
    Stage stage;
    Actor::start_by = [](Actor&) {
        elsewhere = spawn([] {
            const auto at_end = [](int*) { note("unwound"); };
            const std::unique_ptr<int, decltype(at_end)> guard(&left_turns, at_end);
            sleep(1h);
        });
    };
    users<Actor>().wait_time(constant(1s)).task<&Actor::act>();
    stage.run_one_user(500ms);
    CHECK(happened == Lines{"constructor@0",
                            "on_start@0",
                            "act@0",
                            "on_stop@500",
                            "unwound@500",
                            "destructor@500"});
    elsewhere = Fiber();
}

TEST_CASE("exceptions without end do not fill the log") {
    // Goal: a test whose every task throws stays readable. Method: 1,000 in half a second.
    Stage stage;
    users<Actor>().wait_time(constant(500us)).task("bad", [] { throw std::runtime_error("x"); });
    stage.run_one_user(1200ms);
    CHECK(stage.log.size() == 21);
    CHECK(std::count_if(stage.log.begin(), stage.log.end(), [](const std::string& line) {
              return line.ends_with(" more exceptions were not shown");
          }) == 1);
}

TEST_CASE("a listener that throws is logged and noted, and the others are called") {
    // Goal: exit code 2 when nothing else decides. Method: the first of two listeners throws.
    Stage stage;
    bool second_called = false;
    events().test_start += [] { throw std::runtime_error("bad listener"); };
    events().test_start += [&] { second_called = true; };
    stage.run([&] {
        const TestStartEvent event;
        user::listeners().fire(user::EventKind::TestStart, &event);
    });
    CHECK(second_called);
    CHECK(user::listeners().any_threw());
    CHECK(stage.log == Lines{"a listener of test_start threw std::runtime_error: bad listener"});
}

TEST_CASE("listeners may be added and removed while an event is told") {
    // Goal: no listener is lost or called twice. Method: one that removes itself and adds another.
    Stage stage;
    Lines called;
    std::optional<Listener> own;
    own = events().init += [&] {
        called.push_back("first");
        own->remove();
        own->remove();
        events().init += [&] { called.push_back("added"); };
    };
    events().quitting += [&] { called.push_back("quitting 1"); };
    events().quitting += [&] { called.push_back("quitting 2"); };
    stage.run([&] {
        const InitEvent init;
        user::listeners().fire(user::EventKind::Init, &init);
        user::listeners().fire(user::EventKind::Init, &init);
        const QuittingEvent quitting;
        user::listeners().fire(user::EventKind::Quitting, &quitting);
    });
    CHECK(called == Lines{"first", "added", "quitting 2", "quitting 1"});
}
