// Text, tables and the frames of charts as HTML.
#pragma once

#include <string>
#include <string_view>

#include "app/report/report.h"

namespace carousel::report {

/// The text with the five characters that mean something to HTML replaced, for content and quoted attributes.
std::string escape_html(std::string_view text);

std::string text_html(const ColouredText& text);

/// With the first choice shown; choice_text.js puts another in its place. Shares of the colours stand in the
/// page once for each choice, in percent.
std::string choice_text_html(const ChoiceText& text);

std::string table_html(const Table& table);

/// The frame, caption and legend of chart `number`; page.js draws into it.
std::string chart_html(const Chart& chart, std::size_t number);

}  // namespace carousel::report
