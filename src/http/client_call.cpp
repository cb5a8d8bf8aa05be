// SPDX-License-Identifier: Apache-2.0
#include "http/client_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "http/content_decoder.hpp"
#include "net/connect.hpp"

namespace cicada::http {
namespace {

constexpr std::uint64_t kSentWithHeadMax = std::uint64_t{16} * 1024;

fiber::TimePoint after(fiber::TimePoint start, std::chrono::nanoseconds time) {
    return time >= fiber::kNever - start ? fiber::kNever : start + time;
}

bool is_token(std::string_view text) {
    constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kOthers.find(c) != std::string_view::npos;
    });
}

bool is_idempotent(std::string_view method) {
    constexpr std::array<std::string_view, 6> kMethods{
        "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
    return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

void append_number(std::string& to, std::uint64_t number) {
    const fmt::format_int text(number);
    to.append(text.data(), text.size());
}

}  // namespace

ClientCall::~ClientCall() {
    if (finished_) return;
    // An exception passes: the user was cancelled or a Timeout has expired.
    exchange_.drop_response();
    exchange_.error_ = fiber::cancelled() ? "aborted: the user was stopped"
                                          : "aborted: a Timeout around the request has expired";
    exchange_.counts_.aborted = on_wire_ ? 1 : 0;
    note_end();
}

void ClientCall::note_end() {
    ClockPoints& times = exchange_.times_;
    times.resumed = fiber::now();
    // Without an answer there is no share to tell from the wait.
    if (!exchange_.error_.empty()) times.completed = times.resumed;
    if (times.submitted == fiber::TimePoint{}) times.submitted = times.called;
}

void ClientCall::run() {
    exchange_.clear();
    exchange_.times_.called = fiber::now();
    exchange_began_ = exchange_.times_.called;
    timeout_ = request_.timeout.value_or(client_.profile->settings().timeout);
    deadline_ = after(exchange_.times_.called, timeout_);

    bool going_on = prepare();
    while (going_on && exchange_once()) {
        if (noted_.set_cookie) store_cookies();
        if (!is_redirect()) break;
        tell_observer();
        going_on = follow(exchange_.header("Location").value_or(""));
    }
    if (exchange_.error_.empty() && noted_.content_encoding) decode_body();

    note_end();
    finished_ = true;
    tell_observer();
}

void ClientCall::tell_observer() {
    if (client_.observer == nullptr) return;
    client_.observer->on_exchange(
        {.method = method_,
         .name = exchange_.counts_.redirects > 0 ? std::string_view() : request_.name,
         .request_head = shown_head_,
         .request_body = body_.is_text() ? body_.text() : std::string_view(),
         .body_file = body_.is_text() ? std::string_view() : request_.body_file,
         .request_body_size = body_.size(),
         .time = fiber::now() - exchange_.times_.called,
         .own_time = fiber::now() - exchange_began_,
         .answer = exchange_});
    shown_head_.clear();
}

bool ClientCall::prepare() {
    if (!is_token(method_)) return fail(fmt::format("invalid method \"{}\"", method_));
    if (!check_headers() || !find_target()) return false;
    if (request_.body_file.empty()) {
        body_.set_text(request_.body);
    } else if (auto opened = body_.open_file(request_.body_file); !opened) {
        return fail(std::move(opened.error()));
    }
    expects_continue_ = body_.size() > 0 &&
                        (request_.expect_continue ||
                         body_.size() >= client_.profile->settings().expect_continue_from_bytes);
    return true;
}

bool ClientCall::check_headers() {
    for (const Field& header : request_.headers) {
        if (!is_token(header.name)) {
            return fail(fmt::format("invalid header name \"{}\"", header.name));
        }
        if (!is_field_value(header.value)) {
            return fail(fmt::format("the value of header {} contains a line break", header.name));
        }
    }
    if (!is_field_value(request_.content_type)) {
        return fail("the content type contains a line break");
    }
    return true;
}

bool ClientCall::find_target() {
    std::string_view url = request_.url;
    if (url.starts_with("http://") || url.starts_with("https://")) {
        if (!find_absolute_target()) return false;
    } else {
        if (client_.base == nullptr) {
            return fail(fmt::format("no host is given for the path \"{}\"", url));
        }
        origin_ = client_.base;
        std::string& target = exchange_.target_;
        target = client_.base_path;
        if (!url.starts_with('/') && !(url.starts_with('?') && !target.empty())) target += '/';
        if (is_plain_target(url)) {
            target += url;
        } else {
            append_target_encoded(target, url.substr(0, url.find('#')));
        }
    }
    exchange_.origin_ = origin_->text;
    for (const Field& parameter : request_.query) {
        std::string& target = exchange_.target_;
        target += target.find('?') == std::string::npos ? '?' : '&';
        append_form_encoded(target, parameter.name);
        target += '=';
        append_form_encoded(target, parameter.value);
    }
    return true;
}

bool ClientCall::find_absolute_target() {
    const auto url = Url::parse(request_.url);
    if (!url) return fail(url.error());
    if (url->scheme == "https") return fail("https is not supported: " + url->origin());
    origin_ = client_.network.origins.of(*url);
    exchange_.target_ = url->target();
    authorization_ = basic_authorization(url->user_info);
    return true;
}

bool ClientCall::exchange_once() {
    if (client_.observer != nullptr) exchange_began_ = fiber::now();
    if (client_.network.answers != nullptr) return make_up_answer(*client_.network.answers);
    bool kept_allowed = true;
    while (true) {
        auto connection = kept_allowed ? client_.take_idle(*origin_) : nullptr;
        const bool kept = connection != nullptr;
        if (!kept) connection = connect();
        if (connection == nullptr) return false;

        ResponseReader reader(connection->stream, exchange_, read_rules());
        const Outcome outcome = transfer(*connection, reader);
        on_wire_ = false;
        if (exchange_.times_.submitted == fiber::TimePoint{}) {
            exchange_.times_.submitted = connection->stream.submitted();
        }
        if (outcome == Outcome::Complete) {
            noted_ = reader.noted();
            const Field* own = own_header("Connection");
            const bool closes = own != nullptr && !same_name(own->value, "keep-alive");
            if (reader.connection_is_reusable() && body_.sent_whole() && !closes) {
                client_.put_back(std::move(connection));
            }
            return true;
        }
        // RFC 9112 §9.3.1: a kept connection may have been closed while the request was under way.
        if (outcome != Outcome::NothingCame || !kept || !may_be_repeated()) return false;
        ++exchange_.counts_.resends;
        exchange_.error_.clear();
        kept_allowed = false;
    }
}

// As transfer(), but for the wire.
bool ClientCall::make_up_answer(AnswerSource& source) {
    if (fiber::cancelled()) fiber::yield();
    if (!drain_) drain_.emplace();
    const bool redirected = exchange_.counts_.redirects > 0;
    ++exchange_.counts_.exchanges;
    on_wire_ = true;
    const auto now = fiber::now();
    if (!redirected) exchange_.times_.submitted = now;
    const MadeUpAnswer answer =
        source.answer({.method = method_,
                       .name = redirected ? std::string_view() : request_.name,
                       .origin = origin_->text,
                       .target = redirected ? redirect_target_ : exchange_.target_,
                       .body = body_.is_text() ? body_.text() : std::string_view()});
    const auto due = after(now, answer.latency);
    take(answer);
    fiber::sleep_until(std::min(due, deadline_));
    on_wire_ = false;
    exchange_.times_.completed = fiber::now();
    if (due > deadline_) return fail(fmt::format("no response within {}", text_of(timeout_)));
    return exchange_.error_.empty();
}

void ClientCall::take(const MadeUpAnswer& answer) {
    exchange_.drop_response();
    noted_ = {};
    exchange_.error_ = answer.error;
    if (!answer.error.empty()) return;
    std::string& text = exchange_.buffer_;
    text.append("HTTP/1.1 ");
    append_number(text, static_cast<std::uint64_t>(answer.status));
    text.append(" ").append(answer.reason).append("\r\n").append(answer.fields).append("\r\n");
    exchange_.status_ = answer.status;
    exchange_.head_size_ = static_cast<std::uint32_t>(text.size());
    if (!answer.fields.empty()) {
        noted_.location = exchange_.header("Location").has_value();
        noted_.set_cookie = exchange_.header("Set-Cookie").has_value();
    }
    if (method_ == "HEAD") return;
    exchange_.body_size_ = answer.body.size();
    exchange_.counts_.bytes_received += text.size() + answer.body.size();
    if (!request_.discard_body) text.append(answer.body);
}

std::unique_ptr<Connection> ClientCall::connect() {
    const auto connect_timeout = client_.profile->settings().connect_timeout;
    const auto now = fiber::now();
    if (exchange_.times_.submitted == fiber::TimePoint{}) exchange_.times_.submitted = now;
    const auto deadline = std::min(deadline_, after(now, connect_timeout));
    auto stream =
        net::connect(client_.network.resolver,
                     {.host = origin_->host, .port = origin_->port, .deadline = deadline});
    if (!stream) {
        fail(std::move(stream.error()));
        return nullptr;
    }
    return std::unique_ptr<Connection>(new Connection{origin_, {}, std::move(*stream)});
}

ClientCall::Outcome ClientCall::transfer(Connection& connection, ResponseReader& reader) {
    // What was cancelled already must not get onto the wire under the protection of the drain.
    if (fiber::cancelled()) fiber::yield();
    if (!drain_) drain_.emplace();

    int error = send_request(connection, !expects_continue_);
    Outcome outcome = Outcome::Continue;
    if (error == 0 && expects_continue_) {
        const auto patience = client_.profile->settings().continue_timeout;
        outcome = reader.read_until_continue(after(fiber::now(), patience));
        if (outcome == Outcome::Continue) error = body_.send(connection.stream, deadline_);
    }
    if (error == ETIMEDOUT) {
        fail(fmt::format("the request was not sent within {}", text_of(timeout_)));
        return Outcome::Failed;
    }
    if (error == EIO && !body_.is_text()) {
        fail(fmt::format("{} could not be read to its end", request_.body_file));
        return Outcome::Failed;
    }
    // A server that refuses a request may answer and close before it has read all of it.
    if (outcome == Outcome::Continue) outcome = reader.read();
    if (error != 0 && outcome != Outcome::Complete) {
        fail(fmt::format("send: {}", std::generic_category().message(error)));
    }
    return outcome;
}

int ClientCall::send_request(Connection& connection, bool body_follows) {
    std::string& out = connection.out;
    out.clear();
    append_head(out);
    if (client_.observer != nullptr) shown_head_ = out;
    const bool at_once = body_follows && body_.is_text() && body_.size() <= kSentWithHeadMax;
    if (at_once) out.append(body_.text());

    ++exchange_.counts_.exchanges;
    client_.network.note_exchange();
    on_wire_ = true;
    if (const int error = connection.stream.send(out, deadline_)) return error;
    if (at_once) {
        body_.mark_sent();
        return 0;
    }
    return body_follows ? body_.send(connection.stream, deadline_) : 0;
}

ReadRules ClientCall::read_rules() const {
    return {.limits = client_.profile->settings().limits,
            .budget = client_.network.body_budget,
            .deadline = deadline_,
            .timeout = timeout_,
            .headless = method_ == "HEAD",
            .discard_body = request_.discard_body};
}

void ClientCall::append_head(std::string& to) const {
    const ClientProfile& profile = *client_.profile;
    const bool redirected = exchange_.counts_.redirects > 0;
    const std::string& target = redirected ? redirect_target_ : exchange_.target_;
    to.append(method_).append(" ").append(target).append(" HTTP/1.1\r\n");
    const Field* host = own_header("Host");
    if (host == nullptr || left_origin_) to.append(origin_->host_line);
    if (request_.headers.empty()) {
        to.append(profile.head());
    } else {
        profile.append_head(to, request_.headers);
        append_own_headers(to);
    }
    if (!left_origin_ && own_header("Authorization") == nullptr) {
        const bool from_url = !authorization_.empty();
        if (from_url || origin_ == client_.base) {
            to.append(from_url ? authorization_ : client_.base_authorization);
        }
    }
    if (!client_.cookies.empty() && (left_origin_ || own_header("Cookie") == nullptr)) {
        client_.cookies.append_field(to, {origin_->host, target}, exchange_.times_.called);
    }
    if (client_.trace != nullptr && !profile.settings().trace_header.empty()) {
        to.append(profile.settings().trace_header).append(": ");
        client_.trace->append_identity(to);
        to.append("\r\n");
    }
    const bool may_have_none = method_ == "GET" || method_ == "HEAD";
    if (body_.size() > 0 || !may_have_none || request_.has_body) {
        if (!request_.content_type.empty() && body_.is_present() &&
            own_header("Content-Type") == nullptr) {
            to.append("Content-Type: ").append(request_.content_type).append("\r\n");
        }
        to.append("Content-Length: ");
        append_number(to, body_.size());
        to.append("\r\n");
        if (expects_continue_) to.append("Expect: 100-continue\r\n");
    }
    to.append("\r\n");
}

void ClientCall::append_own_headers(std::string& to) const {
    for (const Field& header : request_.headers) {
        if (!header.value.empty() && sends(header)) {
            to.append(header.name).append(": ").append(header.value).append("\r\n");
        }
    }
}

bool ClientCall::sends(const Field& header) const {
    const auto is = [&](std::string_view name) { return same_name(header.name, name); };
    if (is("Content-Length") || is("Transfer-Encoding")) return false;
    if (left_origin_ && (is("Host") || is("Authorization") || is("Cookie"))) return false;
    return body_.is_present() || exchange_.counts_.redirects == 0 ||
           !same_name(header.name.substr(0, 8), "Content-");
}

const Field* ClientCall::own_header(std::string_view name) const {
    for (const Field& header : request_.headers) {
        if (same_name(header.name, name)) return &header;
    }
    return nullptr;
}

void ClientCall::store_cookies() {
    const bool redirected = exchange_.counts_.redirects > 0;
    const CookieScope from{origin_->host, redirected ? redirect_target_ : exchange_.target_};
    FieldCursor cursor(exchange_.head());
    constexpr std::string_view kName = "Set-Cookie";
    for (auto value = cursor.next_named(kName); value; value = cursor.next_named(kName)) {
        client_.cookies.store(*value, from, exchange_.times_.completed);
    }
}

bool ClientCall::is_redirect() const {
    if (!noted_.location || !request_.follow_redirects.value_or(method_ != "HEAD")) return false;
    switch (exchange_.status_) {
        case 301:
        case 302:
        case 303:
        case 307:
        case 308:
            return true;
        default:
            return false;
    }
}

bool ClientCall::follow(std::string_view location) {
    const int most = client_.profile->settings().limits.redirects;
    if (exchange_.counts_.redirects >= static_cast<std::uint32_t>(std::max(most, 0))) {
        return fail(fmt::format("more than {} redirects", most));
    }
    const auto here = Url::parse(exchange_.url());
    const auto next = here ? here->join(location) : here;
    if (!next) return fail(fmt::format("cannot follow the redirect: {}", next.error()));
    if (next->scheme == "https") {
        return fail(
            fmt::format("cannot follow the redirect: https is not supported: {}", next->origin()));
    }
    // RFC 9110 §15.4 and what browsers and requests do.
    const int status = exchange_.status_;
    const bool becomes_get = (status == 303 && method_ != "HEAD") ||
                             (status == 302 && method_ != "HEAD") ||
                             (status == 301 && method_ == "POST");
    if (becomes_get && method_ != "GET") {
        method_ = "GET";
        body_.drop();
        expects_continue_ = false;
    }
    auto origin = client_.network.origins.of(*next);
    left_origin_ = left_origin_ || origin->text != origin_->text;
    origin_ = std::move(origin);
    redirect_target_ = next->target();
    exchange_.final_url_ = next->text();
    ++exchange_.counts_.redirects;
    return true;
}

bool ClientCall::decode_body() {
    const Field* own = own_header("Accept-Encoding");
    const bool asked = own != nullptr ? !own->value.empty() : client_.profile->accepts_compressed();
    const auto body = exchange_.body();
    const auto coding = coding_of(exchange_.header("Content-Encoding").value_or(""));
    if (!asked || body.empty() || coding == ContentCoding::Identity ||
        coding == ContentCoding::Unknown) {
        return true;
    }
    const auto most = client_.profile->settings().limits.body_bytes;
    BodyBudget& budget = client_.network.body_budget;
    const auto left = budget.limit_bytes - std::min(budget.limit_bytes, budget.used_bytes);
    std::string decoded(exchange_.head());
    const auto done = append_decoded(coding, body, std::min(most, left), decoded);
    if (!done) return fail(done.error());
    exchange_.buffer_.swap(decoded);
    exchange_.body_size_ = exchange_.body().size();
    budget.used_bytes += exchange_.body_size_ - exchange_.budgeted_;
    exchange_.budgeted_ = exchange_.body_size_;
    return true;
}

bool ClientCall::may_be_repeated() const {
    return is_idempotent(method_);
}

bool ClientCall::fail(std::string why) {
    exchange_.drop_response();
    exchange_.error_ = std::move(why);
    return false;
}

}  // namespace cicada::http
