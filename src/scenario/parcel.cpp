// SPDX-License-Identifier: Apache-2.0
#include "scenario/parcel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/shown_path.hpp"
#include "scenario/digest.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kFormat = 1;

json json_of(const ParcelFile& file) {
    return {{"path", file.path}, {"digest", file.digest}, {"bytes", file.bytes}};
}

json json_of(const std::vector<ParcelFile>& files) {
    json all = json::array();
    for (const ParcelFile& file : files) all.push_back(json_of(file));
    return all;
}

json json_of(const ParcelTest& test) {
    json libraries = json::array();
    for (const LibraryNeed& library : test.needs.libraries) {
        libraries.push_back({{"soname", library.soname}, {"versions", library.versions}});
    }
    return {{"path", test.path},
            {"object", json_of(test.object)},
            {"machine", test.needs.machine},
            {"headers", test.needs.headers},
            {"libraries", libraries}};
}

ParcelFile file_from(const json& one) {
    return {one.at("path").get<std::string>(),
            one.at("digest").get<std::string>(),
            one.at("bytes").get<std::uint64_t>()};
}

std::vector<ParcelFile> files_from(const json& all) {
    std::vector<ParcelFile> files;
    for (const json& one : all) files.push_back(file_from(one));
    return files;
}

ParcelTest test_from(const json& one) {
    ParcelTest test{.path = one.at("path").get<std::string>(),
                    .object = file_from(one.at("object"))};
    test.needs.machine = one.at("machine").get<std::string>();
    test.needs.headers = one.at("headers").get<std::string>();
    for (const json& library : one.at("libraries")) {
        test.needs.libraries.push_back({library.at("soname").get<std::string>(),
                                        library.at("versions").get<std::vector<std::string>>()});
    }
    return test;
}

bool is_digest(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Below the root, spelt in the one way pack() spells it.
bool is_below_root(const std::string& path) {
    const fs::path given(path);
    return !path.empty() && path.find('\0') == std::string::npos && given.is_relative() &&
           given.lexically_normal().generic_string() == path && *given.begin() != ".." &&
           path != ".";
}

/// Nothing: it is as it should be.
std::optional<std::string> complaint_about(const ParcelList& list) {
    std::uint64_t bytes = 0;
    std::size_t count = 0;
    std::optional<std::string> complaint;
    const auto look_at = [&](const ParcelFile& file) {
        ++count;
        bytes += std::min(file.bytes, ParcelList::kMostBytes + 1);
        if (!is_below_root(file.path)) complaint = "its path \"" + file.path + "\" is not one";
        if (!is_digest(file.digest)) complaint = "the digest of " + file.path + " is not one";
    };
    for (const ParcelTest& test : list.tests) {
        if (!is_below_root(test.path)) complaint = "its path \"" + test.path + "\" is not one";
        look_at(test.object);
    }
    for (const ParcelFile& file : list.sources) look_at(file);
    for (const ParcelFile& file : list.data) look_at(file);
    if (!list.folder.empty() && !is_below_root(list.folder)) {
        complaint = "its folder \"" + list.folder + "\" is not one";
    }
    if (list.tests.empty()) complaint = "there is no test file in it";
    if (count > ParcelList::kMostFiles) {
        complaint = fmt::format("it has {} files, more than {}", count, ParcelList::kMostFiles);
    }
    if (bytes > ParcelList::kMostBytes) {
        complaint = fmt::format("it has more than {} MiB", ParcelList::kMostBytes >> 20U);
    }
    return complaint;
}

std::string content_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw base::Error(base::shown(file) + ": cannot be read");
    std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (stream.bad()) throw base::Error(base::shown(file) + ": cannot be read");
    return content;
}

/// The folder that has all of them below it.
fs::path root_of(const std::vector<ParcelContent::Test>& tests) {
    fs::path root = tests.front().file.parent_path();
    for (const ParcelContent::Test& test : tests) {
        const fs::path folder = test.file.parent_path();
        const auto [end, ignored] =
            std::mismatch(root.begin(), root.end(), folder.begin(), folder.end());
        fs::path common;
        for (auto part = root.begin(); part != end; ++part) common /= *part;
        root = common;
    }
    return root;
}

class Packer {
public:
    explicit Packer(fs::path root) : root_(std::move(root)) {}

    /// Nothing: it lies elsewhere.
    [[nodiscard]] std::optional<std::string> place_of(const fs::path& file) const {
        std::string place = file.lexically_relative(root_).generic_string();
        if (!is_below_root(place)) return std::nullopt;
        return place;
    }

    ParcelFile take(const fs::path& file, std::string place) {
        std::string content = content_of(file);
        ParcelFile taken{std::move(place), digest_of_text(content), content.size()};
        parcel.contents.emplace(taken.digest, std::move(content));
        return taken;
    }

    void take_once(const fs::path& file, std::vector<ParcelFile>& files) {
        auto place = place_of(file);
        if (!place || std::ranges::find(files, *place, &ParcelFile::path) != files.end()) return;
        files.push_back(take(file, std::move(*place)));
    }

    Parcel parcel;

private:
    fs::path root_;
};

}  // namespace

std::string ParcelList::text() const {
    json tests_json = json::array();
    for (const ParcelTest& test : tests) tests_json.push_back(json_of(test));
    return json{{"format", kFormat},
                {"folder", folder},
                {"tests", tests_json},
                {"sources", json_of(sources)},
                {"data", json_of(data)}}
        .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string ParcelList::digest() const {
    return digest_of_text(text());
}

base::Result<ParcelList> ParcelList::from(std::string_view text) {
    if (text.size() > kMostTextBytes) {
        return base::failure(fmt::format("the list of the test's files is longer than {} MiB",
                                         kMostTextBytes >> 20U));
    }
    ParcelList list;
    try {
        const json all = json::parse(text);
        if (all.at("format").get<int>() != kFormat) {
            return base::failure(std::string("the test comes in a form of another version"));
        }
        list.folder = all.at("folder").get<std::string>();
        for (const json& test : all.at("tests")) list.tests.push_back(test_from(test));
        list.sources = files_from(all.at("sources"));
        list.data = files_from(all.at("data"));
    } catch (const json::exception& error) {
        return base::failure(std::string("the list of the test's files is not one: ") +
                             error.what());
    }
    if (auto complaint = complaint_about(list)) {
        return base::failure("the test that came is refused: " + *complaint);
    }
    return list;
}

Parcel pack(const ParcelContent& content) {
    const fs::path root = root_of(content.tests);
    Packer packer(root);
    ParcelList& list = packer.parcel.list;
    const fs::path folder = content.tests.front().file.parent_path();
    if (folder != root) list.folder = folder.lexically_relative(root).generic_string();
    for (const ParcelContent::Test& test : content.tests) {
        ParcelTest& packed = list.tests.emplace_back();
        packed.path = packer.place_of(test.file).value();
        packed.object = packer.take(test.object, test.object.filename().string());
        auto needs = needs_of(packer.parcel.contents.at(packed.object.digest));
        if (!needs) throw base::Error(base::shown(test.object) + ": " + needs.error());
        packed.needs = std::move(*needs);
        for (const fs::path& file : test.read) packer.take_once(file, list.sources);
    }
    std::uint64_t data_bytes = 0;
    for (const fs::path& file : content.data) {
        std::error_code error;
        const std::uintmax_t bytes = fs::file_size(file, error);
        data_bytes += error ? 0 : bytes;
        if (data_bytes > ParcelList::kMostDataBytes) {
            throw base::Error(fmt::format(
                "{}: the test's data files are more than {} MiB together, too much to travel to "
                "workers: copy the test there and name it with -f",
                base::shown(file),
                ParcelList::kMostDataBytes >> 20U));
        }
        if (!error) packer.take_once(file, list.data);
    }
    return std::move(packer.parcel);
}

}  // namespace cicada::scenario
