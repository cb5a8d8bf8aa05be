// SPDX-License-Identifier: Apache-2.0
// counter(), gauge(), rate(), trend() and check() of the public API.
#include <fmt/format.h>

#include <cicada/metrics.hpp>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "fiber/scheduler.hpp"
#include "user/measures.hpp"
#include "user/registry.hpp"

namespace cicada {
namespace {

using detail::MetricDeclaration;
using stats::MetricId;
using stats::MetricKind;
using stats::MetricUnit;

thread_local stats::Recorder* recorder_of_thread = nullptr;

const Fields& no_tags() {
    static const Fields none;
    return none;
}

stats::Recorder& recorder(MetricKind kind, std::string_view name) {
    if (recorder_of_thread == nullptr) {
        throw std::logic_error(
            fmt::format("{} \"{}\" can be told a value in tasks and listeners only, while the "
                        "program runs a test",
                        stats::name_of(kind),
                        name));
    }
    return *recorder_of_thread;
}

MetricId series(stats::Recorder& into,
                MetricKind kind,
                std::string_view name,
                const Fields& tags,
                MetricUnit unit = MetricUnit::Number) {
    if (tags.empty()) return into.metrics().series(kind, name, {}, unit);
    std::vector<stats::MetricTag> views;
    for (const Field& tag : tags) views.emplace_back(tag.name(), tag.value());
    return into.metrics().series(kind, name, views, unit);
}

void expect_number(const MetricDeclaration& metric, double number, bool may_be_negative) {
    if (std::isfinite(number) && (may_be_negative || number >= 0)) return;
    throw std::invalid_argument(fmt::format("{} \"{}\": {} is {}",
                                            stats::name_of(metric.kind),
                                            metric.name,
                                            number,
                                            std::isfinite(number) ? "negative" : "no number"));
}

void tell(MetricKind kind, std::string_view name, bool passed, const Fields& tags) {
    stats::Recorder& into = recorder(kind, name);
    into.metrics().tell(series(into, kind, name, tags), passed);
}

}  // namespace

CounterMetric counter(std::string_view name, const std::source_location& place) {
    return CounterMetric(user::registry().declare_metric(MetricKind::Counter, name, place));
}
GaugeMetric gauge(std::string_view name, const std::source_location& place) {
    return GaugeMetric(user::registry().declare_metric(MetricKind::Gauge, name, place));
}
RateMetric rate(std::string_view name, const std::source_location& place) {
    return RateMetric(user::registry().declare_metric(MetricKind::Rate, name, place));
}
TrendMetric trend(std::string_view name, const std::source_location& place) {
    return TrendMetric(user::registry().declare_metric(MetricKind::Trend, name, place));
}

void CounterMetric::add(double amount) const {
    add(amount, no_tags());
}

void CounterMetric::add(double amount, const Fields& tags) const {
    expect_number(*metric_, amount, false);
    stats::Recorder& into = recorder(metric_->kind, metric_->name);
    into.metrics().add(series(into, metric_->kind, metric_->name, tags), amount);
}

void GaugeMetric::set(double value) const {
    set(value, no_tags());
}

void GaugeMetric::set(double value, const Fields& tags) const {
    expect_number(*metric_, value, true);
    stats::Recorder& into = recorder(metric_->kind, metric_->name);
    into.metrics().set(
        series(into, metric_->kind, metric_->name, tags), value, into.wall(fiber::now()));
}

void RateMetric::add(bool passed) const {
    add(passed, no_tags());
}

void RateMetric::add(bool passed, const Fields& tags) const {
    tell(metric_->kind, metric_->name, passed, tags);
}

void TrendMetric::add(Duration time) const {
    add(time, no_tags());
}

void TrendMetric::add(Duration time, const Fields& tags) const {
    stats::Recorder& into = recorder(metric_->kind, metric_->name);
    const MetricId id = series(into, metric_->kind, metric_->name, tags, MetricUnit::Time);
    into.metrics().observe(id, time.nanoseconds());
}

void TrendMetric::add(double number) const {
    add(number, no_tags());
}

void TrendMetric::add(double number, const Fields& tags) const {
    expect_number(*metric_, number, false);
    stats::Recorder& into = recorder(metric_->kind, metric_->name);
    into.metrics().observe(series(into, metric_->kind, metric_->name, tags), number);
}

bool check(std::string_view name, bool condition) {
    return check(name, condition, no_tags());
}

bool check(std::string_view name, bool condition, const Fields& tags) {
    tell(MetricKind::Check, name, condition, tags);
    return condition;
}

}  // namespace cicada

namespace cicada::user {

void keep_metrics_in(stats::Recorder* recorder) {
    recorder_of_thread = recorder;
}

}  // namespace cicada::user
