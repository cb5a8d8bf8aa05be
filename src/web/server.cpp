// SPDX-License-Identifier: Apache-2.0
#include "web/server.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <thread>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "web/page.hpp"
#include "web/statistics_json.hpp"
#include "web/swarm.hpp"

namespace cicada::web {
namespace {

constexpr const char* kJson = "application/json";
constexpr std::size_t kThreads = 4;
constexpr std::size_t kLongestBody = std::size_t{1} << 20;

/// A field of the form, whether it came urlencoded or as multipart.
std::optional<std::string> form_field(const httplib::Request& request, const std::string& name) {
    if (request.has_param(name.c_str())) return request.get_param_value(name.c_str());
    if (request.has_file(name.c_str())) return request.get_file_value(name.c_str()).content;
    return std::nullopt;
}

/// Browsers say so of a request that another site's page makes; it must not control the load.
bool comes_from_another_site(const httplib::Request& request) {
    return request.get_header_value("Sec-Fetch-Site") == "cross-site";
}

bool is_every_interface(const std::string& host) {
    return host.empty() || host == "*";
}

std::string bind_address(const std::string& host) {
    if (is_every_interface(host)) return "0.0.0.0";
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        return host.substr(1, host.size() - 2);
    }
    return host;
}

}  // namespace

class Server::Impl {
public:
    Impl(run::RunControl& run, const ServerOptions& options) : run_(run), options_(options) {
        configure();
        add_routes();
        listen();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    ~Impl() {
        server_.stop();
        thread_.join();
    }

    [[nodiscard]] std::string url() const {
        std::string host =
            is_every_interface(options_.host) ? "127.0.0.1" : bind_address(options_.host);
        if (host.find(':') != std::string::npos) host = fmt::format("[{}]", host);
        return fmt::format("http://{}:{}", host, port_);
    }

private:
    void configure() {
        server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
        server_.set_payload_max_length(kLongestBody);
        server_.set_keep_alive_timeout(5);
        // Not the library's default, SO_REUSEPORT, with which two programs share a port silently.
        server_.set_socket_options([](auto socket) {
            const int yes = 1;
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        });
        server_.set_default_headers(
            {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}});
    }

    void add_routes() {
        get("/", "text/html; charset=utf-8", [this](const auto&) { return page(options_); });
        get("/health", kJson, [this](const auto&) { return health_json(*run_.snapshot()); });
        get("/stats/requests", kJson, [this](const auto&) {
            return statistics_json(*run_.snapshot(), base::wall_now());
        });
        get("/exceptions", kJson, [this](const auto&) {
            return exceptions_json(*run_.snapshot());
        });
        get("/stats/reset", "text/plain", guarded([this](const auto&) {
                run_.reset_statistics();
                return std::string("ok");
            }));
        const auto stop = guarded([this](const auto&) {
            run_.stop_and_wait();
            return std::string(R"({"success": true, "message": "Test stopped"})");
        });
        get("/stop", kJson, stop);
        post("/stop", kJson, stop);
        post("/swarm", kJson, guarded([this](const httplib::Request& request) {
                 return swarm(run_, options_, [&request](const std::string& name) {
                     return form_field(request, name);
                 });
             }));
    }

    /// What answers a request: the body, or nothing when it is refused.
    using Answer = std::function<std::optional<std::string>(const httplib::Request&)>;

    static Answer guarded(std::function<std::string(const httplib::Request&)> answer) {
        return [answer = std::move(answer)](
                   const httplib::Request& request) -> std::optional<std::string> {
            if (comes_from_another_site(request)) return std::nullopt;
            return answer(request);
        };
    }

    static httplib::Server::Handler handler(const char* type, Answer answer) {
        return [type, answer = std::move(answer)](const httplib::Request& request,
                                                  httplib::Response& response) {
            if (const auto body = answer(request)) {
                response.set_content(*body, type);
            } else {
                response.status = 403;
                response.set_content("refused: the request comes from another site's page\n",
                                     "text/plain");
            }
        };
    }
    void get(const char* path, const char* type, Answer answer) {
        server_.Get(path, handler(type, std::move(answer)));
    }
    void post(const char* path, const char* type, Answer answer) {
        server_.Post(path, handler(type, std::move(answer)));
    }

    void listen() {
        const std::string address = bind_address(options_.host);
        port_ = options_.port;
        const bool bound = options_.port == 0
                               ? (port_ = server_.bind_to_any_port(address.c_str())) > 0
                               : server_.bind_to_port(address.c_str(), options_.port);
        if (!bound) {
            throw base::Error(
                fmt::format("cannot serve the page on {}:{}: the port is taken, or the "
                            "address is not of this machine; try --web-port, "
                            "--web-host or --headless",
                            address,
                            options_.port));
        }
        thread_ = std::thread([this] { server_.listen_after_bind(); });
        while (!server_.is_running()) std::this_thread::yield();
    }

    run::RunControl& run_;
    ServerOptions options_;
    httplib::Server server_;
    int port_ = 0;
    std::thread thread_;
};

Server::Server(run::RunControl& run, const ServerOptions& options)
    : impl_(std::make_unique<Impl>(run, options)) {}

Server::~Server() = default;

std::string Server::url() const {
    return impl_->url();
}

}  // namespace cicada::web
