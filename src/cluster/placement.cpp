// SPDX-License-Identifier: Apache-2.0
#include "cluster/placement.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "base/expects.hpp"

namespace cicada::cluster {
namespace {

std::string host_of(const std::string& id) {
    return id.substr(0, id.find('_'));
}

}  // namespace

std::vector<std::string> dealing_order(std::vector<std::string> ids) {
    std::sort(ids.begin(), ids.end());
    std::map<std::string, std::size_t> ranks;
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (std::string& id : ids) {
        const std::size_t rank = ranks[host_of(id)]++;
        ranked.emplace_back(rank, std::move(id));
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<std::string> order;
    order.reserve(ranked.size());
    for (auto& [rank, id] : ranked) order.push_back(std::move(id));
    return order;
}

/// What each node has to do, as it comes together.
class Placement::Shares {
public:
    explicit Shares(std::size_t slots) : places_(slots, kNone) {}

    run::SpawnStep& of(std::size_t slot) {
        if (places_[slot] == kNone) {
            places_[slot] = shares_.size();
            shares_.push_back({.slot = static_cast<Slot>(slot)});
        }
        return shares_[places_[slot]].step;
    }
    [[nodiscard]] std::vector<Share> take() { return std::move(shares_); }

private:
    static constexpr std::size_t kNone = SIZE_MAX;
    std::vector<std::size_t> places_;
    std::vector<Share> shares_;
};

Placement::Node& Placement::node_for(Slot slot, const std::string& id) {
    if (slot >= nodes_.size()) nodes_.resize(slot + std::size_t{1});
    Node& node = nodes_[slot];
    base::expects(!node.present, "a slot names one node");
    node.id = id;
    node.present = true;
    node.wanted.assign(lost_.size(), 0);
    node.there.assign(lost_.size(), 0);
    node.held.assign(lost_.size(), {});
    return node;
}

void Placement::insert_into_order(Slot slot) {
    order_.push_back(slot);
    std::vector<std::string> ids;
    std::map<std::string, Slot> slots;
    for (const Slot present : order_) {
        ids.push_back(nodes_[present].id);
        slots[nodes_[present].id] = present;
    }
    order_.clear();
    for (const std::string& id : dealing_order(std::move(ids))) order_.push_back(slots.at(id));
    turn_ = 0;
}

void Placement::join(Slot slot, const std::string& id) {
    node_for(slot, id).taken_along.clear();
    insert_into_order(slot);
}

void Placement::leave(Slot slot) {
    Node& node = nodes_.at(slot);
    if (!node.present) return;
    node.present = false;
    std::erase(order_, slot);
    turn_ = 0;
    node.taken_along.clear();
    const auto index = static_cast<std::int32_t>(slot);
    for (const std::int64_t number : planned_) {
        User& user = this->user(number);
        if (user.home == index) user.home = kNowhere;
        if (user.holder != index) continue;
        user.holder = kNowhere;
        node.taken_along.push_back(number);
        lost_[user.class_index].push_back(number);
    }
    settled_ = false;
}

run::SpawnStep Placement::come_back(Slot slot, const std::string& id) {
    Node& node = node_for(slot, id);
    run::SpawnStep excess;
    for (const std::int64_t number : node.taken_along) {
        const bool known = number < static_cast<std::int64_t>(users_.size());
        if (!known || !user(number).planned || user(number).holder != kNowhere) {
            excess.stop.push_back(number);
            continue;
        }
        put(number, slot);
        User& user = this->user(number);
        if (user.home != kNowhere) continue;
        user.home = static_cast<std::int32_t>(slot);
        node.wanted[user.class_index] += 1;
    }
    node.taken_along.clear();
    insert_into_order(slot);
    settled_ = false;
    return excess;
}

void Placement::rebalance() {
    for (const Slot slot : order_) std::fill_n(nodes_[slot].wanted.begin(), lost_.size(), 0);
    turn_ = 0;
    for (const std::int64_t number : planned_) {
        User& user = this->user(number);
        user.home = next_home();
        if (user.home == kNowhere) continue;
        nodes_[static_cast<std::size_t>(user.home)].wanted[user.class_index] += 1;
    }
    settled_ = false;
}

Placement::User& Placement::user(std::int64_t number) {
    return users_[static_cast<std::size_t>(number)];
}

std::int32_t Placement::next_home() {
    if (order_.empty()) return kNowhere;
    if (turn_ >= order_.size()) turn_ = 0;
    return static_cast<std::int32_t>(order_[turn_++]);
}

void Placement::put(std::int64_t number, Slot slot) {
    User& user = this->user(number);
    user.holder = static_cast<std::int32_t>(slot);
    nodes_[slot].there[user.class_index] += 1;
    nodes_[slot].held[user.class_index].push_back(number);
}

void Placement::take_away(std::int64_t number) {
    User& user = this->user(number);
    Node& node = nodes_[static_cast<std::size_t>(user.holder)];
    node.there[user.class_index] -= 1;
    auto& held = node.held[user.class_index];
    if (!held.empty() && held.back() == number) held.pop_back();
    user.holder = kNowhere;
}

std::vector<Placement::Share> Placement::deal(const run::SpawnStep& step) {
    Shares shares(nodes_.size());
    for (const run::PlannedUser& begin : step.start) start(begin, shares);
    for (const std::int64_t number : step.stop) stop(number, shares);
    return shares.take();
}

void Placement::start(const run::PlannedUser& begin, Shares& shares) {
    const auto index = static_cast<std::size_t>(begin.number);
    if (index >= users_.size()) users_.resize(index + 1);
    User& user = users_[index];
    user = {.class_index = begin.class_index, .home = next_home(), .planned = true};
    planned_.push_back(begin.number);
    if (user.home == kNowhere) {
        lost_[begin.class_index].push_back(begin.number);
        return;
    }
    const auto home = static_cast<std::size_t>(user.home);
    Node& node = nodes_[home];
    node.wanted[begin.class_index] += 1;
    std::optional<Slot> slot = static_cast<Slot>(home);
    if (node.there[begin.class_index] >= node.wanted[begin.class_index]) {
        slot = where_one_is_missing(begin.class_index);
    }
    const Slot chosen = slot.value_or(static_cast<Slot>(home));
    put(begin.number, chosen);
    shares.of(chosen).start.push_back(begin);
}

void Placement::stop(std::int64_t number, Shares& shares) {
    User& user = this->user(number);
    user.planned = false;
    if (!planned_.empty() && planned_.back() == number) {
        planned_.pop_back();
    } else {
        std::erase(planned_, number);
    }
    if (user.home != kNowhere) {
        nodes_[static_cast<std::size_t>(user.home)].wanted[user.class_index] -= 1;
        if (user.home != user.holder) settled_ = false;
    }
    if (user.holder == kNowhere) return;
    shares.of(static_cast<std::size_t>(user.holder)).stop.push_back(number);
    take_away(number);
}

std::vector<Placement::Share> Placement::move(std::int64_t most) {
    Shares shares(nodes_.size());
    std::int64_t moved = 0;
    for (std::uint32_t index = 0; index < lost_.size() && moved < most; ++index) {
        while (moved < most) {
            const auto missing = where_one_is_missing(index);
            if (!missing) break;
            auto number = one_that_is_nowhere(index);
            if (!number) {
                number = one_too_many(index);
                if (!number) break;
                const auto holder = static_cast<std::size_t>(user(*number).holder);
                shares.of(holder).stop.push_back(*number);
                take_away(*number);
            }
            put(*number, *missing);
            shares.of(*missing).start.push_back({.class_index = index, .number = *number});
            moved += 1;
        }
    }
    if (moved < most) settled_ = true;
    return shares.take();
}

std::optional<Placement::Slot> Placement::where_one_is_missing(std::uint32_t class_index) {
    for (std::size_t count = 0; count < order_.size(); ++count) {
        const Slot slot = order_[(looked_at_ + count) % order_.size()];
        const Node& node = nodes_[slot];
        if (node.there[class_index] < node.wanted[class_index]) {
            looked_at_ = (looked_at_ + count) % order_.size();
            return slot;
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> Placement::one_that_is_nowhere(std::uint32_t class_index) {
    auto& lost = lost_[class_index];
    while (!lost.empty()) {
        const std::int64_t number = lost.back();
        lost.pop_back();
        if (user(number).planned && user(number).holder == kNowhere) return number;
    }
    return std::nullopt;
}

// The one that came last there.
std::optional<std::int64_t> Placement::one_too_many(std::uint32_t class_index) {
    for (const Slot slot : order_) {
        Node& node = nodes_[slot];
        if (node.there[class_index] <= node.wanted[class_index]) continue;
        auto& held = node.held[class_index];
        while (!held.empty()) {
            const std::int64_t number = held.back();
            const User& user = this->user(number);
            if (user.planned && user.holder == static_cast<std::int32_t>(slot)) return number;
            held.pop_back();
        }
    }
    return std::nullopt;
}

void Placement::clear() {
    users_.clear();
    planned_.clear();
    for (auto& lost : lost_) lost.clear();
    for (Node& node : nodes_) {
        std::fill(node.wanted.begin(), node.wanted.end(), 0);
        std::fill(node.there.begin(), node.there.end(), 0);
        for (auto& held : node.held) held.clear();
        node.taken_along.clear();
    }
    turn_ = 0;
    settled_ = true;
}

bool Placement::present(Slot slot) const {
    return slot < nodes_.size() && nodes_[slot].present;
}

std::int64_t Placement::users(Slot slot, std::size_t class_index) const {
    return present(slot) ? nodes_[slot].there.at(class_index) : 0;
}

std::int64_t Placement::users(Slot slot) const {
    std::int64_t sum = 0;
    for (std::size_t index = 0; index < lost_.size(); ++index) sum += users(slot, index);
    return sum;
}

std::int64_t Placement::nowhere() const {
    std::int64_t sum = static_cast<std::int64_t>(planned_.size());
    for (const Slot slot : order_) sum -= users(slot);
    return sum;
}

}  // namespace cicada::cluster
