// SPDX-License-Identifier: Apache-2.0
#include "http/cookies.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "http/cookie_date.hpp"
#include "http/fields.hpp"
#include "net/endpoint.hpp"

namespace cicada::http {
namespace {

using base::lower_case;
using base::trimmed;

constexpr std::size_t kCookiesMax = 300;
constexpr std::size_t kCookieBytesMax = 4096;
constexpr std::chrono::hours kLongest{24 * 400};  // RFC 6265bis: no cookie lives longer

std::string_view without_query(std::string_view path) {
    return path.substr(0, path.find('?'));
}

bool is_address(std::string_view host) {
    return net::Endpoint::from_literal(host, 0).has_value();
}

// RFC 6265 §5.1.3.
bool domain_matches(std::string_view host, std::string_view domain) {
    if (host == domain) return true;
    return host.size() > domain.size() && host.ends_with(domain) &&
           host[host.size() - domain.size() - 1] == '.' && !is_address(host);
}

// RFC 6265 §5.1.4.
bool path_matches(std::string_view request_path, std::string_view path) {
    if (!request_path.starts_with(path)) return false;
    return request_path.size() == path.size() || path.ends_with('/') ||
           request_path[path.size()] == '/';
}

std::string_view default_path(std::string_view request_path) {
    const auto slash = request_path.rfind('/');
    return slash == 0 || slash == std::string_view::npos ? "/" : request_path.substr(0, slash);
}

// What the attributes say about the end of a cookie. Max-Age rules over Expires.
class Lifetime {
public:
    void max_age(std::string_view value) {
        std::int64_t seconds = 0;
        const char* end = value.data() + value.size();
        const auto parsed = std::from_chars(value.data(), end, seconds);
        if (parsed.ptr != end) return;
        if (parsed.ec == std::errc::result_out_of_range) {
            seconds = value.starts_with('-') ? 0 : INT64_MAX;
        } else if (parsed.ec != std::errc{}) {
            return;
        }
        max_age_s_ = seconds;
    }

    void expires(std::string_view value) {
        if (const auto date = parse_cookie_date(value)) expires_ = date;
    }

    [[nodiscard]] base::TimePoint end(base::TimePoint now) const {
        constexpr auto kLongestS = std::chrono::seconds(kLongest).count();
        if (max_age_s_) {
            return now + std::chrono::seconds(std::clamp<std::int64_t>(*max_age_s_, 0, kLongestS));
        }
        if (!expires_) return base::TimePoint::max();
        const auto wall_now = base::wall_now();
        if (*expires_ <= wall_now) return now;
        if (*expires_ >= wall_now + kLongest) return now + kLongest;
        return now + (*expires_ - wall_now);
    }

private:
    std::optional<std::int64_t> max_age_s_;
    std::optional<base::WallTime> expires_;
};

}  // namespace

bool CookieJar::Cookie::fits(const CookieScope& scope) const {
    if (secure && !scope.secure) return false;
    if (host_only ? scope.host != domain : !domain_matches(scope.host, domain)) return false;
    return path == "/" || path_matches(without_query(scope.path), path);
}

bool CookieJar::Cookie::replaces(const Cookie& other) const {
    const auto name = std::string_view(pair).substr(0, name_length);
    return std::string_view(other.pair).substr(0, other.name_length) == name &&
           domain == other.domain && path == other.path && host_only == other.host_only;
}

bool CookieJar::Cookie::repeated_by(std::string_view set_cookie, const CookieScope& from) const {
    return received == set_cookie && path_given && expires == base::TimePoint::max() &&
           (host_only ? from.host == domain : domain_matches(from.host, domain));
}

void CookieJar::store(std::string_view set_cookie, const CookieScope& from, base::TimePoint now) {
    const auto repeated = [&](const Cookie& cookie) {
        return cookie.repeated_by(set_cookie, from);
    };
    if (std::any_of(cookies_.begin(), cookies_.end(), repeated)) return;
    Cookie cookie;
    if (set_cookie.size() > kCookieBytesMax || !parse(set_cookie, from, now, cookie)) return;

    const auto old = std::find_if(cookies_.begin(), cookies_.end(), [&](const Cookie& kept) {
        return cookie.replaces(kept);
    });
    if (cookie.expires <= now) {
        if (old != cookies_.end()) cookies_.erase(old);
    } else if (old != cookies_.end()) {
        cookie.serial = old->serial;
        *old = std::move(cookie);
    } else {
        keep(std::move(cookie));
    }
}

void CookieJar::keep(Cookie cookie) {
    if (cookies_.size() >= kCookiesMax) {
        cookies_.erase(std::min_element(
            cookies_.begin(), cookies_.end(), [](const Cookie& left, const Cookie& right) {
                return left.serial < right.serial;
            }));
    }
    cookie.serial = next_serial_++;
    const auto place = std::find_if(cookies_.begin(), cookies_.end(), [&](const Cookie& kept) {
        return kept.path.size() < cookie.path.size();
    });
    cookies_.insert(place, std::move(cookie));
}

bool CookieJar::parse(std::string_view set_cookie,
                      const CookieScope& from,
                      base::TimePoint now,
                      Cookie& cookie) {
    auto rest = set_cookie;
    const auto take = [&rest] {
        const auto part = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        return part;
    };
    const auto pair = take();
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) return false;
    const auto name = trimmed(pair.substr(0, equals));
    if (name.empty()) return false;
    cookie.received = set_cookie;
    cookie.name_length = name.size();
    cookie.pair.append(name).append("=").append(trimmed(pair.substr(equals + 1)));
    cookie.domain = from.host;
    cookie.path = default_path(without_query(from.path));

    Lifetime lifetime;
    while (!rest.empty()) {
        const auto attribute = take();
        const auto split = std::min(attribute.find('='), attribute.size());
        const auto key = trimmed(attribute.substr(0, split));
        const auto value = trimmed(attribute.substr(std::min(split + 1, attribute.size())));
        if (same_name(key, "Path")) {
            cookie.path_given = value.starts_with('/');
            cookie.path = cookie.path_given ? value : default_path(without_query(from.path));
        } else if (same_name(key, "Domain") && !value.empty()) {
            cookie.domain = lower_case(value.substr(value.starts_with('.') ? 1 : 0));
            cookie.host_only = false;
        } else if (same_name(key, "Secure")) {
            cookie.secure = true;
        } else if (same_name(key, "Max-Age")) {
            lifetime.max_age(value);
        } else if (same_name(key, "Expires")) {
            lifetime.expires(value);
        }
    }
    cookie.expires = lifetime.end(now);
    const bool foreign = !domain_matches(from.host, cookie.domain);
    const bool whole_top_level = cookie.domain.find('.') == std::string::npos;
    return !foreign && (cookie.host_only || cookie.domain == from.host || !whole_top_level);
}

void CookieJar::append_field(std::string& to, const CookieScope& scope, base::TimePoint now) {
    bool first = true;
    bool some_expired = false;
    for (const Cookie& cookie : cookies_) {
        if (cookie.expires <= now) {
            some_expired = true;
        } else if (cookie.fits(scope)) {
            to.append(first ? "Cookie: " : "; ").append(cookie.pair);
            first = false;
        }
    }
    if (!first) to.append("\r\n");
    if (some_expired) {
        std::erase_if(cookies_, [&](const Cookie& cookie) { return cookie.expires <= now; });
    }
}

}  // namespace cicada::http
