// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "cluster/journal_memory.hpp"

namespace cicada::cluster {

/// The death of a worker process.
struct ProcessDeath {
    std::size_t process = 0;  ///< its place, from 0
    pid_t pid = 0;
    int signal = 0;     ///< 0: it ended by itself,
    int exit_code = 0;  ///< with this
    const JournalMemory& journal;

    [[nodiscard]] std::string text() const;  ///< "was killed by SIGSEGV", "ended with exit code 3"
};

struct ProcessOptions {
    std::size_t count = 1;
    std::string program = "/proc/self/exe";
    std::vector<std::string> arguments{};  ///< without the program's name
    std::uint16_t master_port = 0;         ///< see ProcessPlace
    bool pinned = false;
    JournalLimits journal{};

    /// Called on the thread of Processes for each that dies before end(). Returns after which time
    /// it is to be started again; nothing: not at all.
    std::function<std::optional<std::chrono::nanoseconds>(const ProcessDeath& death)> on_death{};
};

/// Worker processes of the program itself.
///
/// Started without fork, with no descriptor of ours but stdout, stderr and their journal; they die
/// with this process, however it dies. Its thread starts and awaits them, and is their parent in
/// the kernel's eyes. As process 1 of a container it also awaits those that nobody else does.
class Processes {
public:
    static constexpr std::chrono::milliseconds kLookPeriod{50};
    static constexpr std::chrono::seconds kTermPatience{3};  ///< from SIGTERM to SIGKILL
    static constexpr std::chrono::seconds kOrphanAge{2};  ///< a dead one of process 1 is nobody's

    /// Starts them all. Error: base::Error when one cannot be started; none runs then.
    explicit Processes(ProcessOptions options);
    Processes(const Processes&) = delete;
    Processes& operator=(const Processes&) = delete;
    ~Processes();  ///< end() without patience

    /// Waits until all have ended, those that still run after `patience` by SIGTERM and then
    /// SIGKILL; none is started again.
    ///
    /// Returns: how many had to be ended so.
    std::size_t end(std::chrono::nanoseconds patience);

    [[nodiscard]] std::size_t alive() const;

private:
    struct Child {
        pid_t pid = 0;  ///< 0: it does not run
        JournalMemory journal{};
        std::optional<base::TimePoint> restart_at{};
    };
    enum class Phase : std::uint8_t { Starting, Failed, Running, Ending, Done };

    void run();
    void start_all();
    void start(std::size_t process);
    void look_at(std::size_t process);
    void look_at_orphans();
    void signal_all(int number) const;
    [[nodiscard]] std::string environment_entry(std::size_t process, int journal_fd) const;

    ProcessOptions options_;
    std::vector<Child> children_;  ///< the thread's own

    mutable std::mutex mutex_;  ///< of the next four
    std::condition_variable changed_;
    Phase phase_ = Phase::Starting;
    std::string failure_;
    std::size_t alive_ = 0;
    base::TimePoint term_at_{};  ///< while ending

    std::size_t forced_ = 0;  ///< the thread's own, until it has ended
    pid_t orphan_ = 0;        ///< likewise: a dead child that is not ours
    base::TimePoint orphan_seen_{};
    std::thread thread_;
};

/// How many processors this process may use; at least 1.
[[nodiscard]] std::size_t processors();

}  // namespace cicada::cluster
