// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <thread>

#include "cluster/refusals.hpp"
#include "cluster/secret.hpp"
#include "cluster/zmq_handles.hpp"

namespace cicada::cluster {

/// Answers ZeroMQ's question whether a connection with the right encryption may come in: if it has
/// the one key that follows from the cluster's secret. Logs who was refused, or did not get so far.
///
/// Source: ZeroMQ RFC 27 (ZAP), RFC 26 (CURVE).
class Gatekeeper {
public:
    /// Watches `socket`, which listens later and belongs to `context`.
    Gatekeeper(void* context, void* socket, const Key& admitted);
    Gatekeeper(const Gatekeeper&) = delete;
    Gatekeeper& operator=(const Gatekeeper&) = delete;

    /// After the socket is closed.
    ~Gatekeeper();

private:
    void run();
    void answer();
    void look_at_event();

    Key admitted_;
    ZmqSocket questions_;
    ZmqSocket events_;
    ZmqSocket end_here_;   ///< the thread's side
    ZmqSocket end_there_;  ///< closed or written to: the thread ends
    Refusals refusals_;
    std::map<int, std::string> peers_{};  ///< of open connections, by their descriptors
    bool handshake_failed_ = false;       ///< of the connection that is closed next
    std::thread thread_;
};

}  // namespace cicada::cluster
