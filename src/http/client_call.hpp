// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fiber/scheduler.hpp"
#include "http/client_impl.hpp"
#include "http/request_body.hpp"
#include "http/response_reader.hpp"

namespace cicada::http {

/// One logical request under way: its redirects, its connections, its time.
class ClientCall {
public:
    ClientCall(Client::Impl& client, const Request& request, Exchange& exchange)
        : client_(client), request_(request), exchange_(exchange), method_(request.method) {}
    ClientCall(const ClientCall&) = delete;
    ClientCall& operator=(const ClientCall&) = delete;
    ~ClientCall();

    /// Suspends; see Client::send().
    void run();

private:
    using Outcome = ResponseReader::Outcome;

    // Each returns false when the exchange has failed; its error then says why.
    bool prepare();
    bool check_headers();
    bool find_target();
    bool find_absolute_target();
    bool exchange_once();
    bool make_up_answer(AnswerSource& source);
    bool follow(std::string_view location);
    bool decode_body();

    std::unique_ptr<Connection> connect();
    Outcome transfer(Connection& connection, ResponseReader& reader);
    int send_request(Connection& connection, bool body_follows);
    void append_head(std::string& to) const;
    void append_own_headers(std::string& to) const;
    [[nodiscard]] bool sends(const Field& header) const;
    [[nodiscard]] const Field* own_header(std::string_view name) const;
    void store_cookies();
    [[nodiscard]] bool is_redirect() const;
    [[nodiscard]] bool may_be_repeated() const;
    [[nodiscard]] ReadRules read_rules() const;
    void take(const MadeUpAnswer& answer);
    void tell_observer();
    bool fail(std::string why);
    void note_end();

    Client::Impl& client_;
    const Request& request_;
    Exchange& exchange_;

    std::shared_ptr<const Origin> origin_{};
    std::string_view method_;
    std::string redirect_target_{};  // of the present exchange, once redirected
    std::string authorization_{};    // from a whole URL
    fiber::TimePoint deadline_ = fiber::kNever;
    std::chrono::nanoseconds timeout_{};
    fiber::TimePoint exchange_began_{};  // of the present one; only for the observer
    RequestBody body_{};
    NotedFields noted_{};
    std::string shown_head_{};  // for the observer; empty if there is none
    std::optional<fiber::DrainScope> drain_{};
    bool expects_continue_ = false;
    bool left_origin_ = false;  // credentials stay behind
    bool on_wire_ = false;
    bool finished_ = false;
};

}  // namespace cicada::http
