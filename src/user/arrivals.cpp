// SPDX-License-Identifier: Apache-2.0
// The builders of arrivals<>(): each notes what it was told, or that it makes no sense.
#include <fmt/format.h>

#include <cicada/arrivals.hpp>
#include <cmath>
#include <string>
#include <utility>

#include "user/load_plan.hpp"
#include "user/registry.hpp"

namespace cicada {

ArrivalRate::ArrivalRate() = default;
ArrivalRate::ArrivalRate(const ArrivalRate& other) = default;
ArrivalRate& ArrivalRate::operator=(const ArrivalRate& other) = default;
ArrivalRate::~ArrivalRate() = default;

ArrivalRate ArrivalRate::constant(double per_second) {
    ArrivalRate rate;
    rate.pieces.push_back({per_second, per_second, kForever});
    return rate;
}

ArrivalRate Ramp::over(Duration length) const {
    ArrivalRate rate;
    rate.pieces.push_back({from_, to_, length});
    return rate;
}

ArrivalRate steps(std::initializer_list<RateStep> steps) {
    ArrivalRate rate;
    for (const RateStep& step : steps) {
        rate.pieces.push_back({step.rate, step.rate, step.duration});
    }
    return rate;
}

ArrivalRate poisson(ArrivalRate rate) {
    rate.poisson = true;
    return rate;
}

namespace detail {
namespace {

std::string complaint_about(const ArrivalRate& rate) {
    using user::ArrivalPlan;
    bool anybody = false;
    for (const ArrivalRate::Piece& piece : rate.pieces) {
        for (const double per_second : {piece.from, piece.to}) {
            if (!(per_second >= 0 && per_second <= ArrivalPlan::kHighestRate)) {
                return fmt::format("a rate is {} per second, but has to be 0 to {:.0f}",
                                   per_second,
                                   ArrivalPlan::kHighestRate);
            }
            anybody = anybody || per_second > 0;
        }
        if (piece.length <= Duration{}) {
            return fmt::format("a part of the rate lasts {} s, but has to last longer than 0",
                               piece.length.seconds());
        }
        if (piece.length == kForever && piece.from != piece.to) {
            return "a ramp lasts for ever: how long? ramp(0, 5000).over(2min)";
        }
    }
    return anybody ? "" : "the rate is 0 all the time";
}

void complain(const Declaration& declaration, const Place& place, const std::string& what) {
    user::registry().complain(place, fmt::format("arrivals<{}>: {}", declaration.name, what));
}

}  // namespace

Declaration& declare_arrivals(const ClassInfo& user, const ArrivalRate& rate, const Place& place) {
    Declaration& declaration = user::registry().declare(user, place);
    declaration.arrivals.emplace();
    if (const std::string why = complaint_about(rate); !why.empty()) {
        complain(declaration, place, why);
        declaration.arrivals->rate = ArrivalRate::constant(1);
    } else {
        declaration.arrivals->rate = rate;
    }
    return declaration;
}

void set_max_users(Declaration& declaration,
                   std::int64_t users,
                   WhenFull when_full,
                   const Place& place) {
    user::registry().expect_unsealed(".max_users()", place);
    if (users < 1 || users > user::kMostUsers) {
        complain(declaration,
                 place,
                 fmt::format(".max_users({}) has to be 1 to {}", users, user::kMostUsers));
        return;
    }
    declaration.arrivals->max_users = users;
    declaration.arrivals->when_full = when_full;
}

void set_arrivals(Declaration& declaration, std::int64_t arrivals, const Place& place) {
    user::registry().expect_unsealed(".iterations()", place);
    if (arrivals < 1) {
        complain(declaration, place, fmt::format(".iterations({}) has to be 1 or more", arrivals));
        return;
    }
    declaration.arrivals->limit = arrivals;
}

void set_fresh(Declaration& declaration, const Place& place) {
    user::registry().expect_unsealed(".fresh()", place);
    declaration.arrivals->fresh = true;
}

}  // namespace detail
}  // namespace cicada
