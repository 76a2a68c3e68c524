// Hostile safetensors files: every one is refused with an InputError that names the file; none is read past its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/rng.h"
#include "io/safetensors.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

struct BrokenSafetensors : testing::Test {
  fs::path path = fs::temp_directory_path() / cat("r1v_broken.", ::getpid(), ".safetensors");
  void TearDown() override { fs::remove(path); }

  static std::string with_length(uint64_t length, const std::string& rest) {
    std::string bytes(8, '\0');
    for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(length >> (8 * i));
    return bytes + rest;
  }
  static std::string file(const std::string& header, size_t data_bytes) {
    return with_length(header.size(), header) + std::string(data_bytes, '\1');
  }

  // Opens the file and touches every byte of every tensor. Returns the refusal, "" when there is none.
  std::string open(const std::string& bytes) const {
    write_file_atomic(path, bytes);
    try {
      const SafetensorsFile opened(path);
      for (const auto& [name, info] : opened.tensors()) opened.tensor(name).clone();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  void expect_refused(const std::string& bytes, const std::string& what) const {
    EXPECT_THAT(open(bytes), testing::StartsWith(path.string() + ":")) << what;
  }
};

const std::string kGood = R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
                          R"("b":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}})";

TEST_F(BrokenSafetensors, EveryTruncationIsRefused) {
  const std::string whole = file(kGood, 19);
  ASSERT_EQ(open(whole), "");
  for (size_t size = 0; size < whole.size(); ++size) expect_refused(whole.substr(0, size), cat("cut at ", size));
  expect_refused(whole + "x", "one byte too many");
}

TEST_F(BrokenSafetensors, LyingHeaderLengthsAreRefused) {
  for (const uint64_t length :
       {uint64_t{0}, uint64_t{1}, uint64_t{kGood.size() - 1}, uint64_t{kGood.size() + 1}, uint64_t{kGood.size() + 19},
        uint64_t{kGood.size() + 20}, uint64_t{100'000'000}, uint64_t{100'000'001}, uint64_t{1} << 32, uint64_t{1} << 63,
        UINT64_MAX, UINT64_MAX - 7}) {
    expect_refused(with_length(length, kGood + std::string(19, '\1')), cat("length ", length));
  }
}

TEST_F(BrokenSafetensors, HeadersThatAreNotTheFormatAreRefused) {
  const std::vector<std::string> headers = {
      "",
      " ",
      "{",
      "}",
      "[]",
      "null",
      "7",
      "\"x\"",
      "NaN",
      "{]",
      "{}x",
      "{} {}",
      " {}",
      "\t{}",
      "\xEF\xBB\xBF{}",
      "{,}",
      "{\"a\"}",
      "{\"a\":}",
      "{\"a\":1}",
      "{\"a\":null}",
      "{\"a\":[]}",
      "{\"a\":\"F32\"}",
      "{\"a\":{}}",
      "{\"a\":true}",
      "{a:1}",
      "{'a':{}}",
      "{\"a\":NaN}",
      "{\"a\":Infinity}",
      "{\"\xff\":{}}",
      "{\"\\ud800\":{}}",
      "{\"\\x\":{}}",
      "{\"a\n\":{}}",
      std::string("{\"a\":{}}\0", 9),
      "/* c */{}",
      "{\"a\":{\"a\":{\"a\":{}}}}",
      std::string(200, '{'),
      std::string(100'000, '['),
      "{\"a\":" + std::string(100'000, '['),
      R"({"__metadata__":7})",
      R"({"__metadata__":{"a":7}})",
      R"({"__metadata__":{"a":{}}})",
      R"({"__metadata__":[]})",
      R"({"__metadata__":{"a":"1","a":"2"}})",
      R"({"__metadata__":{},"__metadata__":{}})",
  };
  for (const std::string& header : headers) expect_refused(file(header, 0), printable(header));
}

TEST_F(BrokenSafetensors, TensorsThatCannotBeAreRefused) {
  const std::vector<std::string> tensors = {
      R"("dtype":"U8","shape":[4])",
      R"("dtype":"U8","data_offsets":[0,4])",
      R"("shape":[4],"data_offsets":[0,4])",
      R"("dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[4],"shape":[4],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[4],"data_offsets":[0,4],"more":1)",
      R"("dtype":"U8","shape":[4],"data_offsets":[0,4],"more":{"deep":[[[[]]]]})",
      R"("dtype":"u8","shape":[4],"data_offsets":[0,4])",
      R"("dtype":"","shape":[4],"data_offsets":[0,4])",
      R"("dtype":"U8 ","shape":[4],"data_offsets":[0,4])",
      R"("dtype":"F8_E5M2","shape":[4],"data_offsets":[0,4])",
      R"("dtype":"F4","shape":[8],"data_offsets":[0,4])",
      R"("dtype":"U16","shape":[2],"data_offsets":[0,4])",
      R"("dtype":"U64","shape":[],"data_offsets":[0,4])",
      R"("dtype":8,"shape":[4],"data_offsets":[0,4])",
      R"("dtype":null,"shape":[4],"data_offsets":[0,4])",
      R"("dtype":["U8"],"shape":[4],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":4,"data_offsets":[0,4])",
      R"("dtype":"U8","shape":null,"data_offsets":[0,4])",
      R"("dtype":"U8","shape":"4","data_offsets":[0,4])",
      R"("dtype":"U8","shape":["4"],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[[4]],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[4.0],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[4e0],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[-4],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[-2,-2],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[04],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[+4],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[4,],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[,4],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[true],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[null],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[5],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[0],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[2,3],"data_offsets":[0,4])",
      R"("dtype":"F32","shape":[4],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[18446744073709551620],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[9223372036854775807,2],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[4294967297,4294967296],"data_offsets":[0,4])",
      R"("dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,4])",
      R"("dtype":"F64","shape":[4611686018427387905],"data_offsets":[0,4])",
      R"("dtype":"U8","shape":[4],"data_offsets":[])",
      R"("dtype":"U8","shape":[4],"data_offsets":[0])",
      R"("dtype":"U8","shape":[4],"data_offsets":[0,4,8])",
      R"("dtype":"U8","shape":[4],"data_offsets":[4,0])",
      R"("dtype":"U8","shape":[4],"data_offsets":[1,5])",
      R"("dtype":"U8","shape":[4],"data_offsets":[-4,0])",
      R"("dtype":"U8","shape":[4],"data_offsets":[0.0,4.0])",
      R"("dtype":"U8","shape":[4],"data_offsets":["0","4"])",
      R"("dtype":"U8","shape":[4],"data_offsets":{"begin":0,"end":4})",
      R"("dtype":"U8","shape":[4],"data_offsets":[9223372036854775804,9223372036854775808])",
      R"("dtype":"U8","shape":[4],"data_offsets":[18446744073709551612,18446744073709551616])",
      R"("dtype":"U8","shape":[4],"data_offsets":[4294967296,4294967300])",
      R"("dtype":"U8","shape":[3],"data_offsets":[0,3])",
      R"("dtype":"U8","shape":[8],"data_offsets":[0,8])",
  };
  for (const std::string& tensor : tensors) expect_refused(file("{\"a\":{" + tensor + "}}", 4), tensor);
  std::string many;
  for (int i = 0; i < 65; ++i) many += i == 0 ? "1" : ",1";
  expect_refused(file("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + many + "],\"data_offsets\":[0,1]}}", 1),
                 "65 dimensions");
}

TEST_F(BrokenSafetensors, TensorsThatDoNotFitTogetherAreRefused) {
  const auto two = [](const std::string& a, const std::string& b, const std::string& name = "b") {
    const std::string start = R"({"dtype":"U8","shape":[4],"data_offsets":)";
    return "{\"a\":" + start + a + "},\"" + name + "\":" + start + b + "}}";
  };
  EXPECT_EQ(open(file(two("[4,8]", "[0,4]"), 8)), "");
  for (const auto& [header, bytes] : {std::pair(two("[0,4]", "[0,4]"), 4),
                                      {two("[0,4]", "[3,7]"), 7},
                                      {two("[0,4]", "[5,9]"), 9},
                                      {two("[0,4]", "[4,8]"), 7},
                                      {two("[0,4]", "[4,8]"), 9},
                                      {two("[1,5]", "[5,9]"), 9},
                                      {two("[0,4]", "[4,8]", "a"), 8},
                                      {two("[0,4]", "[4,8]", "\\u0061"), 8}}) {
    expect_refused(file(header, static_cast<size_t>(bytes)), header);
  }
}

TEST_F(BrokenSafetensors, BoolsMustBeZeroOrOne) {
  const std::string header = R"({"a":{"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}})";
  EXPECT_EQ(open(file(header, 4)), "");
  expect_refused(with_length(header.size(), header + std::string("\0\1\2\1", 4)), "a 2");
}

TEST_F(BrokenSafetensors, RandomDamageIsReadOrRefused) {
  const std::string whole = file(kGood, 19);
  Rng rng(1);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = whole;
    for (int64_t i = rng.integer(1, 4); i > 0; --i) {
      bytes[static_cast<size_t>(rng.integer(0, static_cast<int64_t>(whole.size()) - 20))] =
          static_cast<char>(rng.integer(0, 255));
    }
    open(bytes);  // any other exception, or a read out of bounds, fails the test
  }
}

}  // namespace
}  // namespace r1v
