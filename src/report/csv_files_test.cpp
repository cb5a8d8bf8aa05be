// SPDX-License-Identifier: Apache-2.0
#include "report/csv_files.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "report/fake_run_test.hpp"
#include "report/test_folder_test.hpp"

namespace cicada::report {
namespace {

using namespace std::chrono_literals;

// Rows of a CSV text; nothing when a row does not end, or has not `columns` fields.
std::optional<std::size_t> whole_rows(const std::string& text, std::size_t columns) {
    std::size_t rows = 0;
    std::size_t fields = 1;
    bool quoted = false;
    bool row_begun = false;
    for (const char byte : text) {
        row_begun = true;
        if (byte == '"') quoted = !quoted;
        if (byte == ',' && !quoted) ++fields;
        if (byte != '\n' || quoted) continue;
        if (fields != columns) return std::nullopt;
        ++rows;
        fields = 1;
        row_begun = false;
    }
    return row_begun ? std::nullopt : std::optional(rows);
}

TEST_CASE("a row is quoted as Python's csv module quotes it") {
    // Goal: only where it must be; quotes doubled; \r\n. Method: what Python 3 writes.
    CHECK(csv_row({"a", "", "b c", "1.5"}) == "a,,b c,1.5\r\n");
    CHECK(csv_row({"", "x"}) == ",x\r\n");
    CHECK(csv_row({"a,b", "say \"no\"", "two\nlines", "cr\r"}) ==
          "\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",\"cr\r\"\r\n");
}

TEST_CASE("the statistics file has Locust's columns") {
    // Goal: sorted rows, then Aggregated without a type; floats and N/A as Locust. Method: golden.
    CHECK(stats_csv(documented_totals()) ==
          "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min "
          "Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,"
          "80%,90%,95%,98%,99%,99.9%,99.99%,100%\r\n"
          "GET,/hello,5,1,14,14.0,12.0,16.0,100.0,2.5,0.5,14,15,15,16,16,16,16,16,16,16,16\r\n"
          "GET,/world,5,1,1221,752.0,16.0,1253.0,100.0,2.5,0.5,1221,1253,1253,1253,1253,1253,1253,"
          "1253,1253,1253,1253\r\n"
          ",Aggregated,10,2,16,383.0,12.0,1253.0,100.0,5.0,1.0,16,20,1221,1253,1253,1253,1253,"
          "1253,1253,1253,1253\r\n");
    const std::string empty = stats_csv(stats::Totals(kTestStart));
    CHECK(empty.substr(empty.find('\n') + 1) ==
          ",Aggregated,0,0,0,0.0,0.0,0.0,0.0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,"
          "N/A\r\n");
}

TEST_CASE("times below a millisecond are decimals in files") {
    // Goal: no 0 for what took time.
    const std::string text = stats_csv(totals_of({{"GET", "/", 0.2346}}));
    CHECK(text.find("GET,/,1,0,0.235,0.2346,0.2346,0.2346,100.0,0.0,0.0,0.235,") !=
          std::string::npos);
}

TEST_CASE("the failures and exceptions files have Locust's columns") {
    // Goal: times in UTC, quoting of foreign texts. Method: golden.
    stats::Totals totals = documented_totals();
    stats::Recorder recorder(stats::ClockPair{base::TimePoint{}, kTestStart});
    recorder.record_exception("std::runtime_error", "no, stock", "Shopper.buy");
    totals.merge(recorder.take(base::TimePoint{}));
    CHECK(failures_csv(totals) ==
          "Method,Name,Error,Occurrences,First Seen,Last Seen\r\n"
          "GET,/hello,\"no, \"\"never\"\"\",1,2023-11-14T22:13:20Z,2023-11-14T22:13:20Z\r\n"
          "GET,/world,404 Not Found,1,2023-11-14T22:13:20Z,2023-11-14T22:13:20Z\r\n");
    CHECK(exceptions_csv(totals) ==
          "Count,Message,Traceback,Nodes\r\n"
          "1,\"no, stock\",\"Shopper.buy: std::runtime_error: no, stock\",local\r\n");
}

TEST_CASE("the history has a row a second, and one for each entry when it is full") {
    // Goal: columns, rates with six decimals, current percentiles in the full one. Method: golden.
    CHECK(history_csv_header() ==
          "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,"
          "99.9%,99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,"
          "Total Average Response Time,Total Min Response Time,Total Max Response Time,Total "
          "Average Content Size\r\n");
    const run::Snapshot snapshot = snapshot_of(documented_totals());
    CHECK(history_csv_rows(snapshot, kTestStart + 3s, HistoryRows::Aggregated) ==
          "1700000003,5,,Aggregated,0.000000,0.000000,16,20,1221,1253,1253,1253,1253,1253,1253,"
          "1253,1253,10,2,16,383.0,12.0,1253.0,100.0\r\n");
    const std::string full = history_csv_rows(snapshot, kTestStart + 60s, HistoryRows::All);
    CHECK(full.find("1700000060,5,GET,/hello,0.000000,0.000000,0,0,0,0,0,0,0,0,0,0,0,5,1,14,") ==
          0);
    CHECK(whole_rows(full, 24) == 3);
}

TEST_CASE("the four files are made, folders and all") {
    // Goal: names, contents, and a history that grows. Method: two updates in a new folder.
    const TestFolder folder;
    CsvFiles files(folder.path() + "/deep/er/out", HistoryRows::Aggregated);
    REQUIRE(files.create().has_value());
    const run::Snapshot snapshot = snapshot_of(documented_totals());
    REQUIRE(files.update(snapshot, kTestStart + 1s).has_value());
    REQUIRE(files.update(snapshot, kTestStart + 1'900ms).has_value());  // gets a second of its own
    CHECK(folder.read("deep/er/out_stats.csv") == stats_csv(documented_totals()));
    CHECK(folder.read("deep/er/out_failures.csv") == failures_csv(documented_totals()));
    CHECK(folder.read("deep/er/out_exceptions.csv") == exceptions_csv(documented_totals()));
    const std::string history = folder.read("deep/er/out_stats_history.csv");
    CHECK(whole_rows(history, 24) == 3);
    CHECK(history.find("\r\n1700000001,") != std::string::npos);
    CHECK(history.find("\r\n1700000002,") != std::string::npos);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path() + "/deep/er"), {}) == 4);
}

TEST_CASE("a full disk is one sentence, and files that can be written are written") {
    // Goal: the error names file and reason; the run can go on. Method: /dev/full behind a link.
    const TestFolder folder;
    for (const char* name : {"out_stats_history.csv", "out_stats.csv"}) {
        std::filesystem::create_symlink("/dev/full", folder.path() + "/" + name);
    }
    CsvFiles files(folder.path() + "/out", HistoryRows::Aggregated);
    const auto created = files.create();
    REQUIRE_FALSE(created.has_value());
    CHECK(created.error() ==
          "cannot write " + folder.path() + "/out_stats_history.csv: No space left on device");
    const auto updated = files.update(snapshot_of(documented_totals()), kTestStart);
    REQUIRE_FALSE(updated.has_value());
    CHECK(folder.read("out_failures.csv") == failures_csv(documented_totals()));
}

TEST_CASE("a folder that cannot be made is one sentence") {
    // Goal: a file stands where the folder should be.
    const TestFolder folder;
    std::ofstream(folder.path() + "/file") << "x";
    const auto created = CsvFiles(folder.path() + "/file/out", HistoryRows::Aggregated).create();
    REQUIRE_FALSE(created.has_value());
    CHECK(created.error().find("cannot make the folder " + folder.path() + "/file: ") == 0);
}

TEST_CASE("kill -9 at any moment leaves whole rows") {
    // Goal: the promise of --csv. Method: a child that does nothing but write is killed after some
    // milliseconds, several times; each file must hold whole rows only.
    const TestFolder folder;
    const std::string prefix = folder.path() + "/out";
    std::vector<TestRequest> requests;
    for (int i = 0; i < 100; ++i) {
        requests.push_back({"GET", "/page/" + std::to_string(i), 1.0 + i, "a,\"b\"\nc"});
    }
    const run::Snapshot snapshot = snapshot_of(totals_of(requests));
    for (int round = 1; round <= 8; ++round) {
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            CsvFiles files(prefix, HistoryRows::Aggregated);
            if (!files.create()) ::_exit(1);
            for (int i = 0; i < 100'000; ++i) {
                if (!files.update(snapshot, kTestStart + std::chrono::seconds(i))) ::_exit(1);
            }
            ::_exit(0);
        }
        while (!std::filesystem::exists(prefix + "_exceptions.csv")) ::usleep(500);
        ::usleep(static_cast<useconds_t>(round * 1'370));
        ::kill(child, SIGKILL);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));
        CHECK(whole_rows(folder.read("out_stats.csv"), 22) == 102);
        CHECK(whole_rows(folder.read("out_failures.csv"), 6) == 101);
        CHECK(whole_rows(folder.read("out_exceptions.csv"), 4) == 1);
        CHECK(whole_rows(folder.read("out_stats_history.csv"), 24) >= 1);
        std::filesystem::remove(prefix + "_exceptions.csv");
    }
}

}  // namespace
}  // namespace cicada::report
