// SPDX-License-Identifier: Apache-2.0
#include "report/patient_writer.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace cicada::report {
namespace {

struct Pipe {
    std::array<int, 2> ends{-1, -1};
    Pipe() { REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0); }
    ~Pipe() {
        for (const int end : ends) {
            if (end >= 0) ::close(end);
        }
    }
    std::string read_all() {
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
        std::string all;
        std::array<char, 4096> bytes{};
        for (ssize_t n = 0; (n = ::read(ends[0], bytes.data(), bytes.size())) > 0;) {
            all.append(bytes.data(), static_cast<std::size_t>(n));
        }
        return all;
    }
};

TEST_CASE("a writer keeps what a stalled reader does not take, and never waits") {
    // Goal: everything arrives, in order, though the pipe was full. Method: more than a pipe holds.
    Pipe pipe;
    ::fcntl(pipe.ends[1], F_SETPIPE_SZ, 4096);
    PatientWriter writer(pipe.ends[1]);
    std::string sent;
    for (int i = 0; i < 1'000; ++i) {
        const std::string line = "line " + std::to_string(i) + "\n";
        writer.write(line);
        sent += line;
    }
    CHECK(writer.waiting());
    std::string received;
    while (writer.waiting()) {
        received += pipe.read_all();
        writer.pump();
    }
    received += pipe.read_all();
    CHECK(received == sent);
    CHECK(writer.take_error() == 0);
}

TEST_CASE("what is too much is dropped, counted, and the count is told") {
    // Goal: bounded memory behind a paused terminal. Method: a megabyte into a pipe nobody reads.
    Pipe pipe;
    PatientWriter writer(pipe.ends[1]);
    const std::string line = std::string(999, 'x') + "\n";
    std::size_t received_lines = 0;
    for (int i = 0; i < 1'000; ++i) writer.write(line);
    std::string received;
    while (writer.waiting()) {
        received += pipe.read_all();
        writer.pump();
    }
    received += pipe.read_all();
    received_lines = received.size() / 1'000;
    CHECK(received.size() < 400'000);
    CHECK(received.find("(" + std::to_string(1'000 - received_lines) +
                        " lines were not shown: the output was stuck)\n") != std::string::npos);
}

TEST_CASE("a closed pipe and a full disk are told once") {
    // Goal: an errno, once; after a closed pipe nothing more is tried.
    ::signal(SIGPIPE, SIG_IGN);
    Pipe pipe;
    PatientWriter writer(pipe.ends[1]);
    ::close(pipe.ends[0]);
    pipe.ends[0] = -1;
    writer.write("lost\n");
    CHECK(writer.take_error() == EPIPE);
    writer.write("lost\n");
    CHECK(writer.take_error() == 0);
    CHECK_FALSE(writer.waiting());

    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    PatientWriter disk(full);
    ::close(full);
    disk.write("lost\n");
    CHECK(disk.take_error() == ENOSPC);
    disk.write("lost, too\n");
    CHECK(disk.take_error() == ENOSPC);
}

}  // namespace
}  // namespace cicada::report
