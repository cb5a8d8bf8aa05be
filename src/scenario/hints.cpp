// SPDX-License-Identifier: Apache-2.0
#include "scenario/hints.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/nearest.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOnlyNamed = "only_named_fields";

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string_view name_at_start(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() && is_name_character(text[size])) ++size;
    return text.substr(0, size);
}

std::string_view name_at_end(std::string_view text) {
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    std::size_t start = text.size();
    while (start > 0 && is_name_character(text[start - 1])) --start;
    return text.substr(start);
}

struct Known {
    std::string_view message;
    std::string_view hint;
    bool explains_the_rest;
};

constexpr Known kKnown[] = {
    {"'cicada' is not a namespace-name", "write `#include <cicada/cicada.hpp>` first", true},
    {"expected namespace name", "write `#include <cicada/cicada.hpp>` first", true},
    {"expected class-name before '{'", "is `using namespace cicada;` missing?", true},
    {"requires 'template<>' syntax",
     "a declaration at this place needs a variable: `static const auto x = ...;`",
     false},
    {"expected constructor, destructor, or type conversion before '.' token",
     "a declaration at this place needs a variable: `static const auto x = ...;`",
     false},
    {"expected constructor, destructor, or type conversion before '(' token",
     "a declaration at this place needs a variable: `static const auto x = ...;`",
     true},
    {"'const cicada::Argument<", "what an argument was given is its `.value()`", false},
    {"to 'cicada::Feed'",
     "in which order comes first: Feed::Circular, Feed::Random or Feed::Unique",
     false},
    {"unable to deduce 'auto' from",
     "several functions have this name; give the task one of its own",
     false},
    {"is private within this context", "write `public:` above it", false},
    {"ThisUserHasNoHttpClient",
     "a task set's client is its user's, which has one if it inherits HttpUser",
     false},
    {"to 'cicada::detail::Function<void()>'",
     "a lambda that takes nothing does: [this] { buy(); }",
     false},
    {"'client' was not declared in this scope",
     "a class has a client if it inherits HttpUser: `class X : public HttpUser`",
     false},
};

// "'std::map' is defined in header '<map>'; did you forget to '#include <map>'?"
std::optional<Hint> missing_header(std::string_view message) {
    static constexpr std::string_view kMark = "is defined in header '";
    const std::size_t at = message.find(kMark);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view header = message.substr(at + kMark.size());
    return Hint{"write `#include " + std::string(header.substr(0, header.find('\''))) + "`"};
}

// X of the remark "candidates are: 'struct cicada::X'", also of those below it, which have blanks
// instead, and of clang's; empty if it is about something else.
std::string_view candidate_of_ours(std::string_view remark) {
    for (const std::string_view lead :
         {"candidates are: '", "candidate found by name lookup is '", "                '"}) {
        if (!remark.starts_with(lead)) continue;
        remark.remove_prefix(lead.size());
        remark = remark.substr(0, remark.find_first_of("(<'"));
        static constexpr std::string_view kMark = "cicada::";
        const std::size_t at = remark.rfind(kMark);
        return at == std::string_view::npos ? "" : name_at_start(remark.substr(at + kMark.size()));
    }
    return "";
}

// `using namespace cicada;` brings a name that the author's own clashes with.
std::optional<Hint> name_clash(std::string_view remark) {
    const std::string name(candidate_of_ours(remark));
    if (name.empty()) return std::nullopt;
    return Hint{"Cicada has a " + name +
                " too: give yours another name, or say which is meant, ::" + name +
                " or cicada::" + name};
}

// X of "... '<brace-enclosed initializer list>' to 'const cicada::X&'", of "invalid initialization
// of reference of type 'const cicada::X&' from ... '<brace-enclosed initializer list>'", and of
// "designator order ... does not match declaration order in 'const cicada::X'".
std::string options_of(std::string_view message) {
    if (!contains(message, "brace-enclosed") && !contains(message, "designator order")) return "";
    static constexpr std::string_view kMark = "cicada::";
    std::size_t quote = message.rfind(" to '");
    if (quote == std::string_view::npos) quote = message.rfind(" in '");
    if (quote == std::string_view::npos) quote = message.find(" of type '");
    if (quote == std::string_view::npos) return "";
    const std::size_t at = message.find(kMark, quote);
    if (at == std::string_view::npos) return "";
    return std::string(name_at_start(message.substr(at + kMark.size())));
}

// The names in `{.weight = 2, .name = "x"}`, from the first brace of the call to its semicolon.
std::vector<std::string> designators_in(std::string_view call) {
    std::vector<std::string> names;
    call = call.substr(0, call.find(';'));
    char before = ' ';
    for (std::size_t at = 0; at < call.size(); ++at) {
        if (call[at] == '.' && (before == '{' || before == ',')) {
            names.emplace_back(name_at_start(call.substr(at + 1)));
        }
        if (std::isspace(static_cast<unsigned char>(call[at])) == 0) before = call[at];
    }
    return names;
}

std::string dotted(const std::vector<std::string>& fields) {
    std::string text;
    for (const std::string& field : fields) text += (text.empty() ? "." : " .") + field;
    return text;
}

std::optional<Hint> about_options(const std::string& name,
                                  std::string_view call,
                                  const fs::path& public_headers) {
    if (name.empty()) return std::nullopt;
    const std::vector<std::string> fields = fields_of(name, public_headers);
    if (fields.empty()) return std::nullopt;

    const std::vector<std::string> used = designators_in(call);
    for (const std::string& field : used) {
        if (std::ranges::find(fields, field) != fields.end()) continue;
        const auto near = base::nearest(field, fields);
        std::string text = name + " has no ." + field;
        if (near) text += "; did you mean ." + *near + "?";
        text += near ? " It has" : ". It has";
        return Hint{text + ", in this order: " + dotted(fields)};
    }
    if (used.empty()) return Hint{name + " has named fields, in this order: " + dotted(fields)};
    return Hint{"the fields of " + name + ", in this order: " + dotted(fields)};
}

std::string content_of(const fs::path& file) {
    std::ifstream stream(file);
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

// "    std::optional<bool> follow_redirects{};  ///< ..." -> "follow_redirects"; "" if it is none.
std::string field_in(std::string_view line) {
    line = line.substr(0, line.find("//"));
    if (!line.starts_with("    ") || line.starts_with("     ") || !contains(line, ";")) return "";
    return std::string(name_at_end(line.substr(0, line.find_first_of("{=;("))));
}

}  // namespace

std::vector<std::string> fields_of(const std::string& name, const fs::path& public_headers) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(public_headers / "cicada", error)) {
        if (entry.path().extension() != ".hpp") continue;
        const std::string content = content_of(entry.path());
        const std::size_t start = content.find("struct " + name + " {");
        if (start == std::string::npos) continue;
        std::istringstream body(content.substr(start, content.find("\n};", start) - start));
        std::vector<std::string> fields;
        for (std::string line; std::getline(body, line);) {
            std::string field = field_in(line);
            if (!field.empty() && field != kOnlyNamed) fields.push_back(std::move(field));
        }
        return fields;
    }
    return {};
}

std::optional<Hint> hint_for(const std::string& message,
                             std::string_view call,
                             const fs::path& public_headers) {
    if (auto hint = about_options(options_of(message), call, public_headers)) return hint;
    if (auto hint = missing_header(message)) return hint;
    if (auto hint = name_clash(message)) return hint;
    for (const Known& known : kKnown) {
        if (contains(message, known.message)) {
            return Hint{std::string(known.hint), known.explains_the_rest};
        }
    }
    return std::nullopt;
}

}  // namespace cicada::scenario
