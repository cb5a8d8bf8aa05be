// SPDX-License-Identifier: Apache-2.0
#include "user/json_index.hpp"

#include <charconv>
#include <cstring>
#include <limits>

#include "user/json_text.hpp"

namespace cicada::user {

/// Reads a text from left to right; every function returns false where it is not JSON.
class JsonScanner {
public:
    JsonScanner(std::string_view text, std::vector<JsonIndex::Node>& nodes)
        : text_(text), nodes_(nodes) {}

    bool whole_text() {
        for (;;) {
            skip_space();
            if (!begin_value()) return false;
            if (expects_value_) continue;
            if (!after_value()) return false;
            if (open_ == kNone) return at_ == text_.size();
        }
    }

private:
    static constexpr JsonIndex::Place kNone = std::numeric_limits<JsonIndex::Place>::max();

    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' ||
                                      text_[at_] == '\t' || text_[at_] == '\r')) {
            ++at_;
        }
    }

    /// A whole value, or the beginning of an array or object up to where its first value stands
    /// (and then expects_value_).
    bool begin_value() {
        expects_value_ = false;
        switch (peek()) {
            case '{':
            case '[':
                return begin_container();
            case '"':
                return text_value();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }

    bool begin_container() {
        if (++depth_ > JsonIndex::kDeepest) return false;
        const bool object = text_[at_] == '{';
        nodes_.push_back({static_cast<std::uint32_t>(at_), 0, open_});
        open_ = static_cast<JsonIndex::Place>(nodes_.size() - 1);
        ++at_;
        skip_space();
        if (peek() == (object ? '}' : ']')) {
            close();
            return true;
        }
        expects_value_ = true;
        return !object || member_name();
    }

    void close() {
        JsonIndex::Node& node = nodes_[open_];
        ++at_;
        --depth_;
        open_ = node.next;
        node.end = static_cast<std::uint32_t>(at_);
        node.next = static_cast<JsonIndex::Place>(nodes_.size());
    }

    /// What follows a value: ends of arrays and objects, a comma, or the end of the text.
    bool after_value() {
        for (;;) {
            skip_space();
            if (open_ == kNone) return true;
            const bool object = text_[nodes_[open_].begin] == '{';
            if (peek() == ',') {
                ++at_;
                if (!object) return true;
                skip_space();
                return member_name();
            }
            if (peek() != (object ? '}' : ']')) return false;
            close();
        }
    }

    bool member_name() {
        if (peek() != '"' || !text_value()) return false;
        skip_space();
        if (peek() != ':') return false;
        ++at_;
        return true;
    }

    void add(std::size_t begin) {
        const auto next = static_cast<JsonIndex::Place>(nodes_.size() + 1);
        nodes_.push_back(
            {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_), next});
    }

    bool word(std::string_view expected) {
        const std::size_t begin = at_;
        if (text_.substr(at_, expected.size()) != expected) return false;
        at_ += expected.size();
        add(begin);
        return true;
    }

    bool text_value() {
        const std::size_t begin = at_++;
        for (;;) {
            skip_plain();
            const char letter = peek();
            if (letter == '"') break;
            if (letter != '\\' || !escape()) return false;  // a control character, or the end
        }
        ++at_;
        add(begin);
        return true;
    }

    /// Letters that stand for themselves, eight at a time.
    void skip_plain() {
        constexpr std::uint64_t kOnes = 0x0101010101010101;
        constexpr std::uint64_t kHighs = 0x8080808080808080;
        const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
        while (at_ + sizeof(std::uint64_t) <= text_.size()) {
            std::uint64_t word = 0;
            std::memcpy(&word, text_.data() + at_, sizeof word);
            const std::uint64_t control = (word - kOnes * 0x20) & ~word & kHighs;
            if ((has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\')) | control) != 0) {
                break;
            }
            at_ += sizeof word;
        }
        while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
               static_cast<unsigned char>(text_[at_]) >= 0x20) {
            ++at_;
        }
    }

    bool escape() {
        ++at_;
        const char letter = peek();
        if (letter == '\0' || std::strchr("\"\\/bfnrtu", letter) == nullptr) return false;
        ++at_;
        if (letter != 'u') return true;
        for (int digit = 0; digit < 4; ++digit, ++at_) {
            const char hex = peek();
            const bool fits = (hex >= '0' && hex <= '9') || (hex >= 'a' && hex <= 'f') ||
                              (hex >= 'A' && hex <= 'F');
            if (!fits) return false;
        }
        return true;
    }

    bool digits() {
        const std::size_t begin = at_;
        while (peek() >= '0' && peek() <= '9') ++at_;
        return at_ > begin;
    }

    bool number() {
        const std::size_t begin = at_;
        if (peek() == '-') ++at_;
        if (peek() == '0') {
            ++at_;
        } else if (!digits()) {
            return false;
        }
        if (peek() == '.') {
            ++at_;
            if (!digits()) return false;
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            if (!digits()) return false;
        }
        add(begin);
        return true;
    }

    std::string_view text_;
    std::vector<JsonIndex::Node>& nodes_;
    std::size_t at_ = 0;
    JsonIndex::Place open_ = kNone;  // the innermost array or object being read
    std::uint32_t depth_ = 0;
    bool expects_value_ = false;
};

bool JsonIndex::parse(std::string_view text) {
    nodes_.clear();
    text_ = text;
    const bool fits = text.size() < std::numeric_limits<std::uint32_t>::max() / 2;
    if (fits && JsonScanner(text, nodes_).whole_text()) return true;
    nodes_.clear();
    return false;
}

void JsonIndex::clear() {
    constexpr std::size_t kKept = 500;
    nodes_.clear();
    if (nodes_.capacity() > kKept) nodes_ = {};
    text_ = {};
}

JsonIndex::Kind JsonIndex::kind(Place place) const {
    switch (text_[nodes_[place].begin]) {
        case '{':
            return Kind::Object;
        case '[':
            return Kind::Array;
        case '"':
            return Kind::Text;
        case 't':
        case 'f':
            return Kind::Truth;
        case 'n':
            return Kind::Null;
        default:
            return Kind::Number;
    }
}

std::string_view JsonIndex::raw(Place place) const {
    const Node& node = nodes_[place];
    return text_.substr(node.begin, node.end - node.begin);
}

std::string_view JsonIndex::inner(Place place) const {
    const std::string_view quoted = raw(place);
    return quoted.substr(1, quoted.size() - 2);
}

bool JsonIndex::equals(Place place, std::string_view text) const {
    const std::string_view own = inner(place);
    if (own == text) return own.find('\\') == std::string_view::npos;
    return own.size() > text.size() && own.find('\\') != std::string_view::npos &&
           unescaped_json(own) == text;
}

std::optional<JsonIndex::Place> JsonIndex::member(Place object, std::string_view name) const {
    if (kind(object) != Kind::Object) return std::nullopt;
    for (Place key = object + 1; key < nodes_[object].next; key = nodes_[key + 1].next) {
        if (equals(key, name)) return key + 1;
    }
    return std::nullopt;
}

std::optional<JsonIndex::Place> JsonIndex::item(Place array, std::int64_t index) const {
    if (kind(array) != Kind::Array || index < 0) return std::nullopt;
    for (Place item = array + 1; item < nodes_[array].next; item = nodes_[item].next) {
        if (index-- == 0) return item;
    }
    return std::nullopt;
}

std::int64_t JsonIndex::size(Place place) const {
    const Kind what = kind(place);
    if (what != Kind::Array && what != Kind::Object) return 0;
    const Place step = what == Kind::Object ? 1 : 0;
    std::int64_t count = 0;
    for (Place item = place + 1; item < nodes_[place].next; item = nodes_[item + step].next) {
        ++count;
    }
    return count;
}

std::string JsonIndex::text(Place place) const {
    return unescaped_json(inner(place));
}

double JsonIndex::number(Place place) const {
    const std::string_view digits = raw(place);
    double value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (result.ec == std::errc::result_out_of_range) {
        const bool small = digits.find("e-") != digits.npos || digits.find("E-") != digits.npos;
        const double limit = small ? 0 : std::numeric_limits<double>::infinity();
        return digits.front() == '-' ? -limit : limit;
    }
    return value;
}

std::optional<std::int64_t> JsonIndex::integer(Place place) const {
    const std::string_view digits = raw(place);
    std::int64_t value = 0;
    const auto end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
    return value;
}

std::string JsonIndex::path(Place place) const {
    std::string path;
    Place at = 0;
    while (at != place) {
        const bool object = kind(at) == Kind::Object;
        const Place step = object ? 1 : 0;
        std::int64_t index = 0;
        Place item = at + 1;
        while (nodes_[item + step].next <= place) {
            item = nodes_[item + step].next;
            ++index;
        }
        path += '/';
        path += object ? text(item) : std::to_string(index);
        at = item + step;
    }
    return path.empty() ? "/" : path;
}

}  // namespace cicada::user
