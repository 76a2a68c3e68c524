// How many bytes of request bodies a server may hold, and who holds them.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace r1v {

/// Bytes of request bodies that the server holds at a time, all together.
class BodyMemory {
 public:
  explicit BodyMemory(size_t max_bytes) : max_bytes_(max_bytes) {}

  /// A share that gives back what it holds when it goes, on any thread.
  class Share {
   public:
    explicit Share(std::shared_ptr<BodyMemory> memory) : memory_(std::move(memory)) {}
    ~Share() { memory_->held_bytes_ -= bytes_; }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    /// false: too much is held.
    bool grow_to(size_t bytes) {
      const size_t more = bytes - bytes_;
      bytes_ = bytes;
      return memory_->held_bytes_.fetch_add(more) + more <= memory_->max_bytes_;
    }

   private:
    const std::shared_ptr<BodyMemory> memory_;
    size_t bytes_ = 0;
  };

 private:
  const size_t max_bytes_;
  std::atomic<size_t> held_bytes_ = 0;
};

}  // namespace r1v
