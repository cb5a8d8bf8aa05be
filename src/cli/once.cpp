// SPDX-License-Identifier: Apache-2.0
#include "cli/once.hpp"

#include <fmt/format.h>

#include <cicada/event_types.hpp>
#include <cstdio>

#include "base/error.hpp"
#include "fiber/scheduler.hpp"
#include "report/shown_exchange.hpp"
#include "report/text.hpp"
#include "user/listeners.hpp"

namespace cicada::cli {
namespace {

/// What the running fiber is called: "Shopper.browse"; may be empty.
std::string this_task() {
    const char* const label = fiber::in_fiber() ? fiber::label() : nullptr;
    return label == nullptr ? "" : label;
}

[[noreturn]] void refuse(const std::string& file) {
    throw base::Error(fmt::format("argument --record: {} cannot be written", file));
}

std::string verdict(const RequestEvent& request) {
    const std::string result = request.failure.empty()
                                   ? std::string("passed")
                                   : fmt::format("FAILED: {}", report::one_line(request.failure));
    return fmt::format("= {} {}: {}, {} ms\n\n",
                       request.type,
                       report::one_line(request.name),
                       result,
                       report::even_ms(request.response_time.nanoseconds()));
}

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

}  // namespace

OncePrinter::OncePrinter(const std::optional<std::string>& record_file)
    : record_file_(record_file) {
    if (record_file_) {
        record_.open(*record_file_);
        if (!record_) refuse(*record_file_);
    }
    user::listeners().add(user::EventKind::Request, [this](const void* event) {
        show_task();
        print(verdict(*static_cast<const RequestEvent*>(event)));
    });
}

void OncePrinter::on_exchange(const http::SeenExchange& seen) {
    show_task();
    print(report::shown_exchange(seen));
    if (record_file_) record_ << report::recorded_exchange(seen, task_) << std::flush;
}

void OncePrinter::finish() {
    if (!record_file_) return;
    record_.close();
    if (!record_) refuse(*record_file_);
}

void OncePrinter::show_task() {
    const std::string task = this_task();
    if (task.empty() || task == task_) return;
    task_ = task;
    print(fmt::format("---- {} ----\n\n", task));
}

}  // namespace cicada::cli
