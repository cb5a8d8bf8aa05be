// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cluster/log_tail.hpp"
#include "cluster/master_machine.hpp"
#include "cluster/test_simulated_engine.hpp"
#include "cluster/worker_machine.hpp"

// A master and its workers in one thread and in virtual time, with a network and a fate that the
// seed decides.
namespace cicada::cluster {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

class Simulation {
public:
    static constexpr nanoseconds kTick = 10ms;
    static constexpr nanoseconds kLongest = 900s;            ///< a run that takes longer never ends
    static constexpr std::uint64_t kFirstReign = 1'000'000;  ///< and one more each time

    /// `aloud`: prints what happens, each line with its time.
    explicit Simulation(std::uint64_t seed, bool aloud = false);
    ~Simulation() { base::set_log_writer({}); }
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    /// Until the run is over. Returns what went wrong; empty: nothing.
    std::string run();

    /// One line that says what this seed is about.
    [[nodiscard]] std::string story() const { return story_; }

private:
    struct Clock {
        nanoseconds steady_ahead{};
        nanoseconds wall_ahead{};
    };

    /// A program with a message queue of its own.
    template <class Message>
    struct Process {
        Clock clock{};
        nanoseconds frozen_until{};
        std::deque<Message> inbox{};
    };

    struct Worker;
    /// The worker's way to its master.
    class Way final : public MasterLink {
    public:
        Way(Simulation& simulation, Worker& worker) : simulation_(simulation), worker_(worker) {}
        void send(const FromWorker& message) override { simulation_.send(worker_, message); }
        void reopen() override {}

    private:
        Simulation& simulation_;
        Worker& worker_;
    };

    struct Worker : Process<FromMaster> {
        std::string id{};
        WorkerOptions options{};
        std::unique_ptr<SimulatedEngine> engine{};
        std::unique_ptr<Way> way{};
        LogTail log{};
        std::unique_ptr<WorkerMachine> machine{};
        nanoseconds next_report_at{};
        nanoseconds cut_off_until{};
    };

    struct Master : Process<std::pair<std::string, FromWorker>> {
        std::unique_ptr<SimulatedOwnEngine> engine{};
        std::unique_ptr<MasterMachine> machine{};
        std::uint64_t reign = 0;
    };

    struct Delivery {
        nanoseconds at{};
        std::uint64_t number = 0;
        std::function<void()> act{};
        bool operator<(const Delivery& other) const {
            return std::pair(other.at, other.number) < std::pair(at, number);
        }
    };

    [[nodiscard]] bool chance(double part) { return std::bernoulli_distribution(part)(random_); }
    [[nodiscard]] std::int64_t below(std::int64_t count) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(count));
    }
    [[nodiscard]] nanoseconds any_of(nanoseconds longest) {
        return nanoseconds(below(longest.count() + 1));
    }
    [[nodiscard]] run::Moment moment(const Clock& clock) const {
        const nanoseconds hours = std::chrono::hours(400'000);
        return {base::TimePoint(std::chrono::hours(100) + now_ + clock.steady_ahead),
                base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(
                    hours + now_ + clock.wall_ahead))};
    }
    [[nodiscard]] Clock any_clock();

    void start_worker(const std::string& id);
    void start_master();
    void send(Worker& worker, const FromWorker& message);
    void send(const Outgoing& outgoing);
    void carry(bool cut_off, const std::function<void()>& act);
    void deliver();
    void step(Worker& worker);
    void step_master();
    void flush_master();
    void say(const std::string& line) const;
    void fate();
    void heal();
    void kill(const std::string& id);
    void kill_master();
    [[nodiscard]] Worker* any_worker();
    void note_report(const from_worker::Report& report);
    void note_merged(const from_master::ReportDone& done);
    [[nodiscard]] std::string broken();
    [[nodiscard]] std::string broken_at_end();
    [[nodiscard]] std::int64_t counted() const;

    std::mt19937_64 random_;
    bool aloud_;
    nanoseconds now_{};
    nanoseconds faults_end_{};
    std::string story_{};

    std::int64_t total_ = 0;
    std::int64_t users_ = 0;
    std::int64_t first_workers_ = 1;
    double chance_to_act_ = 0.1;
    bool rebalances_ = true;  ///< users of who is gone go to others
    double loss_ = 0;
    double repetition_ = 0;
    double fates_per_s_ = 0;
    nanoseconds latency_{};
    nanoseconds jitter_{};

    Truths truths_{};
    Master master_{};
    std::optional<nanoseconds> master_returns_at_{};
    std::map<std::string, std::unique_ptr<Worker>> workers_{};
    std::map<std::string, nanoseconds> returns_at_{};  ///< of workers that were killed
    std::uint64_t incarnations_ = 0;
    bool somebody_died_ = false;  ///< in the present test, without last words

    /// Of each incarnation and number of a report: the requests in it, by the test they were made
    /// in.
    std::map<std::uint64_t, std::map<std::uint64_t, std::map<std::string, std::int64_t>>>
        reported_{};
    std::map<std::uint64_t, std::uint64_t> merged_{};  ///< up to that report, of each incarnation
    std::int64_t merged_requests_ = 0;                 ///< of the present test

    std::priority_queue<Delivery> network_{};
    std::uint64_t deliveries_ = 0;
};

}  // namespace cicada::cluster
