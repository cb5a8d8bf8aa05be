// SPDX-License-Identifier: Apache-2.0
#include "http/exchange.hpp"

#include <cstddef>

namespace cicada::http {
namespace {

constexpr std::size_t kKeptBytes = std::size_t{16} * 1024;

}  // namespace

std::string_view Exchange::reason() const {
    constexpr std::size_t kReasonAt = sizeof("HTTP/1.1 200 ") - 1;
    const auto line = head().substr(0, head().find('\r'));
    return line.size() <= kReasonAt ? std::string_view() : line.substr(kReasonAt);
}

void Exchange::drop_response() {
    status_ = 0;
    head_size_ = 0;
    body_size_ = 0;
    if (buffer_.capacity() > kKeptBytes) {
        std::string().swap(buffer_);
    } else {
        buffer_.clear();
    }
    if (budget_ != nullptr) budget_->used_bytes -= budgeted_;
    budgeted_ = 0;
}

void Exchange::set_body(std::string_view text) {
    clear();
    buffer_ = text;
    body_size_ = text.size();
}

void Exchange::clear() {
    drop_response();
    budget_ = nullptr;
    target_.clear();
    origin_.clear();
    final_url_.clear();
    error_.clear();
    counts_ = {};
    times_ = {};
}

}  // namespace cicada::http
