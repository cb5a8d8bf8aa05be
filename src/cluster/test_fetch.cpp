// SPDX-License-Identifier: Apache-2.0
#include "cluster/test_fetch.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace cicada::cluster {

TestFetch::TestFetch(std::string version, TestPlace place, base::TimePoint now)
    : version_(std::move(version)),
      place_(std::move(place)),
      last_answer_at_(now),
      next_ask_at_(now) {}

std::optional<FromWorker> TestFetch::due(base::TimePoint now) {
    if (done_ || !failure_.empty() || now < next_ask_at_) return std::nullopt;
    if (now - last_answer_at_ >= kPatience) {
        fail(fmt::format("no master has answered for {} s", kPatience.count()));
        return std::nullopt;
    }
    next_ask_at_ = now + kAskAgainAfter;
    if (!offered_) return from_worker::AskForTest{version_, kProtocol};
    return from_worker::AskForPart{missing_.back().digest, content_.size()};
}

void TestFetch::on_message(const FromMaster& message, base::TimePoint now) {
    if (done_ || !failure_.empty()) return;
    if (const auto* const offer = std::get_if<from_master::TestOffer>(&message)) {
        on(*offer, now);
    } else if (const auto* const part = std::get_if<from_master::TestPart>(&message)) {
        on(*part, now);
    } else if (const auto* const refused = std::get_if<from_master::TestRefused>(&message)) {
        fail("the master gives no test: " + refused->why);
    } else if (std::holds_alternative<from_master::TestFiles>(message)) {
        fail(
            "the master is Locust's, whose test is Python: name a compiled test of the same user "
            "classes with -f");
    }
}

void TestFetch::on(const from_master::TestOffer& offer, base::TimePoint now) {
    if (offered_) return;  // the answer to a question that was asked again
    last_answer_at_ = now;
    auto list = scenario::ParcelList::from(offer.list);
    if (!list) return fail(list.error());
    auto missing = place_.open(std::move(*list));
    if (!missing) return fail(missing.error());
    missing_ = std::move(*missing);
    offered_ = true;
    ask_next(now);
}

void TestFetch::on(const from_master::TestPart& part, base::TimePoint now) {
    const bool awaited = !missing_.empty() && part.digest == missing_.back().digest &&
                         part.offset == content_.size();
    if (!awaited) return;
    last_answer_at_ = now;
    const scenario::ParcelFile& file = missing_.back();
    if (part.bytes.text.size() > file.bytes - content_.size() ||
        (part.bytes.text.empty() && content_.size() < file.bytes)) {
        return fail(file.path + ": what came is not what the master announced");
    }
    content_ += part.bytes.text;
    ask_next(now);
}

void TestFetch::ask_next(base::TimePoint now) {
    next_ask_at_ = now;
    while (!missing_.empty() && content_.size() == missing_.back().bytes) {
        const auto kept = place_.put(missing_.back(), content_);
        if (!kept) return fail(kept.error());
        missing_.pop_back();
        content_.clear();
    }
    done_ = missing_.empty();
}

}  // namespace cicada::cluster
