// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/client.hpp>
#include <cicada/sync.hpp>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fiber/scheduler.hpp"
#include "http/client.hpp"
#include "run/arrival_pool.hpp"
#include "run/crowd.hpp"
#include "run/engine_journal.hpp"
#include "run/engine_link.hpp"
#include "run/engine_report.hpp"
#include "run/lessees.hpp"
#include "run/listener_call.hpp"
#include "run/messages.hpp"
#include "run/node_place.hpp"
#include "run/own_fibers.hpp"
#include "run/shape_driver.hpp"
#include "run/traffic.hpp"
#include "user/environment.hpp"
#include "user/listeners.hpp"
#include "user/run_sender.hpp"

namespace cicada::run {

struct EngineOptions {
    StopLimits stop{};
    std::chrono::nanoseconds on_stop_limit = std::chrono::seconds(30);
    std::chrono::nanoseconds listener_limit = std::chrono::seconds(60);  ///< see ListenerCall
    std::optional<std::int64_t> iterations{};  ///< executions in the whole test, 1 or more
    std::uint64_t seed = 0;
    std::filesystem::path test_folder{};
    std::string trace_header{};  ///< name of the field that carries an identity; empty: none
    ClientOptions client{};      ///< for classes that say nothing else
    net::ResolverOptions resolver{};
    std::uint64_t body_budget_bytes = http::BodyBudget{}.limit_bytes;
    bool each_task_once = false;                  ///< then a user ends
    http::WireObserver* wire_observer = nullptr;  ///< of all users; outlives the engine
    const user::LoadPlan* shape = nullptr;        ///< if the test has one; outlives the engine
    CommonOptions common_options{};               ///< for the shape
    NodePlace place{};
    bool users_elsewhere = false;  ///< of a master: what the shape is told comes with the news

    /// Takes over what a master says in TestBegin::settings, while no user lives; on the engine's
    /// thread. Returns complaints, which end the test.
    std::function<std::vector<std::string>(
        const std::vector<std::pair<std::string, std::string>>& settings)>
        take_settings{};
    Traffic* traffic = nullptr;             ///< to count in; null: nowhere; outlives all
    EngineJournal* journal = nullptr;       ///< for the case of its death; outlives all
    http::AnswerSource* answers = nullptr;  ///< in place of all servers; outlives the engine
    std::string host_if_none{};             ///< see Environment
};

/// The users of this process and what they measure, on the thread of one scheduler.
///
/// The functions of EngineLink may be called from any thread; they leave a message, which the
/// engine's own fiber works off in order.
class Engine final : public EngineLink {
public:
    static constexpr std::chrono::seconds kReportPeriod{1};

    /// Takes a report, or returns false and leaves it as it is: then the engine adds the next one
    /// to it and tries again. Must not block.
    using ReportSink = std::function<bool(EngineReport& report)>;

    Engine(fiber::Scheduler& scheduler,
           std::vector<const user::Declaration*> classes,
           const EngineOptions& options,
           ReportSink sink);
    ~Engine() override;

    /// Calls the `init` listeners, in the scheduler's first fiber, before run().
    /// Error: base::Error when one has thrown.
    void init();

    /// The body of the scheduler's first fiber: works off messages and returns after dismiss().
    void run();

    void begin_test(const TestBegin& begin) override;
    void take_step(SpawnStep step) override;
    void pause() override;
    void resume() override;
    void announce_spawned(std::int64_t users) override;
    void end_test() override;
    void reset_statistics(std::uint64_t epoch) override;
    void tell(const RunNews& news) override;
    void leave() override;
    void deliver(Letter letter) override;
    void disable_task(std::string label) override;
    void grant(const LeaseGrant& grant) override;
    void recall(LeaseKey key, std::int64_t most) override;
    void close(LeaseKey key) override;

    /// The state of things now, without statistics.
    [[nodiscard]] EngineReport look();

    /// Calls the `quit` listeners; then run() returns.
    void dismiss(int exit_code);

    // For runner(), on the engine's thread.
    [[nodiscard]] static Engine* current();  ///< null: none on this thread
    [[nodiscard]] const RunNews& news() const { return news_; }
    [[nodiscard]] std::int64_t user_count() const {
        return options_.users_elsewhere ? news_.user_count : crowd_->alive();
    }
    [[nodiscard]] OwnFibers& own_fibers() { return own_fibers_; }
    [[nodiscard]] const NodePlace& place() const { return options_.place; }
    void send_message(std::string_view type, std::string_view data, std::string_view to);
    void finish_pools();
    void ask_to_stop();
    void ask_to_quit();
    void ask_for_exit_code(int code);

private:
    void send(std::function<void()> command);
    void work_off_commands();
    void do_begin(const TestBegin& begin);
    void take_over(const TestBegin& begin);
    void follow_shape();
    void do_step(const SpawnStep& step);
    [[nodiscard]] bool start_user(const PlannedUser& planned);
    [[nodiscard]] bool start_guest(std::uint32_t class_index, user::ArrivalSource& source);
    void give_up_starting(const std::exception& error);
    void do_end();
    void do_reset(std::uint64_t epoch);
    void open_feeders(bool lent);
    void change_lease(std::function<void()> change);
    void ask_for_tickets();
    void watch_usage();
    template <class Event>
    void announce(user::EventKind kind, const Event& event);
    void give_up(const std::string& why);
    void report();
    void report_every_second();
    void record_busy_share();

    fiber::Scheduler& scheduler_;
    EngineOptions options_;
    ReportSink sink_;
    stats::Recorder recorder_;
    http::Network& network_;  ///< outlives everything: a test may keep responses until exit
    user::Environment environment_;
    std::optional<user::RunSender> run_sender_;  ///< ends in a fiber, with run()
    std::unique_ptr<Crowd> crowd_;
    std::optional<Lessees> lessees_;  ///< always there once constructed

    std::vector<std::unique_ptr<ArrivalPool>> pools_;  ///< in the order of their classes

    std::deque<std::function<void()>> commands_;
    Event has_work_;
    std::vector<std::string> class_names_;
    fiber::Handle shape_;  ///< asks the load shape once a second
    base::TimePoint begun_{};
    ListenerCall listener_call_;
    OwnFibers own_fibers_;
    Messages messages_;
    bool testing_ = false;  ///< from begin_test to end_test being asked for
    bool dismissed_ = false;
    bool needs_tickets_ = false;   ///< more than were needed before
    bool limits_changed_ = false;  ///< who waits for its next turn may have nothing left

    EngineReport status_;                  ///< its delta is always empty
    std::optional<EngineReport> pending_;  ///< could not be delivered
    RunNews news_;
    base::TimePoint busy_since_{};
    std::chrono::nanoseconds busy_before_{};
};

}  // namespace cicada::run
