// Requests under way: who may end them, when they have had their time, and work that follows them.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/service.h"

namespace r1v {

/// Why a request was ended from outside.
enum class CutBy { nobody, client, time, gone };

/// The questions of one request, together. Any thread.
class RunningAnswer {
 public:
  /// A question that has been asked; ended at once where the request has been.
  void add(std::shared_ptr<AnswerTicket> ticket);
  void cut(CutBy by);
  void end_thinking();
  /// Nothing is done to it any more.
  void release();
  CutBy cut_by() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<AnswerTicket>> tickets_;
  CutBy cut_by_ = CutBy::nobody;
  bool ends_thinking_ = false;
};

/// Any thread; one thread of its own watches the clock and does what is posted.
class RunningRequests {
 public:
  RunningRequests();
  ~RunningRequests();

  /// Until the returned handle goes, the request can be found by its key's name and id, and has so many seconds.
  std::shared_ptr<void> add(const std::string& key_name, const std::string& id, std::shared_ptr<RunningAnswer> answer,
                            double seconds);
  /// The same key's requests of that id: clients may use one twice.
  std::vector<std::shared_ptr<RunningAnswer>> find(const std::string& key_name, const std::string& id) const;
  /// Done soon, in order, on the thread here; throws nothing.
  void post(std::function<void()> work);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace r1v
