// SPDX-License-Identifier: Apache-2.0
#include <cicada/response.hpp>
#include <utility>

#include "user/outbox.hpp"
#include "user/sent_request.hpp"

namespace cicada {

using detail::SentRequest;

Response::Response(Response&& other) noexcept : sent_(std::exchange(other.sent_, nullptr)) {}

Response& Response::operator=(Response&& other) noexcept {
    if (this != &other) {
        const Response old = std::move(*this);
        sent_ = std::exchange(other.sent_, nullptr);
    }
    return *this;
}

Response::~Response() {
    if (sent_ == nullptr) return;
    SentRequest& sent = *sent_;
    user::Outbox::let_go_of(sent);
    sent.release();
}

int Response::status() const {
    return SentRequest::of(*this).exchange.status();
}

bool Response::ok() const {
    return SentRequest::of(*this).failure().empty();
}

std::string_view Response::text() const& {
    return SentRequest::of(*this).exchange.body();
}

std::string Response::text() && {
    return std::string(SentRequest::of(*this).exchange.body());
}

std::int64_t Response::size() const {
    return static_cast<std::int64_t>(SentRequest::of(*this).exchange.body_size());
}

JsonView Response::json() const {
    SentRequest& sent = SentRequest::of(*this);
    const std::uint32_t whole = sent.json() != nullptr ? 0 : sent.missing_place("/");
    return sent.view(whole);
}

std::optional<std::string> Response::header(std::string_view name) const {
    const auto value = SentRequest::of(*this).exchange.header(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
}

std::string Response::url() const {
    return SentRequest::of(*this).exchange.url();
}

std::string Response::error() const {
    return std::string(SentRequest::of(*this).failure());
}

Duration Response::elapsed() const {
    const http::ClockPoints& times = SentRequest::of(*this).exchange.times();
    return times.resumed - times.called;
}

void Response::fail(std::string_view why) {
    SentRequest::of(*this).judge(SentRequest::Verdict::Failed,
                                 why.empty() ? std::string_view("failed by the test") : why);
}

void Response::succeed() {
    SentRequest::of(*this).judge(SentRequest::Verdict::Passed, {});
}

}  // namespace cicada
