// A scan over time, shared out to threads: by sequences or, where there are fewer of them than threads, by
// blocks of the steps of each.
#pragma once

#include <algorithm>
#include <span>

#include "kernels/min_gates.h"
#include "layers/work_split.h"
#include "tensor/tensor.h"

namespace carousel {

/// Which way a scan goes through time.
enum class ScanOrder { forward, backward };

/// The time steps [begin, end) of the sequence in a slot.
struct SlotSteps {
  std::size_t slot, begin, end;
};

/// The steps [t_begin, t_end) of a ragged batch, cut into blocks by each sequence's own position.
class BlockScan {
 public:
  /// positions: for each slot the steps of a block that passed before step 0.
  BlockScan(const SequenceLayout& layout, std::span<const std::size_t> positions, std::size_t t_begin,
            std::size_t t_end, ScanOrder order)
      : layout_(layout), positions_(positions), t_begin_(t_begin), t_end_(t_end), order_(order) {}

  /// Calls run(steps, carry, carry_only) for all steps, each sequence's in order as far as a carry goes from
  /// one to the next. carries [slots, 4H]: in, before the first step, out, after the last; between: room for
  /// those of blocks. cut(steps): whether nothing of what goes into these steps comes out of them.
  template <class T, class Run, class Cut>
  void share(ThreadPool& pool, std::size_t multiply_adds, Tensor<T>& carries, Tensor<T>& between,
             const Run& run, const Cut& cut) const {
    const std::size_t slots = layout_.active(t_begin_), blocks = (t_end_ - t_begin_) / kernels::kMinBlock + 2,
                      parts = work_parts(pool, slots * blocks, multiply_adds);
    // Room even where this pass does not need it, for the pool is busy: the next may.
    if (slots < pool.threads()) between.resize({slots * blocks, carries.shape()[1]});
    if (slots >= parts)
      return split_slots(pool, layout_, t_begin_, t_end_, parts, [&](std::size_t slot, std::size_t end) {
        for (; slot < end; ++slot)
          run(SlotSteps{slot, t_begin_, end_of(slot)}, carries.matrix().row(slot), false);
      });
    const auto carry = [&](std::size_t slot, std::size_t block) {
      return between.matrix().row(slot * blocks + block);
    };
    const auto share_blocks = [&](auto&& task) {
      split_into(pool, slots * blocks, parts, [&](std::size_t at, std::size_t end) {
        for (; at < end; ++at)
          if (at % blocks < count(at / blocks)) task(at / blocks, at % blocks);
      });
    };
    // The first block knows what it begins with; of those behind it, only how they go on from zero.
    share_blocks([&](std::size_t slot, std::size_t block) {
      if (block == 0) std::ranges::copy(carries.matrix().row_span(slot), carry(slot, 0));
      if (block > 0) std::fill_n(carry(slot, block), carries.shape()[1], T(0));
      if (block == 0 || block + 1 < count(slot)) run(steps(slot, block), carry(slot, block), block > 0);
    });
    for (std::size_t slot = 0; slot < slots; ++slot)
      join(slot, carry, carries.shape()[1] / kernels::kMinCarries, cut);
    share_blocks([&](std::size_t slot, std::size_t block) {
      if (block > 0) run(steps(slot, block), carry(slot, block), false);
    });
    for (std::size_t slot = 0; slot < slots; ++slot)
      std::ranges::copy(between.matrix().row_span(slot * blocks + count(slot) - 1),
                        carries.matrix().row(slot));
  }

  /// Steps of the block of step t that are not done when a scan comes to it.
  std::size_t left(std::size_t slot, std::size_t t) const noexcept {
    const std::size_t done = (positions_[slot] + t) % kernels::kMinBlock;
    return order_ == ScanOrder::forward ? kernels::kMinBlock - done : done + 1;
  }

 private:
  std::size_t end_of(std::size_t slot) const noexcept {
    return std::min(t_end_, layout_.length(layout_.sequence(slot)));
  }
  /// Where the block ends that step t_begin is in.
  std::size_t first_border(std::size_t slot) const noexcept {
    return t_begin_ + kernels::kMinBlock - (positions_[slot] + t_begin_) % kernels::kMinBlock;
  }
  std::size_t count(std::size_t slot) const noexcept {
    const std::size_t border = first_border(slot), end = end_of(slot);
    return end <= border ? 1 : 1 + (end - border + kernels::kMinBlock - 1) / kernels::kMinBlock;
  }
  /// Of the block that a scan comes to after so many others.
  SlotSteps steps(std::size_t slot, std::size_t block) const noexcept {
    const std::size_t after = order_ == ScanOrder::forward ? block : count(slot) - 1 - block,
                      end = first_border(slot) + after * kernels::kMinBlock;
    return {slot, after == 0 ? t_begin_ : end - kernels::kMinBlock, std::min(end, end_of(slot))};
  }
  /// Makes v of each block's carry but the first what the block begins with.
  template <class Carry, class Cut>
  void join(std::size_t slot, const Carry& carry, std::size_t H, const Cut& cut) const {
    const std::size_t blocks = count(slot);
    if (blocks > 1) std::copy_n(carry(slot, 0), H, carry(slot, 1) + H);
    for (std::size_t block = 1; block < blocks; ++block) {
      auto* here = carry(slot, block);
      if (block + 1 < blocks && cut(steps(slot, block))) {
        std::copy_n(here, H, carry(slot, block + 1) + H);
      } else if (block + 1 < blocks) {
        kernels::min_scan_join(H, here, carry(slot, block + 1) + H);
      }
      std::copy_n(here + H, H, here);
    }
  }

  const SequenceLayout& layout_;
  std::span<const std::size_t> positions_;
  std::size_t t_begin_, t_end_;
  ScanOrder order_;
};

}  // namespace carousel
