// Numbers for charts: short text, ticks, smoothing, the nearest point. Pure functions, no document.
'use strict';

// 0.123456 -> "0.1235", 1234567 -> "1.235e6"; whole numbers below a million stay whole.
function shortNumber(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '\u2013';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(3).replace(/\.?0+e/, 'e').replace('e+', 'e');
  return String(Number(value.toPrecision(4)));
}

// Exponential moving average whose start is not drawn towards zero; weight 0 changes nothing, 0.99 nearly all.
function smoothed(values, weight) {
  if (weight <= 0) return values;
  const out = [];
  let sum = 0;
  let share = 0;
  for (const value of values) {
    sum = weight * sum + (1 - weight) * value;
    share = weight * share + (1 - weight);
    out.push(sum / share);
  }
  return out;
}

// Round numbers 1, 2, 5 x 10^n inside [low, high], about `count` of them.
function linearTicks(low, high, count) {
  const rough = (high - low) / count;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

// Powers of ten inside [low, high], both above zero; with 2 and 5 between them where they are few.
function logTicks(low, high, count) {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const inside = (tick) => tick >= low * 0.999999 && tick <= high * 1.000001;
  const stride = Math.max(1, Math.round((last - first) / (count + 1)));
  const powers = [];
  for (let i = first; i <= last; i += 1) {
    if (i % stride === 0) powers.push(Number(`1e${i}`));
  }
  if (stride > 1 || powers.filter(inside).length >= 3) return powers.filter(inside);
  const finer = powers.flatMap((power) => [power, 2 * power, 5 * power]).filter(inside);
  return finer.length >= 2 ? finer : linearTicks(low, high, count);
}

// Index of the step nearest to `step` in a rising list; -1 for an empty one.
function nearestIndex(steps, step) {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low > 0 && step - steps[low - 1] <= steps[low] - step ? low - 1 : high < 0 ? -1 : low;
}

// [lowest, highest] of lists of numbers, a little wider than what they hold; with `isLog` only of those above zero.
// null: there are none.
function extentOf(lists, isLog) {
  let low = Infinity;
  let high = -Infinity;
  for (const list of lists) {
    for (const value of list) {
      if (isLog && value <= 0) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return null;
  if (isLog) return low === high ? [low / 2, high * 2] : [low / (high / low) ** 0.04, high * (high / low) ** 0.04];
  const margin = low === high ? Math.abs(low) / 10 || 1 : (high - low) * 0.04;
  return [low - margin, high + margin];
}
