// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <algorithm>
#include <array>

#include "http/client_call.hpp"
#include "http/client_impl.hpp"

namespace cicada::http {
namespace {

constexpr std::size_t kIdleTextBytesMax = 1024;

using OwnedField = std::pair<std::string, std::string>;

void append_line(std::string& to, const OwnedField& field) {
    to.append(field.first).append(": ").append(field.second).append("\r\n");
}

std::string base64(std::string_view bytes) {
    static constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto group = bytes.substr(i, 3);
        unsigned bits = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            bits = bits << 8U | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            text += k <= group.size() ? kDigits[bits >> (18 - 6 * k) & 63U] : '=';
        }
    }
    return text;
}

}  // namespace

std::string basic_authorization(std::string_view user_info) {
    if (user_info.empty()) return {};
    auto decoded = percent_decoded(user_info.substr(0, user_info.find(':')));
    decoded += ':';
    if (const auto colon = user_info.find(':'); colon != std::string_view::npos) {
        decoded += percent_decoded(user_info.substr(colon + 1));
    }
    return "Authorization: Basic " + base64(decoded) + "\r\n";
}

ClientProfile::ClientProfile(ClientSettings settings) : settings_(std::move(settings)) {
    std::vector<OwnedField> fields{{"User-Agent", "cicada/0.1.0"}, {"Accept", "*/*"}};
    if (settings_.accept_compressed) fields.emplace_back("Accept-Encoding", "gzip, deflate");
    for (auto& given : settings_.headers) {
        const auto same = [&](const OwnedField& field) {
            return same_name(field.first, given.first);
        };
        const auto known = std::find_if(fields.begin(), fields.end(), same);
        if (known == fields.end()) {
            fields.push_back(std::move(given));
        } else {
            *known = std::move(given);
        }
    }
    std::erase_if(fields, [](const OwnedField& field) { return field.second.empty(); });
    for (const auto& field : fields) {
        append_line(head_, field);
        if (same_name(field.first, "Accept-Encoding")) accepts_compressed_ = true;
    }
    settings_.headers = std::move(fields);
}

void ClientProfile::append_head(std::string& to, std::span<const Field> overrides) const {
    const auto overridden = [&](const OwnedField& own) {
        return std::any_of(overrides.begin(), overrides.end(), [&](const Field& field) {
            return same_name(field.name, own.first);
        });
    };
    for (const auto& own : settings_.headers) {
        if (!overridden(own)) append_line(to, own);
    }
}

std::unique_ptr<Connection> Client::Impl::take_idle(const Origin& origin) {
    for (auto i = idle.size(); i-- > 0;) {
        if (idle[i]->origin.get() != &origin && idle[i]->origin->text != origin.text) continue;
        auto connection = std::move(idle[i]);
        idle.erase(idle.begin() + static_cast<std::ptrdiff_t>(i));
        if (connection->stream.quiet()) return connection;
    }
    return nullptr;
}

void Client::Impl::put_back(std::unique_ptr<Connection> connection) {
    const auto most = profile->settings().limits.idle_connections;
    if (most == 0) return;
    if (idle.size() >= most) idle.erase(idle.begin());
    if (connection->out.capacity() > kIdleTextBytesMax) std::string().swap(connection->out);
    idle.push_back(std::move(connection));
}

Client::Client(Network& network, std::shared_ptr<const ClientProfile> profile, const Url& base)
    : Client(network, std::move(profile)) {
    impl_->base = network.origins.of(base);
    impl_->base_path = base.path.substr(0, base.path.size() - (base.path.ends_with('/') ? 1 : 0));
    impl_->base_authorization = basic_authorization(base.user_info);
}

Client::Client(Network& network, std::shared_ptr<const ClientProfile> profile)
    : impl_(new Impl{.network = network, .profile = std::move(profile)}) {}

Client::~Client() = default;

void Client::send(const Request& request, Exchange& exchange) {
    ClientCall(*impl_, request, exchange).run();
}

void Client::set_trace(TraceSource* source) {
    impl_->trace = source;
}

void Client::set_observer(WireObserver* observer) {
    impl_->observer = observer;
}

CookieJar& Client::cookies() {
    return impl_->cookies;
}

std::size_t Client::idle_connections() const {
    return impl_->idle.size();
}

void Client::close_idle() {
    impl_->idle.clear();
}

}  // namespace cicada::http
