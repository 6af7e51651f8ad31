// A language model beside a prefix search: how likely a transcription's next symbol is after those before it.
#pragma once

#include <memory>
#include <string>

#include "model/ctc_beam_search.h"
#include "tasks/language_model.h"
#include "tasks/sequence_model.h"

namespace carousel {

/// The model of a run of `generate`, or of a model file, to read texts of this coding by: one of characters
/// for texts of characters, one of words for those of words. A symbol that it does not know is as likely as
/// its unknown one. Throws FileError, ModelError; SettingError for a model that tells something else, or
/// knows none of the symbols.
std::unique_ptr<const SymbolModel> load_symbol_model(const std::string& path, const SequenceCoding& coding);

}  // namespace carousel
