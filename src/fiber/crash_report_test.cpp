// SPDX-License-Identifier: Apache-2.0
#include "fiber/crash_report.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <new>
#include <string>

#include "base/crash.hpp"
#include "fiber/scheduler.hpp"

namespace cicada::fiber {

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

struct Death {
    int signal_number = 0;
    std::string words;
};

/// Runs `body` in a fiber of a child process and returns how that died.
Death death_of(GuardKind guards, void (*body)()) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDERR_FILENO);
        std::signal(SIGABRT, SIG_DFL);
        Scheduler scheduler({.guards = guards, .stack_size = 64 * 1024});
        scheduler.run([body] {
            Handle fiber = start([body] { body(); }, {.label = "checkout"});
            fiber.join();
        });
        ::_exit(0);
    }
    ::close(ends[1]);
    Death death;
    std::array<char, 512> buffer{};
    for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
        death.words.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    death.signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return death;
}

[[gnu::noinline]] int recurse(int depth) {
    std::array<char, 1024> frame{};
    frame[0] = static_cast<char>(depth);
    asm volatile("" : : "r"(frame.data()) : "memory");  // the frame is really there
    return depth == 0 ? frame[0] : recurse(depth - 1) + frame[0];
}

int recursive_value(int depth) {
    static const int value = depth > 0 ? recursive_value(depth - 1) : 1;
    return value;
}

constexpr const char* kOverflow =
    "cicada: stack overflow in task 'checkout': its stack of 64 KiB is used up; give it more with "
    "--stack-size\n";

}  // namespace

// Goal: an overflow is named, whatever the guard. Method: endless recursion in a child process.
TEST_CASE("a stack overflow names the task, the size and the option") {
    for (const GuardKind guards : {GuardKind::Madvise, GuardKind::Mprotect}) {
        const Death death = death_of(guards, [] { recurse(1'000'000); });
        CHECK(death.words == kOverflow);
        CHECK(death.signal_number == SIGSEGV);
    }
    const Death canary = death_of(GuardKind::Canary, [] {
        recurse(66);  // some hundred bytes too many: the next stack's guard is still far
        yield();
    });
    CHECK(canary.words == kOverflow);
    CHECK(canary.signal_number == SIGABRT);
}

TEST_CASE("any other fault names the task") {
    const Death death = death_of(GuardKind::Auto, [] {
        volatile int* volatile nowhere = reinterpret_cast<volatile int*>(8);
        *nowhere = 1;
    });
    CHECK(death.words == "cicada: SIGSEGV in task 'checkout'\n");
    CHECK(death.signal_number == SIGSEGV);
}

TEST_CASE("an abort names the task") {
    const Death death = death_of(GuardKind::Auto, [] { std::abort(); });
    CHECK(death.words == "cicada: SIGABRT in task 'checkout'\n");
    CHECK(death.signal_number == SIGABRT);
}

/// Runs `body` as death_of() does, and returns what it left.
std::string note_of(void (*body)()) {
    void* const shared = ::mmap(nullptr,
                                sizeof(base::CrashNote),
                                PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS,
                                -1,
                                0);
    REQUIRE(shared != MAP_FAILED);
    auto& note = *new (shared) base::CrashNote;
    base::set_crash_note(&note);
    const Death death = death_of(GuardKind::Auto, body);
    base::set_crash_note(nullptr);
    CHECK(note.signal == death.signal_number);
    std::string text = std::string(note.task.data()) + "|" + note.cause.data();
    for (std::uint32_t i = 0; i < note.frames_written; ++i) {
        text += std::string("|") + note.frames[i].symbol.data() + "@" + note.frames[i].file.data();
    }
    ::munmap(shared, sizeof(base::CrashNote));
    return text;
}

// Goal: whoever started the process learns which task died, why, and where.
// Method: a note in memory that is shared with a child process.
TEST_CASE("a crash leaves a note with the task, the cause and the stack") {
    const std::string overflow = note_of([] { recurse(1'000'000); });
    CHECK(
        overflow.starts_with("checkout|stack overflow in task 'checkout': its stack of 64 KiB is "
                             "used up; give it more with --stack-size|"));
    CHECK(overflow.find("fiber_tests") != std::string::npos);
    const std::string aborted = note_of([] { std::abort(); });
    CHECK(aborted.starts_with("checkout||"));
    CHECK(aborted.find("|abort@") != std::string::npos);
}

TEST_CASE("a static local that needs itself is said so, instead of waiting without end") {
    const Death death = death_of(GuardKind::Auto, [] { recursive_value(1); });
    CHECK(death.words ==
          "cicada: the initialiser of a static variable needs that variable, in task 'checkout'\n");
    CHECK(death.signal_number == SIGABRT);
}

#endif

}  // namespace cicada::fiber
