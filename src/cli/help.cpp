// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include <fmt/format.h>

namespace cicada::cli {
namespace {

constexpr const char* kPageBegin =
    R"(<!-- Made from src/cli/option_table.cpp: CICADA_UPDATE_DOCS=1 build/bin/cli_tests -->
# The command line

    cicada [options] [UserClass | UserClass.task ...]    a test file, ./cicadafile.cpp if no -f names another
    cicada [options] URL                                 one URL, no file
    cicada new NAME                                      write a test to start from, NAME.cpp
    cicada check [FILES]                                 compile a test, say what is wrong with it
    cicada demo-server [options]                         a shop to test
    cicada cluster-sim [options]                         workers that run nothing, to measure a master with

What is named of user classes and their tasks runs, the others do not. A long option may be cut as long as it is unique:
`--head` is `--headless`. A misspelt one is answered by the one you may have meant.

## Where options come from

Each option below can stand on the command line, in the environment and in a config file. The strongest wins:

| strength | where | how |
| --- | --- | --- |
| 1 | command line | `--spawn-rate 10` |
| 2 | environment | `CICADA_SPAWN_RATE=10`, else `LOCUST_SPAWN_RATE=10` |
| 3 | the file of `--config` | as the files below, TOML if its name ends in `.toml` |
| 4 | `./pyproject.toml` | `spawn-rate = 10` in `[tool.cicada]`, else in `[tool.locust]` |
| 5 | `./cicada.conf`, then `./locust.conf` | `spawn-rate = 10` |
| 6 | `~/.cicada.conf`, then `~/.locust.conf` | the same |

Where Locust's documentation and its code disagree (`locust.conf` and `pyproject.toml`), this is the order of its code.

```ini
# cicada.conf
locustfile = shop.cpp
host: http://localhost:8000
users 500                      ; blank, `=` or `:` between key and value
tags = [read, write]           # a list
headless                       # the same as headless = true
```

Options that exclude each other: what the command line says wins over a variable or file that says the other.

A key is a long option without its dashes. An unknown one, or a value that cannot be, is an error with file and line.
On and off are `true`, `yes`, `on`, `1` and `false`, `no`, `off`, `0`. In a variable, several words are written as in a
file, `CICADA_TAGS='[read, write]'`; the user classes are `CICADA_USER_CLASSES="Shopper Buyer"`. Options that a [test
declares](arguments.md) are given in the same places.

## Options
)";

std::string quoted_or_none(const std::vector<std::string>& variables) {
    return variables.empty() ? "" : fmt::format("`{}`", variables.front());
}

/// In a table of Markdown.
std::string cell(std::string_view text) {
    std::string escaped;
    for (const char character : text) {
        if (character == '|') escaped += '\\';
        escaped += character;
    }
    return escaped;
}

}  // namespace

std::string help_text(const std::string& usage, const std::vector<Option>& table) {
    std::string text = usage;
    std::string_view section;
    for (const Option& option : table) {
        if (option.standing == Standing::Hidden) continue;
        if (option.section != section) {
            section = option.section;
            text += fmt::format("\n{}:\n", section);
        }
        std::string flags = option.letter == 0
                                ? fmt::format("    --{}", option.name)
                                : fmt::format("-{}, --{}", option.letter, option.name);
        if (!option.value_name.empty()) flags += fmt::format(" {}", option.value_name);
        text += fmt::format("  {:<32} {}\n", flags, option.help);
    }
    return text;
}

std::string command_line_page(const std::vector<Option>& table) {
    std::string page = kPageBegin;
    std::string_view section;
    for (const Option& option : table) {
        if (option.standing == Standing::Hidden) continue;
        if (option.section != section) {
            section = option.section;
            page += fmt::format(
                "\n### {}\n\n| option | what it is | variable |\n| --- | --- | --- |\n", section);
        }
        std::string flags = option.letter == 0 ? "" : fmt::format("`-{}`, ", option.letter);
        const std::string value =
            option.value_name.empty() ? "" : fmt::format(" {}", option.value_name);
        flags += fmt::format("`--{}{}`", option.name, value);
        page += fmt::format(
            "| {} | {} | {} |\n", flags, cell(option.help), quoted_or_none(option.variables()));
    }
    return page;
}

}  // namespace cicada::cli
