#include "data/npy_header.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "data/cells.h"

namespace carousel::npy {
namespace {

/// numpy allows 32; a shape here has at most 6, and this only bounds what is kept until it is refused.
constexpr std::size_t kMaxAxes = 64;

class Parser {
 public:
  Parser(std::string_view text, const std::string& source, std::size_t begin)
      : text_(text), source_(source), begin_(begin) {}

  Header parse() {
    expect('{');
    while (!accept('}')) {
      entry(string("the name of an entry"));
      if (accept('}')) break;
      expect(',');
    }
    skip_blanks();
    if (at_ < text_.size()) fail("found more after the '}', expected the end of the header");
    if (!descr_seen_ || !order_seen_ || !shape_seen_) {
      fail(fmt::format("the header has no '{}'", !descr_seen_   ? "descr"
                                                 : !order_seen_ ? "fortran_order"
                                                                : "shape"));
    }
    return std::move(header_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(fmt::format("{}: byte {}: {}", source_, begin_ + at_, what));
  }
  [[noreturn]] void fail_expected(std::string_view expected) const {
    if (at_ == text_.size()) fail(fmt::format("the header ends, expected {}", expected));
    fail(fmt::format("found '{}' in the header, expected {}", shown(text_.substr(at_, 16)), expected));
  }

  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool accept(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail_expected(fmt::format("'{}'", c));
  }
  bool accept_word(std::string_view word) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  std::string_view string(std::string_view what) {
    skip_blanks();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fail_expected(fmt::format("{} in quotes", what));
    const std::size_t stop = text_.find(quote, at_ + 1);
    if (stop == std::string_view::npos) fail("found a quote that is never closed");
    const std::string_view inside = text_.substr(at_ + 1, stop - at_ - 1);
    at_ = stop + 1;
    return inside;
  }

  void entry(std::string_view name) {
    bool* const seen = name == "descr"           ? &descr_seen_
                       : name == "fortran_order" ? &order_seen_
                       : name == "shape"         ? &shape_seen_
                                                 : nullptr;
    if (seen == nullptr) {
      fail(fmt::format("found the entry '{}', expected descr, fortran_order and shape", shown(name)));
    }
    if (std::exchange(*seen, true)) fail(fmt::format("found the entry '{}' twice", name));
    expect(':');
    if (name == "descr") descr();
    if (name == "fortran_order") fortran_order();
    if (name == "shape") shape();
  }

  void fortran_order() {
    header_.fortran_order = accept_word("True");
    if (!header_.fortran_order && !accept_word("False")) fail_expected("True or False");
  }

  void shape() {
    expect('(');
    while (!accept(')')) {
      skip_blanks();
      std::uint64_t extent = 0;
      const char* const begin = text_.data() + at_;
      const std::from_chars_result read = std::from_chars(begin, text_.data() + text_.size(), extent);
      if (read.ec != std::errc()) fail_expected("an extent, 0 or more");
      if (header_.extents.size() == kMaxAxes) fail("the shape has too many axes");
      header_.extents.push_back(extent);
      at_ += static_cast<std::size_t>(read.ptr - begin);
      accept_word("L");  // Python 2 marked its long integers
      if (accept(')')) break;
      expect(',');
    }
  }

  void descr() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '[') {
      fail("found an array of records, expected an array of plain numbers");
    }
    const std::string_view text = string("the type of the numbers");
    const auto refuse = [&] {
      fail(fmt::format("found numbers of type '{}', expected b1, u1 to u8, i1 to i8, f2, f4 or f8",
                       shown(text)));
    };
    if (text.size() != 3) refuse();
    const char order = text[0], kind = text[1];
    const auto size = static_cast<std::size_t>(text[2] - '0');
    const bool whole = size == 1 || size == 2 || size == 4 || size == 8;
    const bool known = (kind == 'b' && size == 1) || ((kind == 'u' || kind == 'i') && whole) ||
                       (kind == 'f' && whole && size > 1);
    const bool ordered = order == '<' || order == '>' || (order == '|' && size == 1);
    if (!known || !ordered) refuse();
    header_.type = {kind == 'b'   ? ElementKind::boolean
                    : kind == 'u' ? ElementKind::unsigned_integer
                    : kind == 'i' ? ElementKind::signed_integer
                                  : ElementKind::floating,
                    size, order == '>' ? std::endian::big : std::endian::little};
  }

  std::string_view text_;
  const std::string& source_;
  std::size_t begin_, at_ = 0;
  Header header_{};
  bool descr_seen_ = false, order_seen_ = false, shape_seen_ = false;
};

}  // namespace

Header parse_header(std::string_view text, const std::string& source, std::size_t begin) {
  return Parser(text, source, begin).parse();
}

}  // namespace carousel::npy
