// The only place that reads a clock.
#pragma once

namespace r1v {

/// Seconds since an arbitrary fixed point, monotonic.
double monotonic_s();
/// Seconds since 1970, for run logs.
double unix_time_s();

}  // namespace r1v
