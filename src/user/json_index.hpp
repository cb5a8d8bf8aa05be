// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::user {

/// Where each value of a JSON text stands. Nothing is copied out of the text, which has to stay.
///
/// One pass checks the whole text and notes where its values begin and end; what they are is read
/// when somebody asks. Needs no stack, so that depth costs nothing: kDeepest is for those who
/// convert the text into a tree.
/// Source: RFC 8259; that texts are valid UTF-8 is not checked.
class JsonIndex {
public:
    using Place = std::uint32_t;  ///< of a value; the whole text's is 0

    static constexpr std::uint32_t kDeepest = 1'000;

    enum class Kind : std::uint8_t { Null, Truth, Number, Text, Array, Object };

    /// Returns false, and is empty, if `text` is not one JSON value, or deeper than kDeepest.
    bool parse(std::string_view text);

    [[nodiscard]] bool empty() const { return nodes_.empty(); }
    void clear();  ///< keeps memory for 500 values

    [[nodiscard]] Kind kind(Place place) const;
    [[nodiscard]] std::string_view raw(Place place) const;  ///< as it stands in the text

    [[nodiscard]] std::optional<Place> member(Place object, std::string_view name) const;
    [[nodiscard]] std::optional<Place> item(Place array, std::int64_t index) const;
    [[nodiscard]] std::int64_t size(Place place) const;  ///< of an array or object, otherwise 0

    /// Calls `visit` with the places of the name and the value of each member, in their order.
    template <class Visit>
    void each_member(Place object, Visit visit) const {
        for (Place key = object + 1; key < nodes_[object].next; key = nodes_[key + 1].next) {
            visit(key, key + 1);
        }
    }

    [[nodiscard]] std::string text(Place place) const;                    ///< of a Text
    [[nodiscard]] bool equals(Place place, std::string_view text) const;  ///< a Text
    [[nodiscard]] double number(Place place) const;                       ///< of a Number
    [[nodiscard]] std::optional<std::int64_t> integer(
        Place place) const;  ///< of one without . or e

    /// "/items/3/name"; "/" for the whole.
    [[nodiscard]] std::string path(Place place) const;

private:
    friend class JsonScanner;

    // A member of an object is two nodes, its name and its value.
    struct Node {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
        Place next = 0;  // after this value and all in it; while it is being read: what it is in
    };

    [[nodiscard]] std::string_view inner(Place place) const;  // of a Text, without its quotes

    std::string_view text_;
    std::vector<Node> nodes_;
};

}  // namespace cicada::user
