// A model's side of the compute thread. Torch-free.
#pragma once

namespace r1v {

class ModelHost {
 public:
  virtual ~ModelHost() = default;

  // Of the compute thread:

  /// One pass, or nothing where nobody asks. Whether it did something. Throws nothing.
  virtual bool turn() = 0;
  /// Everybody under way or in line is told that it ends here.
  virtual void end_all() = 0;

  // Of any thread:

  /// Takes nothing new.
  virtual void close() = 0;
  /// Nobody is under way or in line.
  virtual bool is_idle() const = 0;
};

}  // namespace r1v
