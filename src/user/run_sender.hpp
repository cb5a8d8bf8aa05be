// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "http/client.hpp"
#include "user/outbox.hpp"

namespace cicada::user {

struct Environment;

/// Who sends the requests that no user sends: those of listeners, of runner().background() and of
/// on_message(). They are recorded like a user's, but not announced to `request` listeners.
///
/// One for each engine, on its thread. Its clients are ended with it, whoever keeps them.
class RunSender {
public:
    explicit RunSender(Environment& environment);
    RunSender(const RunSender&) = delete;
    RunSender& operator=(const RunSender&) = delete;
    ~RunSender();

    /// Null: the calling fiber is a user's, or no engine runs on this thread.
    [[nodiscard]] static RunSender* current();

    /// Records what the calling fiber has sent: before it sends again, and when it ends.
    static void settle_mine();

    [[nodiscard]] Environment& environment() { return environment_; }
    [[nodiscard]] Outbox& outbox() { return outbox_; }

    /// `client` is reset when this ends, unless it is removed before.
    void add(std::optional<http::Client>& client) { clients_.push_back(&client); }
    void remove(std::optional<http::Client>& client);

private:
    Environment& environment_;
    Outbox outbox_;
    std::vector<std::optional<http::Client>*> clients_;
};

}  // namespace cicada::user
