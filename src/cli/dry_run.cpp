// SPDX-License-Identifier: Apache-2.0
#include "cli/dry_run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "cli/goals.hpp"
#include "cli/run_options.hpp"
#include "cli/selection.hpp"
#include "report/files.hpp"
#include "report/final_report.hpp"
#include "report/timeline.hpp"
#include "run/planned_limits.hpp"
#include "run/virtual_run.hpp"
#include "user/registry.hpp"

namespace cicada::cli {
namespace {

using base::ExitCode;
using base::LogLevel;

/// Where no host is given, none is needed. RFC 2606: there is no such host.
constexpr const char* kHostIfNone = "http://dry-run.invalid";

using Classes = std::vector<const user::Declaration*>;

/// Lines of the log go to a file, while it lives.
class LogFile {
public:
    explicit LogFile(const std::string& path) {
        const auto made = report::make_folders_of(path);
        fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (fd_ < 0) {
            const std::string why = made ? report::cannot_write(path, errno) : made.error();
            base::log(LogLevel::Warning, "{}", why);
            return;
        }
        base::set_log_writer([this](const base::LogLine& line) {
            [[maybe_unused]] const int error = report::write_all(fd_, base::formatted(line) + "\n");
        });
    }
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    ~LogFile() {
        if (fd_ < 0) return;
        base::set_log_writer(nullptr);
        ::close(fd_);
    }

private:
    int fd_ = -1;
};

void warn_of_ignored_load(const Settings& settings) {
    if (const auto warning = warning_of_ignored_load(settings)) {
        base::log(LogLevel::Warning, "{}", *warning);
    }
}

/// A test that might end is followed for a week of its time, one that cannot is refused.
run::Target target_with_an_end(const Settings& settings, const Classes& classes) {
    run::Target target = first_target(settings, classes.size());
    if (target.run_time) return target;
    const auto limits = run::planned_limits(run::test_classes(classes), settings.iterations);
    if (limits.empty() && user::registry().load_plan() == nullptr) {
        throw base::Error(
            "argument --dry-run=tasks: nothing ends this test; give it a run time, such as -t 10m",
            ExitCode::BadArguments);
    }
    target.run_time = run::DryRun::kLongest;
    return target;
}

std::optional<run::RecordedAnswers> recorded_answers(const Settings& settings) {
    if (!settings.answers_file) return std::nullopt;
    auto read = run::RecordedAnswers::read(*settings.answers_file);
    if (read) return std::move(*read);
    throw base::Error("argument --answers: " + read.error(), ExitCode::BadArguments);
}

}  // namespace

// The lines that the run's machine logs are not news of a test.
int show_dry_run(const Settings& settings) {
    const Classes classes = select_users(settings, user::registry());
    warn_of_ignored_load(settings);
    base::set_log_level(LogLevel::Critical);
    const auto rehearsed = run::dry_run(classes, dry_run_options(settings, classes.size()));
    if (!rehearsed) throw base::Error(rehearsed.error(), ExitCode::BadArguments);
    for (const std::string& line : report::timeline(*rehearsed)) fmt::print("{}\n", line);
    return static_cast<int>(rehearsed->given_up.empty() ? ExitCode::Passed : ExitCode::Failed);
}

int dry_run_tasks(const Settings& settings, const std::filesystem::path& folder, Signals& signals) {
    const Classes classes = select_users(settings, user::registry());
    expect_hosts(settings, classes);
    std::optional<LogFile> log_file;
    if (settings.log_file && !settings.skip_log_setup) log_file.emplace(*settings.log_file);
    warn_of_ignored_load(settings);
    run::Answers answers(
        user::registry().dry_run(), recorded_answers(settings), settings.answer_latency);

    const run::LocalRunOptions local = local_run_options(settings, folder);
    run::VirtualRunOptions options{.scheduler = local.scheduler,
                                   .engine = local.engine,
                                   .machine = local.machine,
                                   .load_plan = local.load_plan,
                                   .target = target_with_an_end(settings, classes),
                                   .answers = &answers};
    options.machine.goals = goals_of(settings);
    options.engine.host_if_none = kHostIfNone;
    options.asked_to_end = [&signals] { return signals.asked_to_end(); };
    options.exit_code = [&settings](const run::Outcome& outcome) {
        return exit_code_of(outcome, settings);
    };
    signals.be_graceful();
    if (!settings.seed) {
        base::log(LogLevel::Info, "This run repeats with --seed {}", options.engine.seed);
    }
    const auto done = run::run_in_virtual_time(classes, options);
    if (!done) throw base::Error(done.error(), ExitCode::BadArguments);
    report::report_dry_run(done->course, *done->last, output_options(settings));
    return done->exit_code;
}

}  // namespace cicada::cli
