#include "tasks/pretrained.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tasks/run_folder.h"

namespace carousel {
namespace {

/// Does a model's file say that the numbers of its symbols stand for the same?
bool has_same(const Metadata& metadata, const char* which, const Vocabulary& vocabulary) {
  const auto found = metadata.find("coding");
  if (found == metadata.end()) return false;
  const auto coding = nlohmann::json::parse(found->second, nullptr, false);
  return coding.is_object() && coding.contains(which) &&
         coding.at(which) == nlohmann::json::parse(vocabulary.text());
}

/// Where weights stand that belong to symbols.
struct SymbolRows {
  std::string targets, symbols;  // beginnings of names
  std::string written;           // of a transducer: targets, once more
};
SymbolRows symbol_rows(const Network<float>& network) {
  return {fmt::format("layers.{}.", network.spec().size() - 1), "layers.0.", ""};
}
SymbolRows symbol_rows(const Transducer<float>&) { return {"output.", "encoder.0.", "embedding."}; }
SymbolRows symbol_rows(const EncoderDecoder<float>&) { return {"output.", "encoder.0.", "embedding."}; }

bool begins(const std::string& name, const std::string& beginning) {
  return !beginning.empty() && name.starts_with(beginning);
}

/// One model's weights for another.
class Donor {
 public:
  Donor(const AnyLoadedModel<float>& loaded, const SequenceCoding& coding) {
    std::visit(
        [&](const auto& one) {
          weights_ = &one.network;
          rows_ = symbol_rows(one.network);
          same_targets_ = has_same(one.metadata, "targets", coding.targets);
          same_symbols_ = has_same(one.metadata, "symbols", coding.symbols);
        },
        loaded);
  }

  /// The weights for a parameter of a model with these rows; none if there are none.
  std::span<const float> weights_for(const Parameter& wanted, const SymbolRows& rows,
                                     bool reads_symbols) const {
    const bool of_targets = begins(wanted.name, rows.targets) || begins(wanted.name, rows.written);
    if (of_targets && !same_targets_) return {};
    if (reads_symbols && begins(wanted.name, rows.symbols) && !same_symbols_) return {};
    constexpr std::string_view kEncoder = "encoder.";
    const std::string in_network =
        wanted.name.starts_with(kEncoder) ? "layers." + wanted.name.substr(kEncoder.size()) : wanted.name;
    for (const Parameter& one : weights_->parameters().all()) {
      if (one.shape != wanted.shape || (one.name != wanted.name && one.name != in_network)) continue;
      if (begins(one.name, rows_.targets) == begins(wanted.name, rows.targets))
        return weights_->weights().subspan(one.offset, one.shape.size());
    }
    return {};
  }

 private:
  const Weighted<float>* weights_ = nullptr;
  SymbolRows rows_;
  bool same_targets_ = false, same_symbols_ = false;
};

}  // namespace

template <class Net>
std::size_t begin_with(Net& network, const SequenceCoding& coding, const std::string& path) {
  const std::string file = model_file(path);
  const AnyLoadedModel<float> loaded = load_any_model<float>(file);
  const Donor donor(loaded, coding);
  const SymbolRows rows = symbol_rows(network);
  std::size_t taken = 0;
  network.update_weights([&](std::span<float> weights) {
    for (const Parameter& parameter : network.parameters().all()) {
      const std::span<const float> from = donor.weights_for(parameter, rows, coding.of_symbols());
      std::ranges::copy(from, weights.subspan(parameter.offset).begin());
      taken += from.size();
    }
  });
  if (taken == 0)
    throw SettingError(fmt::format(
        "pretrained: {} has no weights that fit: none of its layers stands at the same place and is of the "
        "same size; carousel inspect shows them",
        file));
  return taken;
}

template std::size_t begin_with(Network<float>&, const SequenceCoding&, const std::string&);
template std::size_t begin_with(Transducer<float>&, const SequenceCoding&, const std::string&);

}  // namespace carousel
