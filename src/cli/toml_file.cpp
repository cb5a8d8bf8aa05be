// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "cli/config_file.hpp"

namespace cicada::cli {
namespace {

struct NoToml {};

[[noreturn]] void refuse_text() {
    throw NoToml();
}

}  // namespace
}  // namespace cicada::cli

// toml++ 3.3 asserts where it meets some texts that are no TOML, "[}" for one. A bad file shall not
// end the program by a signal, nor go on with what was ruled out.
#undef NDEBUG
#define TOML_ASSERT(holds) ((holds) ? static_cast<void>(0) : cicada::cli::refuse_text())
#include <toml++/toml.h>

namespace cicada::cli {
namespace {

[[noreturn]] void refuse(const std::string& place, const std::string& why) {
    throw base::Error(fmt::format("{}: {}", place, why), base::ExitCode::BadArguments);
}

std::string text_of(const toml::node& node, const std::string& place) {
    if (const auto text = node.value_exact<std::string>()) return *text;
    if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
    if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
    if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
    refuse(place, "a value is a text, a number, true, false or a list of these");
}

ConfigEntry entry_of(const toml::key& key, const toml::node& node, const std::string& name) {
    ConfigEntry entry{.key = std::string(key.str()),
                      .place = fmt::format("{}:{}", name, key.source().begin.line)};
    if (const toml::array* const list = node.as_array()) {
        entry.is_list = true;
        for (const toml::node& element : *list) {
            entry.values.push_back(text_of(element, entry.place));
        }
    } else {
        entry.values = {text_of(node, entry.place)};
    }
    return entry;
}

}  // namespace

std::vector<ConfigEntry> parse_toml(const std::string& text, const std::string& name) {
    std::vector<ConfigEntry> entries;
    try {
        const toml::table root = toml::parse(text, name);
        for (const std::string_view program : {"locust", "cicada"}) {
            const toml::table* const ours = root["tool"][program].as_table();
            if (ours == nullptr) continue;
            for (const auto& [key, node] : *ours) entries.push_back(entry_of(key, node, name));
        }
    } catch (const NoToml&) {
        refuse(name, "this is no TOML: a table's name is wrong");
    } catch (const toml::parse_error& error) {
        refuse(fmt::format("{}:{}", name, error.source().begin.line),
               std::string(error.description()));
    }
    return entries;
}

}  // namespace cicada::cli
