// SPDX-License-Identifier: Apache-2.0
#include "run/messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cicada/fiber.hpp>
#include <stdexcept>
#include <utility>

#include "base/log.hpp"
#include "base/shown_path.hpp"
#include "user/listeners.hpp"
#include "user/registry.hpp"
#include "user/run_sender.hpp"
#include "user/sent_request.hpp"

namespace cicada::run {
namespace {

JsonView view_of(std::string_view json) {
    user::SentRequest& holder = user::SentRequest::take();
    holder.exchange.set_body(json);
    JsonView view = holder.view(0);
    holder.release();
    return view;
}

}  // namespace

void MessageListeners::add(std::string_view type,
                           MessageFunction listener,
                           const std::source_location& place) {
    user::registry().expect_unsealed("on_message()", place);
    if (type.empty()) user::registry().complain(place, "on_message(): the type is empty");
    for (const Entry& earlier : entries_) {
        if (earlier.type != type) continue;
        user::registry().complain(
            place,
            fmt::format("on_message(\"{}\"): there is a listener to it at {} already",
                        type,
                        base::shown(earlier.place)));
    }
    entries_.push_back({std::string(type), std::move(listener), place});
}

const MessageFunction* MessageListeners::find(std::string_view type) const {
    for (const Entry& entry : entries_) {
        if (entry.type == type) return &entry.listener;
    }
    return nullptr;
}

void MessageListeners::clear() {
    entries_.clear();
}

MessageListeners& message_listeners() {
    static MessageListeners the_ones;
    return the_ones;
}

bool Messages::stays_here(std::string_view to) const {
    if (to == place_.id) return true;
    return to.empty() && place_.role == Runner::Role::Local;
}

bool Messages::is_heard(std::string_view type) {
    if (message_listeners().find(type) != nullptr) return true;
    const std::string unheard(type);
    if (std::find(unheard_.begin(), unheard_.end(), unheard) == unheard_.end()) {
        unheard_.push_back(unheard);
        base::log(base::LogLevel::Warning, "nobody listens to on_message(\"{}\")", type);
    }
    return false;
}

void Messages::send(std::string_view type, std::string_view data, std::string_view to) {
    const bool here = stays_here(to);
    if (!here && place_.role == Runner::Role::Local) {
        throw std::runtime_error(
            fmt::format("send_message(\"{}\"): there is no node \"{}\"", type, to));
    }
    if (here && !is_heard(type)) return;
    if ((here ? waiting_.size() : outgoing_.size()) == kMostWaiting) {
        throw std::runtime_error(fmt::format("send_message(\"{}\"): {} messages wait {} already",
                                             type,
                                             kMostWaiting,
                                             here ? "for their listeners" : "to be sent"));
    }
    Letter letter{std::string(type), std::string(data), here ? place_.id : std::string(to)};
    if (!here) return outgoing_.push_back(std::move(letter));
    waiting_.push_back(std::move(letter));
    has_some_.set();
}

void Messages::receive(Letter letter) {
    if (!is_heard(letter.type)) return;
    if (waiting_.size() == kMostWaiting) {
        base::log(base::LogLevel::Error,
                  "a message \"{}\" of {} is dropped: {} wait for their listeners already",
                  letter.type,
                  letter.node,
                  kMostWaiting);
        return;
    }
    waiting_.push_back(std::move(letter));
    has_some_.set();
}

void Messages::deliver() {
    while (true) {
        has_some_.wait();
        has_some_.clear();
        while (!waiting_.empty()) {
            const Letter message = std::move(waiting_.front());
            waiting_.pop_front();
            call_listener(message);
        }
    }
}

void Messages::call_listener(const Letter& message) {
    const MessageFunction& listener = *message_listeners().find(message.type);
    try {
        listener({.type = message.type, .from = message.node, .data = view_of(message.json)});
    } catch (const FiberCancelled&) {
        throw;
    } catch (...) {
        user::listeners().note_exception(fmt::format("on_message(\"{}\")", message.type));
    }
    user::RunSender::settle_mine();
}

}  // namespace cicada::run

namespace cicada {

Declared on_message(std::string_view type,
                    detail::Function<void(const NodeMessage&)> listener,
                    const detail::Place& place) {
    run::message_listeners().add(type, std::move(listener), place);
    return {};
}

}  // namespace cicada
