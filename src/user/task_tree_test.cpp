// SPDX-License-Identifier: Apache-2.0
// Goal: which tasks a test really runs: tags, names, weights, sets within sets; and what is told of
// task sets that make no sense. Method: declarations, and the tree that grows from them as a text.
#include "user/task_tree.hpp"

#include <doctest/doctest.h>

#include <cicada/control.hpp>
#include <cicada/users.hpp>
#include <string>
#include <vector>

#include "user/registry.hpp"

using namespace cicada;
using user::TaskGroup;
using user::TaskSelection;

namespace {

using Lines = std::vector<std::string>;

class Shopper : public User {
public:
    void browse() {}
    void buy() {}
};
class Forum : public TaskSet<Shopper> {
public:
    void read() {}
    void write() {}
    void leave() { interrupt(); }
};
class Thread : public TaskSet<Forum> {
public:
    void read() {}
};
class Wiki : public MarkovTaskSet<User> {
public:
    void home() {}
    void article() {}
};
class Unused : public TaskSet<Shopper> {
public:
    void task() {}
};

struct EmptyRegistry {
    EmptyRegistry() { user::registry().clear(); }
    ~EmptyRegistry() { user::registry().clear(); }
    EmptyRegistry(const EmptyRegistry&) = delete;
    EmptyRegistry& operator=(const EmptyRegistry&) = delete;
};

/// "browse:3 Forum:1(read:1)": names, weights, what is inside.
std::string text_of(const TaskGroup& group) {
    std::string text;
    for (const user::Choice& choice : group.choices) {
        text += (text.empty() ? "" : " ") + choice.task->name + ":" + std::to_string(choice.weight);
        if (choice.inside != nullptr) text += "(" + text_of(*choice.inside) + ")";
        for (const user::Step& step : choice.next) {
            text += ">" + group.choices[step.to].task->name + "*" + std::to_string(step.weight);
        }
    }
    return text;
}

std::string tree_of_first_class() {
    return text_of(*user::registry().declarations().front()->tasks_to_run);
}

/// Of all classes; empty if nothing is wrong.
Lines select(const TaskSelection& selection) {
    std::vector<const user::Declaration*> classes;
    for (const auto& one : user::registry().declarations()) classes.push_back(one.get());
    return user::registry().select_tasks(selection, classes);
}

/// What follows "FILE:LINE: ".
Lines without_places(const Lines& lines) {
    Lines texts;
    for (const std::string& line : lines) {
        texts.push_back(line.substr(line.find(": ", line.find(".cpp:")) + 2));
    }
    return texts;
}

/// Shopper: browse, buy [write], Forum [forum] (read [read], write [write], leave, Thread (read)).
void declare_shop() {
    task_set<Forum>()
        .task<&Forum::read>({.weight = 3, .tags = "read"})
        .task<&Forum::write>({.tags = {"write", "slow"}})
        .task<&Forum::leave>()
        .task_set<Thread>({.tags = {"read"}});
    task_set<Thread>().task<&Thread::read>({.weight = 5});
    users<Shopper>()
        .task<&Shopper::browse>({.weight = 4})
        .task<&Shopper::buy>({.tags = {"write"}})
        .task_set<Forum>({.weight = 2, .tags = {"forum"}});
    user::registry().seal();
}

}  // namespace

TEST_CASE("all tasks are run unless something is said, but for those of weight 0") {
    const EmptyRegistry empty;
    task_set<Forum>().task<&Forum::read>().task<&Forum::write>({.weight = 0});
    users<Shopper>().task<&Shopper::browse>({.weight = 0}).task_set<Forum>({.name = "talk"});
    user::registry().seal();
    CHECK(tree_of_first_class() == "talk:1(read:1)");
    CHECK(user::registry().check().empty());
    CHECK(user::registry().warnings().empty());
    const user::Declaration& forum = *user::registry().task_sets().front();
    CHECK(forum.tasks[0].label == "Forum.read");
    CHECK(user::registry().find("Shopper")->tasks[1].label == "Shopper.talk");
}

TEST_CASE("tags leave tasks out at every level, and those of a set are tags of its tasks") {
    const EmptyRegistry empty;
    declare_shop();
    struct Case {
        Lines tags, exclude_tags;
        std::string tree;
    };
    const Case cases[] = {
        {{}, {}, "browse:4 buy:1 Forum:2(read:3 write:1 leave:1 Thread:1(read:5))"},
        {{"read"}, {}, "Forum:2(read:3 Thread:1(read:5))"},
        {{"write"}, {}, "buy:1 Forum:2(write:1)"},
        {{"write", "read"}, {"slow"}, "buy:1 Forum:2(read:3 Thread:1(read:5))"},
        {{"forum"}, {}, "Forum:2(read:3 write:1 leave:1 Thread:1(read:5))"},
        {{"forum"}, {"read"}, "Forum:2(write:1 leave:1)"},
        {{}, {"forum"}, "browse:4 buy:1"},
        {{}, {"read", "write"}, "browse:4 Forum:2(leave:1)"},
        {{"read"}, {"read", "no such"}, ""},
    };
    for (const Case& one : cases) {
        const Lines complaints = select({.tags = one.tags, .exclude_tags = one.exclude_tags});
        CHECK(tree_of_first_class() == one.tree);
        CHECK(complaints.size() == (one.tree.empty() ? 1 : 0));
    }
}

TEST_CASE("a class without a task left is a complaint, unless it has no users") {
    const EmptyRegistry empty;
    declare_shop();
    CHECK(select({.tags = {"none", "nil"}, .exclude_tags = {"slow"}}) ==
          Lines{"user class Shopper has no task left with --tags none nil --exclude-tags slow"});
    CHECK(user::registry().select_tasks({.tags = {"none"}}, {}).empty());
}

TEST_CASE("a Markov set is kept or left out as a whole") {
    const EmptyRegistry empty;
    task_set<Wiki>()
        .task<&Wiki::home>()
        .next<&Wiki::article>(3)
        .next<&Wiki::home>()
        .task<&Wiki::article>({.name = "page"})
        .next<&Wiki::home>();
    users<Shopper>().task<&Shopper::browse>({.tags = {"shop"}}).task_set<Wiki>({.tags = {"wiki"}});
    user::registry().seal();
    CHECK(user::registry().check().empty());
    const std::string wiki = "Wiki:1(home:1>page*3>home*1 page:1>home*1)";
    CHECK(tree_of_first_class() == "browse:1 " + wiki);
    CHECK(select({.tags = {"wiki"}}).empty());
    CHECK(tree_of_first_class() == wiki);
    CHECK(select({.exclude_tags = {"wiki"}}).empty());
    CHECK(tree_of_first_class() == "browse:1");
}

TEST_CASE("weights can be levelled, and the tasks of a class named") {
    const EmptyRegistry empty;
    declare_shop();
    CHECK(select({.equal_weights = true}).empty());
    CHECK(tree_of_first_class() ==
          "browse:1 buy:1 Forum:1(read:1 write:1 leave:1 Thread:1(read:1))");
    CHECK(select({.tasks_of_class = {{"Shopper", {"browse"}}, {"Other", {}}}}).empty());
    CHECK(tree_of_first_class() == "browse:4");
    CHECK(select({.tasks_of_class = {{"Shopper", {"browse", "bui"}}}}) ==
          Lines{"user class Shopper has no task bui; did you mean buy?"});
    CHECK(select({.tasks_of_class = {{"Shopper", {}}}}) ==
          Lines{"user class Shopper has no task left"});
}

TEST_CASE("task sets that make no sense are complaints") {
    const EmptyRegistry empty;
    task_set<Forum>();
    task_set<Unused>().task<&Unused::task>({.weight = 0, .tags = {""}, .limit = -1});
    task_set<Unused>().task<&Unused::task>();
    users<Shopper>().task_set<Forum>().task_set<Forum>().task<&Shopper::browse>(
        {.request_limit = -2, .limit_per_user = -3});
    users<Shopper>().name("Other").task("t", [] {}).task_set<Wiki>();
    CHECK(without_places(user::registry().check()) ==
          Lines{"task set Forum: it has no tasks: .task<&Forum::...>()",
                "task set Unused: task task: a tag is empty",
                "task set Unused: task task: .limit = -1 has to be 1 or more",
                "task set Unused: the weights of all its tasks are 0",
                without_places(user::registry().check())[4],
                without_places(user::registry().check())[5],
                "user class Shopper: task browse: .request_limit = -2 has to be 1 or more",
                "user class Shopper: task browse: .limit_per_user = -3 has to be 1 or more",
                "user class Other: nothing says what is done in task set Wiki: static const auto "
                "x = task_set<Wiki>().task<&Wiki::...>();"});
    CHECK(without_places(user::registry().check())[4].starts_with(
        "the tasks of task set Unused are declared at "));
    CHECK(without_places(user::registry().check())[5].starts_with(
        "user class Shopper: there is a task Forum at "));
}

TEST_CASE("transitions that lead nowhere are complaints that name them") {
    const EmptyRegistry empty;
    users<Shopper>().task_set<Wiki>();
    task_set<Wiki>()
        .next("home")
        .task<&Wiki::home>({.tags = {"x"}})
        .next("articel", 2)
        .next<&Wiki::home>(0)
        .task<&Wiki::article>();
    CHECK(without_places(user::registry().check()) ==
          Lines{"task set Wiki: .next home stands after the task that it leaves",
                "task set Wiki: task home: a task in a MarkovTaskSet cannot have .tags, since a "
                "transition may lead to it; the set can",
                "task set Wiki: task home: .next leads to articel, which is none of its tasks; did "
                "you mean article?",
                "task set Wiki: task home: .next home with weight 0: it has to be above 0",
                "task set Wiki: task article leads nowhere: say .next<&Wiki::...>() after it"});
}

TEST_CASE("what is odd but may be meant is a warning") {
    const EmptyRegistry empty;
    task_set<Unused>().task<&Unused::task>();
    task_set<Wiki>()
        .task<&Wiki::home>()
        .next<&Wiki::home>()
        .task<&Wiki::article>()
        .next<&Wiki::home>();
    users<Shopper>().task_set<Wiki>();
    CHECK(user::registry().check().empty());
    CHECK(without_places(user::registry().warnings()) ==
          Lines{"Unused is never entered: say .task_set<Unused>() where its parent is declared",
                "task set Wiki: task article is never run: no transition leads to it"});
}

TEST_CASE("two files may have task sets of one name") {
    // Of the same type as well, if both include one header: each file's own declaration counts.
    const EmptyRegistry empty;
    for (const char* file : {"/tests/a.cpp", "/tests/b.cpp"}) {
        user::registry().begin_file(file);
        users<Shopper>().name(file).task_set<Unused>();
        task_set<Unused>().task(file, [] {});
        user::registry().end_file();
    }
    CHECK(user::registry().check().empty());
    user::registry().seal();
    CHECK(text_of(*user::registry().find("/tests/a.cpp")->tasks_to_run) ==
          "Unused:1(/tests/a.cpp:1)");
    CHECK(text_of(*user::registry().find("/tests/b.cpp")->tasks_to_run) ==
          "Unused:1(/tests/b.cpp:1)");
}

TEST_CASE("a task set that contains itself is a complaint") {
    // It takes some doing: the parent's type has to be a base of the set.
    struct Above {
        using UserType = User;
    };
    class Loop : public TaskSet<Above>, public Above {
    public:
        void task() {}
    };
    const EmptyRegistry empty;
    task_set<Loop>().task<&Loop::task>().task_set<Loop>();
    CHECK(without_places(user::registry().check()) ==
          Lines{"task set Loop: task set Loop contains itself"});
}
