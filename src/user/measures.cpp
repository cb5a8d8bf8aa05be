// SPDX-License-Identifier: Apache-2.0
#include "user/measures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cicada/thresholds.hpp>
#include <memory>
#include <utility>

#include "base/shown_path.hpp"
#include "stats/threshold.hpp"
#include "user/registry.hpp"

namespace cicada {
namespace {

template <class Texts>
void declare(const Texts& texts, const ThresholdOptions& options, const detail::Place& place) {
    for (const auto& text : texts) {
        user::registry().declare_threshold(
            {text, options.abort_on_fail, options.warm_up.nanoseconds(), place});
    }
}

}  // namespace

Declared thresholds(std::initializer_list<const char*> expressions,
                    const ThresholdOptions& options,
                    const std::source_location& place) {
    declare(expressions, options, place);
    return {};
}

Declared thresholds(const std::vector<std::string>& expressions,
                    const ThresholdOptions& options,
                    const std::source_location& place) {
    declare(expressions, options, place);
    return {};
}

}  // namespace cicada

namespace cicada::user {
namespace {

/// Why a metric cannot have that name; empty: it can.
std::string complaint_about_name(std::string_view name) {
    if (name.empty()) return "the name is empty";
    if (name.find_first_of("{}") != std::string_view::npos) {
        return "braces are for tags and cannot be in a name";
    }
    const bool taken = name == stats::kAllChecks || stats::check_of(name) || stats::limit_of(name);
    return taken ? "that is how thresholds call checks and limits" : "";
}

}  // namespace

const detail::MetricDeclaration& Registry::declare_metric(stats::MetricKind kind,
                                                          std::string_view name,
                                                          const Place& place) {
    const std::string what = fmt::format("{}(\"{}\")", stats::name_of(kind), name);
    if (const std::string wrong = complaint_about_name(name); !wrong.empty()) {
        complain(place, fmt::format("{}: {}", what, wrong));
    }
    expect_unsealed(what, place);
    const auto same = std::find_if(
        metrics_.begin(), metrics_.end(), [&](const auto& other) { return other->name == name; });
    if (same != metrics_.end()) {
        if ((*same)->kind == kind) return **same;
        complain(place,
                 fmt::format("{}: there is a {} of that name at {} already",
                             what,
                             stats::name_of((*same)->kind),
                             base::shown((*same)->place)));
    }
    metrics_.push_back(std::make_unique<detail::MetricDeclaration>(
        detail::MetricDeclaration{kind, std::string(name), place}));
    return *metrics_.back();
}

void Registry::declare_threshold(ThresholdDeclaration threshold) {
    expect_unsealed("thresholds()", threshold.place);
    thresholds_.push_back(std::move(threshold));
}

std::vector<stats::MetricKey> Registry::metrics() const {
    std::vector<stats::MetricKey> keys;
    for (const auto& metric : metrics_) {
        keys.push_back({.kind = metric->kind, .name = metric->name});
    }
    return keys;
}

void Registry::check_thresholds(std::vector<Complaint>& found) const {
    const std::vector<stats::MetricKey> declared = metrics();
    for (const ThresholdDeclaration& each : thresholds_) {
        const auto complain = [&](const std::string& why) {
            found.push_back({each.place, fmt::format("threshold \"{}\": {}", each.text, why)});
        };
        if (each.warm_up < std::chrono::nanoseconds{}) complain(".warm_up is negative");
        const auto threshold = stats::parse_threshold(each.text);
        if (!threshold) {
            complain(threshold.error());
        } else if (const auto wrong = stats::complaint_about(*threshold, declared)) {
            complain(*wrong);
        }
    }
}

}  // namespace cicada::user
