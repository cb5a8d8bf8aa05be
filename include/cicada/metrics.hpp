// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <source_location>
#include <string_view>

#include "cicada/duration.hpp"
#include "cicada/fields.hpp"

/// \file
/// What a test counts beside its requests. Console, CSV, JSON and thresholds know of it.
///
/// Metrics are declared at namespace scope and told values in tasks and listeners; two
/// declarations of one name are one metric. Values may have tags, `{{"region", "eu"}}`: each
/// combination of tags is shown apart, and all of them together. Tags are for what has few values:
/// the first 2,000 combinations of a test are told apart.
/// None of the functions suspends. Error: outside a run, std::logic_error.
namespace cicada {

namespace detail {

/// One declared metric, kept by the registry until exit.
struct MetricDeclaration;

}  // namespace detail

/// A sum that grows.
class CounterMetric {
public:
    /// Error: std::invalid_argument if `amount` is negative or no number.
    void add(double amount = 1) const;
    void add(double amount, const Fields& tags) const;

private:
    friend CounterMetric counter(std::string_view name, const std::source_location& place);
    explicit CounterMetric(const detail::MetricDeclaration& metric) : metric_(&metric) {}
    const detail::MetricDeclaration* metric_;
};

/// A value that goes up and down: the last one is shown, and the extremes.
class GaugeMetric {
public:
    /// Error: std::invalid_argument if `value` is no number.
    void set(double value) const;
    void set(double value, const Fields& tags) const;

private:
    friend GaugeMetric gauge(std::string_view name, const std::source_location& place);
    explicit GaugeMetric(const detail::MetricDeclaration& metric) : metric_(&metric) {}
    const detail::MetricDeclaration* metric_;
};

/// How often something was true.
class RateMetric {
public:
    void add(bool passed) const;
    void add(bool passed, const Fields& tags) const;

private:
    friend RateMetric rate(std::string_view name, const std::source_location& place);
    explicit RateMetric(const detail::MetricDeclaration& metric) : metric_(&metric) {}
    const detail::MetricDeclaration* metric_;
};

/// The distribution of a time, or of a number; a trend that is told both is shown as two.
///
/// Range:  times from 0 to one hour; numbers from 0 to 3.6e9.
/// Error:  percentiles within 0.4 %, numbers below 0.1 within 0.001.
class TrendMetric {
public:
    void add(Duration time) const;
    void add(Duration time, const Fields& tags) const;

    /// Error: std::invalid_argument if `number` is negative or no number.
    void add(double number) const;
    void add(double number, const Fields& tags) const;

private:
    friend TrendMetric trend(std::string_view name, const std::source_location& place);
    explicit TrendMetric(const detail::MetricDeclaration& metric) : metric_(&metric) {}
    const detail::MetricDeclaration* metric_;
};

/// `static const auto orders = counter("orders");`, then in a task `orders.add();`
CounterMetric counter(std::string_view name,
                      const std::source_location& place = std::source_location::current());
GaugeMetric gauge(std::string_view name,
                  const std::source_location& place = std::source_location::current());
RateMetric rate(std::string_view name,
                const std::source_location& place = std::source_location::current());
TrendMetric trend(std::string_view name,
                  const std::source_location& place = std::source_location::current());

/// Counts how often `condition` held, under `name`, and returns it:
/// `if (!check("logged in", page.status() == 200)) return;`
///
/// A check that fails fails neither the request nor the run: page.fail() does the one, a threshold
/// the other. Needs no declaration. Error: std::logic_error outside a run.
bool check(std::string_view name, bool condition);
bool check(std::string_view name, bool condition, const Fields& tags);

bool check(bool condition)
    __attribute__((unavailable("a check needs a name: check(\"logged in\", page.ok())")));

}  // namespace cicada
