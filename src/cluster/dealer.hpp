// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/secret.hpp"
#include "cluster/zmq_handles.hpp"

namespace cicada::cluster {

struct DealerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 5557;
    std::string id{};                   ///< of the node; goes with each message
    std::optional<ClusterKeys> keys{};  ///< then it speaks only to a master that has them
    void* context = nullptr;            ///< of ZeroMQ, outlives the dealer; null: one of its own
};

enum class SendResult : std::uint8_t {
    Sent,  ///< handed over; whether it arrives nobody knows
    Full,  ///< SocketLimits::kMostWaiting messages wait for a connection
};

/// A worker's socket to its master: connects by itself, again and again. Messages may be lost
/// without an error.
///
/// Threads: one at a time; nothing waits.
/// Its options: zmq_options.hpp.
class Dealer {
public:
    static constexpr int kSlowestReconnectMs = 1'000;

    /// Error: base::Error when the address is none.
    explicit Dealer(DealerOptions options);
    Dealer(const Dealer&) = delete;
    Dealer& operator=(const Dealer&) = delete;

    SendResult send(std::string_view bytes);
    [[nodiscard]] std::optional<std::string> try_receive();

    /// Why no connection comes about, when a master has answered and the two cannot speak: a
    /// sentence, once for each time it changes from good to bad. Cheap to ask often.
    [[nodiscard]] std::optional<std::string> trouble();

    /// Closes the socket, with all that waits in it, and opens it again with the same id.
    void reopen();

    /// Becomes readable when something may have come; after that, and after each send(), only
    /// try_receive() knows, until it returns nothing.
    [[nodiscard]] int descriptor() const;

private:
    void open();
    void watch();

    DealerOptions options_;
    ZmqContext own_context_;  ///< null: shared with others
    void* context_;
    ZmqSocket socket_;
    ZmqSocket events_;
    bool in_trouble_ = false;
};

}  // namespace cicada::cluster
