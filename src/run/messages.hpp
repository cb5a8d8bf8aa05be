// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/runner.hpp>
#include <cicada/sync.hpp>
#include <cstddef>
#include <deque>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run/node_place.hpp"

namespace cicada::run {

using MessageFunction = detail::Function<void(const NodeMessage&)>;

/// Who hears messages of which type: on_message() of the test, kept until exit.
///
/// Threads: the main thread while the test is loaded; then it does not change.
class MessageListeners {
public:
    /// A second listener to one type is a complaint about the test.
    void add(std::string_view type, MessageFunction listener, const std::source_location& place);

    [[nodiscard]] const MessageFunction* find(std::string_view type) const;  ///< null: nobody
    void clear();                                                            ///< for tests

private:
    struct Entry {
        std::string type;
        MessageFunction listener;
        std::source_location place;
    };
    std::vector<Entry> entries_;
};

/// The program's one set of them.
MessageListeners& message_listeners();

/// Messages on their way to this node's listeners, which are called one after the other, in the
/// order the messages were sent in, and those on their way to other nodes. A run without other
/// nodes sends to itself.
///
/// Threads: the engine's.
class Messages {
public:
    static constexpr std::size_t kMostWaiting = 10'000;

    explicit Messages(NodePlace place = {}) : place_(std::move(place)) {}

    /// `data` is JSON. Nobody hears: one warning for each type.
    /// Error: std::runtime_error when kMostWaiting wait already, or `to` is no node.
    void send(std::string_view type, std::string_view data, std::string_view to);

    /// One from another node, whose id it has. Too many wait: it is dropped, with an error line.
    void receive(Letter letter);

    [[nodiscard]] bool has_outgoing() const { return !outgoing_.empty(); }
    [[nodiscard]] std::vector<Letter> take_outgoing() { return std::exchange(outgoing_, {}); }

    /// Calls listeners until it is cancelled: the body of a fiber. What they throw is logged and
    /// noted like what any listener throws.
    void deliver();

private:
    [[nodiscard]] bool stays_here(std::string_view to) const;
    [[nodiscard]] bool is_heard(std::string_view type);
    static void call_listener(const Letter& message);

    NodePlace place_;
    std::deque<Letter> waiting_;
    std::vector<Letter> outgoing_;
    Event has_some_;
    std::vector<std::string> unheard_;
};

}  // namespace cicada::run
