// A report is one self-contained HTML page: a list of sections of text, tables and charts.
// It needs no network to open, and every string in it may come from a hostile file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace carousel::report {

/// `time` positions are seconds since 1970-01-01T00:00:00 and are shown as they are in UTC, so a time
/// stamp without a zone is shown as it was written. `whole` axes count things and have no ticks between
/// integers; `log` axes leave out values that are not positive.
enum class Scale { number, whole, log, time };

struct Axis {
  std::string title;  ///< with its unit, e.g. "passengers (thousands)"
  Scale scale = Scale::number;
};

/// Fixed roles, so that one colour means one thing on the whole page. All are told apart under the common
/// forms of colour blindness, in the light and in the dark scheme.
enum class Colour { truth, model, second, third, quiet };

/// The word that page.css and page.js know the colour by.
const char* colour_name(Colour colour);

enum class Stroke { solid, dashed, points, solid_with_points };

/// x is finite and ascending; a NaN in y is a gap. At most kMaxLinePoints are embedded: of a longer line the
/// smallest and the largest value of each equal slice are kept, so that peaks survive.
struct Line {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  Colour colour = Colour::model;
  Stroke stroke = Stroke::solid;
};

/// An area between two curves, e.g. a prediction interval. A longer one is thinned to the envelope of each
/// slice.
struct Band {
  std::string name;
  std::vector<double> x;
  std::vector<double> low;
  std::vector<double> high;
  Colour colour = Colour::model;
};

/// A labelled vertical line, e.g. where a forecast starts.
struct Marker {
  double x = 0;
  std::string label;
};

struct LineChart {
  Axis x;
  Axis y;
  std::vector<Band> bands;
  std::vector<Line> lines;
  std::vector<Marker> markers;
};

/// Bar k reaches from edges[k] to edges[k+1]; the y axis starts at zero.
struct BarChart {
  Axis x;
  Axis y;
  std::vector<double> edges;  ///< ascending, one more than heights
  std::vector<double> heights;
  Colour colour = Colour::model;
};

/// Which colours a heat map takes: `sequential` from low to high, `diverging` with a neutral middle.
enum class Ramp { sequential, diverging };

/// values is [rows, columns], row-major, one cell a value; row 0 is at the top. A matrix with more than
/// kMaxHeatMapSide rows or columns is thinned to the mean of neighbouring cells.
struct HeatMap {
  Axis x;
  Axis y;
  std::string value_title;      ///< of the colour legend
  std::vector<double> columns;  ///< ascending positions on the x axis, one a column
  std::size_t rows = 0;
  std::vector<double> values;
  double low = 0;
  double high = 1;
  Ramp ramp = Ramp::sequential;
  /// What the cells are called, in place of numbers: one a column, one a row, or none. A matrix that is
  /// thinned has numbers.
  std::vector<std::string> column_names = {}, row_names = {};
};

/// A line, a box or a disc in the plane, y upwards.
struct Shape {
  enum class Kind {
    line,  ///< from (x, y) to (to_x, to_y)
    box,   ///< between these two corners
    disc,  ///< about (x, y), to_x - x its radius
  };
  Kind kind = Kind::line;
  Colour colour = Colour::model;
  double x = 0, y = 0, to_x = 0, to_y = 0;
};

/// Pictures that follow each other, with a button and a slider: the part of the plane between two corners.
struct Animation {
  double left = 0, bottom = 0, right = 1, top = 1;
  std::vector<Shape> ground;               ///< behind every frame
  std::vector<std::vector<Shape>> frames;  ///< from back to front; at most kMaxFrames
  std::vector<std::string> captions;       ///< one a frame
};

struct Chart {
  std::string title;
  std::string note;   ///< a sentence below the title that says how to read it
  bool wide = false;  ///< takes the whole width of the page; others share a row where there is room
  std::variant<LineChart, BarChart, HeatMap, Animation> plot;
};

struct Column {
  std::string title;
  bool number = false;  ///< right-aligned
};

struct Cell {
  std::string text;
  bool best = false;  ///< marked, not by colour alone
};

struct Table {
  std::string caption;  ///< a sentence above the table, or empty
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;        ///< each as long as columns; the first cell names the row
  std::optional<std::size_t> emphasised_row;  ///< e.g. the model among its baselines
};

/// A text whose pieces have a background each: of the model's colour above 0, of the second one below, the
/// stronger the further from 0, full at 1 and -1; NaN has none. Line ends stay line ends.
struct ColouredText {
  std::string title;
  std::string note;  ///< a sentence that says what the colours mean
  std::vector<std::string> pieces;
  std::vector<double> values;  ///< one a piece; empty: a text without colours
};

/// A text coloured in several ways, as ColouredText is: one of the choices at a time, a row of the text for
/// each of `rows`. The reader chooses; the first is shown until then.
struct ChoiceText {
  struct Choice {
    std::string name;
    std::vector<double> values;  ///< [rows, pieces], row-major; NaN has no colour
  };
  std::string title;
  std::string note;         ///< a sentence that says what the colours mean
  std::string choice_name;  ///< of what is chosen, "unit"
  std::vector<std::string> pieces;
  std::vector<std::string> rows;
  std::vector<Choice> choices;
};

struct Section {
  std::string title;
  std::vector<std::string> paragraphs;
  std::vector<Table> tables;
  std::vector<Chart> charts;
  std::vector<ColouredText> texts = {};       ///< between paragraphs and tables
  std::vector<ChoiceText> choice_texts = {};  ///< behind them
};

/// The answer to "is it any good?", in words. Shown at the top.
struct Verdict {
  bool good = false;
  std::string headline;
  std::string text;
};

struct Report {
  std::string title;
  std::string summary;  ///< one sentence in plain words
  std::optional<Verdict> verdict;
  std::vector<Section> sections;  ///< one without any content is left out
};

inline constexpr std::size_t kMaxLinePoints = 2000;
inline constexpr std::size_t kMaxHeatMapSide = 128;
inline constexpr std::size_t kMaxFrames = 1000;

/// The whole HTML text. Throws carousel::Error, naming the chart, table or text, when lengths disagree.
std::string render(const Report& report);

}  // namespace carousel::report
