// SPDX-License-Identifier: Apache-2.0
#include "user/feeders.hpp"

#include <fmt/format.h>

#include <cicada/control.hpp>
#include <cicada/random.hpp>
#include <limits>
#include <stdexcept>
#include <utility>

#include "base/log.hpp"
#include "base/shown_path.hpp"
#include "user/environment.hpp"
#include "user/live_user.hpp"
#include "user/registry.hpp"
#include "user/row_file.hpp"

namespace cicada {
namespace {

using user::registry;

Feeder declare(std::unique_ptr<Feeder::Source> source) {
    registry().expect_unsealed(source->name, source->place);
    const auto complain = [&source](const std::string& what) {
        registry().complain(source->place, fmt::format("{}: {}", source->name, what));
    };
    if (source->feed != Feed::Unique && source->options.at_end != AtEnd::StopUser) {
        complain(".at_end is for Feed::Unique; the others have no end");
    }
    const char separator = source->options.separator;
    if (separator == '"' || separator == '\n' || separator == '\r') {
        complain("a quote or the end of a line cannot be the .separator");
    }
    return Feeder(registry().add(std::move(source)));
}

Feeder declare_file(std::string_view path,
                    std::unique_ptr<user::RowFormat> format,
                    Feed feed,
                    const FeederOptions& options,
                    const detail::Place& place) {
    auto source = std::make_unique<Feeder::Source>();
    source->name = path;
    source->file = path;
    source->place = place;
    source->feed = feed;
    source->options = options;
    source->rows = std::make_unique<user::RowFile>(std::string(path), std::move(format));
    if (path.empty()) registry().complain(place, "a feeder's path is empty");
    return declare(std::move(source));
}

/// What next() was called by; null: no user.
const user::LiveUser* calling_user() {
    return user::LiveUser::current();
}

}  // namespace

// ---- declaring ----------------------------------------------------------------------------------

Feeder csv_feeder(std::string_view path,
                  Feed feed,
                  const FeederOptions& options,
                  const detail::Place& place) {
    return declare_file(path, user::csv_format(options.separator), feed, options, place);
}

Feeder json_feeder(std::string_view path,
                   Feed feed,
                   const FeederOptions& options,
                   const detail::Place& place) {
    return declare_file(path, user::json_lines_format(), feed, options, place);
}

Feeder range_feeder(std::int64_t first,
                    std::int64_t last,
                    Feed feed,
                    const FeederOptions& options,
                    const detail::Place& place) {
    auto source = std::make_unique<Feeder::Source>();
    source->name = fmt::format("range_feeder({}, {})", first, last);
    source->place = place;
    source->feed = feed;
    source->options = options;
    source->rows = std::make_unique<user::RangeRows>(first, last);
    if (last < first) {
        registry().complain(place, source->name + ": the first number is the smallest");
    }
    return declare(std::move(source));
}

Feeder generator_feeder(detail::Function<Fields(std::int64_t)> row, const detail::Place& place) {
    auto source = std::make_unique<Feeder::Source>();
    source->name = "generator_feeder()";
    source->place = place;
    source->feed = Feed::Unique;
    source->rows = std::make_unique<user::GeneratedRows>(std::move(row));
    return declare(std::move(source));
}

// ---- handing out --------------------------------------------------------------------------------

base::Result<void> Feeder::Source::open(const std::filesystem::path& folder,
                                        const std::function<void()>& on_need) {
    numbers.reset();
    lent_ = nullptr;
    next_of_user.clear();
    end_was_told = false;
    const std::filesystem::path own = test_file.empty() ? folder : test_file.parent_path();
    if (const auto opened = rows->open(own); !opened) return opened;
    if (on_need && feed == Feed::Unique && !options.per_user) {
        auto lent = std::make_unique<user::LentRowNumbers>(on_need);
        lent_ = lent.get();
        numbers = std::move(lent);
    } else {
        numbers = std::make_unique<user::CountedRowNumbers>(rows_to_give());
    }
    return {};
}

std::int64_t Feeder::Source::rows_to_give() const {
    return ends() ? rows->size() : std::numeric_limits<std::int64_t>::max();
}

FeedRow Feeder::Source::next() {
    if (numbers == nullptr) {
        throw std::logic_error(
            fmt::format("{}: there are rows from test_start on, when the file is opened", name));
    }
    if (feed == Feed::Random) return FeedRow(rows->row(random_int(0, rows->size() - 1)));
    const std::int64_t number = options.per_user ? next_number_of_user() : next_number();
    return FeedRow(rows->row(number % rows->size()));
}

std::int64_t Feeder::Source::next_number() {
    const auto number = numbers->take();
    if (!number) end();
    return *number;
}

std::int64_t Feeder::Source::next_number_of_user() {
    const user::LiveUser* const user = calling_user();
    if (user == nullptr) {
        throw std::logic_error(fmt::format(
            "{}: it is .per_user, so that only users may ask: in tasks and on_start", name));
    }
    std::int64_t& next = next_of_user[user->number()];
    if (ends() && next == rows->size()) end();
    return next++;
}

void Feeder::Source::end() {
    const std::string what =
        options.per_user ? fmt::format("{}: a user has had each of the {} rows", name, rows->size())
                         : fmt::format("{}: each of the {} rows has been used", name, rows->size());
    const user::LiveUser* const user = calling_user();
    if (user == nullptr) throw std::out_of_range(what);
    const bool stop_run = options.at_end == AtEnd::StopRun;
    if (!std::exchange(end_was_told, true)) {
        base::log(base::LogLevel::Info,
                  "{}, {}",
                  what,
                  stop_run ? "stopping the test" : "who asks for another ends");
    }
    if (stop_run && user->environment().stop_run) user->environment().stop_run();
    stop_user();
}

FeedRow Feeder::next() const {
    return source_->next();
}

// ---- a row --------------------------------------------------------------------------------------

FeedRow::FeedRow(Fields fields) : fields_(std::move(fields)) {}

const std::string& FeedRow::operator[](std::string_view column) const& {
    std::string known;
    for (const Field& field : fields_) {
        if (field.name() == column) return field.value();
        known += (known.empty() ? "" : ", ") + field.name();
    }
    throw std::out_of_range(fmt::format(
        "a row has no column \"{}\"; it has {}", column, known.empty() ? "none" : known));
}

std::string FeedRow::operator[](std::string_view column) && {
    return static_cast<const FeedRow&>(*this)[column];
}

bool FeedRow::has(std::string_view column) const {
    for (const Field& field : fields_) {
        if (field.name() == column) return true;
    }
    return false;
}

}  // namespace cicada

namespace cicada::user {

std::vector<std::string> open_feeders(const Registry& registry,
                                      const std::filesystem::path& folder,
                                      const std::function<void()>& on_need) {
    std::vector<std::string> complaints;
    for (const auto& feeder : registry.feeders()) {
        const auto opened = feeder->open(folder, on_need);
        if (opened) continue;
        complaints.push_back(fmt::format("{}: {}", base::shown(feeder->place), opened.error()));
    }
    return complaints;
}

}  // namespace cicada::user
