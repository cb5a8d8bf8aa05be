// SPDX-License-Identifier: Apache-2.0
#include "scenario/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

#include "base/expects.hpp"

namespace cicada::scenario {
namespace {

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { reset(); }

    [[nodiscard]] int number() const { return number_; }
    void reset(int number = -1) {
        if (number_ >= 0) close(number_);
        number_ = number;
    }

private:
    int number_ = -1;
};

struct Pipe {
    Descriptor reader;
    Descriptor writer;

    bool open() {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
        reader.reset(ends[0]);
        writer.reset(ends[1]);
        return true;
    }
};

std::string text_of(int error) {
    return std::generic_category().message(error);
}

// The program ignores SIGPIPE and blocks signals on its threads; neither is the compiler's affair.
class SpawnSetup {
public:
    SpawnSetup(int output, int errors) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, output, 1);
        posix_spawn_file_actions_adddup2(&actions_, errors, 2);

        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        sigset_t usual;
        sigemptyset(&usual);
        sigaddset(&usual, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes_, &usual);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&actions_);
    }

    /// 0, or the error.
    int spawn(pid_t& child, std::vector<char*>& arguments, std::vector<char*>& environment) {
        return posix_spawnp(&child,
                            arguments.front(),
                            &actions_,
                            &attributes_,
                            arguments.data(),
                            environment.data());
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

// The compiler's words are parsed, so they must not come in the author's language.
std::vector<std::string> plain_environment() {
    static constexpr std::string_view kReplaced[] = {"LC_", "LANG=", "LANGUAGE="};
    std::vector<std::string> variables{"LC_ALL=C"};
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        const std::string_view variable = *each;
        const bool replaced = std::ranges::any_of(
            kReplaced, [variable](std::string_view name) { return variable.starts_with(name); });
        if (!replaced) variables.emplace_back(variable);
    }
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// False at the end of what the program prints there.
bool read_some(const pollfd& from, std::string& into, std::size_t& room) {
    if (from.revents == 0) return true;
    std::array<char, 4096> buffer{};
    const ssize_t got = read(from.fd, buffer.data(), buffer.size());
    if (got < 0) return errno == EINTR;
    const std::size_t kept = std::min(static_cast<std::size_t>(got), room);
    into.append(buffer.data(), kept);
    room -= kept;
    return got > 0;
}

void collect(int output, int errors, Finished& finished) {
    std::size_t room = kPrintedLimit;
    std::array<pollfd, 2> from{pollfd{output, POLLIN, 0}, pollfd{errors, POLLIN, 0}};
    while (from[0].fd >= 0 || from[1].fd >= 0) {
        if (poll(from.data(), from.size(), -1) < 0) continue;
        if (from[0].fd >= 0 && !read_some(from[0], finished.output, room)) from[0].fd = -1;
        if (from[1].fd >= 0 && !read_some(from[1], finished.errors, room)) from[1].fd = -1;
    }
}

}  // namespace

base::Result<Finished> run_program(const std::vector<std::string>& command) {
    base::expects(!command.empty(), "a command has a name");
    Pipe output;
    Pipe errors;
    if (!output.open() || !errors.open()) return base::failure(text_of(errno));

    std::vector<std::string> arguments = command;
    std::vector<std::string> environment = plain_environment();
    std::vector<char*> argument_pointers = pointers_to(arguments);
    std::vector<char*> environment_pointers = pointers_to(environment);
    pid_t child = -1;
    SpawnSetup setup(output.writer.number(), errors.writer.number());
    const int error = setup.spawn(child, argument_pointers, environment_pointers);
    if (error != 0) return base::failure(text_of(error));
    output.writer.reset();
    errors.writer.reset();

    Finished finished;
    collect(output.reader.number(), errors.reader.number(), finished);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return finished;
}

}  // namespace cicada::scenario
