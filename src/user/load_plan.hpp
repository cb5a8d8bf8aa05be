// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cicada/load_shape.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::user {

/// The most users a test may have.
inline constexpr std::int64_t kMostUsers = 10'000'000;

/// What load_shape<>() or stages() said; of a test at most one.
struct LoadPlan {
    detail::Place place;
    std::string name;                  ///< "load shape DoubleWave", "stages"
    LoadShape* (*create)() = nullptr;  ///< a shape's; the caller owns what it makes
    bool use_common_options = false;   ///< of a shape
    std::vector<Stage> stages{};       ///< without a shape

    [[nodiscard]] bool is_shape() const { return create != nullptr; }
};

/// Why there can be no such load; nothing: there can.
[[nodiscard]] std::optional<std::string> complaint_about_load(std::int64_t users,
                                                              double spawn_rate);

/// Calls a load shape's tick(), at a moment of the run's choosing.
class ShapeAccess {
public:
    /// What its constructor throws passes.
    ShapeAccess(const LoadPlan& plan, const CommonOptions& options);

    /// What it throws passes. Suspends if it does.
    [[nodiscard]] std::optional<Tick> tick(Duration since_start, std::int64_t user_count);

private:
    std::unique_ptr<LoadShape> shape_;
};

}  // namespace cicada::user
