#include "io/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct SafetensorsTest : testing::Test {
  fs::path folder = fs::temp_directory_path() / cat("r1v_safetensors_test.", ::getpid());
  fs::path path = folder / "a.safetensors";
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }

  // Length, header and `data_bytes` bytes counting up from 0.
  SafetensorsFile open(const std::string& header, size_t data_bytes) const {
    std::string bytes(8, '\0');
    for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i));
    bytes += header;
    for (size_t i = 0; i < data_bytes; ++i) bytes += static_cast<char>(i);
    write_file_atomic(path, bytes);
    return SafetensorsFile(path);
  }

  std::string error(const std::string& header, size_t data_bytes) const {
    try {
      open(header, data_bytes);
    } catch (const InputError& refusal) {
      return refusal.what();
    }
    return "no error";
  }
};

TEST_F(SafetensorsTest, ReadsTheExampleOfTheFormat) {
  // 1.0f and 2.0f little endian; the scalar 258 = 0x0102.
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"w":{"dtype":"U8","shape":[2,3],"data_offsets":[0,6]},)"
      R"("s":{"dtype":"I16","shape":[],"data_offsets":[6,8]},"e":{"dtype":"F32","shape":[0,4],"data_offsets":[8,8]}} )";
  const SafetensorsFile file = open(header, 8);
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_TRUE(at::equal(file.tensor("w"), at::arange(6, at::kByte).view({2, 3})));
  EXPECT_EQ(file.tensor("s").item<int16_t>(), 0x0706);  // bytes 6, 7
  EXPECT_EQ(file.tensor("e").sizes(), at::IntArrayRef({0, 4}));
  EXPECT_THROW(file.tensor("none"), InputError);
}

TEST_F(SafetensorsTest, ViewsKeepTheMappingAlive) {
  at::Tensor view;
  {
    write_safetensors(path, {{"x", at::arange(1000, at::kFloat)}});
    view = SafetensorsFile(path).tensor("x");
  }
  fs::remove(path);
  EXPECT_EQ(view.sum().item<float>(), 499500.0F);  // 999 * 1000 / 2
}

TEST_F(SafetensorsTest, DataAtOddAddressesIsCopied) {
  // Padded so that the data starts at 4 n + 1; a file is mapped at a page, a multiple of 4.
  std::string header = R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  while ((header.size() + 8) % 4 != 1) header += ' ';
  const at::Tensor x = open(header, 4).tensor("x");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(x.const_data_ptr()) % 4, 0u);
  EXPECT_EQ(x.view(at::kInt).item<int>(), 0x03020100);
}

TEST_F(SafetensorsTest, RefusesEveryLieOfTheHeader) {
  const auto tensor = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"x":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  EXPECT_EQ(error(tensor("U8", "[4]", "[0,4]"), 4), "no error");
  EXPECT_THAT(error(tensor("U8", "[4]", "[0,4]"), 3), HasSubstr("truncated"));
  EXPECT_THAT(error(tensor("U8", "[4]", "[0,4]"), 5), HasSubstr("surplus bytes"));
  EXPECT_THAT(error(tensor("U8", "[4]", "[1,5]"), 5), HasSubstr("gap"));
  EXPECT_THAT(error(tensor("U8", "[4]", "[4,0]"), 4), HasSubstr("begin <= end"));
  EXPECT_THAT(error(tensor("F32", "[4]", "[0,4]"), 4), HasSubstr("needs 16 bytes but its data_offsets span 4"));
  EXPECT_THAT(error(tensor("F8_E4M3", "[4]", "[0,4]"), 4), HasSubstr("F8_E4M3"));
  EXPECT_THAT(error(tensor("U8", "[-4]", "[0,4]"), 4), HasSubstr("negative"));
  EXPECT_THAT(error(tensor("U8", "[4294967296,4294967296]", "[0,0]"), 0), HasSubstr("overflows"));
  EXPECT_THAT(error(tensor("U8", "[0,4611686018427387904,8]", "[0,0]"), 0), HasSubstr("overflows"));
  EXPECT_THAT(error(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                    R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
                    6),
              HasSubstr("overlaps"));
  EXPECT_THAT(error(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                    R"("a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})",
                    8),
              HasSubstr("twice"));
}

TEST_F(SafetensorsTest, WritesWhatItReads) {
  const at::Tensor matrix = at::arange(6, at::kFloat).view({2, 3}).t();  // not contiguous
  std::vector<std::pair<std::string, at::Tensor>> tensors = {{"bytes", at::arange(3, at::kByte)}, {"matrix", matrix}};
  for (const auto type :
       {at::kDouble, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort, at::kChar, at::kBool}) {
    tensors.emplace_back(std::string("x.") + at::toString(type), at::tensor({0, 1, 1}).to(type));
  }
  tensors.emplace_back("scalar", at::scalar_tensor(2.5));
  tensors.emplace_back("empty \"quoted\"", at::empty({0, 7}));
  write_safetensors(path, tensors, {{"format", "pt"}, {"note", "two\nlines"}});
  const SafetensorsFile file(path);
  EXPECT_EQ(file.metadata().at("note"), "two\nlines");
  ASSERT_EQ(file.tensors().size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor read = file.tensor(name);
    EXPECT_EQ(read.scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(read, tensor)) << name;
  }
}

TEST_F(SafetensorsTest, AFailedWriteLeavesNothingBehind) {
  fs::create_directories(path / "in the way");
  EXPECT_THROW(write_safetensors(path, {{"x", at::zeros(3)}}), InputError);
  EXPECT_THROW(write_safetensors(folder / "none" / "a", {{"x", at::zeros(3)}}), InputError);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);  // only the folder in the way
}

}  // namespace
}  // namespace r1v
