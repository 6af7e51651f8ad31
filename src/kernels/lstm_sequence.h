// A small LSTM for one sequence: a stream, or a batch of one. A step of it takes so little that the way from
// function to function would cost as much as the arithmetic, so products, gates and the loop over time are
// one kernel. Same bits as kernels/gemm.h and kernels/lstm_gates.h together.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/packed_matrix.h"

namespace carousel::kernels {

/// So many time steps of one sequence; rows lie side by side.
template <class T>
struct LstmSteps {
  std::size_t count;
  const T* x;  ///< [count, F]
  const T*
      products;  ///< [count, 4H] b + W x; or null: then they are made here, the faster way with few inputs
  const T* h;    ///< [H] of the step before
  T* c;          ///< [H] in and out
  T* y;          ///< [count, H]
};

/// The weights of a cell in the order in which one sequence needs them: for a few vectors of columns at a
/// time b, then W and R row by row. Read from one end to the other, they stream faster than several panels.
template <class T>
class LstmSequence {
 public:
  LstmSequence() = default;
  LstmSequence(LstmSequence&&) noexcept =
      default;  // groups point into the vectors below, which a copy would not
  LstmSequence& operator=(LstmSequence&&) noexcept = default;

  static constexpr std::size_t kMostHidden = 128;

  /// Up to kMostHidden units, with R of at most 256 KiB, so that it stays in a second-level cache, and inputs
  /// of one block of k (kBlockK).
  static bool takes(std::size_t inputs, std::size_t hidden) noexcept;

  /// input [F, 4H] and recurrent [H, 4H] packed in four parts on one target; bias [4H]. No allocation for a
  /// size had before.
  void pack(const PackedMatrix<T>& input, const PackedMatrix<T>& recurrent, const T* bias);
  void run(LstmSteps<T> steps) const noexcept;

  /// Some vectors of columns, and the units that are complete with them.
  struct Group {
    const typename PackedMatrix<T>::Columns* columns;
    std::size_t vectors, unit, units;
    const T* weights;  ///< [1 + F + H] rows of so many vectors
  };
  const std::vector<Group>& groups() const noexcept { return groups_; }
  std::size_t inputs() const noexcept { return inputs_; }
  std::size_t hidden() const noexcept { return hidden_; }

 private:
  std::size_t inputs_ = 0, hidden_ = 0, target_ = 0;
  std::vector<typename PackedMatrix<T>::Columns> columns_;
  std::vector<Group> groups_;
  AlignedVector<T> weights_;
};

}  // namespace carousel::kernels
