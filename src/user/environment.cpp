// SPDX-License-Identifier: Apache-2.0
#include "user/environment.hpp"

#include <algorithm>
#include <type_traits>

#include "base/log.hpp"

namespace cicada::user {
namespace {

bool same(const Fields& left, const Fields& right) {
    return std::equal(left.begin(),
                      left.end(),
                      right.begin(),
                      right.end(),
                      [](const cicada::Field& a, const cicada::Field& b) {
                          return a.name() == b.name() && a.value() == b.value();
                      });
}

bool same(const ClientOptions& left, const ClientOptions& right) {
    return left.connect_timeout == right.connect_timeout && left.timeout == right.timeout &&
           left.max_redirects == right.max_redirects &&
           left.max_response_bytes == right.max_response_bytes &&
           left.max_header_bytes == right.max_header_bytes &&
           left.max_interim_answers == right.max_interim_answers &&
           same(left.headers, right.headers);
}

/// Writes into `settings` what `options` give.
void apply(const ClientOptions& options, http::ClientSettings& settings) {
    for (const cicada::Field& field : options.headers) {
        std::erase_if(settings.headers, [&](const auto& earlier) {
            return http::same_name(earlier.first, field.name());
        });
        settings.headers.emplace_back(field.name(), field.value());
    }
    const auto set = [](auto& setting, const auto& given) {
        if (given) setting = static_cast<std::remove_reference_t<decltype(setting)>>(*given);
    };
    const auto set_time = [](nanoseconds& setting, Duration given) {
        if (given != kInherited) setting = given.nanoseconds();
    };
    set_time(settings.connect_timeout, options.connect_timeout);
    set_time(settings.timeout, options.timeout);
    set(settings.limits.redirects, options.max_redirects);
    set(settings.limits.body_bytes, options.max_response_bytes);
    set(settings.limits.header_bytes, options.max_header_bytes);
    set(settings.limits.interim_answers, options.max_interim_answers);
}

}  // namespace

std::shared_ptr<const http::ClientProfile> ClientProfiles::find(const ClientOptions& options,
                                                                const ClientOptions& defaults,
                                                                const std::string& trace_header) {
    constexpr std::size_t kMostShared = 100;
    for (const auto& [known, profile] : profiles_) {
        if (same(known, options)) return profile;
    }
    http::ClientSettings settings;
    settings.trace_header = trace_header;
    apply(defaults, settings);
    apply(options, settings);
    auto profile = std::make_shared<const http::ClientProfile>(std::move(settings));
    if (profiles_.size() < kMostShared) profiles_.emplace_back(options, profile);
    return profile;
}

void LogGate::log(const std::string& text, base::TimePoint now) {
    if (now - second_ >= std::chrono::seconds(1)) {
        if (hidden_ > 0) {
            base::log(base::LogLevel::Error, "{} more exceptions were not shown", hidden_);
        }
        second_ = now;
        lines_ = 0;
        hidden_ = 0;
    }
    if (++lines_ <= kMostPerSecond) {
        base::log(base::LogLevel::Error, "{}", text);
    } else {
        ++hidden_;
    }
}

}  // namespace cicada::user
