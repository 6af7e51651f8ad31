#include "training/evolino/svm.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <libsvm/svm.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>

namespace carousel {

namespace {

void check(View<const double> x, std::span<const std::size_t> classes, const SvmOptions& o) {
  if (!(o.cost > 0) || !std::isfinite(o.cost))
    throw SettingError(fmt::format("cost: found {}, expected a number above 0", o.cost));
  if (!(o.gamma >= 0) || !std::isfinite(o.gamma))
    throw SettingError(fmt::format("gamma: found {}, expected a number of at least 0", o.gamma));
  constexpr std::size_t kMost = std::numeric_limits<int>::max();
  if (x.rows() != classes.size() || x.rows() > kMost || x.columns() < 1 || x.columns() >= kMost ||
      std::ranges::any_of(classes, [](std::size_t c) { return c > kMost; }))
    throw Error(fmt::format("[train_svm] expected a class for each of the rows, got {} for [{}, {}]",
                            classes.size(), x.rows(), x.columns()));
  if (std::set(classes.begin(), classes.end()).size() < 2)
    throw Error("[train_svm] expected rows of two classes or more");
}

/// Means and the inverse of deviations; 0 for what is always the same.
void measure(View<const double> x, SvmModel& model) {
  const double n = static_cast<double>(x.rows());
  for (std::size_t f = 0; f < x.columns(); ++f) {
    double sum = 0, squares = 0;
    for (std::size_t r = 0; r < x.rows(); ++r) sum += x(r, f);
    for (std::size_t r = 0; r < x.rows(); ++r) squares += (x(r, f) - sum / n) * (x(r, f) - sum / n);
    const double factor = 1 / std::sqrt(squares / n);
    model.mean.push_back(sum / n), model.factor.push_back(std::isfinite(factor) ? factor : 0);
  }
}

/// LIBSVM's form of rows: pairs of a feature's number, from 1, and its value, the last with the number -1.
class Nodes {
 public:
  Nodes(View<const double> x, const SvmModel& model) : nodes_(x.rows() * (x.columns() + 1)) {
    for (std::size_t r = 0; r < x.rows(); ++r) {
      svm_node* row = nodes_.data() + r * (x.columns() + 1);
      for (std::size_t f = 0; f < x.columns(); ++f)
        row[f] = {static_cast<int>(f + 1), (x(r, f) - model.mean[f]) * model.factor[f]};
      row[x.columns()] = {-1, 0};
      rows_.push_back(row);
    }
  }
  svm_node** rows() { return rows_.data(); }

 private:
  std::vector<svm_node> nodes_;
  std::vector<svm_node*> rows_;
};

struct Destroy {
  void operator()(svm_model* model) const { svm_free_and_destroy_model(&model); }
};

svm_parameter parameters(const SvmOptions& options, double gamma) {
  svm_parameter p = {};
  p.svm_type = C_SVC;
  p.kernel_type = options.kernel == SvmKernel::linear ? LINEAR : RBF;
  p.gamma = gamma, p.C = options.cost;
  p.cache_size = 64, p.eps = 1e-3, p.shrinking = 1;
  return p;
}

void copy(const svm_model& from, SvmModel& to) {
  const auto K = static_cast<std::size_t>(from.nr_class), N = static_cast<std::size_t>(from.l);
  to.classes.assign(from.label, from.label + K);
  to.counts.assign(from.nSV, from.nSV + K);
  to.offsets.assign(from.rho, from.rho + K * (K - 1) / 2);
  for (std::size_t i = 0; i + 1 < K; ++i)
    to.coefficients.insert(to.coefficients.end(), from.sv_coef[i], from.sv_coef[i] + N);
  for (std::size_t v = 0; v < N; ++v)
    for (std::size_t f = 0; f < to.features(); ++f) to.vectors.push_back(from.SV[v][f].value);
}

}  // namespace

SvmModel train_svm(View<const double> x, std::span<const std::size_t> classes, const SvmOptions& options) {
  check(x, classes, options);
  SvmModel model;
  model.kernel = options.kernel;
  if (model.kernel == SvmKernel::rbf)
    model.gamma = options.gamma > 0 ? options.gamma : 1 / static_cast<double>(x.columns());
  measure(x, model);
  Nodes nodes(x, model);
  std::vector<double> labels(classes.begin(), classes.end());
  const svm_problem problem = {static_cast<int>(x.rows()), labels.data(), nodes.rows()};
  const svm_parameter p = parameters(options, model.gamma);
  svm_set_print_string_function([](const char*) {});  // it would print as it goes
  const std::unique_ptr<svm_model, Destroy> trained(svm_train(&problem, &p));
  copy(*trained, model);
  return model;
}

}  // namespace carousel
