// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/spawn_plan.hpp"

namespace cicada::cluster {

/// The ids in the order in which their nodes are dealt users: those of one host apart from each
/// other. The host is what stands before the first `_`.
/// Source: Locust, dispatch.py, _sort_workers().
[[nodiscard]] std::vector<std::string> dealing_order(std::vector<std::string> ids);

/// Which node runs which user.
///
/// Users are dealt out in turn. Each has a home, where the turn put it; it is elsewhere, or
/// nowhere, while nodes that came or went make a difference, until move() has brought users home.
/// Of one class it does not matter who is moved, so that a new user goes where one of its class is
/// missing, and few have to move.
///
/// Knows no clock. Numbers of users ascend within a test.
/// Source: Locust, dispatch.py, UsersDispatcher, for the homes; its moves all happen at once.
class Placement {
public:
    using Slot = std::uint32_t;  ///< names a node; the caller chooses, small numbers

    struct Share {
        Slot slot = 0;
        run::SpawnStep step{};
    };

    explicit Placement(std::size_t classes) : lost_(classes) {}

    /// A node without users comes.
    void join(Slot slot, const std::string& id);

    /// A node goes; its users are nowhere.
    void leave(Slot slot);

    /// A node that has left comes back with the users it had. Returns which it must stop: they are
    /// elsewhere now, or not planned any more.
    [[nodiscard]] run::SpawnStep come_back(Slot slot, const std::string& id);

    /// Gives each user a new home, as if all had been dealt out now. Who is not at home, or is
    /// nowhere, moves later: see move().
    void rebalance();

    /// What each node has to do. Without a node the users are nowhere.
    [[nodiscard]] std::vector<Share> deal(const run::SpawnStep& step);

    /// Brings up to `most` users home: each is stopped where it is and started where it belongs.
    [[nodiscard]] std::vector<Share> move(std::int64_t most);

    /// Nobody has to be moved.
    [[nodiscard]] bool settled() const { return settled_; }

    /// A new test: no user is planned.
    void clear();

    [[nodiscard]] std::size_t nodes() const { return order_.size(); }
    [[nodiscard]] bool present(Slot slot) const;
    [[nodiscard]] std::int64_t users(Slot slot) const;  ///< there, and planned
    [[nodiscard]] std::int64_t users(Slot slot, std::size_t class_index) const;
    [[nodiscard]] std::int64_t nowhere() const;  ///< planned users without a node

private:
    static constexpr std::int32_t kNowhere = -1;

    struct User {
        std::uint32_t class_index = 0;
        std::int32_t home = kNowhere;
        std::int32_t holder = kNowhere;
        bool planned = false;
    };
    struct Node {
        std::string id{};
        bool present = false;
        std::vector<std::int64_t> wanted{};             ///< per class, by the homes
        std::vector<std::int64_t> there{};              ///< per class
        std::vector<std::vector<std::int64_t>> held{};  ///< numbers, per class; may have left
        std::vector<std::int64_t> taken_along{};        ///< numbers it had when it left
    };
    class Shares;

    Node& node_for(Slot slot, const std::string& id);
    void insert_into_order(Slot slot);
    [[nodiscard]] User& user(std::int64_t number);
    [[nodiscard]] std::int32_t next_home();
    void put(std::int64_t number, Slot slot);
    void take_away(std::int64_t number);
    void start(const run::PlannedUser& begin, Shares& shares);
    void stop(std::int64_t number, Shares& shares);
    [[nodiscard]] std::optional<Slot> where_one_is_missing(std::uint32_t class_index);
    [[nodiscard]] std::optional<std::int64_t> one_that_is_nowhere(std::uint32_t class_index);
    [[nodiscard]] std::optional<std::int64_t> one_too_many(std::uint32_t class_index);

    std::vector<Node> nodes_;                      ///< by slot
    std::vector<Slot> order_;                      ///< of those present
    std::size_t turn_ = 0;                         ///< an index into it
    std::size_t looked_at_ = 0;                    ///< likewise: where a search goes on
    std::vector<User> users_;                      ///< by number
    std::vector<std::int64_t> planned_;            ///< numbers, in the order they were planned
    std::vector<std::vector<std::int64_t>> lost_;  ///< nowhere, per class; may be found again
    bool settled_ = true;
};

}  // namespace cicada::cluster
