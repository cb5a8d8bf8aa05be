// A base class with what several user classes have in common. It has no users of its own, since no
// users<ShopUser>() declares any.
//   cicada -f examples/inherited_tasks/cicadafile.cpp --host http://127.0.0.1:8000 -u 6 -r 6 -t 20s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

class ShopUser : public HttpUser {
public:
    void on_start() override {
        client.post("/login", form({{"username", user_name()}, {"password", "secret"}}));
    }
    void on_stop() override { client.post("/logout"); }

    void index() { client.get("/"); }
    virtual void look() { client.get("/items/7", {.name = "/items/[id]"}); }

protected:
    ShopUser() : HttpUser({.headers = {{"User-Agent", "cicada example"}}}) {}

    virtual std::string user_name() const = 0;  // who forgets it, is told when the test is compiled
};

class German : public ShopUser {
public:
    void buy() {
        client.post("/cart", form({{"item", 7}, {"quantity", 1}}));
        client.post("/checkout");
    }

protected:
    std::string user_name() const override { return "german"; }
};

class French : public ShopUser {
public:
    void on_stop() override {
        client.get("/", {.name = "adieu"});
        ShopUser::on_stop();
    }
    void look() override {
        ShopUser::look();
        client.get("/bytes/5000", {.name = "/picture"});
    }

protected:
    std::string user_name() const override { return "french"; }
};

// The tasks that all of them have, for any class that is a ShopUser.
template <class Class>
UserClass<Class> shop_users(UserClass<Class> those) {
    return those.wait_time(constant(0.1s))
        .task("index", &ShopUser::index)
        .task("look", &ShopUser::look, {.weight = 2});  // as the class overrides it
}

static const auto germans = shop_users(users<German>()).weight(2).task<&German::buy>();
static const auto french = shop_users(users<French>());
