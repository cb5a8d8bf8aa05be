// SPDX-License-Identifier: Apache-2.0
#include "report/console.hpp"

#include <unistd.h>

#include "report/live_view.hpp"
#include "report/painted_line.hpp"

namespace cicada::report {
namespace {

Ink ink_of(base::LogLevel level) {
    if (level >= base::LogLevel::Error) return Ink::Red;
    return level == base::LogLevel::Warning ? Ink::Yellow : Ink::Plain;
}

}  // namespace

Console::Console(Display wanted) : fd_(STDERR_FILENO), terminal_(terminal_of(STDERR_FILENO)) {
    if (wanted == Display::Live && terminal_.redraws) {
        auto captured = std::make_unique<CapturedStreams>();
        if (captured->descriptor() >= 0) {
            captured_ = std::move(captured);
            fd_ = captured_->terminal();
        }
    }
    writer_ = std::make_unique<PatientWriter>(fd_);
}

void Console::draw(const run::Snapshot& snapshot, base::WallTime now) {
    if (writer_->waiting()) return;  // a stalled terminal gets the next picture, not all of them
    const TerminalSize size = size_of(fd_);
    const LiveStyle style{.columns = size.columns,
                          .rows = size.rows,
                          .colours = terminal_.colours,
                          .utf8 = terminal_.utf8,
                          .keys = shows_keys_,
                          .page_key = shows_page_key_};
    writer_->write(screen_.draw(live_view(snapshot, now, style), size.columns));
}

void Console::print_text(std::string_view whole_lines) {
    if (whole_lines.empty()) return;
    if (live()) {
        writer_->write(screen_.print_above(whole_lines, size_of(fd_).columns));
    } else {
        writer_->write(whole_lines);
    }
}

void Console::print(const QueuedLine& line) {
    print_text(painted(line.text, ink_of(line.level), terminal_.colours) + "\n");
}

void Console::print(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    print_text(text);
}

void Console::print_captured() {
    if (live()) print_text(captured_->take_lines());
}

void Console::end_live() {
    if (!live()) return;
    print_captured();
    writer_->write(screen_.erase(size_of(fd_).columns));
    writer_->drain(std::chrono::seconds(2));
    const std::string rest = captured_->restore();
    captured_.reset();
    fd_ = STDERR_FILENO;
    print_text(rest);
}

std::size_t Console::columns() const {
    return size_of(fd_).columns;
}

}  // namespace cicada::report
