// Paged attention: against hand arithmetic, its definition, and itself in other company.
#include "kernels/paged_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "base/error.h"
#include "kernels/gradients_testing.h"
#include "kernels/instruction_set.h"
#include "kernels/paged_attention_loops.h"

namespace r1v {
namespace {

constexpr KvFormat kFormats[] = {KvFormat::float32, KvFormat::bfloat16, KvFormat::int8};

struct NamedLoops {
  const char* name;
  const PagedAttentionLoops* loops;
};

/// All tables that this machine runs.
std::vector<NamedLoops> all_loops() {
  std::vector<NamedLoops> all{{"plain", &kPagedAttentionLoopsPlain}};
  if (instruction_set() != InstructionSet::none) all.push_back({"avx2", &kPagedAttentionLoopsAvx2});
  if (instruction_set() == InstructionSet::avx512) all.push_back({"avx512", &kPagedAttentionLoopsAvx512});
  return all;
}

struct Heads {
  int64_t kv_heads, group, width;
  int64_t count() const { return kv_heads * group; }
};

struct Part {
  int64_t past, rows;
};

/// Sequences of random keys and values in shuffled blocks, and random queries for their last rows.
struct Batch {
  Batch(KvFormat format, Heads heads_, std::vector<Part> parts_, uint64_t seed = 1)
      : heads(heads_),
        parts(std::move(parts_)),
        pool({.format = format, .num_layers = 2, .num_kv_heads = heads.kv_heads, .head_width = heads.width},
             blocks_of(parts)) {
    at::manual_seed(seed);
    std::vector<int32_t> free(static_cast<size_t>(pool.blocks()));
    std::iota(free.begin(), free.end(), 0);
    std::shuffle(free.begin(), free.end(), std::mt19937_64(seed));
    int64_t rows = 0;
    for (const Part& part : parts) {
      const auto blocks = static_cast<size_t>(blocks_of({part}));
      tables.emplace_back(free.end() - static_cast<std::ptrdiff_t>(blocks), free.end());
      free.resize(free.size() - blocks);
      keys.push_back(at::randn({part.past + part.rows, heads.kv_heads, heads.width}));
      values.push_back(at::randn({part.past + part.rows, heads.kv_heads, heads.width}));
      write(tables.size() - 1);
      rows += part.rows;
    }
    q_TQH = at::randn({rows, heads.count(), heads.width});
  }

  static int64_t blocks_of(const std::vector<Part>& parts) {
    int64_t blocks = 0;
    for (const Part& part : parts) blocks += (part.past + part.rows + kKvBlockTokens - 1) / kKvBlockTokens;
    return blocks;
  }

  void write(size_t i) {
    pool.write(1, tables[i], 0, keys[i].size(0), keys[i].const_data_ptr<float>(), values[i].const_data_ptr<float>(),
               heads.kv_heads * heads.width);
  }

  std::vector<PagedSpan> spans() const {
    std::vector<PagedSpan> all;
    for (size_t i = 0; i < parts.size(); ++i) all.push_back({tables[i], parts[i].past, parts[i].rows});
    return all;
  }

  at::Tensor attend(const PagedAttentionLoops& loops, const std::vector<PagedSpan>& spans, const at::Tensor& q) const {
    at::Tensor out = at::full(q.sizes(), NAN);
    const int64_t stride = heads.count() * heads.width;
    paged_attention_with(loops, {.pool = pool,
                                 .layer = 1,
                                 .spans = spans,
                                 .num_heads = heads.count(),
                                 .q = q.const_data_ptr<float>(),
                                 .q_stride = stride,
                                 .out = out.data_ptr<float>(),
                                 .out_stride = stride});
    return out;
  }
  at::Tensor attend(const PagedAttentionLoops& loops) const { return attend(loops, spans(), q_TQH); }

  at::Tensor definition() const {
    at::Tensor out = at::full(q_TQH.sizes(), NAN);
    const int64_t stride = heads.count() * heads.width;
    paged_attention_reference(pool, 1, spans(), heads.count(), q_TQH.const_data_ptr<float>(), stride,
                              out.data_ptr<float>(), stride);
    return out;
  }

  Heads heads;
  std::vector<Part> parts;
  KvPool pool;
  std::vector<std::vector<int32_t>> tables;
  std::vector<at::Tensor> keys, values;
  at::Tensor q_TQH;
};

/// Beside int8, queries and weights have 16 bits; else what 24 bits lose in sums of some thousand numbers.
double tolerance(KvFormat format) { return format == KvFormat::int8 ? 2e-4 : 1e-5; }

void check(KvFormat format, Heads heads, const std::vector<Part>& parts) {
  const Batch batch(format, heads, parts);
  const at::Tensor expected = batch.definition();
  for (const NamedLoops& named : all_loops()) {
    expect_near(batch.attend(*named.loops), expected, tolerance(format),
                cat(named.name, " ", format_name(format), ", ", heads.kv_heads, " heads of ", heads.width,
                    ", group of ", heads.group));
  }
}

TEST(PagedAttention, AveragesTheValuesSoFarWhenKeysAreEqual) {
  // Values 0, 1, 2, ...: row r sees the mean r / 2 of what stands before and at it.
  Batch batch(KvFormat::float32, {1, 2, 16}, {{0, 70}});
  batch.keys[0] = at::ones({70, 1, 16});
  batch.values[0] = at::arange(70, at::kFloat).view({70, 1, 1}).expand({70, 1, 16}).contiguous();
  batch.write(0);
  for (const NamedLoops& named : all_loops()) {
    const at::Tensor out = batch.attend(*named.loops);
    expect_near(out.select(1, 1).select(1, 7), at::arange(70, at::kDouble) / 2, 1e-6, named.name);
  }
  expect_near(batch.definition().select(1, 0).select(1, 0), at::arange(70, at::kDouble) / 2, 1e-6, "definition");
}

TEST(PagedAttention, GivesTheValueOfATokenThatIsAlone) {
  for (const NamedLoops& named : all_loops()) {
    const Batch batch(KvFormat::float32, {2, 1, 32}, {{0, 1}});
    EXPECT_TRUE(at::equal(batch.attend(*named.loops), batch.values[0])) << named.name;
  }
}

TEST(PagedAttention, MatchesItsDefinitionForEveryWidthAndGroup) {
  const std::vector<Part> parts{{0, 1}, {0, 33}, {40, 1}, {90, 20}};
  for (const KvFormat format : kFormats) {
    for (const int64_t width : {16, 32, 64, 80, 128}) check(format, {2, 7, width}, parts);
    for (const int64_t group : {1, 2, 3, 5, 8, 12, 70}) check(format, {2, group, 16}, parts);
  }
}

TEST(PagedAttention, MatchesItsDefinitionAroundTheEndsOfBlocksAndSegments) {
  std::vector<Part> parts;
  for (const int64_t edge : {31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 2049}) {
    parts.push_back({edge - 1, 1});
    parts.push_back({edge - 3, 5});
  }
  for (const KvFormat format : kFormats) check(format, {2, 7, 64}, parts);
}

TEST(PagedAttention, MatchesItsDefinitionForLongPrompts) {
  for (const KvFormat format : kFormats) check(format, {1, 2, 32}, {{0, 1100}, {1500, 700}});
}

TEST(PagedAttention, MatchesItsDefinitionForScoresFarApart) {
  Batch batch(KvFormat::float32, {1, 2, 64}, {{0, 80}, {1200, 3}});
  batch.q_TQH *= 40;  // scores of some hundreds: most weights vanish
  const at::Tensor expected = batch.definition();
  for (const NamedLoops& named : all_loops()) expect_near(batch.attend(*named.loops), expected, 2e-4, named.name);
}

TEST(PagedAttention, SeesInt8AsCloseAsItsRoundingAllows) {
  // A key is off by at most |k| / 254, so a score by e = |q|_1 max|k| / (254 sqrt(H)), and a weight by a factor of
  // exp(2 e) at most; a value is off by max|v| / 254.
  const Batch exact(KvFormat::float32, {2, 2, 64}, {{300, 20}}), rounded(KvFormat::int8, {2, 2, 64}, {{300, 20}});
  const double k = exact.keys[0].abs().max().item<double>(), v = exact.values[0].abs().max().item<double>();
  const double q = exact.q_TQH.abs().sum(-1).max().item<double>();
  const double bound = v * (std::expm1(2 * q * k / (254 * 8)) + 1.0 / 254);
  const PagedAttentionLoops& loops = paged_attention_loops();
  const double off = (exact.attend(loops) - rounded.attend(loops)).abs().max().item<double>();
  EXPECT_LE(off, bound);
  EXPECT_LE(off, 0.02);  // far below the worst case: roundings average out
  EXPECT_GT(off, 0.0);
}

/// The spans cut into spans of the given sizes (the last one is repeated).
std::vector<PagedSpan> cut(const std::vector<PagedSpan>& spans, const std::vector<int64_t>& sizes) {
  std::vector<PagedSpan> pieces;
  for (const PagedSpan& span : spans) {
    size_t next = 0;
    for (int64_t done = 0; done < span.rows;) {
      const int64_t rows = std::min(sizes[std::min(next++, sizes.size() - 1)], span.rows - done);
      pieces.push_back({span.table, span.past + done, rows});
      done += rows;
    }
  }
  return pieces;
}

TEST(PagedAttention, GivesARowTheSameBitsHoweverAPromptIsCut) {
  for (const NamedLoops& named : all_loops()) {
    for (const KvFormat format : kFormats) {
      for (const int64_t group : {1, 2, 7, 8}) {
        const Batch batch(format, {2, group, 32}, {{0, 150}, {1000, 90}});
        const at::Tensor whole = batch.attend(*named.loops);
        for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{1}, {7}, {32}, {13, 64}, {31, 1, 100}}) {
          EXPECT_TRUE(at::equal(whole, batch.attend(*named.loops, cut(batch.spans(), sizes), batch.q_TQH)))
              << named.name << " " << format_name(format) << " group " << group << " pieces of " << sizes[0];
        }
      }
    }
  }
}

TEST(PagedAttention, GivesARowTheSameBitsWhileLaterTokensAreStillToCome) {
  for (const KvFormat format : kFormats) {
    Batch batch(format, {2, 7, 64}, {{0, 1060}});
    const PagedAttentionLoops& loops = paged_attention_loops();
    const at::Tensor whole = batch.attend(loops);
    batch.keys[0].narrow(0, 1041, 19).fill_(NAN);  // as if another sequence's leftovers stood there
    batch.values[0].narrow(0, 1041, 19).fill_(NAN);
    batch.write(0);
    const at::Tensor out = batch.attend(loops);
    EXPECT_TRUE(at::equal(out.narrow(0, 0, 1041), whole.narrow(0, 0, 1041))) << format_name(format);
    EXPECT_TRUE(out.narrow(0, 1041, 19).isnan().all().item<bool>());
  }
}

TEST(PagedAttention, DoesNotHideAValueThatIsNotANumber) {
  for (const KvFormat format : kFormats) {
    for (const float bad : {NAN, INFINITY}) {
      Batch batch(format, {1, 2, 32}, {{0, 200}});
      batch.values[0][150][0][7] = bad;
      batch.write(0);
      for (const NamedLoops& named : all_loops()) {
        const at::Tensor out = batch.attend(*named.loops).select(2, 7);
        EXPECT_TRUE(out.narrow(0, 0, 150).isfinite().all().item<bool>()) << named.name << " " << format_name(format);
        EXPECT_FALSE(out.narrow(0, 150, 50).isfinite().any().item<bool>()) << named.name << " " << format_name(format);
      }
    }
  }
}

TEST(PagedAttention, GivesARowTheSameBitsInAnyCompany) {
  std::vector<Part> parts{{0, 300}, {3000, 130}, {4000, 1}};
  for (int64_t i = 0; i < 32; ++i) parts.push_back({i * 97, 1});
  for (const KvFormat format : kFormats) {
    const Batch batch(format, {2, 7, 64}, parts);
    const PagedAttentionLoops& loops = paged_attention_loops();
    const at::Tensor together = batch.attend(loops);
    int64_t row = 0;
    for (const PagedSpan& span : batch.spans()) {
      const at::Tensor alone = batch.attend(loops, {span}, batch.q_TQH.narrow(0, row, span.rows));
      EXPECT_TRUE(at::equal(alone, together.narrow(0, row, span.rows))) << format_name(format) << " row " << row;
      row += span.rows;
    }
  }
}

TEST(PagedAttention, GivesTheSameBitsForAnyNumberOfThreadsAndAnyBlocks) {
  const std::vector<Part> parts{{0, 200}, {5000, 1}, {2100, 40}};
  for (const KvFormat format : kFormats) {
    const Batch batch(format, {2, 7, 64}, parts);
    const at::Tensor one = batch.attend(paged_attention_loops());
    for (const int threads : {2, 5}) {
      at::set_num_threads(threads);
      EXPECT_TRUE(at::equal(one, batch.attend(paged_attention_loops()))) << threads << " threads";
    }
    at::set_num_threads(1);
    Batch moved = batch;  // shares the pool's memory: rewritten through other tables
    for (std::vector<int32_t>& table : moved.tables) std::ranges::reverse(table);
    for (size_t i = 0; i < parts.size(); ++i) moved.write(i);
    EXPECT_TRUE(at::equal(one, moved.attend(paged_attention_loops()))) << format_name(format);
  }
}

TEST(PagedAttention, TakesRowsThatLieApart) {
  const Batch batch(KvFormat::bfloat16, {2, 3, 32}, {{5, 20}, {0, 3}});
  const int64_t width = 6 * 32;
  at::Tensor qkv = at::randn({23, width + 50}), out = at::zeros({23, width + 9});
  qkv.narrow(1, 17, width).copy_(batch.q_TQH.view({23, width}));
  paged_attention(batch.pool, 1, batch.spans(), 6, qkv.const_data_ptr<float>() + 17, width + 50,
                  out.data_ptr<float>() + 4, width + 9);
  EXPECT_TRUE(at::equal(out.narrow(1, 4, width).reshape({23, 6, 32}), batch.attend(paged_attention_loops())));
  EXPECT_TRUE(at::equal(out.narrow(1, 0, 4), at::zeros({23, 4})));
  EXPECT_TRUE(at::equal(out.narrow(1, width + 4, 5), at::zeros({23, 5})));
}

}  // namespace
}  // namespace r1v
