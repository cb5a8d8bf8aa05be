// SPDX-License-Identifier: Apache-2.0
// Load that the test decides on, as WAVES says: stages, a shape, or a shape that goes wrong.
#include <cicada/cicada.hpp>
#include <cstdlib>
#include <string>
using namespace cicada;

static std::string wanted() {
    const char* const value = std::getenv("WAVES");
    return value == nullptr ? "" : value;
}

class Visitor : public HttpUser {
public:
    void on_start() override { client.get("/"); }
    void look() { client.get("/items"); }
};
static const auto visitors = users<Visitor>().wait_time(constant(100ms)).task<&Visitor::look>();

class Waves : public LoadShape {
public:
    std::optional<Tick> tick() override {
        if (run_time() < Duration(500ms)) return Tick{.users = 4, .spawn_rate = 100};
        if (wanted() == "wrong") return Tick{.users = 4, .spawn_rate = 0};
        if (run_time() < Duration(1500ms)) return Tick{.users = 9, .spawn_rate = 100};
        return std::nullopt;
    }
};

static const auto plan = wanted() == "stages"
                             ? stages({{.duration = 500ms, .users = 4, .spawn_rate = 100},
                                       {.duration = 1s, .users = 9, .spawn_rate = 100},
                                       {.duration = 500ms, .users = 0, .spawn_rate = 100}})
                             : load_shape<Waves>();
