// The least a load test has: a user, a login, two tasks.
//   cicada -f examples/basic/cicadafile.cpp --host http://127.0.0.1:8000 -u 5 -r 5 -t 20s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

class WebsiteUser : public HttpUser {
public:
    void on_start() override {
        client.post("/login", form({{"username", "ellen_key"}, {"password", "education"}}));
    }
    void on_stop() override { client.post("/logout"); }

    void index() { client.get("/"); }
    void profile() { client.get("/profile"); }
};

static const auto website_users = users<WebsiteUser>()
    .wait_time(between(0.2s, 0.6s))
    .task<&WebsiteUser::index>({.weight = 2})
    .task<&WebsiteUser::profile>();
