// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <fmt/format.h>

#include <cicada/client.hpp>
#include <cicada/fiber.hpp>
#include <cicada/sync.hpp>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "http/url.hpp"
#include "user/environment.hpp"
#include "user/live_user.hpp"
#include "user/outbox.hpp"
#include "user/run_sender.hpp"
#include "user/sent_request.hpp"
#include "user/signals.hpp"

namespace cicada {

namespace detail {

const RequestOptions no_options;
const ClientOptions no_client_options;
const Body no_body;

}  // namespace detail

using detail::SentRequest;

/// The client of one user; absent where there is none.
struct HttpClient::Impl {
    Impl(user::LiveUser& its_user, const ClientOptions& options)
        : owner(its_user), client(its_user.environment().network, profile(its_user, options)) {}

    Impl(user::LiveUser& its_user, const ClientOptions& options, const http::Url& base)
        : owner(its_user),
          has_host(true),
          client(its_user.environment().network, profile(its_user, options), base) {}

    static std::shared_ptr<const http::ClientProfile> profile(const user::LiveUser& user,
                                                              const ClientOptions& options) {
        user::Environment& shared = user.environment();
        return shared.client_profiles.find(options, shared.client_defaults, shared.trace_header);
    }

    user::LiveUser& owner;
    bool has_host = false;
    http::Client client;
};

namespace {

/// A request that is being made: owned by nobody else until its Response is.
class Draft {
public:
    Draft() : sent_(SentRequest::take()) {}
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        if (!handed_over_) sent_.release();
    }

    [[nodiscard]] SentRequest& get() { return sent_; }

    /// The outbox keeps its reference until the request is settled.
    SentRequest& hand_over(user::Outbox& outbox) {
        handed_over_ = true;
        outbox.add(sent_);
        return sent_;
    }

private:
    SentRequest& sent_;
    bool handed_over_ = false;
};

bool is_whole_url(std::string_view path) {
    return path.starts_with("http://") || path.starts_with("https://");
}

void point_to(std::vector<http::Field>& views, const Fields& fields) {
    views.clear();
    for (const Field& field : fields) views.push_back({field.name(), field.value()});
}

template <class Owner>
void add_body(http::Request& request, SentRequest& sent, const Body& body, Owner& owner) {
    const bool usual =
        request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    request.has_body = usual || body.kind() != Body::Kind::None;
    request.content_type = body.content_type();
    if (body.kind() == Body::Kind::File) {
        sent.body_file = (owner.environment().test_folder / body.content()).string();
        request.body_file = sent.body_file;
    } else {
        request.body = body.content();
    }
}

void add_options(http::Request& request, SentRequest& sent, const RequestOptions& options) {
    if (&options == &detail::no_options) return;
    sent.own_name = options.name;
    request.name = sent.own_name;
    if (!options.headers.empty()) {
        point_to(sent.headers, options.headers);
        request.headers = sent.headers;
    }
    if (!options.query.empty()) {
        point_to(sent.query, options.query);
        request.query = sent.query;
    }
    if (options.timeout != kInherited) request.timeout = options.timeout.nanoseconds();
    request.follow_redirects = options.follow_redirects;
    request.discard_body = options.discard_body;
    if (!options.context.empty()) sent.context = options.context;
}

/// The ticket of a request that belongs to no user, and so to no limit.
struct NoTicket {
    void use() {}
    void use_cut_off() {}
};

/// Sends; a request cut off by a Timeout counts as failed, by a cancellation as aborted.
template <class Ticket, class Owner>
void send(http::Client& client,
          const http::Request& request,
          Draft& draft,
          Ticket& ticket,
          Owner& owner) {
    SentRequest& sent = draft.get();
    try {
        client.send(request, sent.exchange);
        ticket.use();
    } catch (const TimeoutExpired& expired) {
        ticket.use();
        if (sent.name().empty()) sent.own_name = request.url;
        draft.hand_over(owner.outbox());
        sent.fail_by_exception(expired.what());
        owner.outbox().settle(sent);
        throw;
    } catch (const FiberCancelled&) {
        const http::WireCounts& counts = sent.exchange.counts();
        if (counts.exchanges > 0) {
            ticket.use_cut_off();
            stats::Recorder& recorder = owner.environment().recorder;
            recorder.record_aborted(recorder.entry(sent.method, sent.name()),
                                    {.sent = counts.exchanges > counts.redirects + counts.resends,
                                     .redirects = counts.redirects,
                                     .resends = counts.resends});
        }
        throw;
    }
    if (sent.name().empty()) sent.own_name = request.url;
}

[[noreturn]] void refuse_caller(std::string_view method, std::string_view path) {
    throw std::logic_error(fmt::format(
        "{} {}: a client works in the fibers of its own user alone: in tasks, on_start, "
        "on_stop and what they spawn; or in listeners if one of them has made it",
        method,
        path));
}

[[noreturn]] void refuse_missing_host(user::LiveUser& owner, std::string_view path) {
    const std::string why = fmt::format(
        "user class {} has no host for \"{}\": give --host, or .host(\"http://...\") where the "
        "class is declared",
        owner.declaration().name,
        path);
    if (owner.environment().fail_run) owner.environment().fail_run(why);
    throw user::StopUser{};
}

}  // namespace

/// A client that belongs to no user but to the run.
struct HttpClient::RunImpl {
    RunImpl(user::RunSender& its_sender, const ClientOptions& options) : sender(its_sender) {
        user::Environment& shared = sender.environment();
        auto profile =
            shared.client_profiles.find(options, shared.client_defaults, shared.trace_header);
        const std::string& host = shared.host.empty() ? shared.host_if_none : shared.host;
        if (host.empty()) {
            client.emplace(shared.network, std::move(profile));
        } else {
            const auto base = http::Url::parse(host);
            if (!base) throw std::invalid_argument(base.error());
            client.emplace(shared.network, std::move(profile), *base);
            has_host = true;
        }
        client->set_observer(shared.wire_observer);
        sender.add(client);
    }
    RunImpl(const RunImpl&) = delete;
    RunImpl& operator=(const RunImpl&) = delete;
    ~RunImpl() {
        if (client) sender.remove(client);
    }

    [[nodiscard]] bool works_here() const {
        return client.has_value() && user::RunSender::current() == &sender;
    }

    Response request(std::string_view method,
                     std::string_view path,
                     const Body& body,
                     const RequestOptions& options) {
        user::RunSender::settle_mine();
        if (!has_host && !is_whole_url(path)) {
            throw std::logic_error(fmt::format(
                "{} {}: no host is known here: give --host or a whole URL", method, path));
        }
        Draft draft;
        SentRequest& sent = draft.get();
        sent.method_text = method;
        sent.method = sent.method_text;
        sent.announced = false;
        http::Request request{.method = sent.method, .url = path};
        add_body(request, sent, body, sender);
        add_options(request, sent, options);
        NoTicket ticket;
        send(*client, request, draft, ticket, sender);
        return draft.hand_over(sender.outbox()).response();
    }

    user::RunSender& sender;
    bool has_host = false;
    std::optional<http::Client> client;  ///< none once the run has ended
};

HttpClient::HttpClient(const ClientOptions& options) {
    user::LiveUser* const owner = user::LiveUser::current();
    if (owner == nullptr) {  // where there is no run either, the first request says what is wrong
        user::RunSender* const sender = user::RunSender::current();
        if (sender != nullptr) run_ = std::make_unique<RunImpl>(*sender, options);
        return;
    }
    if (owner->host().empty()) {
        impl_ = std::make_unique<Impl>(*owner, options);
    } else {
        const auto base = http::Url::parse(owner->host());
        if (!base) throw std::invalid_argument(base.error());
        impl_ = std::make_unique<Impl>(*owner, options, *base);
    }
    impl_->client.set_trace(owner->trace());
    impl_->client.set_observer(owner->environment().wire_observer);
}

HttpClient::~HttpClient() = default;

Response HttpClient::request(std::string_view method,
                             std::string_view path,
                             const Body& body,
                             const RequestOptions& options) {
    if (impl_ == nullptr || user::LiveUser::current() != &impl_->owner) {
        if (run_ == nullptr || !run_->works_here()) refuse_caller(method, path);
        return run_->request(method, path, body, options);
    }
    user::LiveUser& owner = impl_->owner;
    owner.before_suspending();
    if (!impl_->has_host && !is_whole_url(path)) refuse_missing_host(owner, path);

    user::RequestTicket ticket(owner, user::RequestTicket::For::Exchange);
    Draft draft;
    SentRequest& sent = draft.get();
    sent.method_text = method;
    sent.method = sent.method_text;
    if (ticket.refused()) return sent.never_sent();
    sent.announced = owner.outbox().announces();
    http::Request request{.method = sent.method, .url = path};
    if (&body != &detail::no_body || !method.starts_with('G')) add_body(request, sent, body, owner);
    add_options(request, sent, options);
    send(impl_->client, request, draft, ticket, owner);
    return draft.hand_over(owner.outbox()).response();
}

Response HttpClient::get(std::string_view path, const RequestOptions& options) {
    return request("GET", path, detail::no_body, options);
}

Response HttpClient::head(std::string_view path, const RequestOptions& options) {
    return request("HEAD", path, detail::no_body, options);
}

Response HttpClient::options(std::string_view path, const RequestOptions& options) {
    return request("OPTIONS", path, detail::no_body, options);
}

Response HttpClient::del(std::string_view path, const RequestOptions& options) {
    return request("DELETE", path, detail::no_body, options);
}

Response HttpClient::post(std::string_view path, const RequestOptions& options) {
    return request("POST", path, detail::no_body, options);
}

Response HttpClient::post(std::string_view path, const Body& body, const RequestOptions& options) {
    return request("POST", path, body, options);
}

Response HttpClient::put(std::string_view path, const Body& body, const RequestOptions& options) {
    return request("PUT", path, body, options);
}

Response HttpClient::patch(std::string_view path, const Body& body, const RequestOptions& options) {
    return request("PATCH", path, body, options);
}

}  // namespace cicada
