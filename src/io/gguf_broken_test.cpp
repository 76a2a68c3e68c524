// Hostile GGUF files: every lie in a header is refused with a message, and no byte is read past the file's end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/rng.h"
#include "io/gguf.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

template <typename Number>
std::string raw(Number value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
std::string u32(uint32_t value) { return raw(value); }
std::string u64(uint64_t value) { return raw(value); }
std::string text(const std::string& value) { return u64(value.size()) + value; }

constexpr uint32_t kU32 = 4, kText = 8, kArray = 9;

struct Parts {
  std::string magic = "GGUF";
  uint32_t version = 3;
  uint64_t num_tensors = 2, num_keys = 3;
  std::string keys = text("alignment?") + u32(kU32) + u32(1) + text("words") + u32(kArray) + u32(kText) + u64(2) +
                     text("one") + text("") + text("name") + u32(kText) + text("tiny");
  // a: [4] float32 at 0; b: [2, 32] Q8_0 (2 * 34 bytes) at 32
  std::string tensors =
      text("a") + u32(1) + u64(4) + u32(0) + u64(0) + text("b") + u32(2) + u64(32) + u64(2) + u32(8) + u64(32);
  size_t data_bytes = 32 + 68;

  std::string header() const { return magic + u32(version) + u64(num_tensors) + u64(num_keys) + keys + tensors; }
  std::string file() const {
    std::string bytes = header();
    bytes.resize((bytes.size() + 31) / 32 * 32);
    return bytes + std::string(data_bytes, '\1');
  }
};

struct BrokenGguf : testing::Test {
  fs::path path = fs::temp_directory_path() / cat("r1v_broken.", ::getpid(), ".gguf");
  void TearDown() override { fs::remove(path); }

  // Opens the file, reads all metadata and every byte of every tensor. Returns the refusal, "" when there is none.
  std::string open(const std::string& bytes) const {
    write_file_atomic(path, bytes);
    try {
      const GgufFile file(path);
      for (const auto& [key, value] : file.metadata()) {
        if (value.type == GgufType::text) value.is_array ? void(file.texts(key)) : void(file.text(key));
      }
      for (const auto& [name, tensor] : file.tensors()) {
        const GgmlLayout& layout = ggml_layout(tensor.type);
        std::vector<float> values(tensor.bytes.size() / static_cast<size_t>(layout.bytes) *
                                  static_cast<size_t>(layout.elements));
        dequantize_blocks(tensor.type, tensor.bytes, values);
      }
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  void expect_refused(const std::string& bytes, const std::string& what) const {
    EXPECT_THAT(open(bytes), testing::StartsWith(path.string() + ":")) << what;
  }
};

TEST_F(BrokenGguf, EveryTruncationIsRefused) {
  const std::string whole = Parts{}.file();
  ASSERT_EQ(open(whole), "");
  for (size_t size = 0; size < whole.size(); ++size) expect_refused(whole.substr(0, size), cat("cut at ", size));
}

TEST_F(BrokenGguf, OtherMarksAndVersionsAreRefused) {
  EXPECT_EQ(open(Parts{.version = 2}.file()), "");
  for (const uint32_t version : {0U, 1U, 4U, 0x03000000U, UINT32_MAX}) {
    expect_refused(Parts{.version = version}.file(), cat("version ", version));
  }
  for (const char* magic : {"GGML", "FUGG", "gguf", "\0\0\0\0"}) {
    expect_refused(Parts{.magic = std::string(magic, 4)}.file(), magic);
  }
}

TEST_F(BrokenGguf, LyingCountsAreRefused) {
  for (const uint64_t count :
       {uint64_t{0}, uint64_t{2}, uint64_t{4}, uint64_t{1} << 31, uint64_t{1} << 40, uint64_t{1} << 63, UINT64_MAX}) {
    expect_refused(Parts{.num_keys = count}.file(), cat(count, " keys"));
  }
  for (const uint64_t count : {uint64_t{3}, uint64_t{1} << 31, uint64_t{1} << 63, UINT64_MAX}) {
    expect_refused(Parts{.num_tensors = count}.file(), cat(count, " tensors"));
  }
}

TEST_F(BrokenGguf, LyingMetadataIsRefused) {
  const std::string key = text("k");
  const std::vector<std::string> all = {
      key + u32(13) + u32(0),                                         // no such type
      key + u32(UINT32_MAX),                                          // no such type
      text("") + u32(kU32) + u32(1),                                  // no name
      key + u32(kText) + u64(uint64_t{1} << 40),                      // longer than the file
      key + u32(kText) + u64(UINT64_MAX),                             // overflows
      key + u32(kText) + u64(UINT64_MAX - 7),                         //
      u64(UINT64_MAX) + "k" + u32(kU32) + u32(1),                     //
      key + u32(kArray) + u32(kU32) + u64(uint64_t{1} << 62),         // times 4 is 0
      key + u32(kArray) + u32(kU32) + u64(UINT64_MAX),                //
      key + u32(kArray) + u32(kText) + u64(uint64_t{1} << 61),        // times 8 is 0
      key + u32(kArray) + u32(kText) + u64(1) + u64(UINT64_MAX),      //
      key + u32(kArray) + u32(kArray) + u64(1) + u32(kU32) + u64(0),  // arrays of arrays
      key + u32(kArray) + u32(77) + u64(0),                           //
      text("general.alignment") + u32(kU32) + u32(0),                 //
      text("general.alignment") + u32(kU32) + u32(24),                // no power of two
      text("general.alignment") + u32(kU32) + u32(1U << 31),          //
      text("general.alignment") + u32(kText) + text("32"),            //
      key + u32(kU32) + u32(1) + key + u32(kU32) + u32(1),            // twice; num_keys below says so
  };
  for (size_t i = 0; i < all.size(); ++i) {
    expect_refused(Parts{.num_keys = i + 1 == all.size() ? 2U : 1U, .keys = all[i]}.file(), cat("metadata ", i));
  }
}

std::string tensor(const std::string& name, const std::vector<uint64_t>& sizes, uint32_t type, uint64_t offset) {
  std::string bytes = text(name) + u32(static_cast<uint32_t>(sizes.size()));
  for (const uint64_t size : sizes) bytes += u64(size);
  return bytes + u32(type) + u64(offset);
}

TEST_F(BrokenGguf, TensorsThatCannotBeAreRefused) {
  const std::vector<std::string> all = {
      tensor("", {4}, 0, 0),
      tensor("a", {}, 0, 0),
      tensor("a", {1, 1, 1, 1, 1}, 0, 0),
      text("a") + u32(UINT32_MAX) + u64(1),
      tensor("a", {0}, 0, 0),
      tensor("a", {UINT64_MAX}, 0, 0),
      tensor("a", {uint64_t{1} << 63}, 0, 0),
      tensor("a", {uint64_t{1} << 62}, 0, 0),                     // times 4 bytes is 0
      tensor("a", {uint64_t{1} << 32, uint64_t{1} << 32}, 0, 0),  // product is 0
      tensor("a", {uint64_t{1} << 47, 3}, 0, 0),
      tensor("a", {26}, 0, 0),  // 104 of 100 bytes
      tensor("a", {4}, 0, 96),  // 112 of 100 bytes
      tensor("a", {4}, 0, 128),
      tensor("a", {4}, 0, UINT64_MAX - 31),
      tensor("a", {4}, 0, 8),   // misaligned
      tensor("a", {33}, 8, 0),  // no whole number of Q8_0 blocks
      tensor("a", {16, 2}, 8, 0),
      tensor("a", {128}, 12, 0),  // half a Q4_K block
      tensor("a", {4}, 4, 0),     // types that are no more
      tensor("a", {32}, 16, 0),   // IQ2_XXS
      tensor("a", {4}, 99, 0),
  };
  for (size_t i = 0; i < all.size(); ++i) {
    expect_refused(Parts{.num_tensors = 1, .tensors = all[i]}.file(), cat("tensor ", i));
  }
}

TEST_F(BrokenGguf, TensorsThatDoNotFitTogetherAreRefused) {
  const auto both = [](const std::string& a, const std::string& b) { return Parts{.tensors = a + b}.file(); };
  EXPECT_EQ(open(both(tensor("b", {4}, 0, 32), tensor("a", {8}, 0, 0))), "");
  expect_refused(both(tensor("a", {4}, 0, 0), tensor("b", {4}, 0, 0)), "the same place");
  expect_refused(both(tensor("a", {9}, 0, 0), tensor("b", {4}, 0, 32)), "overlap");
  expect_refused(both(tensor("a", {4}, 0, 0), tensor("a", {4}, 0, 32)), "one name twice");
}

TEST_F(BrokenGguf, RandomDamageIsReadOrRefused) {
  const std::string whole = Parts{}.file();
  const auto header_bytes = static_cast<int64_t>(Parts{}.header().size());
  Rng rng(1);
  for (int round = 0; round < 1000; ++round) {
    std::string bytes = whole;
    for (int64_t i = rng.integer(1, 4); i > 0; --i) {
      bytes[static_cast<size_t>(rng.integer(0, header_bytes - 1))] = static_cast<char>(rng.integer(0, 255));
    }
    open(bytes);  // any other exception, or a read out of bounds, fails the test
  }
}

}  // namespace
}  // namespace r1v
