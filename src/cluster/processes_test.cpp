// SPDX-License-Identifier: Apache-2.0
#include "cluster/processes.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cluster/journal_reading.hpp"
#include "cluster/process_place.hpp"
#include "fiber/scheduler.hpp"
#include "stats/recorder.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;

/// What a shell makes of `script`, as a worker process.
ProcessOptions shell(const std::string& script, std::size_t count = 1) {
    return {.count = count, .program = "/bin/sh", .arguments = {"-c", script}};
}

/// The deaths of worker processes, as they come.
struct Deaths {
    struct Seen {
        std::size_t process;
        std::string text;
        std::optional<JournalReading> journal;
    };

    std::optional<std::chrono::nanoseconds> note(const ProcessDeath& death) {
        const std::lock_guard lock(mutex);
        const auto reading = read_journal(death.journal.bytes(), 0);
        seen.push_back({death.process, death.text(), std::nullopt});
        if (reading) seen.back().journal = *reading;
        if (seen.size() == wanted) enough.set_value();
        if (seen.size() >= wanted) return std::nullopt;
        return restart_after;
    }

    void wait_for(Processes& processes) {
        REQUIRE(enough.get_future().wait_for(20s) == std::future_status::ready);
        processes.end(0s);
    }

    std::size_t wanted = 1;
    std::optional<std::chrono::nanoseconds> restart_after{};
    std::mutex mutex;
    std::promise<void> enough;
    std::vector<Seen> seen;
};

std::vector<Deaths::Seen> deaths_of(ProcessOptions options,
                                    std::size_t wanted,
                                    std::optional<std::chrono::nanoseconds> restart_after = {}) {
    Deaths deaths;
    deaths.wanted = wanted;
    deaths.restart_after = restart_after;
    options.on_death = [&deaths](const ProcessDeath& death) { return deaths.note(death); };
    Processes processes(std::move(options));
    deaths.wait_for(processes);
    return std::move(deaths.seen);
}

TEST_CASE("the way a worker process died is told") {
    CHECK(deaths_of(shell("exit 3"), 1).front().text == "ended with exit code 3");
    CHECK(deaths_of(shell("kill -SEGV $$"), 1).front().text == "was killed by SIGSEGV");
    CHECK(deaths_of(shell("kill -KILL $$"), 1).front().text ==
          "was killed by SIGKILL (perhaps for want of memory)");
}

TEST_CASE("a process is started again in its place, when that is wanted") {
    const auto deaths = deaths_of(shell("exit 5", 2), 6, 1ms);
    std::vector<std::size_t> count(2);
    for (const auto& death : deaths) ++count.at(death.process);
    CHECK(count[0] >= 2);
    CHECK(count[1] >= 2);
}

TEST_CASE("a program that is not there is an error, and nothing runs") {
    ProcessOptions options{.count = 2, .program = "/nowhere/cicada"};
    CHECK_THROWS_WITH_AS(Processes{options},
                         "worker process 1 cannot be started: No such file or directory",
                         base::Error);
}

TEST_CASE("processes end by themselves, by SIGTERM, or by SIGKILL") {
    // Goal: end() leaves nobody behind, and tells of those that had to be ended.
    Processes quick(shell("sleep 0.05", 3));
    CHECK(quick.alive() == 3);
    CHECK(quick.end(10s) == 0);
    Processes slow(shell("exec sleep 60", 2));
    CHECK(slow.end(0s) == 2);
}

TEST_CASE("a worker process inherits stdout, stderr and its journal, and no other descriptor") {
    // Goal: close-on-exec everywhere; what is not is this test's own doing, and must not be
    // inherited in place of the journal. Method: the child lists its descriptors.
    const int open_one = ::fcntl(0, F_DUPFD_CLOEXEC, 200);
    const auto deaths =
        deaths_of(shell("cd /proc/self/fd; for fd in *; do [ -e $fd ] && seen=\"$seen $fd\"; done; "
                        "case \"$(readlink 3)\" in *cicada-journal*) ;; *) exit 9;; esac; "
                        "[ \"$(readlink 0)\" = /dev/null ] || exit 8; [ -e " +
                        std::to_string(open_one) + " ] && exit 7; exit 42"),
                  1);
    ::close(open_one);
    CHECK(deaths.front().text == "ended with exit code 42");
}

TEST_CASE("a place in text and back") {
    const ProcessPlace place{
        .index = 2, .parent = 77, .journal_fd = 3, .master_port = 5'557, .pinned = true};
    CHECK(place.text() == "2:77:3:5557:1");
    const auto back = ProcessPlace::from(place.text());
    REQUIRE(back);
    CHECK(back->text() == place.text());
    for (const char* const wrong :
         {"", "1", "1:2:3:4", "1:2:3:4:5:6", "a:2:3:4:0", "1:2:3:70000:0"}) {
        CHECK_FALSE(ProcessPlace::from(wrong));
    }
}

TEST_CASE("a process without a parent's word is no worker process, one with a wrong word refuses") {
    ::unsetenv(ProcessPlace::kVariable);
    CHECK(ChildProcess::of_environment() == nullptr);
    ::setenv(ProcessPlace::kVariable, "nonsense", 1);
    CHECK_THROWS_WITH_AS(
        (void)ChildProcess::of_environment(),
        "CICADA_WORKER_PROCESS=nonsense: only a master sets this, for its worker processes",
        base::Error);
    CHECK(std::getenv(ProcessPlace::kVariable) == nullptr);
}

/// This program, at work as a worker process: see the test case of that name.
ProcessOptions this_program(const char* test_case) {
    return {.arguments = {"--no-skip", std::string("--test-case=") + test_case}};
}

TEST_CASE("child: records and crashes in a task" * doctest::skip()) {
    const auto child = ChildProcess::of_environment();
    if (child == nullptr) return;
    child->journal().introduce("child_1", 5);
    fiber::Scheduler scheduler;
    scheduler.run([&child] {
        stats::Recorder recorder({fiber::now(), base::wall_now()}, {.observer = &child->journal()});
        for (int i = 0; i < 7; ++i) recorder.record("GET", "/", {.completed = fiber::now()});
        child->journal().traffic().begun += 2;
        fiber::set_label("Shopper.buy");
        std::abort();
    });
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a crash is known by its task, its signal and its stack, and costs no figures") {
    const auto deaths = deaths_of(this_program("child: records and crashes in a task"), 1);
    CHECK(deaths.front().text == "was killed by SIGABRT");
    REQUIRE(deaths.front().journal);
    const JournalReading& journal = *deaths.front().journal;
    CHECK(journal.node_id == "child_1");
    CHECK(journal.report.delta.entries.front().counts.requests == 7);
    REQUIRE(journal.crash);
    CHECK(journal.crash->task == "Shopper.buy");
    CHECK(journal.crash->stack.size() > 3);
}
#endif

TEST_CASE("child: runs until its parent dies" * doctest::skip()) {
    if (const auto child = ChildProcess::of_environment()) {
        for (;;) ::pause();
    }
}

TEST_CASE("child: starts a worker process and dies" * doctest::skip()) {
    if (ChildProcess::of_environment() == nullptr) return;
    const Processes processes(this_program("child: runs until its parent dies"));
    ::usleep(300'000);  // until that one has asked for its parent's death
    ::kill(::getpid(), SIGKILL);
}

TEST_CASE("worker processes die with their parent, however it dies") {
    // Goal: nobody is left behind by SIGKILL. Method: a pipe whose writers are parent and child;
    // its end comes when both are gone.
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const int saved = ::dup(STDOUT_FILENO);
    ::fcntl(saved, F_SETFD, FD_CLOEXEC);
    ::fflush(stdout);
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[1]);
    const auto deaths = deaths_of(this_program("child: starts a worker process and dies"), 1);
    ::dup2(saved, STDOUT_FILENO);
    ::close(saved);
    CHECK(deaths.front().text.starts_with("was killed by SIGKILL"));
    pollfd waited{.fd = ends[0], .events = POLLIN, .revents = 0};
    std::array<char, 4096> buffer{};
    ssize_t got = 1;
    while (got > 0) {
        REQUIRE(::poll(&waited, 1, 5'000) == 1);
        got = ::read(ends[0], buffer.data(), buffer.size());
    }
    CHECK(got == 0);
    ::close(ends[0]);
}

TEST_CASE("there is at least one processor") {
    CHECK(processors() >= 1);
}

}  // namespace
}  // namespace cicada::cluster
