// SPDX-License-Identifier: Apache-2.0
#include "run/engine.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/expects.hpp"
#include "base/log.hpp"
#include "fiber/stream.hpp"
#include "net/shortages.hpp"
#include "run/usage_monitor.hpp"
#include "user/measures.hpp"
#include "user/registry.hpp"

namespace cicada::run {
namespace {

using std::chrono::nanoseconds;
using user::EventKind;

thread_local Engine* engine_of_thread = nullptr;

/// Never freed: responses that a test keeps in a global give their memory back to it at exit.
http::Network& network_until_exit(const EngineOptions& options) {
    static auto& kept = *new std::vector<http::Network*>;
    kept.push_back(new http::Network{.resolver = net::Resolver(options.resolver),
                                     .body_budget = {.limit_bytes = options.body_budget_bytes},
                                     .answers = options.answers});
    return *kept.back();
}

stats::RecorderOptions recorder_options(const EngineOptions& options) {
    return {.observer = options.journal,
            .finished_exchanges = options.traffic ? &options.traffic->finished : nullptr};
}

/// Tells the identities of this test from those of any other at the same server.
std::string new_run_id(base::WallTime now) {
    const auto since_epoch = now.time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
    return fmt::format("{:x}-{:x}", ms, ::getpid());
}

}  // namespace

Engine::Engine(fiber::Scheduler& scheduler,
               std::vector<const user::Declaration*> classes,
               const EngineOptions& options,
               ReportSink sink)
    : scheduler_(scheduler),
      options_(options),
      sink_(std::move(sink)),
      recorder_({fiber::now(), base::wall_now()}, recorder_options(options)),
      network_(network_until_exit(options)),
      environment_{.recorder = recorder_, .network = network_},
      listener_call_(options.listener_limit),
      messages_(options.place) {
    engine_of_thread = this;
    user::keep_metrics_in(&recorder_);
    if (options.traffic != nullptr) network_.exchanges_begun = &options.traffic->begun;
    environment_.seed = options.seed;
    environment_.each_task_once = options.each_task_once;
    environment_.wire_observer = options.wire_observer;
    environment_.trace_header = options.trace_header;
    environment_.test_folder = options.test_folder;
    environment_.host_if_none = options.host_if_none;
    environment_.client_defaults = options.client;
    environment_.on_stop_limit = options.on_stop_limit;
    environment_.fail_run = [this](const std::string& why) { give_up(why); };
    for (const user::Declaration* declaration : classes) class_names_.push_back(declaration->name);
    environment_.stop_run = [this] { ask_to_stop(); };
    if (options.shape != nullptr) environment_.tickets.expect_all_classes();
    environment_.tickets.open(classes, options.iterations);
    environment_.tickets.on_change([this] {
        limits_changed_ = true;
        has_work_.set();
        finish_pools();
    });
    environment_.tickets.on_need([this] { ask_for_tickets(); });
    for (std::uint32_t index = 0; index < classes.size(); ++index) {
        if (!classes[index]->arrivals || options.each_task_once) continue;
        pools_.push_back(std::make_unique<ArrivalPool>(
            *classes[index],
            pools_.size(),
            environment_.gate,
            recorder_,
            [this, index](user::ArrivalSource& source) { return start_guest(index, source); }));
    }
    lessees_.emplace(environment_.tickets, pools_, options.journal);
    crowd_ = std::make_unique<Crowd>(std::move(classes), environment_, options.stop);
    crowd_->on_ended([this] {
        has_work_.set();
        if (crowd_->alive() == 0) report();
    });
}

Engine::~Engine() {
    user::keep_metrics_in(nullptr);
    engine_of_thread = nullptr;
}

Engine* Engine::current() {
    return engine_of_thread;
}

void Engine::init() {
    const auto refuse = [this](const std::string& why) {
        run_sender_.reset();
        throw base::Error(why);
    };
    const InitEvent event;
    run_sender_.emplace(environment_);
    if (listener_call_.make(EventKind::Init, &event) == ListenerCall::Outcome::TooLate) {
        refuse(listener_call_.complaint(EventKind::Init));
    }
    if (user::listeners().any_threw()) refuse("a listener to events().init threw, see above");
}

void Engine::run() {
    busy_since_ = fiber::now();
    busy_before_ = scheduler_.busy_time();
    {
        const fiber::Handle reporter =
            fiber::start([this] { report_every_second(); }, {.label = "statistics"});
        fiber::Handle usage;
        if (scheduler_.options().clock == fiber::ClockKind::Real) {
            usage = fiber::start([this] { watch_usage(); }, {.label = "usage"});
        }
        const fiber::Handle messages =
            fiber::start([this] { messages_.deliver(); }, {.label = "on_message() listeners"});
        while (!dismissed_) work_off_commands();
        shape_ = {};
        own_fibers_.end();
    }
    run_sender_.reset();
}

void Engine::work_off_commands() {
    has_work_.wait();
    has_work_.clear();
    while (!commands_.empty()) {
        const std::function<void()> command = std::move(commands_.front());
        commands_.pop_front();
        command();
        report();
    }
    if (messages_.has_outgoing()) report();
    if (std::exchange(needs_tickets_, false)) report();
    if (std::exchange(limits_changed_, false)) crowd_->stop_those_done();
    if (crowd_->has_dead()) crowd_->bury();
}

void Engine::send(std::function<void()> command) {
    const bool posted = scheduler_.post([this, command = std::move(command)]() mutable {
        commands_.push_back(std::move(command));
        has_work_.set();
    });
    // Control waits for an answer to nearly each message, so that few are ever on their way.
    base::expects(posted, "the engine's mailbox has room for control");
}

void Engine::begin_test(const TestBegin& begin) {
    send([this, begin] { do_begin(begin); });
}

void Engine::take_step(SpawnStep step) {
    send([this, step = std::move(step)] { do_step(step); });
}

void Engine::pause() {
    send([this] { environment_.gate.close(fiber::now()); });
}

void Engine::resume() {
    send([this] { environment_.gate.open(fiber::now()); });
}

void Engine::announce_spawned(std::int64_t users) {
    send([this, users] { announce(EventKind::SpawningComplete, SpawningCompleteEvent{users}); });
}

void Engine::end_test() {
    // A step or a listener of test_start that is under way must not delay the end.
    const bool posted = scheduler_.post([this] {
        testing_ = false;
        listener_call_.cancel();
        shape_.cancel();
        for (const auto& pool : pools_) pool->cancel();
    });
    base::expects(posted, "the engine's mailbox has room for control");
    send([this] { do_end(); });
}

// At once: a listener of test_start may wait for a row.
void Engine::change_lease(std::function<void()> change) {
    const bool posted = scheduler_.post([this, change = std::move(change)] {
        change();
        ask_for_tickets();
    });
    base::expects(posted, "the engine's mailbox has room for control");
}

void Engine::grant(const LeaseGrant& grant) {
    change_lease([this, grant] { lessees_->grant(grant); });
}

void Engine::recall(LeaseKey key, std::int64_t most) {
    change_lease([this, key, most] { lessees_->recall(key, most); });
}

void Engine::close(LeaseKey key) {
    change_lease([this, key] { lessees_->close(key); });
}

void Engine::ask_for_tickets() {
    needs_tickets_ = true;
    has_work_.set();
}

void Engine::reset_statistics(std::uint64_t epoch) {
    send([this, epoch] {
        do_reset(epoch);
        announce(EventKind::ResetStatistics, ResetStatisticsEvent{});
    });
}

void Engine::tell(const RunNews& news) {
    const bool posted = scheduler_.post([this, news] { news_ = news; });
    base::expects(posted, "the engine's mailbox has room for control");
}

void Engine::leave() {
    send([this] {
        const QuittingEvent event;
        listener_call_.make(EventKind::Quitting, &event);
        status_.has_left = true;
    });
}

void Engine::disable_task(std::string label) {
    send([this, label = std::move(label)] { environment_.tickets.disable(label); });
}

void Engine::deliver(Letter letter) {
    const std::string type = letter.type;
    const bool posted = scheduler_.post(
        [this, letter = std::move(letter)]() mutable { messages_.receive(std::move(letter)); });
    if (posted) return;
    base::log(base::LogLevel::Error, "a message \"{}\" is dropped: the engine is behind", type);
}

void Engine::send_message(std::string_view type, std::string_view data, std::string_view to) {
    messages_.send(type, data, to);
    if (messages_.has_outgoing()) has_work_.set();
}

void Engine::dismiss(int exit_code) {
    send([this, exit_code] {
        const QuitEvent event{exit_code};
        listener_call_.make(EventKind::Quit, &event);
        dismissed_ = true;
    });
}

void Engine::do_begin(const TestBegin& begin) {
    testing_ = true;
    do_reset(begin.statistics_epoch);
    using Lent = user::TicketOffice::Lent;
    const bool lent = begin.lease_round > 0;
    if (lent) {
        environment_.tickets.set_iterations(begin.iterations);
        lessees_.emplace(environment_.tickets, pools_);
    }
    environment_.tickets.begin_test(lent ? Lent::InBlocks : Lent::AllAtOnce);
    lessees_->begin_test();
    if (options_.journal != nullptr) options_.journal->on_lease_round(begin.lease_round);
    status_.lease_round = begin.lease_round;
    environment_.seed = begin.seed.value_or(options_.seed);
    crowd_->number_guests_from(begin.first_guest);
    environment_.host = begin.host;
    environment_.run_id = new_run_id(base::wall_now());
    user::run_random() = user::RandomStream(environment_.seed, UINT64_MAX, 0);
    status_.cannot_go_on.clear();
    take_over(begin);
    environment_.gate.reset();
    open_feeders(lent);
    const TestStartEvent event;
    if (status_.cannot_go_on.empty() &&
        listener_call_.make(EventKind::TestStart, &event) == ListenerCall::Outcome::TooLate) {
        give_up(listener_call_.complaint(EventKind::TestStart));
    }
    status_.tests_begun += 1;
    begun_ = fiber::now();
    if (!testing_ || !status_.cannot_go_on.empty()) return;
    for (const auto& pool : pools_) {
        lent ? pool->begin_lent(environment_.seed) : pool->begin(environment_.seed, begun_);
    }
    if (options_.shape != nullptr) {
        shape_ = fiber::start([this] { follow_shape(); }, {.label = "load shape"});
    }
}

// What a node takes from its master.
void Engine::take_over(const TestBegin& begin) {
    options_.stop.stop_timeout = begin.stop_timeout.value_or(options_.stop.stop_timeout);
    options_.stop.drain_timeout = begin.drain_timeout.value_or(options_.stop.drain_timeout);
    crowd_->set_limits(options_.stop);
    options_.place.worker_index = begin.worker_index.value_or(options_.place.worker_index);
    options_.place.worker_count = begin.worker_count.value_or(options_.place.worker_count);
    if (begin.settings.empty() || !options_.take_settings) return;
    for (const std::string& why : options_.take_settings(begin.settings)) give_up(why);
}

void Engine::follow_shape() {
    ShapeDriver shape(*options_.shape, options_.common_options, class_names_);
    base::TimePoint next = fiber::now();
    while (true) {
        environment_.gate.pass();
        const base::TimePoint asked = fiber::now();
        const auto aim =
            shape.ask(asked - begun_ - environment_.gate.closed_for(asked), user_count());
        if (!aim) return give_up(aim.error());
        status_.shape = ShapeWish{status_.tests_begun, *aim};
        report();
        if (!*aim) return;
        if (asked - next >= ShapeDriver::kPeriod / 2) next = asked;  // after a pause or a slow tick
        next += ShapeDriver::kPeriod;
        fiber::sleep_until(next);
    }
}

void Engine::open_feeders(bool lent) {
    if (user::registry().feeders().empty()) return;
    std::function<void()> on_need;
    if (lent) on_need = [this] { ask_for_tickets(); };
    std::vector<std::string> complaints;
    fiber::run_on_helper_thread([&] {  // reads files
        complaints = user::open_feeders(user::registry(), options_.test_folder, on_need);
    });
    for (const std::string& complaint : complaints) give_up(complaint);
    if (lent && complaints.empty()) lessees_->add(user::registry().feeders());
}

void Engine::do_step(const SpawnStep& step) {
    std::size_t started = 0;
    for (const PlannedUser& planned : step.start) {
        if (!testing_ || !start_user(planned)) break;
        if (++started % Crowd::kSlice == 0) fiber::yield();
    }
    if (!step.stop.empty()) crowd_->stop(step.stop);
    status_.steps_done += 1;
}

bool Engine::start_user(const PlannedUser& planned) {
    try {
        crowd_->start(planned);
        return true;
    } catch (const std::exception& error) {
        give_up_starting(error);
        return false;
    }
}

bool Engine::start_guest(std::uint32_t class_index, user::ArrivalSource& source) {
    try {
        crowd_->start_guest(class_index, source);
        return true;
    } catch (const std::exception& error) {
        give_up_starting(error);
        return false;
    }
}

void Engine::give_up_starting(const std::exception& error) {
    give_up(fmt::format("user {} cannot be started: {}", crowd_->alive() + 1, error.what()));
}

void Engine::do_end() {
    const TestStoppingEvent stopping;
    listener_call_.make(EventKind::TestStopping, &stopping);
    shape_ = {};
    for (const auto& pool : pools_) pool->end();
    crowd_->stop_all();
    own_fibers_.end();
    const TestStopEvent stop;
    listener_call_.make(EventKind::TestStop, &stop);
    record_busy_share();
    status_.tests_ended = status_.tests_begun;
}

void Engine::do_reset(std::uint64_t epoch) {
    [[maybe_unused]] const stats::Delta of_before = recorder_.take(fiber::now());
    [[maybe_unused]] const net::Shortages shortages_of_before = net::take_shortages();
    status_.statistics_epoch = epoch;
    if (options_.journal != nullptr) options_.journal->on_reset(epoch);
}

template <class Event>
void Engine::announce(EventKind kind, const Event& event) {
    if (!user::listeners().heard(kind)) return;
    own_fibers_.start([kind, event] { user::listeners().fire(kind, &event); }, user::name_of(kind));
}

void Engine::give_up(const std::string& why) {
    auto& reasons = status_.cannot_go_on;
    if (std::find(reasons.begin(), reasons.end(), why) == reasons.end()) reasons.push_back(why);
    report();
}

// At once: an arrival that is due later would make a user that has nothing to do.
void Engine::finish_pools() {
    if (!testing_) return;
    for (const auto& pool : pools_) {
        if (environment_.tickets.nothing_left(pool->declaration())) pool->finish();
    }
}

void Engine::ask_to_stop() {
    status_.stops_asked = status_.tests_begun;
    report();
}

void Engine::ask_to_quit() {
    status_.quit_asked = true;
    report();
}

void Engine::ask_for_exit_code(int code) {
    status_.exit_code = code;
}

EngineReport Engine::look() {
    EngineReport now = status_;
    now.users = crowd_->alive_per_class();
    now.user_count = crowd_->alive();
    if (environment_.tickets.limited()) {
        now.limits = environment_.tickets.progress();
        now.limits_part_done = environment_.tickets.part_done();
        now.nothing_left = environment_.tickets.nothing_left();
    }
    now.listener_threw = user::listeners().any_threw();
    for (const auto& pool : pools_) now.arrivals.push_back(pool->progress());
    return now;
}

void Engine::report() {
    finish_pools();
    EngineReport now = look();
    if (now.lease_round > 0) {
        now.leases = lessees_->accounts();
        now.lease_returns = lessees_->take_returns();
    }
    const net::Shortages shortages = net::take_shortages();
    recorder_.record_shortages({shortages.descriptors, shortages.ports});
    now.letters = messages_.take_outgoing();
    now.delta = recorder_.take(fiber::now());
    now.takes = recorder_.takes();
    if (pending_) {
        pending_->absorb(std::move(now));
    } else {
        pending_ = std::move(now);
    }
    if (sink_(*pending_)) pending_.reset();
}

void Engine::report_every_second() {
    while (true) {
        fiber::sleep_for(kReportPeriod);
        record_busy_share();
        report();
    }
}

void Engine::watch_usage() {
    UsageMonitor monitor(fiber::now(), scheduler_.busy_time());
    while (true) {
        fiber::sleep_for(UsageMonitor::kPeriod);
        const Usage usage = monitor.look(fiber::now(), scheduler_.busy_time());
        announce(EventKind::UsageMonitor, UsageEvent{usage.process_percent, usage.resident_bytes});
        if (usage.engine_percent > UsageMonitor::kWarningPercent) {
            announce(EventKind::CpuWarning, CpuWarningEvent{usage.engine_percent});
        }
    }
}

void Engine::record_busy_share() {
    const base::TimePoint now = fiber::now();
    const nanoseconds used = scheduler_.busy_time();
    const nanoseconds wall = now - busy_since_;
    if (wall <= nanoseconds{}) return;
    recorder_.record_busy(now, std::min(used - busy_before_, wall), wall);
    busy_since_ = now;
    busy_before_ = used;
}

}  // namespace cicada::run
