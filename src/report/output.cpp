// SPDX-License-Identifier: Apache-2.0
#include "report/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "report/console.hpp"
#include "report/csv_files.hpp"
#include "report/files.hpp"
#include "report/final_report.hpp"
#include "report/json_entries.hpp"
#include "report/keyboard.hpp"
#include "report/limit_report.hpp"
#include "report/load_keys.hpp"
#include "report/log_queue.hpp"
#include "report/tables.hpp"

namespace cicada::report {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 500ms;           // between two pictures of a live display
constexpr auto kFileInterval = 1s;      // CSV files. Source: Locust, CSV_STATS_INTERVAL_SEC
constexpr auto kTableInterval = 2s;     // Source: Locust, CONSOLE_STATS_INTERVAL_SEC
constexpr auto kPatienceAtEnd = 10s;    // with a terminal that takes nothing
constexpr auto kPatienceWithDisk = 5s;  // more, with files

// Signals belong to the control thread; a closed pipe is an errno here.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

class Output::Impl {
public:
    Impl(run::RunControl& run, const OutputOptions& options);
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl();

    void show_page_at(const std::string& url) { page_ = url; }
    static void start(const std::shared_ptr<Impl>& self);
    void finish();

private:
    void work();
    [[nodiscard]] std::pair<std::shared_ptr<const run::Snapshot>, bool> present_snapshot();
    void prepare_files();
    void wait_for_news(base::TimePoint until);
    void show_news();
    void heed_keys();
    void show_run(const run::Snapshot& snapshot, base::TimePoint now);
    void write_files(const run::Snapshot& snapshot);
    void write_last_files();
    void show_end();
    void log_line(const QueuedLine& line);
    void complain(const std::string& text);
    void warn_of(const run::Snapshot& snapshot);

    run::RunControl& run_;  // not used any more once last_ is set
    const OutputOptions options_;
    std::string page_;  ///< its URL; empty: there is none
    LogQueue queue_;
    std::thread thread_;

    // The output thread's.
    std::unique_ptr<Console> console_;
    std::unique_ptr<Keyboard> keyboard_;
    std::unique_ptr<CsvFiles> csv_;
    int log_file_ = -1;
    bool json_file_written_ = false;  ///< it stands for the final tables
    std::set<std::string> told_;      // complaints and warnings, each shown once
    base::TimePoint next_files_{};
    base::TimePoint next_table_{};

    std::mutex mutex_;
    std::condition_variable ended_changed_;
    std::shared_ptr<const run::Snapshot> last_;  // guarded by mutex_; not null: finish
    bool ended_ = false;                         // guarded by mutex_
};

Output::Impl::Impl(run::RunControl& run, const OutputOptions& options)
    : run_(run), options_(options) {}

Output::Impl::~Impl() {
    if (log_file_ >= 0) ::close(log_file_);
}

// The thread keeps the object alive: one that hangs in a file is left behind by finish().
void Output::Impl::start(const std::shared_ptr<Impl>& self) {
    const OutputOptions& options = self->options_;
    const bool live = options.tables && !options.only_summary && !options.log_only;
    self->console_ =
        std::make_unique<Console>(live ? Console::Display::Live : Console::Display::Plain);
    if (!options.log_only) self->keyboard_ = std::make_unique<Keyboard>();
    self->console_->show_keys(self->keyboard_ != nullptr && self->keyboard_->present(),
                              !self->page_.empty());
    base::set_log_writer([self](const base::LogLine& line) {
        self->queue_.push(line);
        if (self->options_.log_copy) self->options_.log_copy(line);
    });
    self->thread_ = std::thread([self] {
        block_signals();
        self->work();
        const std::lock_guard lock(self->mutex_);
        self->ended_ = true;
        self->ended_changed_.notify_all();
    });
}

void Output::Impl::finish() {
    if (!thread_.joinable()) return;
    std::unique_lock lock(mutex_);
    last_ = run_.snapshot();
    queue_.wake();
    const bool ended = ended_changed_.wait_for(
        lock, kPatienceAtEnd + kPatienceWithDisk, [this] { return ended_; });
    lock.unlock();
    base::set_log_writer(nullptr);
    if (!ended) {
        thread_.detach();
        return;
    }
    thread_.join();
    for (const QueuedLine& line : queue_.take()) std::fprintf(stderr, "%s\n", line.text.c_str());
}

void Output::Impl::work() {
    prepare_files();
    base::TimePoint next_tick = base::steady_now();
    next_table_ = next_tick + kTableInterval;
    for (;;) {
        wait_for_news(next_tick);
        heed_keys();
        show_news();
        const base::TimePoint now = base::steady_now();
        const auto [snapshot, is_last] = present_snapshot();
        if (is_last) break;
        if (now < next_tick) continue;
        next_tick = std::max(next_tick + kTick, now);
        show_run(*snapshot, now);
    }
    keyboard_.reset();
    write_last_files();
    show_end();
}

// The run may be gone once the last snapshot is there: asking it and setting that exclude each
// other.
std::pair<std::shared_ptr<const run::Snapshot>, bool> Output::Impl::present_snapshot() {
    const std::lock_guard lock(mutex_);
    if (last_ != nullptr) return {last_, true};
    return {run_.snapshot(), false};
}

void Output::Impl::prepare_files() {
    if (options_.log_file) {
        const auto made = make_folders_of(*options_.log_file);
        const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
        log_file_ = ::open(options_.log_file->c_str(), flags, 0666);
        if (log_file_ < 0) complain(made ? cannot_write(*options_.log_file, errno) : made.error());
    }
    if (options_.csv_prefix) {
        csv_ = std::make_unique<CsvFiles>(
            *options_.csv_prefix,
            options_.csv_full_history ? HistoryRows::All : HistoryRows::Aggregated);
        if (const auto made = csv_->create(); !made) complain(made.error());
    }
}

void Output::Impl::wait_for_news(base::TimePoint until) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - base::steady_now()).count();
    std::array<pollfd, 3> sources{{{queue_.descriptor(), POLLIN, 0},
                                   {console_->captured_descriptor(), POLLIN, 0},
                                   {keyboard_ ? keyboard_->descriptor() : -1, POLLIN, 0}}};
    const auto most = console_->waiting() ? 20L : 1'000L;
    (void)::poll(sources.data(), sources.size(), static_cast<int>(std::clamp(left, 0L, most)));
}

// The run is not asked any more once its last snapshot is there.
void Output::Impl::heed_keys() {
    if (keyboard_ == nullptr) return;
    const std::string keys = keyboard_->take();
    const std::lock_guard lock(mutex_);
    if (last_ != nullptr) return;
    for (const char key : keys) LoadKeys(run_, page_).press(key);
}

void Output::Impl::show_news() {
    console_->pump();
    console_->print_captured();
    for (const QueuedLine& line : queue_.take()) log_line(line);
    if (const int error = console_->take_error(); error != 0 && log_file_ >= 0) {
        complain(
            fmt::format("cannot write to the console: {}", std::generic_category().message(error)));
    }
}

void Output::Impl::log_line(const QueuedLine& line) {
    if (log_file_ >= 0) {
        const int error = write_all(log_file_, line.text + "\n");
        if (error == 0) return;
        complain(cannot_write(*options_.log_file, error));
    }
    console_->print(line);
}

void Output::Impl::complain(const std::string& text) {
    if (!told_.insert(text).second) return;
    const base::LogLine line{base::LogLevel::Warning, text};
    log_line({line.level, base::formatted(line)});
}

void Output::Impl::warn_of(const run::Snapshot& snapshot) {
    for (const std::string& text : snapshot.warnings) complain(text);
    for (const std::string& text : snapshot.statistics->warnings()) complain(text);
}

void Output::Impl::show_run(const run::Snapshot& snapshot, base::TimePoint now) {
    warn_of(snapshot);
    if (now >= next_files_) {
        next_files_ = now + kFileInterval - kTick / 2;
        write_files(snapshot);
    }
    if (snapshot.state == run::State::Ready) return;
    if (console_->live()) {
        console_->draw(snapshot, base::wall_now());
    } else if (options_.tables && !options_.only_summary && !options_.log_only &&
               now >= next_table_) {
        next_table_ = now + kTableInterval - kTick / 2;
        Lines table = statistics_table(
            *snapshot.statistics, RatesShown::Current, name_width(console_->columns()));
        for (const user::LimitProgress& limit : snapshot.limits) {
            table.push_back(limit.name + ": " + progress_text(limit));
        }
        table.emplace_back();
        console_->print(table);
    }
}

void Output::Impl::write_files(const run::Snapshot& snapshot) {
    if (csv_ == nullptr) return;
    const auto written = csv_->update(snapshot, base::wall_now());
    if (!written) complain(written.error());
}

void Output::Impl::write_last_files() {
    warn_of(*last_);
    write_files(*last_);
    const FinalFiles files = write_final_files(*last_, options_);
    for (const std::string& text : files.complaints) complain(text);
    json_file_written_ = files.json;
}

void Output::Impl::show_end() {
    console_->end_live();
    show_news();
    if (!json_file_written_ && !options_.log_only) {
        for (const Lines& part : final_tables(*last_, console_->columns())) {
            console_->print(part);
            console_->print(Lines{""});
        }
    }
    console_->drain(kPatienceAtEnd);
    if (options_.json) {
        const int error = write_all(STDOUT_FILENO, json_report(*last_));
        if (error != 0) complain(cannot_write("the JSON to stdout", error));
        console_->drain(kPatienceAtEnd);
    }
}

Output::Output(run::RunControl& run, const OutputOptions& options)
    : impl_(std::make_shared<Impl>(run, options)) {}

Output::~Output() {
    finish();
}

void Output::show_page_at(const std::string& url) {
    impl_->show_page_at(url);
}

void Output::start() {
    Impl::start(impl_);
}

void Output::finish() {
    impl_->finish();
}

}  // namespace cicada::report
