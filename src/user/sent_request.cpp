// SPDX-License-Identifier: Apache-2.0
#include "user/sent_request.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <stdexcept>

namespace cicada::detail {
namespace {

/// Those that are free. Never destroyed, since a test may keep a response in a global.
struct FreeList {
    static constexpr std::size_t kMost = 256;
    SentRequest* first = nullptr;
    std::size_t count = 0;
};

FreeList& free_list() {
    static auto* const list = new FreeList;
    return *list;
}

/// "404 Not Found" of "HTTP/1.1 404 Not Found\r\n...".
std::string_view status_text(std::string_view head) {
    constexpr std::size_t kLongest = 100;
    const std::size_t begin = head.find(' ');
    if (begin == std::string_view::npos) return "status 400 or more";
    std::string_view line = head.substr(begin + 1, kLongest);
    line = line.substr(0, line.find_first_of("\r\n"));
    while (line.ends_with(' ')) line.remove_suffix(1);
    return line;
}

}  // namespace

SentRequest& SentRequest::take() {
    FreeList& list = free_list();
    if (list.first == nullptr) return *new SentRequest;
    SentRequest& taken = *list.first;
    list.first = taken.next_;
    --list.count;
    taken.next_ = nullptr;
    taken.references_ = 1;
    return taken;
}

void SentRequest::release() noexcept {
    if (--references_ > 0) return;
    FreeList& list = free_list();
    if (list.count == FreeList::kMost) {
        delete this;
        return;
    }
    clear();
    next_ = list.first;
    list.first = this;
    ++list.count;
}

void SentRequest::clear() {
    exchange.clear();
    own_name.clear();
    if (!context.empty()) context = {};
    announced = true;
    verdict_ = Verdict::ByStatus;
    why_.clear();
    settled_ = false;
    if (json_state_ != JsonState::Unread) {
        json_.clear();
        missing_.clear();
        json_state_ = JsonState::Unread;
    }
}

Response SentRequest::response() {
    hold();
    return Response(*this);
}

Response SentRequest::never_sent() {
    verdict_ = Verdict::Failed;
    why_ = "not sent: the request limit is reached";
    settled_ = true;
    return response();
}

JsonView SentRequest::view(std::uint32_t place) {
    return {*this, place};
}

SentRequest& SentRequest::of(const Response& response) {
    if (response.sent_ == nullptr) throw std::logic_error("this response was moved away");
    return *response.sent_;
}

std::string_view SentRequest::failure() const {
    if (verdict_ == Verdict::Passed) return {};
    if (verdict_ == Verdict::Failed) return why_;
    if (!exchange.error().empty()) return exchange.error();
    constexpr int kFirstFailure = 400;
    return exchange.status() >= kFirstFailure ? status_text(exchange.head()) : std::string_view();
}

void SentRequest::judge(Verdict verdict, std::string_view why) {
    if (settled_) {
        throw std::logic_error(fmt::format(
            "the response to {} {} is recorded already: a response may be judged until its user "
            "sends the next request or waits, or the task ends",
            method,
            name()));
    }
    verdict_ = verdict;
    why_ = why;
}

void SentRequest::complain(std::string_view what) {
    if (!settled_ && verdict_ != Verdict::Failed) judge(Verdict::Failed, what);
}

void SentRequest::fail_by_exception(std::string_view text) {
    if (!settled_ && verdict_ == Verdict::ByStatus) judge(Verdict::Failed, text);
}

const user::JsonIndex* SentRequest::json() {
    if (json_state_ == JsonState::Unread) {
        const bool valid = json_.parse(exchange.body());
        json_state_ = valid ? JsonState::Json : JsonState::Other;
    }
    if (json_state_ == JsonState::Json) return &json_;
    complain("the body is not JSON");
    return nullptr;
}

std::uint32_t SentRequest::missing_place(std::string path) {
    constexpr std::size_t kMost = 64;  // the rest go by the last one's name
    for (std::uint32_t i = 0; i < missing_.size(); ++i) {
        if (missing_[i] == path || i + 1 == kMost) return i | kMissing;
    }
    missing_.push_back(std::move(path));
    return static_cast<std::uint32_t>(missing_.size() - 1) | kMissing;
}

std::string SentRequest::path(std::uint32_t place) const {
    return is_missing(place) ? missing_.at(place & ~kMissing) : json_.path(place);
}

}  // namespace cicada::detail
