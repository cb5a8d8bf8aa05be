// SPDX-License-Identifier: Apache-2.0
// A test with arguments of its own; says their values.
#include <cicada/cicada.hpp>
using namespace cicada;

static const auto product =
    argument<std::string>("--product", {.default_value = "tea", .help = "What to buy."});
static const auto amount =
    argument<std::int64_t>("--amount", {.default_value = 1, .environment = "AMOUNT"});
static const auto token = argument<std::string>("--token", {.required = true, .secret = true});

class Buyer : public HttpUser {
public:
    void buy() {
        client.get("/items/" + std::to_string(amount.value()));
        log::info("bought " + product.value());
        stop_user();
    }
};
static const auto buyers = users<Buyer>().task<&Buyer::buy>();

class Looker : public HttpUser {
public:
    void look() {
        client.get("/");
        stop_user();
    }
};
static const auto lookers = users<Looker>().task<&Looker::look>();
