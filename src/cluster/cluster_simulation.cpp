// SPDX-License-Identifier: Apache-2.0
#include "cluster/cluster_simulation.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include "base/expects.hpp"

namespace cicada::cluster {
namespace {

constexpr std::size_t kMostFailures = 5;
constexpr int kMostEvents = 256;
constexpr std::chrono::milliseconds kLookPeriod{100};  // for `stop`

// The same for all workers; copied into each report.
std::vector<stats::EntryDelta> made_up(const SimulatedLoad& load) {
    std::vector<stats::EntryDelta> entries;
    for (std::size_t i = 0; i < load.names; ++i) {
        stats::EntryDelta entry{.key = std::make_shared<stats::EntryKey>(
                                    stats::EntryKey{"GET", fmt::format("/catalogue/{}/[id]", i)})};
        // 3 % from one to the next: times from 2 ms on, each in a bucket of its own.
        double time_us = 2'000 + static_cast<double>(i);
        for (std::size_t bucket = 0; bucket < load.buckets; ++bucket) {
            entry.response_times.record(std::chrono::nanoseconds(std::llround(time_us * 1e3)));
            time_us *= 1.03;
        }
        entry.counts.requests = load.buckets;
        entry.counts.sent = load.buckets;
        entry.counts.bytes = 1'000 * load.buckets;
        entries.push_back(std::move(entry));
    }
    return entries;
}

class Simulation {
public:
    explicit Simulation(const SimulationOptions& options)
        : options_(options), entries_(made_up(options.load)), epoll_(::epoll_create1(0)) {
        base::expects(epoll_ >= 0, "the kernel makes an epoll instance");
        ::zmq_ctx_set(
            context_.get(), ZMQ_MAX_SOCKETS, static_cast<int>(2 * options.workers) + kSpareSockets);
    }
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;
    ~Simulation() { ::close(epoll_); }

    SimulationResult run(const std::atomic<bool>& stop) {
        const base::TimePoint start = base::steady_now();
        while (!stop && (workers_.size() < options_.workers || !deadlines_.empty())) {
            add_those_due(start);
            wait();
            run_those_due();
        }
        for (const auto& worker : workers_) {
            result_.requests += worker->requests();
            result_.longest_silence = std::max(result_.longest_silence, worker->longest_silence());
        }
        return std::move(result_);
    }

private:
    static constexpr int kSpareSockets = 64;

    void add_those_due(base::TimePoint start) {
        const double part = options_.join_over.count() == 0
                                ? 1.0
                                : static_cast<double>((base::steady_now() - start).count()) /
                                      static_cast<double>(options_.join_over.count());
        const auto due = static_cast<std::size_t>(std::min(1.0, part) *
                                                  static_cast<double>(options_.workers - 1)) +
                         1;
        while (workers_.size() < due) add_worker();
    }

    void add_worker() {
        const std::size_t number = workers_.size();
        WorkerOptions worker{.id = fmt::format("sim{}_{:x}", number / 32, number),
                             .incarnation = number + 1,
                             .version = "simulated",
                             .classes = options_.classes,
                             .planned_classes = options_.classes.size()};
        worker.wire_counts = [] { return WireCounts{}; };
        worker.usage = [] { return Usage{}; };
        const Moment now{base::steady_now(), base::wall_now()};
        worker.started = now;
        DealerOptions dealer = options_.master;
        dealer.id = worker.id;
        dealer.context = context_.get();
        workers_.push_back(
            std::make_unique<SimulatedWorker>(worker, dealer, options_.load, entries_, now));
        due_at_.push_back(base::TimePoint::min());
        deadlines_.emplace(base::TimePoint::min(), number);
        epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, workers_.back()->descriptor(), &event);
    }

    void wait() {
        const base::TimePoint now = base::steady_now();
        const base::TimePoint first = deadlines_.empty() ? now : deadlines_.begin()->first;
        std::chrono::milliseconds pause{0};
        if (first > now) {
            pause =
                std::min(kLookPeriod, std::chrono::ceil<std::chrono::milliseconds>(first - now));
        }
        std::array<epoll_event, kMostEvents> events{};
        const int count =
            ::epoll_wait(epoll_, events.data(), kMostEvents, static_cast<int>(pause.count()));
        for (int i = 0; i < count; ++i) run_worker(events[static_cast<std::size_t>(i)].data.u64);
    }

    void run_those_due() {
        const base::TimePoint now = base::steady_now();
        while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
            run_worker(deadlines_.begin()->second);
        }
    }

    void run_worker(std::size_t number) {
        SimulatedWorker& worker = *workers_[number];
        if (deadlines_.erase({due_at_[number], number}) == 0) return;  // it has ended
        const std::int64_t before = worker.users();
        const base::TimePoint next = worker.run_once(decoder_);
        users_ += worker.users() - before;
        if (before == 0 && worker.users() > 0) ++result_.joined;
        result_.most_users = std::max(result_.most_users, users_);
        if (!worker.finished()) {
            due_at_[number] = next;
            deadlines_.emplace(next, number);
            return;
        }
        if (!worker.failure().empty() && result_.failures.size() < kMostFailures) {
            result_.failures.push_back(worker.failure());
        }
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, worker.descriptor(), nullptr);
    }

    const SimulationOptions& options_;
    std::vector<stats::EntryDelta> entries_;
    int epoll_;
    ZmqContext context_{::zmq_ctx_new()};
    Decoder decoder_{};
    std::vector<std::unique_ptr<SimulatedWorker>> workers_{};
    std::vector<base::TimePoint> due_at_{};                          ///< of each worker
    std::set<std::pair<base::TimePoint, std::size_t>> deadlines_{};  ///< of those that live
    std::int64_t users_ = 0;
    SimulationResult result_{};
};

}  // namespace

SimulationResult simulate_workers(const SimulationOptions& options, const std::atomic<bool>& stop) {
    return Simulation(options).run(stop);
}

}  // namespace cicada::cluster
