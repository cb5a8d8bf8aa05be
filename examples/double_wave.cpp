// SPDX-License-Identifier: Apache-2.0
// Two waves of users, as before and after lunch: a sum of two bell curves.
//
//     cicada -f examples/double_wave.cpp --host http://127.0.0.1:8000 --headless
#include <cicada/cicada.hpp>
#include <cmath>
using namespace cicada;

class Guest : public HttpUser {
public:
    void read() { client.get("/"); }
};

static const auto guests = users<Guest>().wait_time(between(100ms, 500ms)).task<&Guest::read>();

class DoubleWave : public LoadShape {
public:
    std::optional<Tick> tick() override {
        static constexpr double kLeast = 5;
        static constexpr double kPeak = 30;
        static constexpr double kSeconds = 12;
        const double at = run_time().seconds();
        if (at >= kSeconds) return std::nullopt;
        const auto wave = [at](double middle) {
            const double away = (at - middle) / (kSeconds / 10);
            return (kPeak - kLeast) * std::exp(-away * away / 2);
        };
        const double users = kLeast + wave(kSeconds / 3) + wave(kSeconds * 2 / 3);
        return Tick{.users = std::lround(users), .spawn_rate = 50};
    }
};

static const auto shape = load_shape<DoubleWave>();
