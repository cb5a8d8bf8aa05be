// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "cluster/gatekeeper.hpp"
#include "cluster/secret.hpp"
#include "cluster/zmq_handles.hpp"

namespace cicada::cluster {

/// Where a master waits for workers.
struct Bind {
    std::string host = "*";     ///< interface to bind to; `*`: all
    std::uint16_t port = 5557;  ///< 0: any free one
};

struct RouterOptions {
    std::string host = "*";
    std::uint16_t port = 5557;
    std::optional<ClusterKeys> keys{};  ///< then only who has them comes in, encrypted
    std::optional<Bind> plain{};        ///< another door, for who cannot encrypt
};

/// "10.0.0.1:5558", "[::1]:5558", "*:5558" or "5558"; nothing: it is none of these.
[[nodiscard]] std::optional<Bind> bind_of(std::string_view text);

/// Whether only programs of this machine can reach it.
[[nodiscard]] bool is_loopback(std::string_view host);

/// What became of a message for a worker.
enum class Delivery : std::uint8_t {
    Sent,     ///< handed over; whether it arrives nobody knows
    Full,     ///< SocketLimits::kMostWaiting messages wait for it
    Unknown,  ///< it is not connected
};

/// A master's socket: workers connect to it, each with an id of its own. A second connection with
/// an id takes the place of the first. Messages may be lost without an error.
///
/// Threads: one at a time; nothing waits.
/// Its options: zmq_options.hpp.
class Router {
public:
    static constexpr std::size_t kLongestId = 255;
    static constexpr int kMostUnaccepted = 4'096;  ///< connections that come at once

    /// Error: base::Error when the address is taken, or not one of this machine.
    explicit Router(const RouterOptions& options);
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;
    ~Router();

    [[nodiscard]] std::uint16_t port() const { return doors_[0].port; }
    [[nodiscard]] std::uint16_t plain_port() const { return doors_[1].port; }  ///< 0: none

    struct Received {
        std::string id;
        std::string bytes;
        bool secured = false;  ///< it came encrypted, from somebody who knows the secret
        bool local = false;    ///< it came from this machine
    };
    /// The next message; what is not `[id, bytes]` is dropped. So is what comes through the plain
    /// door under the id of somebody who has come encrypted.
    [[nodiscard]] std::optional<Received> try_receive();
    Delivery send(const std::string& id, std::string_view bytes);

    /// Becomes readable when something may have come; after that, and after each send(), only
    /// try_receive() knows, until it returns nothing.
    [[nodiscard]] int descriptor() const;

private:
    struct Door {
        ZmqSocket socket{};
        std::uint16_t port = 0;
    };
    void open(Door& door, const Bind& bind, const std::optional<ClusterKeys>& keys);
    [[nodiscard]] std::optional<Received> receive(Door& door);

    ZmqContext context_;
    std::unique_ptr<Gatekeeper> gatekeeper_;  ///< ends after the sockets it watches
    std::array<Door, 2> doors_;               ///< the usual one, and the plain one if there is one
    std::size_t next_door_ = 0;               ///< that is looked at first
    bool is_secure_ = false;
    std::unordered_set<std::string> secured_ids_;  ///< have come encrypted; kept if doors differ
    int both_ = -1;                                ///< an epoll instance, if there are two doors
};

}  // namespace cicada::cluster
