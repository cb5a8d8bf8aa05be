// SPDX-License-Identifier: Apache-2.0
#include "run/arrival_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cicada::run {
namespace {

using std::chrono::nanoseconds;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLongestSeconds = 9e9;  // fits into nanoseconds

double seconds_of(nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

ArrivalSchedule::ArrivalSchedule(const ArrivalRate& rate,
                                 std::uint64_t seed,
                                 std::optional<std::uint64_t> limit)
    : limit_(limit), poisson_(rate.poisson), random_(seed, 0, 0) {
    double time = 0;
    double due = 0;
    for (const ArrivalRate::Piece& piece : rate.pieces) {
        const bool ends = piece.length != kForever;
        const double length = ends ? piece.length.seconds() : kInfinity;
        const double more =
            ends ? (piece.from + piece.to) / 2 * length : (piece.from > 0 ? kInfinity : 0);
        const double slope = ends ? (piece.to - piece.from) / length : 0;
        pieces_.push_back({time, piece.from, slope, due, due + more});
        time += length;
        due += more;
        if (!ends) break;
    }
    if (time != kInfinity) {  // the last rate holds
        const double last = rate.pieces.back().to;
        pieces_.push_back({time, last, 0, due, last > 0 ? kInfinity : due});
    }
    if (poisson_) due_ = -std::log1p(-random_.fraction());
    plan();
}

void ArrivalSchedule::advance() {
    advance(1);
}

void ArrivalSchedule::advance(std::uint64_t count) {
    number_ += count;
    if (!poisson_) {
        due_ = static_cast<double>(number_);
    } else {
        // One by one a sum of gaps loses nothing worth a nanosecond before 10^12 arrivals.
        for (; count > 0; --count) due_ -= std::log1p(-random_.fraction());
    }
    plan();
}

void ArrivalSchedule::go_to(const Mark& mark) {
    number_ = mark.number;
    due_ = mark.due;
    random_ = user::RandomStream::continued(mark.random_state);
    piece_ = 0;
    plan();
}

void ArrivalSchedule::plan() {
    planned_.reset();
    if (limit_ && number_ >= *limit_) return;
    while (piece_ < pieces_.size() && pieces_[piece_].due_after <= due_) ++piece_;
    if (piece_ == pieces_.size()) return;
    const Piece& piece = pieces_[piece_];
    // from * x + slope * x^2 / 2 = due, solved without the difference of two large numbers.
    const double due = due_ - piece.due_before;
    const double root = std::sqrt(std::max(piece.from * piece.from + 2 * piece.slope * due, 0.0));
    const double into = due == 0 ? 0 : 2 * due / (piece.from + root);
    const double time = piece.begins_s + into;
    if (time < kLongestSeconds) planned_ = nanoseconds(std::llround(time * 1e9));
}

const ArrivalSchedule::Piece& ArrivalSchedule::piece_at(double time_s) const {
    auto after = std::find_if(pieces_.begin() + 1, pieces_.end(), [time_s](const Piece& piece) {
        return piece.begins_s > time_s;
    });
    return *(after - 1);
}

double ArrivalSchedule::rate_at(nanoseconds time) const {
    const double seconds = seconds_of(time);
    const Piece& piece = piece_at(seconds);
    const double due = due_by(time);
    if (limit_ && due >= static_cast<double>(*limit_)) return 0;
    return piece.from + piece.slope * (seconds - piece.begins_s);
}

double ArrivalSchedule::due_by(nanoseconds time) const {
    const double seconds = seconds_of(time);
    const Piece& piece = piece_at(seconds);
    const double into = seconds - piece.begins_s;
    const double due = piece.due_before + piece.from * into + piece.slope * into * into / 2;
    return limit_ ? std::min(due, static_cast<double>(*limit_)) : due;
}

}  // namespace cicada::run
