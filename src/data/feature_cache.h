// Features of examples kept as long as there is room, so that data larger than memory can be learned from.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "data/examples.h"

namespace carousel {

/// The ones used last stay. For any number of threads. The examples must outlive it.
class FeatureCache {
 public:
  static constexpr std::size_t kBytes = std::size_t{512} << 20;

  explicit FeatureCache(const Examples& examples, std::size_t most_bytes = kBytes);

  /// Throws as Examples::read.
  std::shared_ptr<const Features> get(std::size_t index) const;
  /// Bytes of all that are kept; of one that is larger than the room, none.
  std::size_t bytes() const noexcept;

 private:
  struct Place {
    std::shared_ptr<const Features> features;  // null: not here
    std::list<std::size_t>::iterator used;
  };
  static std::size_t bytes_of(const Features& features) noexcept {
    return sizeof(Features) + features.values.size() * sizeof(float);
  }
  void make_room(std::size_t bytes) const;

  const Examples& examples_;
  std::size_t most_bytes_;
  mutable std::mutex mutex_;  // of what follows
  mutable std::vector<Place> places_;
  mutable std::list<std::size_t> order_;  // the one used last in front
  mutable std::size_t bytes_ = 0;
};

}  // namespace carousel
