// SPDX-License-Identifier: Apache-2.0
#include "scenario/manifest.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <system_error>

#include "scenario/digest.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

// The first line; another format of a later version is then no manifest at all.
constexpr std::string_view kFormat = "cicada manifest 1";
constexpr std::size_t kDigestDigits = 64;

// "<digest> <name>"
std::optional<Dependency> parse_line(const std::string& line) {
    if (line.size() < kDigestDigits + 2 || line[kDigestDigits] != ' ') return std::nullopt;
    return Dependency{.file = line.substr(kDigestDigits + 1),
                      .digest = line.substr(0, kDigestDigits)};
}

}  // namespace

std::optional<Manifest> read_manifest(const fs::path& file) {
    std::ifstream stream(file);
    std::string line;
    if (!std::getline(stream, line) || line != kFormat) return std::nullopt;
    if (!std::getline(stream, line)) return std::nullopt;
    const auto object = parse_line(line);
    if (!object) return std::nullopt;

    Manifest manifest{.object_name = object->file.string(), .object_digest = object->digest};
    while (std::getline(stream, line)) {
        auto dependency = parse_line(line);
        if (!dependency) return std::nullopt;
        manifest.dependencies.push_back(std::move(*dependency));
    }
    if (manifest.dependencies.empty()) return std::nullopt;
    return manifest;
}

bool write_manifest(const fs::path& file, const Manifest& manifest) {
    std::ofstream stream(file);
    stream << kFormat << '\n' << manifest.object_digest << ' ' << manifest.object_name << '\n';
    for (const Dependency& dependency : manifest.dependencies) {
        if (dependency.file.string().find('\n') != std::string::npos) return false;
        stream << dependency.digest << ' ' << dependency.file.string() << '\n';
    }
    stream.close();
    return !stream.fail();
}

bool is_current(const Manifest& manifest) {
    return std::ranges::all_of(manifest.dependencies, [](const Dependency& dependency) {
        return digest_of_file(dependency.file) == dependency.digest;
    });
}

std::vector<fs::path> files_read(const std::string& make_rule) {
    std::vector<fs::path> files;
    std::string name;
    const auto end_of_name = [&] {
        if (!name.empty()) files.push_back(fs::absolute(name).lexically_normal());
        name.clear();
    };
    // A rule is "target: file file \<newline> file"; make's escapes are \<blank>, \#, and $$.
    const std::size_t colon = make_rule.find(": ");
    if (colon == std::string::npos) return files;
    for (std::size_t at = colon + 1; at < make_rule.size(); ++at) {
        const char here = make_rule[at];
        const char next = at + 1 < make_rule.size() ? make_rule[at + 1] : '\n';
        if (here == ' ' || here == '\n' || (here == '\\' && next == '\n')) {
            end_of_name();
        } else if (here == '\\' && (next == ' ' || next == '#' || next == ':')) {
            name += next;
            ++at;
        } else if (here == '$' && next == '$') {
            name += '$';
            ++at;
        } else {
            name += here;
        }
    }
    end_of_name();
    std::ranges::sort(files);
    const auto rest = std::ranges::unique(files);
    files.erase(rest.begin(), rest.end());
    return files;
}

}  // namespace cicada::scenario
