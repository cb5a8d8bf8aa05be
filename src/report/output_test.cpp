// SPDX-License-Identifier: Apache-2.0
#include "report/output.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

#include "base/expects.hpp"
#include "base/log.hpp"
#include "report/fake_run_test.hpp"
#include "report/patient_writer.hpp"
#include "report/test_folder_test.hpp"

namespace cicada::report {
namespace {

struct Ended {
    std::string text;  // what came out of the child's stderr (and stdout, on a terminal)
    int status = -1;
};

std::string read_to_end(int fd) {
    std::string all;
    std::array<char, 4096> bytes{};
    for (ssize_t n = 0; (n = ::read(fd, bytes.data(), bytes.size())) > 0;) {
        all.append(bytes.data(), static_cast<std::size_t>(n));
    }
    return all;
}

[[noreturn]] void act(const std::function<void()>& body) {
    ::signal(SIGPIPE, SIG_IGN);
    ::alarm(20);
    body();
    std::fflush(stdout);
    ::_exit(7);
}

// Runs `body` in a process whose stderr is a pipe and whose stdout is `out`.
Ended in_child(int out, const std::function<void()>& body) {
    std::array<int, 2> ends{-1, -1};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    std::fflush(stdout);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::dup2(out, STDOUT_FILENO);
        ::dup2(ends[1], STDERR_FILENO);
        ::close(ends[1]);
        act(body);
    }
    ::close(ends[1]);
    Ended ended{.text = read_to_end(ends[0])};
    ::close(ends[0]);
    ::waitpid(child, &ended.status, 0);
    return ended;
}

// Runs `body` in a process with a terminal of 100 x 30 as stdout and stderr.
Ended on_terminal(const std::function<void()>& body) {
    winsize size{.ws_row = 30, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    int master = -1;
    std::fflush(stdout);
    const pid_t child = ::forkpty(&master, nullptr, nullptr, &size);
    REQUIRE(child >= 0);
    if (child == 0) {
        ::setenv("TERM", "xterm", 1);
        ::setenv("LC_ALL", "C.UTF-8", 1);
        ::unsetenv("NO_COLOR");
        act(body);
    }
    Ended ended{.text = read_to_end(master)};
    ::close(master);
    ::waitpid(child, &ended.status, 0);
    return ended;
}

bool ended_well(const Ended& ended) {
    return WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 7;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

void run_output(const OutputOptions& options) {
    FakeRun run(snapshot_of(documented_totals()));
    Output output(run, options);
    output.start();
    base::log(base::LogLevel::Info, "a line of the log");
    ::usleep(100'000);
    output.finish();
}

TEST_CASE("at the end tables stand on stderr, JSON on stdout, and all files are there") {
    // Goal: who gets what. Method: a child process with pipes and a file.
    const TestFolder folder;
    const std::string out = folder.path() + "/stdout";
    const int fd = ::open(out.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const Ended ended =
        in_child(fd, [&] { run_output({.csv_prefix = folder.path() + "/x/out", .json = true}); });
    ::close(fd);
    CHECK(ended_well(ended));
    CHECK(contains(ended.text, "/INFO/cicada: a line of the log\n"));
    CHECK(contains(ended.text, "5.00        1.00\n\nResponse time percentiles (approximated)\n"));
    CHECK(contains(ended.text, "Error report\n"));
    CHECK(contains(ended.text, "\nExchanges:      10 exchanges on the wire = 10 requests"));
    CHECK_FALSE(contains(ended.text, "\x1b"));
    CHECK(folder.read("stdout").substr(0, 8) == "[\n    {\n");
    CHECK(std::filesystem::exists(folder.path() + "/x/out_stats_history.csv"));
}

TEST_CASE("--json-file writes X.json and leaves out the tables") {
    // Goal: as in Locust, the suffix is added, and no final tables are shown.
    const TestFolder folder;
    const Ended ended =
        in_child(STDOUT_FILENO, [&] { run_output({.json_file = folder.path() + "/new/x"}); });
    CHECK(ended_well(ended));
    CHECK_FALSE(contains(ended.text, "Aggregated"));
    CHECK(folder.read("new/x.json").substr(0, 8) == "[\n    {\n");
}

TEST_CASE("a full disk costs one line for each file") {
    // Goal: the run and the report go on. Method: everything behind links to /dev/full.
    const TestFolder folder;
    for (const char* name : {"out_stats.csv", "out_failures.csv", "x.json"}) {
        std::filesystem::create_symlink("/dev/full", folder.path() + "/" + name);
    }
    const Ended ended = in_child(STDOUT_FILENO, [&] {
        FakeRun run(snapshot_of(documented_totals()));
        Output output(run,
                      {.csv_prefix = folder.path() + "/out", .json_file = folder.path() + "/x"});
        output.start();
        ::usleep(1'150'000);  // two rounds of files
        output.finish();
    });
    CHECK(ended_well(ended));
    const std::string line = "out_stats.csv: No space left on device\n";
    const std::size_t first = ended.text.find(line);
    CHECK(first != std::string::npos);
    CHECK(ended.text.find(line, first + 1) == std::string::npos);
    CHECK(contains(ended.text, "x.json: No space left on device\n"));
    CHECK(std::filesystem::exists(folder.path() + "/out_stats_history.csv"));
}

TEST_CASE("closed pipes and full devices do not end the run") {
    // Goal: the program ends with its own code. Method: stderr and stdout closed or full.
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    CHECK(contains(in_child(full, [] { run_output({.json = true}); }).text,
                   "cannot write the JSON to stdout: No space left on device\n"));
    CHECK(ended_well(in_child(full, [&] {
        ::dup2(full, STDERR_FILENO);
        run_output({.json = true});
    })));
    ::close(full);
    std::array<int, 2> ends{-1, -1};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    ::close(ends[0]);
    CHECK(ended_well(in_child(ends[1], [&] {
        ::dup2(ends[1], STDERR_FILENO);
        run_output({.json = true});
    })));
    ::close(ends[1]);
}

TEST_CASE("--logfile takes the lines of the log, not the tables") {
    // Goal: as in Locust; a log file that cannot be opened is a line on the console.
    const TestFolder folder;
    const Ended ended =
        in_child(STDOUT_FILENO, [&] { run_output({.log_file = folder.path() + "/run.log"}); });
    CHECK(contains(folder.read("run.log"), "/INFO/cicada: a line of the log\n"));
    CHECK_FALSE(contains(ended.text, "a line of the log"));
    CHECK(contains(ended.text, "Aggregated"));
    const Ended without =
        in_child(STDOUT_FILENO, [&] { run_output({.log_file = folder.path() + "/run.log/no/x"}); });
    CHECK(contains(without.text, "cannot "));
    CHECK(contains(without.text, "a line of the log"));
}

TEST_CASE("on a terminal what the test prints stands whole above the live display") {
    // Goal: stdout, stderr, pieces of a line and the log are never torn; the terminal is given
    // back.
    const Ended ended = on_terminal([] {
        FakeRun run(snapshot_of(documented_totals()));
        Output output(run, {});
        output.start();
        ::usleep(50'000);
        std::printf("from std");
        std::fflush(stdout);
        ::usleep(600'000);  // a picture is drawn meanwhile
        std::printf("out\n");
        std::fprintf(stderr, "from stderr\n");
        base::log(base::LogLevel::Warning, "from the log");
        ::usleep(50'000);
        std::printf("without an end");
        output.finish();
        std::printf("\nafter the end\n");
    });
    CHECK(ended_well(ended));
    CHECK(contains(ended.text, "from stdout\r\n"));
    CHECK(contains(ended.text, "from stderr\r\n"));
    CHECK(contains(ended.text, "/WARNING/cicada: from the log\x1b[0m\r\n"));
    CHECK(contains(ended.text, "without an end"));
    CHECK(contains(ended.text, "5 of 10 users"));
    CHECK(contains(ended.text, "━━"));
    const std::size_t tables = ended.text.find("Response time percentiles (approximated)");
    REQUIRE(tables != std::string::npos);
    CHECK(ended.text.find("5 of 10 users", tables) == std::string::npos);
    CHECK(ended.text.find("after the end", tables) != std::string::npos);
}

TEST_CASE("a crash gives the terminal back with all that was printed") {
    // Goal: the last words are seen. Method: print, and break a promise at once.
    const Ended ended = on_terminal([] {
        FakeRun run(snapshot_of(documented_totals()));
        Output output(run, {});
        output.start();
        ::usleep(50'000);
        std::printf("printed before\n");
        base::expects(false, "the last words");
    });
    CHECK(!ended_well(ended));
    CHECK(contains(ended.text, "printed before\r\n"));
    CHECK(contains(ended.text, "the last words\r\n"));
}

TEST_CASE("exit() in the middle gives the terminal back") {
    // Goal: what exit handlers and destructors of a test print is seen.
    const Ended ended = on_terminal([] {
        FakeRun run(snapshot_of(documented_totals()));
        static auto* output = new Output(run, {});
        output->start();
        ::usleep(50'000);
        std::printf("printed before\n");
        std::exit(3);
    });
    CHECK(WEXITSTATUS(ended.status) == 3);
    CHECK(contains(ended.text, "printed before\r\n"));
}

TEST_CASE("a paused terminal stops neither the run nor the files") {
    // Goal: finish() returns within its patience, files are complete. Method: nobody reads the pipe
    // that is stderr; it is filled before.
    const TestFolder folder;
    std::array<int, 2> ends{-1, -1};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    std::fflush(stdout);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        ::dup2(ends[1], STDERR_FILENO);
        ::fcntl(STDERR_FILENO, F_SETPIPE_SZ, 4096);
        act([&] {
            PatientWriter(STDERR_FILENO).write(std::string(4096, 'x'));
            run_output({.csv_prefix = folder.path() + "/out"});
        });
    }
    int status = 0;
    for (int i = 0; i < 500 && !std::filesystem::exists(folder.path() + "/out_exceptions.csv");
         ++i) {
        ::usleep(10'000);
    }
    CHECK(std::filesystem::exists(folder.path() + "/out_exceptions.csv"));
    ::close(ends[0]);  // the person gives up: the terminal is closed, and the end is quick
    ::close(ends[1]);
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7);
}

}  // namespace
}  // namespace cicada::report
