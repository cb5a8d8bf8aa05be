// SPDX-License-Identifier: Apache-2.0
#include "cluster/processes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "cluster/process_place.hpp"

namespace cicada::cluster {
namespace {

constexpr int kJournalFd = 3;  // in the child

std::string text_of(int error) {
    return std::generic_category().message(error);
}

/// What posix_spawn is told.
class SpawnSetup {
public:
    explicit SpawnSetup(int journal_fd) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, journal_fd, kJournalFd);

        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        sigset_t usual;
        sigfillset(&usual);
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
    int spawn(pid_t& child,
              const std::string& program,
              std::vector<char*>& arguments,
              std::vector<char*>& environment) {
        return posix_spawn(
            &child, program.c_str(), &actions_, &attributes_, arguments.data(), environment.data());
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

std::size_t processors() {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return std::max(1U, std::thread::hardware_concurrency());
    }
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&allowed)));
}

std::string ProcessDeath::text() const {
    if (signal == 0) return fmt::format("ended with exit code {}", exit_code);
    const char* const name = ::sigabbrev_np(signal);
    const std::string known =
        name == nullptr ? fmt::format("signal {}", signal) : fmt::format("SIG{}", name);
    return fmt::format(
        "was killed by {}{}", known, signal == SIGKILL ? " (perhaps for want of memory)" : "");
}

Processes::Processes(ProcessOptions options)
    : options_(std::move(options)), children_(options_.count), thread_([this] { run(); }) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return phase_ != Phase::Starting; });
    if (phase_ != Phase::Failed) return;
    lock.unlock();
    thread_.join();
    throw base::Error(failure_);
}

Processes::~Processes() {
    if (thread_.joinable()) end({});
}

std::size_t Processes::alive() const {
    const std::lock_guard lock(mutex_);
    return alive_;
}

std::size_t Processes::end(std::chrono::nanoseconds patience) {
    {
        const std::lock_guard lock(mutex_);
        phase_ = Phase::Ending;
        term_at_ = base::steady_now() + patience;
    }
    changed_.notify_all();
    thread_.join();
    return forced_;
}

void Processes::run() {
    try {
        start_all();
    } catch (const base::Error& error) {
        signal_all(SIGKILL);
        for (const Child& child : children_) {
            if (child.pid != 0) ::waitpid(child.pid, nullptr, 0);
        }
        const std::lock_guard lock(mutex_);
        phase_ = Phase::Failed;
        failure_ = error.what();
        changed_.notify_all();
        return;
    }
    bool told_to_end = false;
    bool killed = false;
    while (true) {
        for (std::size_t process = 0; process < children_.size(); ++process) look_at(process);
        if (::getpid() == 1) look_at_orphans();
        const auto alive = static_cast<std::size_t>(
            std::ranges::count_if(children_, [](const Child& child) { return child.pid != 0; }));

        std::unique_lock lock(mutex_);
        if (phase_ == Phase::Starting) phase_ = Phase::Running;
        alive_ = alive;
        changed_.notify_all();
        if (phase_ == Phase::Ending && alive == 0) return;
        const base::TimePoint now = base::steady_now();
        if (phase_ == Phase::Ending && now >= term_at_ && !told_to_end) {
            told_to_end = true;
            forced_ = alive;
            signal_all(SIGTERM);
        } else if (told_to_end && now >= term_at_ + kTermPatience && !killed) {
            killed = true;
            signal_all(SIGKILL);
        }
        changed_.wait_for(lock, kLookPeriod);
    }
}

void Processes::start_all() {
    for (std::size_t process = 0; process < children_.size(); ++process) start(process);
}

void Processes::start(std::size_t process) {
    Child& child = children_[process];
    child.restart_at.reset();
    auto journal = JournalMemory::create(options_.journal);
    if (!journal) throw base::Error(journal.error());
    child.journal = std::move(*journal);

    std::vector<std::string> arguments{"cicada"};
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    std::vector<std::string> environment{environment_entry(process, kJournalFd)};
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        environment.emplace_back(*each);
    }
    std::vector<char*> argument_pointers = pointers_to(arguments);
    std::vector<char*> environment_pointers = pointers_to(environment);
    SpawnSetup setup(child.journal.fd());
    const int error =
        setup.spawn(child.pid, options_.program, argument_pointers, environment_pointers);
    if (error == 0) return;
    child.pid = 0;
    throw base::Error(
        fmt::format("worker process {} cannot be started: {}", process + 1, text_of(error)));
}

std::string Processes::environment_entry(std::size_t process, int journal_fd) const {
    const ProcessPlace place{.index = process,
                             .parent = ::getpid(),
                             .journal_fd = journal_fd,
                             .master_port = options_.master_port,
                             .pinned = options_.pinned};
    return std::string(ProcessPlace::kVariable) + "=" + place.text();
}

void Processes::look_at(std::size_t process) {
    Child& child = children_[process];
    const bool ending = [this] {
        const std::lock_guard lock(mutex_);
        return phase_ == Phase::Ending;
    }();
    if (child.pid == 0) {
        if (ending || !child.restart_at || *child.restart_at > base::steady_now()) return;
        try {
            start(process);
        } catch (const base::Error& error) {
            base::log(base::LogLevel::Error, "{}", error.what());
        }
        return;
    }
    int status = 0;
    const pid_t ended = ::waitpid(child.pid, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return;
    const pid_t pid = std::exchange(child.pid, 0);
    if (ending || !options_.on_death) return;
    const ProcessDeath death{.process = process,
                             .pid = pid,
                             .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                             .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                             .journal = child.journal};
    if (const auto pause = options_.on_death(death)) {
        child.restart_at = base::steady_now() + *pause;
    }
}

// Whoever started a process awaits it at once; what stays dead for longer was left to process 1.
void Processes::look_at_orphans() {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    const bool mine = std::ranges::any_of(
        children_, [&info](const Child& child) { return child.pid == info.si_pid; });
    const base::TimePoint now = base::steady_now();
    if (mine || orphan_ != info.si_pid) {
        orphan_ = mine ? 0 : info.si_pid;
        orphan_seen_ = now;
    } else if (now - orphan_seen_ >= kOrphanAge) {
        ::waitpid(orphan_, nullptr, WNOHANG);
        orphan_ = 0;
    }
}

void Processes::signal_all(int number) const {
    for (const Child& child : children_) {
        if (child.pid != 0) ::kill(child.pid, number);
    }
}

}  // namespace cicada::cluster
