// SPDX-License-Identifier: Apache-2.0
#include "run/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cicada/sync.hpp>
#include <exception>
#include <utility>

#include "fiber/scheduler.hpp"
#include "http/fields.hpp"
#include "http/server_connection.hpp"
#include "user/signals.hpp"

namespace cicada::run {
namespace {

using std::chrono::nanoseconds;

constexpr int kLeastStatus = 100;
constexpr int kMostStatus = 999;

std::string complaint_about(const DryRunAnswer& answer) {
    if (answer.latency != kInherited && answer.latency < Duration{}) {
        return fmt::format("a latency of {} s, which has to be 0 or more",
                           answer.latency.seconds());
    }
    if (!answer.error.empty()) return {};
    if (answer.status < kLeastStatus || answer.status > kMostStatus) {
        return fmt::format(
            "status {}, which has to be {} to {}", answer.status, kLeastStatus, kMostStatus);
    }
    const auto broken =
        std::find_if(answer.headers.begin(), answer.headers.end(), [](const Field& field) {
            return field.name().empty() || !http::is_field_value(field.name()) ||
                   !http::is_field_value(field.value());
        });
    if (broken == answer.headers.end()) return {};
    return fmt::format("header \"{}\", whose name is empty or which has a line break",
                       broken->name());
}

}  // namespace

Answers::Answers(const std::vector<detail::DryRunFunction>& by_test,
                 std::optional<RecordedAnswers> recorded,
                 nanoseconds plain_latency)
    : by_test_(by_test), recorded_(std::move(recorded)) {
    counts_.plain_latency = plain_latency;
}

http::MadeUpAnswer Answers::answer(const http::AskedRequest& request) {
    if (!by_test_.empty()) {
        const char* const task = fiber::label();
        const DryRunRequest asked{.method = request.method,
                                  .name = request.name.empty() ? request.target : request.name,
                                  .host = request.origin,
                                  .path = request.target,
                                  .body = request.body,
                                  .task = task == nullptr ? std::string_view() : task};
        for (const detail::DryRunFunction& function : by_test_) {
            ++counts_.by_test;
            try {
                auto given = function(asked);
                if (!given) {
                    --counts_.by_test;
                    continue;
                }
                given_ = std::move(*given);  // others may have been answered meanwhile
            } catch (const TimeoutExpired&) {
                throw;
            } catch (const std::exception&) {
                const user::Thrown thrown = user::thrown_now();
                return refuse(fmt::format("on_dry_run() threw {}: {}", thrown.type, thrown.text));
            }
            return shown();
        }
    }
    if (recorded_) {
        if (const http::MadeUpAnswer* const answer = recorded_->next(request)) {
            ++counts_.recorded;
            return *answer;
        }
        note_not_recorded(request);
    }
    ++counts_.plain;
    return {.latency = counts_.plain_latency};
}

http::MadeUpAnswer Answers::shown() {
    if (const std::string why = complaint_about(given_); !why.empty()) {
        return refuse(fmt::format("on_dry_run() gave {}", why));
    }
    fields_.clear();
    for (const Field& field : given_.headers) {
        fields_.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
    const bool says_when = given_.latency != kInherited;
    return {.status = given_.status,
            .reason = http::reason_of(given_.status),
            .fields = fields_,
            .body = given_.body,
            .error = given_.error,
            .latency = says_when ? given_.latency.nanoseconds() : counts_.plain_latency};
}

http::MadeUpAnswer Answers::refuse(std::string why) {
    given_.error = std::move(why);
    return {.status = 0, .error = given_.error};
}

void Answers::note_not_recorded(const http::AskedRequest& request) {
    if (not_recorded_.size() >= kMostNamed) return;
    const std::string_view what = request.name.empty() ? request.target : request.name;
    not_recorded_.insert(fmt::format("{} {}", request.method, what));
}

}  // namespace cicada::run
