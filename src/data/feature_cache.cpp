#include "data/feature_cache.h"

#include <utility>

namespace carousel {

FeatureCache::FeatureCache(const Examples& examples, std::size_t most_bytes)
    : examples_(examples), most_bytes_(most_bytes), places_(examples.list().size()) {}

std::shared_ptr<const Features> FeatureCache::get(std::size_t index) const {
  {
    const std::lock_guard lock(mutex_);
    if (Place& place = places_.at(index); place.features != nullptr) {
      order_.splice(order_.begin(), order_, place.used);
      return place.features;
    }
  }
  auto read = std::make_shared<const Features>(examples_.read(index));
  const std::size_t bytes = bytes_of(*read);
  const std::lock_guard lock(mutex_);
  Place& place = places_[index];
  if (place.features != nullptr || bytes > most_bytes_) return read;  // another thread was faster
  make_room(bytes);
  order_.push_front(index);
  place = {read, order_.begin()};
  bytes_ += bytes;
  return read;
}

void FeatureCache::make_room(std::size_t bytes) const {
  while (bytes_ + bytes > most_bytes_) {
    Place& last = places_[order_.back()];
    bytes_ -= bytes_of(*last.features);
    last.features.reset();
    order_.pop_back();
  }
}

std::size_t FeatureCache::bytes() const noexcept {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace carousel
