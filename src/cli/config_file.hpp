// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cicada::cli {

/// `key = value` of a config file.
struct ConfigEntry {
    std::string key{};  ///< a long option without its dashes
    std::vector<std::string> values{};
    bool is_list = false;
    std::string place{};  ///< "cicada.conf:3"
};

/// The entries of a config file, in their order (of equal keys the last counts); `name` is how the
/// person knows the file.
///
/// Shape: lines of `key = value`, `key: value`, `key value`, `--key value`, or `key` alone for
///        "true"; a value may be quoted, `[a, b]` is a list, and ` #` or ` ;` begins a comment.
///        Lines that begin with `#`, `;`, `[` or `---` are skipped.
/// Error: base::Error, exit code 2: "cicada.conf:3: ...".
/// Source: Locust's files, as ConfigArgParse reads them.
[[nodiscard]] std::vector<ConfigEntry> parse_config(const std::string& text,
                                                    const std::string& name);

/// The entries of the tables [tool.locust] and [tool.cicada], in this order, so that ours are the
/// later, of a TOML file; other tables are not ours. Values become text, but lists stay lists.
/// Error: as parse_config().
[[nodiscard]] std::vector<ConfigEntry> parse_toml(const std::string& text, const std::string& name);

/// Reads a file, as TOML if it is named so. Nothing: there is none.
/// Error: base::Error, exit code 2, when it cannot be read, and as the above.
[[nodiscard]] std::optional<std::vector<ConfigEntry>> read_config_file(
    const std::filesystem::path& file, const std::string& name);

/// `[a, b]` or a JSON array as its elements; nothing: `text` is no list.
[[nodiscard]] std::optional<std::vector<std::string>> list_from(const std::string& text);

}  // namespace cicada::cli
