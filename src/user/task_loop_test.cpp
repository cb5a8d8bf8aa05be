// SPDX-License-Identifier: Apache-2.0
// Goal: what a user does in task sets: the order of hooks at every level, how each is left, how
// the next task is chosen. Method: users in virtual time that write down what happens, and when.
#include "user/task_loop.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cicada/control.hpp>
#include <cicada/fiber.hpp>
#include <cicada/users.hpp>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "user/test_run.hpp"

using namespace cicada;
using user::TestRun;

namespace {

using Lines = std::vector<std::string>;
using Acts = std::map<std::string, std::function<void()>>;

/// What happened in a test case, with the time in ms since its start.
Lines happened;
base::TimePoint begin;
/// What a hook or task does beside writing down its name.
Acts acts;

void act(const std::string& name) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(fiber::now() - begin);
    happened.push_back(name + "@" + std::to_string(ms.count()));
    if (const auto found = acts.find(name); found != acts.end()) found->second();
}

class Reader : public User {
public:
    void on_start() override { act("user.on_start"); }
    void on_stop() override { act("user.on_stop"); }
    void front() { act("front"); }
    int pages = 7;
};

class Forum : public TaskSet<Reader> {
public:
    Forum() { act("forum"); }
    ~Forum() override { act("~forum"); }
    void on_start() override { act("forum.on_start"); }
    void on_stop() override { act("forum.on_stop"); }
    void list() { act("list"); }
    void leave() { act("leave"); }
    int visits = 3;
};

class Thread : public TaskSet<Forum> {
public:
    void on_start() override { act("thread.on_start"); }
    void on_stop() override { act("thread.on_stop"); }
    void read() { act("read"); }
};

class Steps : public SequentialTaskSet<User> {
public:
    void one() { act("one"); }
    void two() { act("two"); }
    void three() { act("three"); }
};

class Wiki : public MarkovTaskSet<User> {
public:
    void home() { act("home"); }
    void article() { act("article"); }
    void search() { act("search"); }
};

/// Fresh for each test case.
struct Stage : TestRun {
    explicit Stage(Acts does = {}) {
        happened.clear();
        acts = std::move(does);
    }
    ~Stage() { acts.clear(); }
    /// One user lives until it ends or, stopped gracefully, for `time`.
    void run_one_user(Duration time) {
        run([&] {
            begin = fiber::now();
            const auto user = start();
            fiber::sleep_for(time.nanoseconds());
            user->stop();
            wait_for_end(*user);
        });
    }
    void kill_one_user_after(Duration time) {
        run([&] {
            begin = fiber::now();
            const auto user = start();
            fiber::sleep_for(time.nanoseconds());
            user->kill({});
            wait_for_end(*user);
        });
    }
};

/// The names alone.
std::string order() {
    std::string all;
    for (const std::string& line : happened) {
        all += (all.empty() ? "" : " ") + line.substr(0, line.find('@'));
    }
    return all;
}

long count(const std::string& name) {
    return std::count_if(happened.begin(), happened.end(), [&](const std::string& line) {
        return line.starts_with(name + "@");
    });
}

/// A reader who enters the forum, and there a thread.
void declare_three_levels() {
    users<Reader>().wait_time(constant(1s)).task_set<Forum>();
    task_set<Forum>().task_set<Thread>();
    task_set<Thread>().task<&Thread::read>();
}

}  // namespace

TEST_CASE("a user that is stopped in a nested set leaves every level, innermost first") {
    // Three ways to end: stopped in a wait, killed in a task, stop_user().
    const std::string expected =
        "user.on_start forum forum.on_start thread.on_start read thread.on_stop forum.on_stop "
        "~forum user.on_stop";
    {
        Stage stage;
        declare_three_levels();
        stage.run_one_user(500ms);
        CHECK(order() == expected);
        CHECK(happened.back() == "user.on_stop@500");
    }
    {
        Stage stage({{"read", [] { sleep(1h); }}});
        declare_three_levels();
        stage.kill_one_user_after(500ms);
        CHECK(order() == expected);
    }
    {
        Stage stage({{"read", [] { stop_user(); }}});
        declare_three_levels();
        stage.run_one_user(500ms);
        CHECK(order() == expected);
        CHECK(happened.back() == "user.on_stop@0");
        CHECK(stage.recorded().empty());
    }
}

TEST_CASE("a user that is stopped in a task of a nested set finishes that task") {
    Stage stage({{"read", [] {
                      sleep(1s);
                      act("read to the end");
                  }}});
    declare_three_levels();
    stage.run_one_user(500ms);
    CHECK(Lines(happened.begin() + 5, happened.begin() + 7) ==
          Lines{"read to the end@1000", "thread.on_stop@1000"});
}

TEST_CASE("interrupt leaves the innermost set, and each visit has an object of its own") {
    Stage stage({{"read", [] { interrupt(); }}, {"leave", [] { interrupt(); }}});
    users<Reader>().wait_time(constant(1s)).task_set<Forum>();
    task_set<Forum>().task_set<Thread>({.weight = 1'000'000}).task<&Forum::leave>();
    task_set<Thread>().task<&Thread::read>();
    stage.run([&] {
        begin = fiber::now();
        const auto user = stage.start();
        while (count("read") < 3) fiber::yield();
        user->stop();
        TestRun::wait_for_end(*user);
    });
    CHECK(
        order().starts_with("user.on_start forum forum.on_start thread.on_start read "
                            "thread.on_stop thread.on_start read thread.on_stop"));
    CHECK(happened[7].ends_with("@0"));  // without a wait
}

TEST_CASE("interrupt with WaitFirst lets the parent wait") {
    Stage stage({{"leave", [] { interrupt(Then::WaitFirst); }}});
    users<Reader>().wait_time(constant(1s)).task_set<Forum>();
    task_set<Forum>().task<&Forum::leave>();
    stage.run_one_user(1500ms);
    CHECK(count("forum") == 2);
    CHECK(happened[6] == "forum@1000");
    CHECK(stage.recorded().empty());
}

TEST_CASE("interrupt in on_start leaves at once, without on_stop") {
    Stage stage({{"forum.on_start", [] { interrupt(Then::WaitFirst); }}});
    users<Reader>().wait_time(constant(1s)).task_set<Forum>();
    task_set<Forum>().task<&Forum::list>();
    stage.run_one_user(500ms);
    CHECK(order() == "user.on_start forum forum.on_start ~forum user.on_stop");
}

TEST_CASE("interrupt where there is no set is an error of the task, and the user goes on") {
    // Locust ends the user silently, without its on_stop.
    Stage stage({{"front", [] { interrupt(); }}});
    users<Reader>().wait_time(constant(1s)).task<&Reader::front>();
    stage.run_one_user(1500ms);
    CHECK(order() == "user.on_start front front user.on_stop");
    CHECK(stage.recorded() ==
          Lines{"Reader.front threw std::logic_error: interrupt() leaves a task set, and there is "
                "none to leave here *2"});
}

TEST_CASE("what a set's on_start throws ends the visit, and the parent waits and goes on") {
    Stage stage({{"forum.on_start", [] { throw std::runtime_error("closed"); }}});
    users<Reader>().wait_time(constant(1s)).task_set<Forum>();
    task_set<Forum>().task<&Forum::list>();
    stage.run_one_user(1500ms);
    CHECK(order() ==
          "user.on_start forum forum.on_start ~forum forum forum.on_start ~forum user.on_stop");
    CHECK(stage.recorded() == Lines{"Forum.on_start threw std::runtime_error: closed *2"});
}

TEST_CASE("what tasks and on_stop of a set throw is counted and changes nothing else") {
    Stage stage({{"list", [] { throw std::runtime_error("no list"); }},
                 {"forum.on_stop", [] { throw std::runtime_error("no end"); }}});
    users<Reader>().wait_time(constant(1s)).task_set<Forum>();
    task_set<Forum>().task<&Forum::list>();
    stage.run_one_user(1500ms);
    CHECK(order() ==
          "user.on_start forum forum.on_start list list forum.on_stop ~forum user.on_stop");
    CHECK(stage.recorded() == Lines{"Forum.list threw std::runtime_error: no list *2",
                                    "Forum.on_stop threw std::runtime_error: no end"});
}

TEST_CASE("all on_stop of a user that ends have one time limit") {
    Stage stage({{"thread.on_stop", [] { sleep(1h); }}, {"forum.on_stop", [] { sleep(1h); }}});
    stage.environment.on_stop_limit = 5s;
    declare_three_levels();
    stage.run_one_user(500ms);
    CHECK(happened.back() == "user.on_stop@5500");
}

TEST_CASE("a set waits as it says, otherwise as its user does") {
    Stage stage;
    users<Reader>().wait_time(constant(1s)).task_set<Forum>();
    task_set<Forum>().wait_time(constant(100ms)).task_set<Thread>();
    task_set<Thread>().task<&Thread::read>();
    acts["read"] = [turn = 0]() mutable {
        if (++turn == 3) interrupt(Then::WaitFirst);
    };
    stage.run_one_user(2050ms);
    const Lines reads{"read@0", "read@1000", "read@2000"};
    Lines found;
    std::copy_if(happened.begin(), happened.end(), std::back_inserter(found), [](const auto& line) {
        return line.starts_with("read");
    });
    CHECK(found == reads);
}

TEST_CASE("a set knows its user and its parent") {
    Stage stage;
    Lines seen;
    users<Reader>().wait_time(constant(1s)).task_set<Forum>();
    task_set<Forum>().task_set<Thread>();
    task_set<Thread>().task("look", [&seen](Thread& thread) {
        seen.push_back(std::to_string(thread.user().pages) +
                       std::to_string(thread.parent().visits) +
                       std::to_string(thread.parent().parent().user_number()));
    });
    stage.run_one_user(500ms);
    CHECK(seen == Lines{"730"});
}

TEST_CASE("a set made by a test is an error") {
    Stage stage;
    users<Reader>().wait_time(constant(1s)).task("make", [] { const Steps steps; });
    stage.run_one_user(500ms);
    CHECK(stage.recorded() ==
          Lines{"Reader.make threw std::logic_error: a task set is created when "
                "a user enters it, never by a test"});
}

TEST_CASE("a sequential set runs its tasks in order, as often as they weigh, and again") {
    Stage stage;
    users<Reader>().wait_time(constant(1s)).task_set<Steps>();
    task_set<Steps>()
        .task<&Steps::one>()
        .task<&Steps::two>({.weight = 2})
        .task("never", [] { act("never"); }, {.weight = 0})
        .task<&Steps::three>();
    stage.run_one_user(5500ms);
    CHECK(order() == "user.on_start one two two three one two user.on_stop");
}

TEST_CASE("a Markov set starts with its first task and follows its transitions") {
    Stage stage;
    users<Reader>().wait_time(constant(1s)).task_set<Wiki>();
    task_set<Wiki>()
        .task<&Wiki::home>()
        .next<&Wiki::article>(3)
        .next<&Wiki::search>()
        .task<&Wiki::article>({.name = "an article"})
        .next<&Wiki::home>()
        .task<&Wiki::search>()
        .next("an article");
    stage.run_one_user(40'000s);
    CHECK(order().starts_with("user.on_start home "));
    CHECK(std::abs(count("article") - count("home")) <= 1);
    CHECK(static_cast<double>(count("search")) ==
          doctest::Approx(static_cast<double>(count("home")) / 4).epsilon(0.05));
    for (std::size_t i = 2; i + 1 < happened.size(); ++i) {
        const bool from_search = happened[i - 1].starts_with("search");
        const bool from_article = happened[i - 1].starts_with("article");
        if (from_search) CHECK(happened[i].starts_with("article"));
        if (from_article) CHECK(happened[i].starts_with("home"));
    }
}

TEST_CASE("scheduled tasks run before any is chosen, first or last, and at their level") {
    Stage stage;
    users<Reader>().wait_time(constant(1s)).task("plan", [](Reader& self) {
        act("plan");
        if (count("plan") > 1) return;
        self.schedule_task([] { act("b"); });
        self.schedule_task([] { act("c"); });
        self.schedule_task(
            [] {
                act("a");
                throw std::runtime_error("odd");
            },
            TaskOwner::Place::First);
    });
    stage.run_one_user(4500ms);
    CHECK(order() == "user.on_start plan a b c plan user.on_stop");
    CHECK(happened[2] == "a@1000");
    CHECK(stage.recorded() == Lines{"Reader.schedule_task threw std::runtime_error: odd"});
}

TEST_CASE("a user may run each of its tasks once, in sets too, whatever they do") {
    Stage stage({{"list", [] { throw std::runtime_error("no list"); }},
                 {"leave", [] { interrupt(); }},
                 {"read", [] { stop_user(); }}});
    stage.environment.each_task_once = true;
    users<Reader>().wait_time(constant(1h)).task_set<Forum>().task<&Reader::front>({.weight = 9});
    task_set<Forum>().task<&Forum::list>().task_set<Thread>().task<&Forum::leave>();
    task_set<Thread>().task<&Thread::read>();
    stage.run([&] {
        begin = fiber::now();
        const auto user = stage.start();
        TestRun::wait_for_end(*user);
    });
    CHECK(order() ==
          "user.on_start forum forum.on_start list thread.on_start read thread.on_stop leave "
          "forum.on_stop ~forum front user.on_stop");
    CHECK(happened.back() == "user.on_stop@0");
}

TEST_CASE("once means once in sequential and Markov sets, too, and for what is scheduled") {
    Stage stage;
    stage.environment.each_task_once = true;
    users<Reader>().task_set<Steps>().task_set<Wiki>().task("plan", [](Reader& self) {
        act("plan");
        self.schedule_task([] { act("scheduled"); });
    });
    task_set<Steps>().task<&Steps::two>({.weight = 3}).task<&Steps::one>();
    task_set<Wiki>()
        .task<&Wiki::home>()
        .next<&Wiki::home>()
        .task<&Wiki::article>()
        .next<&Wiki::home>();
    stage.run_one_user(1s);
    CHECK(order() == "user.on_start two one home article plan scheduled user.on_stop");
    CHECK(happened.back() == "user.on_stop@0");
}

TEST_CASE("a listener of user_error may leave the set") {
    Stage stage({{"list", [] { throw std::runtime_error("no list"); }}});
    users<Reader>().wait_time(constant(1s)).task_set<Forum>();
    task_set<Forum>().task<&Forum::list>();
    events().user_error += [] { reschedule(); };
    events().user_error += [] { interrupt(Then::WaitFirst); };
    stage.run_one_user(500ms);
    CHECK(order() == "user.on_start forum forum.on_start list forum.on_stop ~forum user.on_stop");
}

TEST_CASE("a user that enters and leaves sets without a wait lets the others run") {
    Stage stage({{"leave", [] { interrupt(); }}});
    users<Reader>().task_set<Forum>();
    task_set<Forum>().task<&Forum::leave>();
    int most_in_a_row = 0;
    int row = 0;
    acts["forum"] = [&] { most_in_a_row = std::max(most_in_a_row, ++row); };
    stage.run([&] {
        begin = fiber::now();
        const auto user = stage.start();
        for (int i = 0; i < 100; ++i) {
            row = 0;
            fiber::yield();
        }
        user->stop();
        TestRun::wait_for_end(*user);
    });
    CHECK(most_in_a_row <= 2);
}

TEST_CASE("a user killed in a set's on_start has no on_stop of that set, but its own") {
    Stage stage({{"forum.on_start", [] { sleep(1h); }}});
    users<Reader>().task_set<Forum>();
    task_set<Forum>().task<&Forum::list>();
    stage.kill_one_user_after(500ms);
    CHECK(order() == "user.on_start forum forum.on_start ~forum user.on_stop");
    CHECK(happened.back() == "user.on_stop@500");
}

TEST_CASE("a user killed while it leaves a set finishes that set's on_stop") {
    Stage stage({{"leave", [] { interrupt(); }}, {"forum.on_stop", [] {
                                                      sleep(2s);
                                                      act("left");
                                                  }}});
    users<Reader>().task_set<Forum>();
    task_set<Forum>().task<&Forum::leave>();
    stage.kill_one_user_after(500ms);
    CHECK(order() ==
          "user.on_start forum forum.on_start leave forum.on_stop left ~forum user.on_stop");
    CHECK(happened.back() == "user.on_stop@2000");
}

TEST_CASE("on_stop of a set that is left may end the user, and has a time limit") {
    for (const bool stops : {true, false}) {
        Stage stage({{"leave", [] { interrupt(Then::WaitFirst); }}, {"forum.on_stop", [stops] {
                                                                         if (stops) stop_user();
                                                                         sleep(1h);
                                                                     }}});
        stage.environment.on_stop_limit = 5s;
        users<Reader>().wait_time(constant(1s)).task_set<Forum>();
        task_set<Forum>().task<&Forum::leave>();
        stage.run_one_user(5500ms);
        CHECK(order() ==
              "user.on_start forum forum.on_start leave forum.on_stop ~forum user.on_stop");
        CHECK(happened.back() == (stops ? "user.on_stop@0" : "user.on_stop@5500"));
        CHECK(stage.log.size() == (stops ? 0 : 2));  // cut off; threw TimeoutExpired
    }
}

TEST_CASE("a wait time of a set may leave it, and gets the set") {
    Stage stage;
    users<Reader>().wait_time(constant(1h)).task_set<Forum>();
    task_set<Forum>().task<&Forum::list>().wait_time([](Forum& forum) -> Duration {
        if (--forum.visits == 0) interrupt(Then::WaitFirst);
        return 100ms;
    });
    stage.run_one_user(500ms);
    CHECK(order() ==
          "user.on_start forum forum.on_start list list list forum.on_stop ~forum user.on_stop");
    CHECK(happened[5] == "list@200");
}

TEST_CASE("a set with a pacing of its own starts tasks a period apart, from its first") {
    Stage stage({{"list", [] { sleep(30ms); }}});
    users<Reader>().task("first", [] { sleep(250ms); }, {.weight = 1}).task_set<Forum>();
    task_set<Forum>().wait_time(constant_pacing(100ms)).task<&Forum::list>();
    stage.run_one_user(2s);
    Lines lists;
    std::copy_if(happened.begin(), happened.end(), std::back_inserter(lists), [](const auto& line) {
        return line.starts_with("list@");
    });
    REQUIRE(lists.size() >= 3);
    for (std::size_t i = 1; i < lists.size(); ++i) {
        CHECK(std::stol(lists[i].substr(5)) - std::stol(lists[i - 1].substr(5)) == 100);
    }
}

TEST_CASE("what a fiber of a task throws reaches the set when it is joined") {
    Stage stage({{"list", [] {
                      Fiber leaving = spawn([] { interrupt(Then::WaitFirst); });
                      leaving.join();
                  }}});
    users<Reader>().wait_time(constant(1s)).task_set<Forum>();
    task_set<Forum>().task<&Forum::list>();
    stage.run_one_user(500ms);
    CHECK(order() == "user.on_start forum forum.on_start list forum.on_stop ~forum user.on_stop");
}

TEST_CASE("an interruption that is joined when the set is gone ends a task of the user only") {
    static Fiber kept;
    Stage stage({{"list", [] { kept = spawn([] { interrupt(); }); }},
                 {"leave", [] { interrupt(); }},
                 {"front", [] { kept.join(); }}});
    users<Reader>().wait_time(constant(1s)).task_set<Forum>().task<&Reader::front>();
    task_set<Forum>().task<&Forum::list>().task<&Forum::leave>();
    stage.run_one_user(1000s);
    CHECK(count("front") > 100);
    CHECK(happened.back().starts_with("user.on_stop"));
    CHECK(happened.back() != "user.on_stop@0");
    kept = Fiber();
}

TEST_CASE("a fiber in a member of a set ends with the visit") {
    class Listening : public TaskSet<Reader> {
    public:
        void on_start() override {
            beside_ = spawn([] {
                try {
                    sleep(1h);
                } catch (...) {
                    act("cancelled");
                    throw;
                }
            });
        }
        void leave() { interrupt(Then::WaitFirst); }

    private:
        Fiber beside_;
    };
    Stage stage;
    users<Reader>().wait_time(constant(1s)).task_set<Listening>();
    task_set<Listening>().task("wait", [] { sleep(50ms); }).task<&Listening::leave>();
    stage.run_one_user(100s);
    CHECK(count("cancelled") > 10);
}

TEST_CASE("choices at every level repeat with the seed") {
    const auto choices = [](std::uint64_t seed) {
        Stage stage;
        stage.environment.seed = seed;
        users<Reader>()
            .wait_time(constant(1s))
            .task<&Reader::front>({.weight = 3})
            .task_set<Forum>();
        task_set<Forum>().task<&Forum::list>({.weight = 3}).task<&Forum::leave>();
        acts["leave"] = [] { interrupt(); };
        stage.run_one_user(1000s);
        return order();
    };
    const std::string first = choices(1);
    CHECK(first == choices(1));
    CHECK(first != choices(2));
}
