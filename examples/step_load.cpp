// SPDX-License-Identifier: Apache-2.0
// Users in steps: so many more every few seconds, up to what -u says.
//
//     cicada -f examples/step_load.cpp --host http://127.0.0.1:8000 -u 40 --headless
#include <algorithm>
#include <cicada/cicada.hpp>
using namespace cicada;

class Shopper : public HttpUser {
public:
    void browse() { client.get("/items"); }
};

static const auto shoppers =
    users<Shopper>().wait_time(constant(300ms)).task<&Shopper::browse>();

class StepLoad : public LoadShape {
public:
    std::optional<Tick> tick() override {
        static constexpr std::int64_t kSteps = 4;
        static constexpr double kStepSeconds = 2;
        const auto step = static_cast<std::int64_t>(run_time().seconds() / kStepSeconds) + 1;
        if (step > kSteps) return std::nullopt;
        return Tick{.users = std::max<std::int64_t>(common_options().users * step / kSteps, 1),
                    .spawn_rate = 100};
    }
};

static const auto shape = load_shape<StepLoad>({.use_common_options = true});
