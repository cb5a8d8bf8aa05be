// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cicada/json_view.hpp>
#include <stdexcept>
#include <utility>

#include "user/json_index.hpp"
#include "user/sent_request.hpp"

namespace cicada {

using detail::SentRequest;
using user::JsonIndex;
using Kind = user::JsonIndex::Kind;

namespace {

/// The document of a view that is of something; null: it is of nothing.
const JsonIndex* index_of(SentRequest* sent, std::uint32_t place) {
    return sent == nullptr || SentRequest::is_missing(place) ? nullptr : sent->json();
}

bool is(SentRequest* sent, std::uint32_t place, Kind kind) {
    const JsonIndex* index = index_of(sent, place);
    return index != nullptr && index->kind(place) == kind;
}

std::string miss(SentRequest* sent, std::uint32_t place, const char* wanted) {
    if (sent == nullptr) return fmt::format("no {} in a JSON value of nothing", wanted);
    std::string what = fmt::format("no {} at {}", wanted, sent->path(place));
    sent->complain(what);
    return what;
}

std::partial_ordering unequal(SentRequest* sent, std::uint32_t place, const char* wanted) {
    miss(sent, place, wanted);
    return std::partial_ordering::unordered;
}

[[noreturn]] void refuse(SentRequest* sent, std::uint32_t place, const char* wanted) {
    throw std::runtime_error(miss(sent, place, wanted));
}

std::string longer(std::string path, std::string_view step) {
    if (path == "/") return path.append(step);
    return path.append("/").append(step);
}

}  // namespace

JsonView::JsonView() noexcept = default;

JsonView::JsonView(SentRequest& sent, std::uint32_t place) noexcept : sent_(&sent), place_(place) {
    sent.hold();
}

JsonView::JsonView(const JsonView& other) noexcept : sent_(other.sent_), place_(other.place_) {
    if (sent_ != nullptr) sent_->hold();
}

JsonView::JsonView(JsonView&& other) noexcept
    : sent_(std::exchange(other.sent_, nullptr)), place_(other.place_) {}

JsonView& JsonView::operator=(const JsonView& other) noexcept {
    return *this = JsonView(other);
}

JsonView& JsonView::operator=(JsonView&& other) noexcept {
    std::swap(sent_, other.sent_);
    std::swap(place_, other.place_);
    return *this;
}

JsonView::~JsonView() {
    if (sent_ != nullptr) sent_->release();
}

JsonView JsonView::operator[](std::string_view member) const {
    if (sent_ == nullptr) return {};
    if (const JsonIndex* index = index_of(sent_, place_)) {
        if (const auto found = index->member(place_, member)) return {*sent_, *found};
    }
    return {*sent_, sent_->missing_place(longer(sent_->path(place_), member))};
}

JsonView JsonView::item(std::int64_t number) const {
    if (sent_ == nullptr) return {};
    if (const JsonIndex* index = index_of(sent_, place_)) {
        if (const auto found = index->item(place_, number)) return {*sent_, *found};
    }
    return {*sent_, sent_->missing_place(longer(sent_->path(place_), std::to_string(number)))};
}

bool JsonView::exists() const {
    return index_of(sent_, place_) != nullptr;
}

std::int64_t JsonView::size() const {
    const JsonIndex* index = index_of(sent_, place_);
    return index != nullptr ? index->size(place_) : 0;
}

std::string JsonView::dump() const {
    const JsonIndex* index = index_of(sent_, place_);
    return index != nullptr ? std::string(index->raw(place_)) : "null";
}

std::string JsonView::text() const {
    if (!is(sent_, place_, Kind::Text)) refuse(sent_, place_, "text");
    return sent_->json()->text(place_);
}

double JsonView::number() const {
    if (!is(sent_, place_, Kind::Number)) refuse(sent_, place_, "number");
    return sent_->json()->number(place_);
}

std::int64_t JsonView::integer() const {
    if (is(sent_, place_, Kind::Number)) {
        if (const auto whole = sent_->json()->integer(place_)) return *whole;
    }
    refuse(sent_, place_, "whole number");
}

bool JsonView::truth() const {
    if (!is(sent_, place_, Kind::Truth)) refuse(sent_, place_, "true or false");
    return sent_->json()->raw(place_) == "true";
}

std::string JsonView::value_or(std::string_view otherwise) const {
    return is(sent_, place_, Kind::Text) ? text() : std::string(otherwise);
}

double JsonView::value_or(double otherwise) const {
    return is(sent_, place_, Kind::Number) ? number() : otherwise;
}

std::partial_ordering JsonView::compare_truth(bool value) const {
    if (!is(sent_, place_, Kind::Truth)) return unequal(sent_, place_, "true or false");
    return truth() <=> value;
}

std::partial_ordering JsonView::compare_integer(std::int64_t value) const {
    if (!is(sent_, place_, Kind::Number)) return unequal(sent_, place_, "number");
    if (const auto whole = sent_->json()->integer(place_)) return *whole <=> value;
    return number() <=> static_cast<double>(value);
}

std::partial_ordering JsonView::compare_number(double value) const {
    if (!is(sent_, place_, Kind::Number)) return unequal(sent_, place_, "number");
    return number() <=> value;
}

std::partial_ordering JsonView::compare_text(std::string_view value) const {
    if (!is(sent_, place_, Kind::Text)) return unequal(sent_, place_, "text");
    if (sent_->json()->equals(place_, value)) return std::partial_ordering::equivalent;
    return std::string_view(text()) <=> value;
}

}  // namespace cicada
