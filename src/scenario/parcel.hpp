// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "scenario/object_needs.hpp"

namespace cicada::scenario {

/// A file of a test that travels.
struct ParcelFile {
    std::string path{};    ///< from the parcel's root, with '/' and without ".."
    std::string digest{};  ///< SHA-256 of its content, in hexadecimal
    std::uint64_t bytes = 0;

    friend bool operator==(const ParcelFile&, const ParcelFile&) = default;
};

/// One test file, and what it was compiled to.
struct ParcelTest {
    std::string path{};   ///< "cicadafile.cpp", or "test.so" if it came compiled
    ParcelFile object{};  ///< its path: the name it is kept by
    ObjectNeeds needs{};

    friend bool operator==(const ParcelTest&, const ParcelTest&) = default;
};

/// What a test consists of that travels from a master to its workers.
struct ParcelList {
    static constexpr std::uint64_t kMostDataBytes = std::uint64_t{64} << 20U;
    static constexpr std::uint64_t kMostBytes = std::uint64_t{512} << 20U;  ///< in all
    static constexpr std::size_t kMostFiles = 10'000;
    static constexpr std::size_t kMostTextBytes = std::size_t{4} << 20U;  ///< of text()

    std::string folder{};  ///< where the test's paths start, from the root; "" or "tests"
    std::vector<ParcelTest> tests{};
    std::vector<ParcelFile> sources{};  ///< test files and the author's own headers
    std::vector<ParcelFile> data{};     ///< of feeders and asset()

    [[nodiscard]] std::string text() const;    ///< JSON
    [[nodiscard]] std::string digest() const;  ///< stands for the whole test

    /// Error: a sentence: this is no such list, or a path in it leads out of the root, or a limit
    ///        is exceeded.
    [[nodiscard]] static base::Result<ParcelList> from(std::string_view text);

    friend bool operator==(const ParcelList&, const ParcelList&) = default;
};

/// A test ready to travel.
struct Parcel {
    ParcelList list{};
    std::map<std::string, std::string> contents{};  ///< by digest
};

/// What goes into a parcel.
struct ParcelContent {
    struct Test {
        std::filesystem::path file;
        std::filesystem::path object;
        std::vector<std::filesystem::path> read{};  ///< by the compiler, the file itself too
    };
    std::vector<Test> tests{};
    std::vector<std::filesystem::path> data{};  ///< absolute
};

/// Reads it all. The root is the folder that has all test files below it; what lies elsewhere
/// (headers and data in other places) is not taken along: it has to be on the workers.
///
/// Error: base::Error: a file cannot be read, or the data is more than kMostDataBytes.
[[nodiscard]] Parcel pack(const ParcelContent& content);

}  // namespace cicada::scenario
