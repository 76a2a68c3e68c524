// The key file and the lookup.
#include "http/keys.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace r1v {
namespace {

// printf sesame | sha256sum
const std::string kSesame = "d0c04f4b1951e4aeaaec8223ed2039e542f3aae805a6fa7f6d794e5afff5d272";

std::filesystem::path write(const std::string& text) {
  const auto file = std::filesystem::temp_directory_path() / ("r1v_keys_test_" + std::to_string(::getpid()));
  std::ofstream(file) << text;
  return file;
}

std::string error_of(const std::string& text) {
  try {
    KeyRing::read(write(text));
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(Keys, HashIsSha256) {
  // FIPS 180-2, B.1: "abc"
  EXPECT_EQ(key_hash("sesame"), kSesame);
  EXPECT_EQ(key_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Keys, AreFoundByTheirHash) {
  const std::string other = key_hash("other");
  const KeyRing ring = KeyRing::read(write("# keys\n\nali " + kSesame + " 4\n  bob\t" + other + "\r\n"));
  ASSERT_EQ(ring.keys().size(), 2u);
  ASSERT_NE(ring.find("sesame"), nullptr);
  EXPECT_EQ(ring.find("sesame")->name, "ali");
  EXPECT_EQ(ring.find("sesame")->max_concurrency, 4);
  EXPECT_EQ(ring.find("other")->max_concurrency, 0);
  EXPECT_EQ(ring.find("Sesame"), nullptr);
  EXPECT_EQ(ring.find(""), nullptr);
  EXPECT_EQ(ring.find(other), nullptr) << "the hash is not the key";
}

TEST(Keys, BrokenFilesAreRefusedWithTheirLine) {
  const std::string& hash = kSesame;
  EXPECT_NE(error_of("ali sesame\n").find("line 1: 'sesame' is no SHA-256"), std::string::npos)
      << error_of("ali sesame\n");
  EXPECT_NE(error_of("\nali\n").find("line 2: expected NAME SHA256"), std::string::npos);
  EXPECT_NE(error_of("ali " + hash + " many\n").find("line 1"), std::string::npos);
  EXPECT_NE(error_of("ali " + hash + " 1 2\n").find("line 1"), std::string::npos);
  EXPECT_NE(error_of("ali " + hash + " -1\n").find("line 1"), std::string::npos);
  EXPECT_NE(error_of("# nobody\n").find("no key in it"), std::string::npos);
  EXPECT_NE(error_of("ali " + hash + "\nali " + key_hash("x") + "\n").find("two keys are named"), std::string::npos);
  EXPECT_NE(error_of("ali " + hash + "\nbob " + hash + "\n").find("hash of another key"), std::string::npos);
  EXPECT_NE(error_of("ali " + key_hash("") + "\n").find("no key at all"), std::string::npos);
}

}  // namespace
}  // namespace r1v
