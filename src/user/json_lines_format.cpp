// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "user/json_index.hpp"
#include "user/row_format.hpp"

namespace cicada::user {
namespace {

class JsonLinesFormat final : public RowFormat {
public:
    [[nodiscard]] std::optional<std::size_t> end_of_record(std::string_view text) const override {
        const std::size_t end = text.find('\n');
        return end == text.npos ? std::nullopt : std::optional(end);
    }

    [[nodiscard]] bool has_header() const override { return false; }
    base::Result<void, RowComplaint> read_header(std::string_view) override { return {}; }

    base::Result<void, RowComplaint> check(std::string_view record) override {
        if (!json_.parse(record)) return base::failure(RowComplaint{"this is not JSON"});
        if (json_.kind(0) != JsonIndex::Kind::Object) {
            return base::failure(RowComplaint{"this is no JSON object: {\"column\": \"value\"}"});
        }
        return {};
    }

    base::Result<Fields, RowComplaint> row(std::string_view record) override {
        if (const auto checked = check(record); !checked) return base::failure(checked.error());
        Fields fields;
        json_.each_member(0, [&](JsonIndex::Place name, JsonIndex::Place value) {
            fields.add(json_.text(name), text_of(value));
        });
        return fields;
    }

private:
    [[nodiscard]] std::string text_of(JsonIndex::Place value) const {
        switch (json_.kind(value)) {
            case JsonIndex::Kind::Text:
                return json_.text(value);
            case JsonIndex::Kind::Null:
                return "";
            default:
                return std::string(json_.raw(value));
        }
    }

    JsonIndex json_;
};

}  // namespace

std::unique_ptr<RowFormat> json_lines_format() {
    return std::make_unique<JsonLinesFormat>();
}

}  // namespace cicada::user
