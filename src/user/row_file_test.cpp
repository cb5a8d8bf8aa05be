// SPDX-License-Identifier: Apache-2.0
#include "user/row_file.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "user/random_stream.hpp"

using namespace cicada;
using user::RowFile;
namespace fs = std::filesystem;

namespace {

/// A folder that is gone with it.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "cicada-rows-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path_); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// What opening rows.csv with that text says; empty: it is fine.
std::string opened(const std::string& text) {
    const Folder folder;
    folder.write("rows.csv", text);
    RowFile file("rows.csv", user::csv_format(','));
    const auto result = file.open(folder.path());
    return result ? fmt::format("{} rows", file.size()) : result.error();
}

std::string value(RowFile& file, std::int64_t row) {
    return file.row(row).begin()->value();
}

}  // namespace

TEST_CASE("rows are counted and checked when the file is opened") {
    // Goal: a mistake anywhere is found before the load. Method: small files, good and bad.
    CHECK(opened("a,b\n1,2\n3,4\n") == "2 rows");
    CHECK(opened("\xEF\xBB\xBF"
                 "a,b\r\n1,2\r\n\r\n3,4") == "2 rows");
    CHECK(opened("a,b\n\"1\n\n\",2\n3,4\n") == "2 rows");
    CHECK(opened("") == "rows.csv: it is empty; its first line has to name the columns");
    CHECK(opened("\n\n") == "rows.csv: it is empty; its first line has to name the columns");
    CHECK(opened("a,b\n") == "rows.csv: it has no rows");
    CHECK(opened("a,a\n1,2\n") == "rows.csv:1: two columns are named \"a\"");
    CHECK(opened("a,b\n1,2\n\n3\n") == "rows.csv:4: 1 value for 2 columns: a, b");
    CHECK(opened("a,b\n\"1\n2\",\n3,4\"\n") ==
          "rows.csv:4: a quote inside a value: write the value in quotes, and this one twice");
    CHECK(opened("a,b\n1,2\n\"3,4\n5,6\n") == "rows.csv:3: a quote is opened and not closed");
    CHECK(opened("a\n\"" + std::string(RowFile::kMostRecordBytes, 'x') + "\"\n") ==
          "rows.csv:2: the row that begins here has more than 1 MiB");
}

TEST_CASE("a file that cannot be read is named") {
    // Goal: the path as it was looked for.
    const Folder folder;
    RowFile file("missing.csv", user::csv_format(','));
    const auto missing = file.open(folder.path());
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error() == fmt::format("cannot read {}: No such file or directory",
                                         (folder.path() / "missing.csv").string()));
    RowFile itself(".", user::csv_format(','));
    CHECK(itself.open(folder.path()).error().ends_with("it is not a regular file"));
    RowFile whole((folder.path() / "absolute.csv").string(), user::csv_format(','));
    folder.write("absolute.csv", "a\n1\n");
    CHECK(whole.open("/elsewhere").has_value());
}

TEST_CASE("any row is read, in any order, as it stands in the file") {
    // Goal: reading where it is needed gives what reading all would. Method: more rows than there
    // are marks, of very different lengths, some over several lines; in turn, backwards, at random.
    const Folder folder;
    const std::int64_t rows = 3 * static_cast<std::int64_t>(RowFile::kMostMarks) + 17;
    const auto expected = [](std::int64_t row) {
        return fmt::format(
            "{}{}",
            row,
            std::string(static_cast<std::size_t>(row % 97 == 0 ? 5'000 : row % 7), '\n'));
    };
    std::string text = "value,other\n";
    for (std::int64_t row = 0; row < rows; ++row) {
        text += fmt::format("\"{}\",x\n", expected(row));
        if (row % 1000 == 0) text += "\r\n";
    }
    folder.write("rows.csv", text);
    RowFile file("rows.csv", user::csv_format(','));
    REQUIRE(file.open(folder.path()).has_value());
    REQUIRE(file.size() == rows);

    std::int64_t wrong = 0;
    for (std::int64_t row = 0; row < rows; ++row) wrong += value(file, row) != expected(row);
    CHECK(wrong == 0);
    for (std::int64_t row = 200; row >= 0; --row) wrong += value(file, row) != expected(row);
    CHECK(wrong == 0);
    user::RandomStream random(1, 2, 3);
    for (int i = 0; i < 2'000; ++i) {
        const auto row = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(rows)));
        wrong += value(file, row) != expected(row);
    }
    CHECK(wrong == 0);
}

TEST_CASE("a file that changes while it is read is an error with its line") {
    // Goal: no wrong data in silence. Method: shorten it, then break a row.
    const Folder folder;
    const std::string row(10'000, 'x');
    folder.write("rows.csv", "a\n" + row + "\n" + row + "\n" + row + "\n");
    RowFile file("rows.csv", user::csv_format(','));
    REQUIRE(file.open(folder.path()).has_value());
    CHECK(value(file, 0) == row);
    fs::resize_file(folder.path() / "rows.csv", 2);
    CHECK_THROWS_WITH(value(file, 2), "rows.csv:4: the file has become shorter");
    folder.write("rows.csv", "a\n" + row + "\nx,y" + row + "\n" + row + "\n");
    CHECK_THROWS_WITH(value(file, 1), "rows.csv:3: 2 values for 1 column: a");
    CHECK(file.open(folder.path()).error() == "rows.csv:3: 2 values for 1 column: a");
}
