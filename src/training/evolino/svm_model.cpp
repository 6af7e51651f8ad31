#include "training/evolino/svm_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "kernels/activations.h"

namespace carousel {

namespace {

using Json = nlohmann::json;

/// k(v, z) of each support vector.
std::vector<double> kernel_values(const SvmModel& model, std::span<const double> x) {
  const std::size_t F = model.features(), N = F == 0 ? 0 : model.vectors.size() / F;
  std::vector<double> z(F), values(N);
  for (std::size_t f = 0; f < F; ++f) z[f] = (x[f] - model.mean[f]) * model.factor[f];
  for (std::size_t v = 0; v < N; ++v)
    for (std::size_t f = 0; f < F; ++f) {
      const double value = model.vectors[v * F + f], difference = value - z[f];
      values[v] += model.kernel == SvmKernel::linear ? value * z[f] : -model.gamma * difference * difference;
    }
  if (model.kernel == SvmKernel::rbf) kernels::exp(values.data(), values.data(), N);
  return values;
}

[[noreturn]] void refuse(const std::string& what) { throw ModelError("support vector machine: " + what); }

template <class Value>
Value member(const Json& json, const char* name) {
  if (!json.contains(name)) refuse(fmt::format("'{}' is missing", name));
  try {
    return json.at(name).get<Value>();
  } catch (const Json::exception&) {
    refuse(fmt::format("'{}' is of another kind than expected", name));
  }
}

std::vector<double> numbers(const Json& json, const char* name, std::size_t size) {
  auto values = member<std::vector<double>>(json, name);
  if (values.size() != size || !std::ranges::all_of(values, [](double v) { return std::isfinite(v); }))
    refuse(fmt::format("'{}' holds {} values, expected {} that are finite", name, values.size(), size));
  return values;
}

/// Whole numbers below 2^32.
std::vector<std::size_t> whole_numbers(const Json& json, const char* name) {
  const auto values = member<std::vector<double>>(json, name);
  std::vector<std::size_t> result;
  for (const double value : values) {
    if (!(value >= 0) || value >= 0x1p32 || value != std::floor(value))
      refuse(fmt::format("'{}' holds {} where a count or class is expected", name, value));
    result.push_back(static_cast<std::size_t>(value));
  }
  return result;
}

}  // namespace

const std::vector<std::string>& svm_kernel_names() {
  static const std::vector<std::string> names = {"linear", "rbf"};
  return names;
}

std::vector<double> svm_decisions(const SvmModel& model, std::span<const double> x) {
  const std::vector<double> k = kernel_values(model, x);
  const std::size_t K = model.classes.size(), N = k.size();
  std::vector<std::size_t> begin(K + 1);
  std::partial_sum(model.counts.begin(), model.counts.end(), begin.begin() + 1);
  std::vector<double> decisions;
  for (std::size_t i = 0; i < K; ++i)
    for (std::size_t j = i + 1; j < K; ++j) {
      double sum = 0;
      for (std::size_t v = begin[i]; v < begin[i + 1]; ++v) sum += model.coefficients[(j - 1) * N + v] * k[v];
      for (std::size_t v = begin[j]; v < begin[j + 1]; ++v) sum += model.coefficients[i * N + v] * k[v];
      decisions.push_back(sum - model.offsets[decisions.size()]);
    }
  return decisions;
}

std::size_t svm_class(const SvmModel& model, std::span<const double> x) {
  const std::vector<double> decisions = svm_decisions(model, x);
  std::vector<std::size_t> votes(model.classes.size());
  std::size_t pair = 0;
  for (std::size_t i = 0; i < votes.size(); ++i)
    for (std::size_t j = i + 1; j < votes.size(); ++j) ++votes[decisions[pair++] > 0 ? i : j];
  return model.classes[static_cast<std::size_t>(std::ranges::max_element(votes) - votes.begin())];
}

std::string to_text(const SvmModel& m) {
  return Json{{"kernel", svm_kernel_names()[static_cast<std::size_t>(m.kernel)]},
              {"gamma", m.gamma},
              {"mean", m.mean},
              {"factor", m.factor},
              {"classes", m.classes},
              {"counts", m.counts},
              {"vectors", m.vectors},
              {"coefficients", m.coefficients},
              {"offsets", m.offsets}}
      .dump();
}

SvmModel svm_model_from(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) refuse("expected a JSON object");
  SvmModel m;
  const auto kernel = std::ranges::find(svm_kernel_names(), member<std::string>(json, "kernel"));
  if (kernel == svm_kernel_names().end()) refuse("'kernel' is none of linear, rbf");
  m.kernel = static_cast<SvmKernel>(kernel - svm_kernel_names().begin());
  m.gamma = member<double>(json, "gamma");
  if (!(m.gamma >= 0) || !std::isfinite(m.gamma)) refuse("'gamma' is no number of at least 0");
  m.classes = whole_numbers(json, "classes"), m.counts = whole_numbers(json, "counts");
  const std::size_t K = m.classes.size();
  if (K < 2 || m.counts.size() != K || std::set(m.classes.begin(), m.classes.end()).size() != K)
    refuse(fmt::format("expected two different 'classes' or more and 'counts' of each, found {} and {}", K,
                       m.counts.size()));
  const std::size_t N = std::accumulate(m.counts.begin(), m.counts.end(), std::size_t{0});
  const std::size_t F = member<std::vector<double>>(json, "mean").size();
  if (F < 1 || N > text.size()) refuse("expected features, and as many 'vectors' as 'counts' say");
  m.mean = numbers(json, "mean", F), m.factor = numbers(json, "factor", F);
  m.vectors = numbers(json, "vectors", N * F);
  m.coefficients = numbers(json, "coefficients", (K - 1) * N);
  m.offsets = numbers(json, "offsets", K * (K - 1) / 2);
  return m;
}

}  // namespace carousel
