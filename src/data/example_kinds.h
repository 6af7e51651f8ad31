// Opens examples of each kind; see data/examples.h, whose open_examples finds out which it is.
#pragma once

#include <carousel/error.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/csv.h"
#include "data/examples.h"

namespace carousel {

/// Examples some of which cannot be learned from, which is told when they are read.
class SpoilableExamples : public Examples {
 public:
  /// The last one cannot be learned from; read() throws this text, the first one.
  void spoil(std::string why) { wrong_.emplace(list_.size() - 1, std::move(why)); }

 protected:
  void check_good(std::size_t index) const {
    const auto wrong = wrong_.find(index);
    if (wrong != wrong_.end()) throw DataError(wrong->second);
  }

 private:
  std::map<std::size_t, std::string> wrong_;
};

/// All features in memory.
class MemoryExamples final : public SpoilableExamples {
 public:
  Features read(std::size_t index) const override {
    check_good(index);
    return features_.at(index);
  }

  std::vector<Example>& examples() noexcept { return list_; }
  std::vector<std::string>& word_list() noexcept { return words_; }
  std::vector<std::string>& symbol_list() noexcept { return symbols_; }
  void set_target(const CsvReader& reader, std::optional<std::size_t> column) {
    if (column) target_ = reader.columns()[*column].name;
  }
  void set_columns(std::vector<std::string> names) { columns_ = std::move(names); }
  void add(Example example, Features features) {
    list_.push_back(std::move(example));
    features_.push_back(std::move(features));
  }
  /// Of the last one.
  Features& last() { return features_.back(); }

 private:
  std::vector<Features> features_;
};

/// "train", "training"; "validation", "valid", "dev"; "test"; "": any. Nothing for anything else.
std::optional<ExamplePart> find_part(std::string_view text);
/// The same; throws DataError that begins with `place` for anything else.
ExamplePart parse_part(std::string_view text, const std::string& place);

/// The column with what examples are: `asked`, or the one with a usual name, or the last; none where there
/// need not be one.
std::optional<std::size_t> target_column(const CsvReader& reader, const ExampleOptions& options);
/// The column called one of these, in whatever case; nothing where there is none.
std::optional<std::size_t> column_named(const CsvReader& reader,
                                        std::initializer_list<std::string_view> names);

/// What a number is called as a class or label: 3 is "3", 2.5 is "2.5".
std::string number_word(float value);

/// How a manifest is written: blanks part nothing in it, for they stand in paths.
CsvOptions manifest_form(const std::string& path);

std::unique_ptr<Examples> open_manifest(const std::string& path, const ExampleOptions& options);
std::unique_ptr<Examples> open_folders(const std::string& path, const ExampleOptions& options);
std::unique_ptr<Examples> open_file(const std::string& path, const ExampleOptions& options);
std::unique_ptr<Examples> open_series(const std::string& path, const ExampleOptions& options);
std::unique_ptr<Examples> open_rows(const std::string& path, const ExampleOptions& options);
std::unique_ptr<Examples> open_tokens(const std::string& path, const ExampleOptions& options);
std::unique_ptr<Examples> open_json(const std::string& path, const ExampleOptions& options);
std::unique_ptr<Examples> open_pen(const std::string& path, const ExampleOptions& options);
std::unique_ptr<Examples> open_idx(const std::string& path, const ExampleOptions& options);
std::unique_ptr<Examples> open_arrays(const std::string& path, const ExampleOptions& options);
std::unique_ptr<Examples> open_netcdf(const std::string& path, const ExampleOptions& options);

}  // namespace carousel
