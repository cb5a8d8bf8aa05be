// SPDX-License-Identifier: Apache-2.0
// Limits as a test author meets them, in virtual time: what is counted, what ends, what goes on.
#include <doctest/doctest.h>

#include <cicada/control.hpp>
#include <cicada/events.hpp>
#include <cicada/fiber.hpp>
#include <cicada/measure.hpp>
#include <cicada/task_set.hpp>
#include <cicada/user.hpp>
#include <cicada/users.hpp>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "user/test_run.hpp"

namespace cicada::user {
namespace {

using namespace std::chrono_literals;

/// What the users below did, by name, in all of a test case.
std::map<std::string, int> did;
std::vector<std::string> story;

void note(const std::string& what) {
    ++did[what];
}

void call(const std::string& name) {
    measure("call", name, [&] { cicada::sleep(10ms); });
}

class Worker : public User {
public:
    void on_start() override { note("on_start"); }
    void on_stop() override { note("on_stop"); }
    void buy() {
        note("buy");
        call("buy");
    }
    void look() {
        note("look");
        call("look");
    }
    void order() {
        note("order");
        for (int i = 0; i < 3; ++i) {
            call("order");
            note("ordered");
        }
        note("order done");
    }
};

/// So many users of the class declared first live until they end by themselves or `time` is over.
void run_users(TestRun& run, int users, Duration time = Duration(100s)) {
    did.clear();
    story.clear();
    run.run([&] {
        std::vector<std::unique_ptr<LiveUser>> crowd;
        for (int number = 0; number < users; ++number) crowd.push_back(run.start(number));
        const base::TimePoint end = fiber::now() + time.nanoseconds();
        while (run.ended < users && fiber::now() < end) fiber::sleep_for(1ms);
        for (auto& user : crowd) user->stop();
        for (auto& user : crowd) TestRun::wait_for_end(*user);
    });
}

TEST_CASE("a task is executed exactly as often as its limit says, and the others go on") {
    // Goal: never one more, never one less, whatever the number of users; the user does not end.
    // Method: users from 1 to 40, a limit that is no multiple of them.
    for (const int users : {1, 2, 7, 40}) {
        CAPTURE(users);
        TestRun run;
        cicada::users<Worker>()
            .wait_time(between(0s, 50ms))
            .task<&Worker::buy>({.limit = 101})
            .task<&Worker::look>();
        run_users(run, users, 20s);
        CHECK(did["buy"] == 101);
        CHECK(did["look"] > 101);
        CHECK(did["on_stop"] == users);
        CHECK(run.log.empty());
    }
}

TEST_CASE("a request beyond the request limit is not sent, and its task ends quietly there") {
    // Goal: exactly ten calls; the code behind the refused one does not run; nobody is told of an
    // exception. Method: tasks of three calls, so that one of them is refused in the middle.
    for (const int users : {1, 3, 10}) {
        CAPTURE(users);
        TestRun run;
        cicada::users<Worker>().task<&Worker::order>({.request_limit = 10});
        run_users(run, users);
        CHECK(did["ordered"] == 10);
        CHECK(did["order done"] <= 3);
        CHECK(run.recorded() == std::vector<std::string>{"call order *10"});
        CHECK(did["on_stop"] == users);
        CHECK(run.log.empty());
    }
}

TEST_CASE("failures and exceptions count, however an execution ends") {
    // Goal: throwing, rescheduling and failing requests use up tickets as success does.
    // Method: one task that ends in another way each time.
    class Clumsy : public User {
    public:
        void act() {
            const int turn = did["act"]++;
            const auto failed = measure("call", "x", [] { throw std::runtime_error("no"); });
            CHECK(failed == Verdict::Failed);
            if (turn % 3 == 0) throw std::logic_error("oops");
            if (turn % 3 == 1) reschedule();
        }
    };
    TestRun run;
    cicada::users<Clumsy>().wait_time(constant(1ms)).task<&Clumsy::act>({.limit = 30});
    run_users(run, 4);
    CHECK(did["act"] == 30);
    CHECK(run.environment.tickets.progress().at(0).done == 30);
    CHECK(run.environment.tickets.progress().at(0).reached());
}

TEST_CASE("iterations are counted for the user, its class and the whole test") {
    // Goal: the three exactly, with two tasks each. Method: each alone, then all at once.
    const auto executions = [](int users, auto limit, std::optional<std::int64_t> whole) {
        TestRun run;
        run.iterations = whole;
        auto workers = cicada::users<Worker>()
                           .wait_time(constant(5ms))
                           .task<&Worker::buy>()
                           .task<&Worker::look>();
        limit(workers);
        run_users(run, users, 5s);
        CHECK(did["on_stop"] == users);
        return did["buy"] + did["look"];
    };
    const auto none = [](auto&) {};
    CHECK(executions(
              6, [](auto& workers) { workers.iterations(50); }, std::nullopt) == 50);
    CHECK(executions(
              6, [](auto& workers) { workers.iterations_per_user(7); }, std::nullopt) == 42);
    CHECK(executions(6, none, 33) == 33);
    CHECK(executions(
              6, [](auto& workers) { workers.iterations(50).iterations_per_user(7); }, 45) == 42);
    CHECK(executions(
              9, [](auto& workers) { workers.iterations(50).iterations_per_user(7); }, 45) == 45);
}

TEST_CASE("a limit per user is each user's own") {
    // Goal: five executions by each, also by one that comes later.
    TestRun run;
    cicada::users<Worker>()
        .wait_time(constant(1ms))
        .task<&Worker::buy>({.limit_per_user = 5})
        .task<&Worker::look>({.limit = 100});
    run_users(run, 8);
    CHECK(did["buy"] == 40);
    CHECK(did["look"] == 100);
}

TEST_CASE("a user with nothing left ends at once, without a last wait, and runs on_stop") {
    // Goal: no user idles through a wait of an hour that leads to nothing.
    // Method: virtual time until the end of the last one.
    TestRun run;
    cicada::users<Worker>().wait_time(constant(1h)).task<&Worker::buy>({.limit_per_user = 1});
    did.clear();
    run.run([&] {
        const base::TimePoint begin = fiber::now();
        const auto user = run.start();
        TestRun::wait_for_end(*user);
        CHECK(fiber::now() - begin < 1s);
    });
    CHECK(did["buy"] == 1);
    CHECK(did["on_stop"] == 1);
}

TEST_CASE("a swallowed LimitReached is met again at the next blocking call") {
    // Goal: `catch (...) {}` does not get another request through, nor an endless task.
    class Stubborn : public User {
    public:
        void act() {
            note("act");
            call("x");
            try {
                call("x");
            } catch (...) {
                note("swallowed");
            }
            note("before sleep");
            cicada::sleep(1ms);
            note("after sleep");
        }
    };
    TestRun run;
    cicada::users<Stubborn>().task<&Stubborn::act>({.request_limit = 1});
    run_users(run, 1);
    CHECK(did["act"] == 1);
    CHECK(did["swallowed"] == 1);
    CHECK(did["before sleep"] == 1);
    CHECK(did["after sleep"] == 0);
    CHECK(run.recorded() == std::vector<std::string>{"call x"});
}

TEST_CASE("a refused request of a destructor is not sent, and the program goes on") {
    // Goal: an author's guard that sends a request when a scope ends must not end the process.
    // Method: the guard goes once while LimitReached unwinds, once at the end of a scope.
    struct Guard {
        ~Guard() {
            note(measure("call", "guard", [] { note("sent"); }) == Verdict::Passed ? "passed"
                                                                                   : "refused");
        }
    };
    class Careful : public User {
    public:
        void act() {
            call("x");
            { const Guard scope_end; }
            const Guard unwinding;
            call("x");
        }
    };
    TestRun run;
    cicada::users<Careful>().task<&Careful::act>({.request_limit = 1});
    run_users(run, 1);
    CHECK(did["refused"] == 2);
    CHECK(did["sent"] == 0);
}

TEST_CASE("what a spawned fiber sends counts for the task that started it") {
    // Goal: six in all, and a refusal in a fiber ends the task where it is joined.
    class Parallel : public User {
    public:
        void act() {
            Fiber one = spawn([] { call("x"); });
            Fiber other = spawn([] { call("x"); });
            join(one, other);
            note("joined");
        }
        void free() { call("y"); }
    };
    TestRun run;
    cicada::users<Parallel>()
        .wait_time(constant(5ms))
        .task<&Parallel::act>({.request_limit = 7})
        .task<&Parallel::free>({.limit = 10});
    run_users(run, 3);
    CHECK(did["joined"] <= 3);
    const auto progress = run.environment.tickets.progress();
    CHECK(progress.at(0).done == 7);
    CHECK(run.recorded().size() == 2);
}

TEST_CASE("a fiber that outlives its task still counts for it, and no other") {
    // Goal: the limit of the task that spawned it, while another task runs.
    class Lasting : public User {
    public:
        void begin() {
            background_ = spawn([] {
                for (int i = 0; i < 10; ++i) call("background");
            });
        }
        void act() { call("act"); }

    private:
        Fiber background_;
    };
    TestRun run;
    cicada::users<Lasting>()
        .task<&Lasting::begin>({.limit = 1, .request_limit = 4})
        .task<&Lasting::act>({.limit = 50});
    run_users(run, 1);
    CHECK(run.recorded() == std::vector<std::string>{"call act *50", "call background *4"});
}

TEST_CASE("a user waits while the last ticket may come back, and uses it if it does") {
    // Goal: neither N - 1 because everybody left early, nor a user that waits for ever.
    // Method: the test holds the last ticket of a request limit and gives it back, or uses it.
    for (const bool comes_back : {true, false}) {
        CAPTURE(comes_back);
        TestRun run;
        did.clear();
        cicada::users<Worker>().task<&Worker::buy>({.request_limit = 1});
        run.run([&] {
            const auto& task = registry().declarations().front()->tasks.front();
            Tickets& tickets = *run.environment.tickets.of(task).requests;
            tickets.take();
            const auto user = run.start();
            fiber::sleep_for(1h);
            CHECK(user->phase() == Phase::Waiting);
            if (comes_back) {
                tickets.give_back();
            } else {
                tickets.use();
            }
            TestRun::wait_for_end(*user);
        });
        CHECK(did["buy"] == (comes_back ? 1 : 0));
        CHECK(did["on_stop"] == 1);
    }
}

TEST_CASE("a user that waits for a ticket is stopped at once") {
    // Goal: the wait is a wait like any other.
    TestRun run;
    did.clear();
    cicada::users<Worker>().task<&Worker::buy>({.request_limit = 1});
    run.run([&] {
        const auto& task = registry().declarations().front()->tasks.front();
        run.environment.tickets.of(task).requests->take();
        const auto user = run.start();
        fiber::sleep_for(1s);
        user->stop();
        fiber::sleep_for(1ms);
        CHECK(user->phase() == Phase::Ended);
        run.environment.tickets.of(task).requests->give_back();
    });
    CHECK(did["buy"] == 0);
    CHECK(did["on_stop"] == 1);
}

TEST_CASE("an execution that is killed has been counted, and is told apart") {
    // Goal: its ticket is not given out a second time.
    TestRun run;
    did.clear();
    cicada::users<Worker>().task<&Worker::buy>({.limit = 2});
    run.run([&] {
        const auto killed = run.start(0);
        fiber::sleep_for(1ms);
        killed->kill({});
        TestRun::wait_for_end(*killed);
        const auto other = run.start(1);
        TestRun::wait_for_end(*other);
    });
    CHECK(did["buy"] == 2);
    const LimitProgress progress = run.environment.tickets.progress().at(0);
    CHECK(progress.done == 2);
    CHECK(progress.cut_off == 1);
}

// ---- task sets ----------------------------------------------------------------------------------

class Visitor : public User {
public:
    void on_stop() override { note("user stops"); }
    void act() { note("act"); }
};

class Shop : public TaskSet<Visitor> {
public:
    void on_start() override {
        note("enter");
        call("enter");
    }
    void on_stop() override {
        note("leave");
        call("leave");
        note("left");
    }
    void read() {
        note("read");
        call("read");
    }
    void out() { interrupt(); }
};

TEST_CASE("the limit of a task set counts visits, those of its tasks executions") {
    // Goal: five visits, each with on_start and on_stop; iterations are what happens inside.
    TestRun run;
    cicada::users<Visitor>().task_set<Shop>({.limit = 5}).task<&Visitor::act>({.limit = 20});
    cicada::task_set<Shop>()
        .wait_time(constant(1ms))
        .task<&Shop::read>({.weight = 3})
        .task<&Shop::out>();
    run_users(run, 3);
    CHECK(did["enter"] == 5);
    CHECK(did["left"] == 5);
    CHECK(did["act"] == 20);
    CHECK(did["user stops"] == 3);

    TestRun other;
    other.iterations = 12;
    cicada::users<Visitor>().task_set<Shop>();
    cicada::task_set<Shop>().wait_time(constant(1ms)).task<&Shop::read>();
    run_users(other, 2);
    CHECK(did["read"] == 12);
    CHECK(did["enter"] == 2);
    CHECK(did["leave"] == 2);
}

TEST_CASE("the request limit of a task set covers all inside it, its hooks too") {
    // Goal: eleven calls in all visits together; the visit ends when they are used up, by on_stop,
    // whose own request is not sent.
    for (const int users : {1, 4}) {
        CAPTURE(users);
        TestRun run;
        cicada::users<Visitor>()
            .task_set<Shop>({.request_limit = 11})
            .task<&Visitor::act>({.limit = 30});
        cicada::task_set<Shop>().wait_time(constant(1ms)).task<&Shop::read>();
        run_users(run, users);
        CHECK(run.environment.tickets.progress().at(0).done == 11);
        CHECK(did["enter"] == did["leave"]);
        CHECK(did["left"] == 0);
        CHECK(did["act"] == 30);
        CHECK(did["user stops"] == users);
    }
}

TEST_CASE("a task set with nothing left inside is neither entered nor stayed in") {
    // Goal: no empty visits, and no endless ones.
    TestRun run;
    cicada::users<Visitor>().task_set<Shop>().task<&Visitor::act>({.limit = 100});
    cicada::task_set<Shop>().wait_time(constant(1ms)).task<&Shop::read>({.limit = 6});
    run_users(run, 1);
    CHECK(did["read"] == 6);
    CHECK(did["enter"] == 1);
    CHECK(did["act"] == 100);
}

class Steps : public SequentialTaskSet<Visitor> {
public:
    void one() { story.emplace_back("one"); }
    void two() { story.emplace_back("two"); }
    void three() { story.emplace_back("three"); }
};

TEST_CASE("a sequential task set passes over a task with nothing left") {
    // Goal: the order of the others stays. Method: the middle one is limited.
    TestRun run;
    cicada::users<Visitor>().iterations(8).task_set<Steps>();
    cicada::task_set<Steps>()
        .wait_time(constant(1ms))
        .task<&Steps::one>()
        .task<&Steps::two>({.limit = 1})
        .task<&Steps::three>();
    run_users(run, 1);
    CHECK(story ==
          std::vector<std::string>{"one", "two", "three", "one", "three", "one", "three", "one"});
}

class Chain : public MarkovTaskSet<Visitor> {
public:
    void home() { note("home"); }
    void page() { note("page"); }
    void buy() { note("buy"); }
};

TEST_CASE("a Markov task set goes where there is something left, and ends where there is not") {
    // Goal: a spent task is never a target; a dead end leaves the set.
    TestRun run;
    cicada::users<Visitor>().task_set<Chain>({.limit = 2});
    cicada::task_set<Chain>()
        .wait_time(constant(1ms))
        .task<&Chain::home>({.limit = 50})
        .next<&Chain::page>()
        .next<&Chain::buy>()
        .task<&Chain::page>()
        .next<&Chain::home>()
        .task<&Chain::buy>({.limit = 3})
        .next<&Chain::home>();
    run_users(run, 1);
    CHECK(did["home"] == 50);
    CHECK(did["buy"] == 3);
    CHECK(did["page"] >= 46);
}

TEST_CASE("without limits nobody asks for anything, and progress is empty") {
    // Goal: the default costs nothing and shows nothing.
    TestRun run;
    cicada::users<Worker>().wait_time(constant(1ms)).task<&Worker::look>();
    run_users(run, 1, 1s);
    CHECK_FALSE(run.environment.tickets.limited());
    CHECK(run.environment.tickets.progress().empty());
    CHECK_FALSE(run.environment.tickets.part_done());
    CHECK(did["look"] > 50);
}

TEST_CASE("a task that is disabled is begun by nobody any more") {
    // Goal: also by users that live already, and in a test without any limit; the others go on.
    TestRun run;
    did.clear();
    cicada::users<Worker>().wait_time(constant(1ms)).task<&Worker::buy>().task<&Worker::look>();
    run.run([&] {
        const auto user = run.start();
        while (did["buy"] < 5) fiber::sleep_for(1ms);
        CHECK_FALSE(run.environment.tickets.disable("Worker.nothing"));
        CHECK(run.environment.tickets.disable("Worker.buy"));
        const int bought = did["buy"];
        const int looked = did["look"];
        while (did["look"] < looked + 50) fiber::sleep_for(1ms);
        CHECK(did["buy"] == bought);
        CHECK_FALSE(run.environment.tickets.part_done());
        CHECK(run.environment.tickets.progress().empty());

        CHECK(run.environment.tickets.disable("Worker.look"));
        TestRun::wait_for_end(*user);  // it has nothing left to do
        CHECK(run.environment.tickets.nothing_left());
        CHECK(run.environment.tickets.part_done() == 1.0);
    });
}

TEST_CASE("a task set whose only task is disabled is not entered") {
    TestRun run;
    did.clear();
    cicada::users<Visitor>().wait_time(constant(1ms)).task<&Visitor::act>().task_set<Chain>();
    cicada::task_set<Chain>().task<&Chain::home>().next<&Chain::home>();
    run.run([&] {
        CHECK(run.environment.tickets.disable("Chain.home"));
        const auto user = run.start();
        while (did["act"] < 50) fiber::sleep_for(1ms);
        CHECK(did["home"] == 0);
        user->stop();
        TestRun::wait_for_end(*user);
    });
}

TEST_CASE("how far the limits have brought a test is known only if they end it") {
    // Goal: the least of the classes, the most of what may end one.
    TestRun run;
    did.clear();
    cicada::users<Worker>()
        .iterations(1000)
        .task<&Worker::buy>({.limit = 10})
        .task<&Worker::look>({.limit = 40});
    run.run([&] {
        const auto user = run.start();
        while (did["look"] < 20) fiber::sleep_for(1ms);
        const double part = run.environment.tickets.part_done().value();
        CHECK(part > 0.2);
        CHECK(part < 0.9);
        user->stop();
        TestRun::wait_for_end(*user);
    });
    TestRun endless;
    cicada::users<Worker>().task<&Worker::buy>({.limit = 10}).task<&Worker::look>();
    endless.run([&] { CHECK_FALSE(endless.environment.tickets.part_done()); });
}

}  // namespace
}  // namespace cicada::user
