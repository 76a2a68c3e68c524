// The number of threads is each thread's own in OpenMP; at::set_num_threads would change it for threads to come as
// well.
#include "engine/one_thread.h"

#include <ATen/Parallel.h>
#include <omp.h>

namespace r1v {

// at::get_num_threads sets what ATen wants of a new thread once, so that it does not do so later.
OneThread::OneThread() : threads_before_(at::get_num_threads()) { omp_set_num_threads(1); }

OneThread::~OneThread() { omp_set_num_threads(threads_before_); }

}  // namespace r1v
