// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fiber/stream.hpp"
#include "http/client.hpp"

namespace cicada::http {

/// A connection to an origin. Its text stays until the stream has sent it, so the stream goes
/// first.
struct Connection {
    std::shared_ptr<const Origin> origin;  // shared: the table may forget it
    std::string out;                       // the request being sent
    fiber::Stream stream;
};

/// A client's state between its requests.
class Client::Impl {
public:
    Network& network;
    std::shared_ptr<const ClientProfile> profile;  // shared by all users of a class
    std::shared_ptr<const Origin> base{};          // null: none
    std::string base_path{};                       // prefix of every path; mostly empty
    std::string base_authorization{};              // a whole field; mostly empty
    CookieJar cookies{};
    TraceSource* trace = nullptr;
    WireObserver* observer = nullptr;
    std::vector<std::unique_ptr<Connection>> idle{};  // the last used at the end

    /// A kept connection on which nothing has happened since; null: none. Others are closed.
    std::unique_ptr<Connection> take_idle(const Origin& origin);
    void put_back(std::unique_ptr<Connection> connection);
};

/// `Authorization: Basic ...\r\n` for a URL's user_info; empty for an empty one.
[[nodiscard]] std::string basic_authorization(std::string_view user_info);

}  // namespace cicada::http
