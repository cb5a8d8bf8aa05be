// SPDX-License-Identifier: Apache-2.0
// The pages a customer sees: items, cart, login.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "demo/html.hpp"
#include "demo/shop.hpp"

namespace cicada::demo {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kJson = "application/json";
constexpr std::uint64_t kItems = 10'000;
constexpr std::uint64_t kSoldOutAbove = 9'000;
constexpr std::uint64_t kShownItems = 20;
constexpr std::size_t kCartItemsMax = 100;

// Items are worked out, not stored. Those above 9,000 are sold out.
std::uint64_t stock_of(std::uint64_t item) {
    return item > kSoldOutAbove ? 0 : item * 7919 % 50 + 1;
}

std::uint64_t price_cents_of(std::uint64_t item) {
    return item * 104'729 % 9'900 + 100;
}

std::string item_json(std::uint64_t item) {
    const auto cents = price_cents_of(item);
    return fmt::format(R"({{"id": {}, "name": "Tea no. {}", "price": {}.{:02}, "stock": {}}})",
                       item,
                       item,
                       cents / 100,
                       cents % 100,
                       stock_of(item));
}

// A field of a form, or of a query of the same shape.
std::optional<std::string> form_field(std::string_view form, std::string_view name) {
    http::ServerRequest as_query;
    as_query.query = form;
    return as_query.parameter(name);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return {};
    return number;
}

// What is to be put into the cart: `item=7&quantity=2`, or the same as a JSON object.
struct Wish {
    std::uint64_t item = 0;
    std::uint64_t quantity = 1;
};

std::optional<Wish> wish_of(const http::ServerRequest& request) {
    Wish wish;
    if (request.header("Content-Type").value_or("").starts_with(kJson)) {
        const auto json = nlohmann::json::parse(request.body, nullptr, false);
        if (!json.is_object() || !json.contains("item")) return {};
        const auto number = [&json](const char* key, std::uint64_t otherwise) {
            const auto found = json.find(key);
            if (found == json.end()) return otherwise;
            return found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
        };
        wish = {number("item", 0), number("quantity", 1)};
    } else {
        wish.item = number_of(form_field(request.body, "item").value_or("")).value_or(0);
        wish.quantity = number_of(form_field(request.body, "quantity").value_or("1")).value_or(0);
    }
    if (wish.item < 1 || wish.item > kItems || wish.quantity < 1 || wish.quantity > 100) return {};
    return wish;
}

std::string cart_json(const Session& session) {
    std::string items;
    std::uint64_t cents = 0;
    for (const auto& [item, quantity] : session.cart) {
        cents += price_cents_of(item) * quantity;
        items += fmt::format(
            R"({}{{"id": {}, "quantity": {}}})", items.empty() ? "" : ", ", item, quantity);
    }
    return fmt::format(R"({{"items": [{}], "total": {}.{:02}}})", items, cents / 100, cents % 100);
}

}  // namespace

void Shop::home(const Request&, Writer& writer, std::uint64_t) {
    static const std::string page = html_page(
        "Tea by Cicada", "<p>A shop to practise load tests on. Nothing is delivered.</p>");
    writer.reply(200, kHtml, page);
}

void Shop::login(const Request& request, Writer& writer, std::uint64_t) {
    const auto user = form_field(request.body, "username").value_or("");
    if (user.empty() || form_field(request.body, "password").value_or("").empty()) {
        writer.reply(401, kHtml, html_page("Login", "<p>username and password, please</p>"));
        return;
    }
    writer.add_header("Set-Cookie", "session=" + sessions_.open(user) + "; Path=/; HttpOnly");
    writer.reply(200, kHtml, html_page("Welcome", "<p>Hello " + html_escaped(user) + "</p>"));
}

void Shop::logout(const Request& request, Writer& writer, std::uint64_t) {
    Session* session = sessions_.find(request.header("Cookie").value_or(""));
    if (session != nullptr) sessions_.close(*session);
    writer.add_header("Set-Cookie", "session=; Path=/; Max-Age=0");
    writer.reply(200, kHtml, html_page("Goodbye", "<p>You are logged out.</p>"));
}

void Shop::profile(const Request& request, Writer& writer, std::uint64_t) {
    const Session* session = sessions_.find(request.header("Cookie").value_or(""));
    if (session == nullptr) {
        writer.reply(401, kHtml, html_page("Profile", "<p>Log in first.</p>"));
        return;
    }
    writer.reply(200, kHtml, html_page("Profile", "<p>" + html_escaped(session->user) + "</p>"));
}

void Shop::items(const Request&, Writer& writer, std::uint64_t) {
    static const std::string list = [] {
        std::string json;
        for (std::uint64_t item = 1; item <= kShownItems; ++item) {
            json += (item == 1 ? "[" : ", ") + item_json(item);
        }
        return json + "]";
    }();
    writer.reply(200, kJson, list);
}

void Shop::item(const Request&, Writer& writer, std::uint64_t number) {
    if (number < 1 || number > kItems) {
        writer.reply(404, kJson, R"({"error": "no such item"})");
    } else {
        writer.reply(200, kJson, item_json(number));
    }
}

void Shop::cart(const Request& request, Writer& writer, std::uint64_t) {
    Session* session = sessions_.find(request.header("Cookie").value_or(""));
    if (session == nullptr) {
        writer.reply(401, kJson, R"({"error": "log in first"})");
        return;
    }
    if (request.method == "DELETE") session->cart.clear();
    if (request.method == "POST") {
        const auto wish = wish_of(request);
        if (!wish) {
            writer.reply(400, kJson, R"({"error": "item=1..10000&quantity=1..100, please"})");
            return;
        }
        if (stock_of(wish->item) == 0 || session->cart.size() >= kCartItemsMax) {
            writer.reply(409, kJson, R"({"error": "sold out, or the cart is full"})");
            return;
        }
        session->cart[wish->item] += wish->quantity;
    }
    writer.reply(request.method == "POST" ? 201 : 200, kJson, cart_json(*session));
}

void Shop::checkout(const Request& request, Writer& writer, std::uint64_t) {
    Session* session = sessions_.find(request.header("Cookie").value_or(""));
    if (session == nullptr) {
        writer.reply(401, kJson, R"({"error": "log in first"})");
    } else if (session->cart.empty()) {
        writer.reply(409, kJson, R"({"error": "the cart is empty"})");
    } else {
        session->cart.clear();
        writer.reply(201, kJson, fmt::format(R"({{"order": {}}})", ++orders_));
    }
}

}  // namespace cicada::demo
