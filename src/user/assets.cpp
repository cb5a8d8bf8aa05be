// SPDX-License-Identifier: Apache-2.0
#include <cicada/asset.hpp>
#include <filesystem>

#include "user/data_files.hpp"
#include "user/registry.hpp"

namespace cicada {

Asset asset(std::string_view path, const std::source_location& place) {
    user::Registry& registry = user::registry();
    if (path.empty()) registry.complain(place, "an asset's path is empty");
    return Asset(registry.add_asset(path, place));
}

namespace user {

std::vector<std::filesystem::path> data_files(const Registry& registry,
                                              const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& feeder : registry.feeders()) {
        if (feeder->file.empty()) continue;
        const auto own = feeder->test_file.empty() ? folder : feeder->test_file.parent_path();
        files.push_back((own / feeder->file).lexically_normal());
    }
    for (const AssetDeclaration& asset : registry.assets()) files.emplace_back(asset.path);
    return files;
}

}  // namespace user
}  // namespace cicada
