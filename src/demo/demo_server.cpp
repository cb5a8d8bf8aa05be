// SPDX-License-Identifier: Apache-2.0
#include "demo/demo_server.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/error.hpp"
#include "demo/shop.hpp"
#include "fiber/stream.hpp"
#include "http/server.hpp"
#include "net/endpoint.hpp"

namespace cicada::demo {
namespace {

// Readable once SIGINT or SIGTERM has come. Made before any thread, so that all have them blocked.
class StopSignals {
public:
    StopSignals() {
        std::signal(SIGPIPE, SIG_IGN);
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals, &before_);
        fd_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
        if (fd_ < 0) throw base::Error("no descriptor for signals");
    }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals() {
        signalfd_siginfo signal{};
        while (::read(fd_, &signal, sizeof(signal)) > 0) {
        }
        ::close(fd_);
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

    void wait() const {
        while (fiber::wait_ready(fd_, POLLIN, fiber::kNever, "waiting for a signal") <= 0) {
        }
    }

private:
    int fd_ = -1;
    sigset_t before_{};
};

}  // namespace

int run_server(const DemoOptions& options) {
    const auto endpoint = net::Endpoint::from_literal(options.host, options.port);
    if (!endpoint) {
        throw base::Error(fmt::format("the host must be an address, not \"{}\"", options.host),
                          base::ExitCode::BadArguments);
    }
    const StopSignals signals;
    fiber::Scheduler scheduler({.io = options.io});
    scheduler.run([&] {
        Shop shop(options.trace_header);
        http::Server server(
            *endpoint, [&shop](const http::ServerRequest& request, http::ResponseWriter& writer) {
                shop.answer(request, writer);
            });
        std::printf("demo shop on http://%s\n", server.endpoint().text().c_str());
        std::fflush(stdout);
        const auto serving = fiber::start([&server] { server.run(); }, {.label = "demo server"});
        signals.wait();
    });
    return static_cast<int>(base::ExitCode::Passed);
}

}  // namespace cicada::demo
