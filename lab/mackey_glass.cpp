#include "lab/mackey_glass.h"

namespace carousel::lab {

namespace {

class Solution {
 public:
  explicit Solution(const MackeyGlass& equation)
      : equation_(equation),
        step_(1.0 / static_cast<double>(equation.steps_of_a_unit)),
        delay_(equation.tau * equation.steps_of_a_unit),
        x_{equation.before},
        slopes_{slope(equation.before, equation.before)} {}

  void advance() {
    const double x = x_.back(), middle = delayed_middle(), end = delayed(1);
    const double k1 = slopes_.back(), k2 = slope(x + step_ / 2 * k1, middle),
                 k3 = slope(x + step_ / 2 * k2, middle), k4 = slope(x + step_ * k3, end);
    x_.push_back(x + step_ / 6 * (k1 + 2 * k2 + 2 * k3 + k4));
    slopes_.push_back(slope(x_.back(), end));
  }
  double value(std::size_t unit) const { return x_[unit * equation_.steps_of_a_unit]; }

 private:
  static double slope(double x, double delayed) {
    const double square = delayed * delayed, fourth = square * square;
    return 0.2 * delayed / (1 + fourth * fourth * square) - 0.1 * x;
  }
  /// x at tau before so many steps from now.
  double delayed(std::size_t ahead) const {
    const std::size_t now = x_.size() - 1 + ahead;
    return now <= delay_ ? equation_.before : x_[now - delay_];
  }
  /// And half a step from now.
  double delayed_middle() const {
    const std::size_t now = x_.size() - 1;
    if (now < delay_) return equation_.before;
    const std::size_t left = now - delay_;
    return (x_[left] + x_[left + 1]) / 2 + step_ / 8 * (slopes_[left] - slopes_[left + 1]);
  }

  MackeyGlass equation_;
  double step_;
  std::size_t delay_;
  std::vector<double> x_, slopes_;  // one an integration step
};

}  // namespace

std::vector<double> mackey_glass(const MackeyGlass& equation, std::size_t first, std::size_t count) {
  Solution solution(equation);
  std::vector<double> values;
  for (std::size_t unit = 0; unit < first + count; ++unit) {
    if (unit >= first) values.push_back(solution.value(unit));
    for (std::size_t i = 0; i < equation.steps_of_a_unit; ++i) solution.advance();
  }
  return values;
}

}  // namespace carousel::lab
