#include "app/cli/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "base/counted.h"

namespace carousel::cli {

namespace {

constexpr std::size_t kMinBar = 6, kMaxBar = 30;

double seconds_left(const ProgressRecord& record) {
  if (!(record.fraction > 0)) return ProgressRecord::kNotMeasured;
  return record.seconds * (1 - record.fraction) / record.fraction;
}

std::string rate_text(const ProgressRecord& record) {
  if (!(record.sequences_per_second > 0) || record.sequences_per_second > 1e12) return "";
  if (record.sequences_per_second < 10) return fmt::format("{:.1f}/s", record.sequences_per_second);
  return grouped(static_cast<std::size_t>(record.sequences_per_second)) + "/s";
}

std::string loss_text(const char* name, double loss) {
  return std::isnan(loss) ? "" : fmt::format("{} {:.4g}", name, loss);
}

std::string drawn_bar(double fraction, std::size_t width, bool utf8) {
  const auto full = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(width));
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) bar += i < full ? (utf8 ? "━" : "#") : (utf8 ? "╌" : ".");
  return bar;
}

}  // namespace

std::string clock_text(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "?";
  const auto whole = static_cast<std::size_t>(std::llround(seconds));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string bar_text(const ProgressRecord& record, double validation_loss, std::size_t columns, bool utf8) {
  struct Piece {
    std::string text;
    int rank;  // the highest is left out first
  };
  const auto percent = static_cast<int>(std::clamp(record.fraction, 0.0, 1.0) * 100);
  const std::vector<Piece> pieces = {
      {record.epochs == 0 ? "" : fmt::format("epoch {}/{}", record.epoch, record.epochs), 2},
      {"", 3},  // the bar
      {fmt::format("{:3} %", percent), 0},
      {loss_text("loss", record.loss), 4},
      {loss_text("validation", validation_loss), 5},
      {rate_text(record), 6},
      {clock_text(seconds_left(record)) + " left", 1},
  };
  for (int highest = 6; highest >= 0; --highest) {
    std::size_t used = 0;
    for (const Piece& piece : pieces)
      if (piece.rank <= highest && !piece.text.empty()) used += (used == 0 ? 0 : 2) + text_width(piece.text);
    const bool with_bar = highest >= 3;
    if (used + (with_bar ? 2 + kMinBar : 0) > columns) continue;
    const std::size_t bar = with_bar ? std::min(kMaxBar, columns - used - 2) : 0;
    std::string line;
    for (const Piece& piece : pieces) {
      const std::string text = piece.rank == 3 ? drawn_bar(record.fraction, bar, utf8) : piece.text;
      if (piece.rank > highest || text.empty()) continue;
      line += (line.empty() ? "" : "  ") + text;
    }
    return line;
  }
  return "";
}

std::string epoch_text(const ProgressRecord& record) {
  std::string line = fmt::format("epoch {}/{}", record.epoch, record.epochs);
  const std::string validation = loss_text("validation", record.validation_loss);
  for (const std::string& text : {loss_text("loss", record.loss),
                                  validation.empty() || !record.best ? validation : validation + " (best)",
                                  rate_text(record), clock_text(seconds_left(record)) + " left"})
    if (!text.empty()) line += "  " + text;
  return line;
}

}  // namespace carousel::cli
