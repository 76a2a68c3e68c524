// Holds the house: includes follow the table in ARCHITECTURE.md, torch stays out of torch-free rooms, files stay small.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
const fs::path kRoot = R1V_SOURCE_DIR;
using Words = std::set<std::string>;

Words words(const std::string& text) {
  std::istringstream in(text);
  Words list;
  for (std::string word; in >> word;) list.insert(word);
  return list;
}

std::string read(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Room {
  Words may_include;
  bool torch = false;
};

// Rows "| `room` | a b c | yes/no | sentence |" of the table under "Rooms and arrows".
std::map<std::string, Room> read_table() {
  std::map<std::string, Room> rooms;
  std::istringstream in(read(kRoot / "ARCHITECTURE.md"));
  const std::regex row(R"(\| *`(\w+)` *\|([^|]*)\| *(yes|no) *\|.*)");
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) rooms[match[1]] = {words(match[2]), match[3] == "yes"};
  }
  return rooms;
}

struct Source {
  fs::path path;
  std::string room;
  Words includes;  // as written
};

std::vector<Source> read_sources() {
  std::vector<Source> sources;
  const std::regex include(R"re(^#include ["<]([^">]+)[">])re");
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "src")) {
    const fs::path& path = entry.path();
    if (path.extension() != ".h" && path.extension() != ".cpp") continue;
    Source source{path, fs::relative(path, kRoot / "src").begin()->string(), {}};
    std::istringstream in(read(path));
    for (std::string line; std::getline(in, line);) {
      std::smatch match;
      if (std::regex_search(line, match, include)) source.includes.insert(match[1]);
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

bool is_torch_header(const std::string& name) {
  return name.starts_with("ATen/") || name.starts_with("torch/") || name.starts_with("c10/");
}

TEST(House, TheTableNamesEveryRoom) {
  const auto rooms = read_table();
  ASSERT_GE(rooms.size(), 10u);
  for (const Source& source : read_sources()) EXPECT_TRUE(rooms.contains(source.room)) << source.path;
}

TEST(House, IncludesFollowTheArrows) {
  const auto rooms = read_table();
  for (const Source& source : read_sources()) {
    for (const std::string& name : source.includes) {
      const std::string room = name.substr(0, name.find('/'));
      if (room == source.room || !rooms.contains(room) || source.room == "apps") continue;
      EXPECT_TRUE(rooms.at(source.room).may_include.contains(room)) << source.path << " includes " << name;
    }
  }
}

TEST(House, TheArrowsHaveNoCycle) {
  auto rooms = read_table();
  rooms.erase("apps");
  for (bool removed = true; removed && !rooms.empty();) {
    removed = false;
    for (auto it = rooms.begin(); it != rooms.end();) {
      bool leaf = true;
      for (const std::string& below : it->second.may_include) leaf = leaf && !rooms.contains(below);
      it = leaf ? rooms.erase(it) : std::next(it);
      removed = removed || leaf;
    }
  }
  EXPECT_TRUE(rooms.empty()) << "a cycle goes through " << rooms.begin()->first;
}

TEST(House, TorchStaysOutOfTorchFreeRooms) {
  const auto rooms = read_table();
  std::map<std::string, Words> headers;  // "room/file.h" -> includes
  for (const Source& source : read_sources())
    headers[fs::relative(source.path, kRoot / "src").string()] = source.includes;
  const auto sees_torch = [&](auto&& self, const std::string& file, Words& seen) -> bool {
    for (const std::string& name : headers[file]) {
      if (is_torch_header(name)) return true;
      if (headers.contains(name) && seen.insert(name).second && self(self, name, seen)) return true;
    }
    return false;
  };
  for (const Source& source : read_sources()) {
    EXPECT_FALSE(source.includes.contains("torch/torch.h")) << source.path << ": 38 s of compile time";
    if (rooms.contains(source.room) && !rooms.at(source.room).torch && source.room != "apps") {
      Words seen;
      EXPECT_FALSE(sees_torch(sees_torch, fs::relative(source.path, kRoot / "src").string(), seen)) << source.path;
    }
  }
}

TEST(House, ThirdPartyHeadersHaveOneWrapper) {
  const std::vector<std::pair<std::string, std::string>> wrappers = {
      {"nlohmann/", "base/json.h"},       {"CLI/", "base/options.cpp"}, {"pcre2", "text/regex"},
      {"utf8proc", "text/unicode"},       {"cairo", "gym/canvas"},      {"flint/", "verify/number_value.h"},
      {"acb.h", "verify/number_value.h"}, {"httplib", "io/http_client"}};
  for (const Source& source : read_sources()) {
    const std::string file = fs::relative(source.path, kRoot / "src").string();
    for (const std::string& name : source.includes) {
      for (const auto& [prefix, wrapper] : wrappers) {
        if (!name.starts_with(prefix)) continue;
        EXPECT_TRUE(file.starts_with(wrapper)) << file << " includes " << name;
      }
    }
  }
}

TEST(House, FilesStayBelowFourHundredLines) {
  const Words exceptions = words(read(kRoot / "tests/house/long_files.txt"));
  size_t total = 0;
  for (const Source& source : read_sources()) {
    const std::string text = read(source.path);
    const auto lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
    total += lines;
    const std::string file = fs::relative(source.path, kRoot).string();
    if (exceptions.contains(file)) continue;
    EXPECT_LE(lines, 400u) << file;
  }
  std::printf("src holds %zu lines\n", total);
  RecordProperty("lines", static_cast<int>(total));
}

TEST(House, EveryFileOpensWithItsIdea) {
  for (const Source& source : read_sources()) {
    if (source.path.string().ends_with("_test.cpp")) continue;
    EXPECT_TRUE(read(source.path).starts_with("// ")) << source.path;
  }
}

TEST(House, NobodyReadsTheEnvironmentOrTheClockBelowApps) {
  const std::regex forbidden(R"((\bgetenv\b|std::chrono::\w+_clock::now|std::random_device|\brand\(\)))");
  for (const Source& source : read_sources()) {
    if (source.room == "apps" || source.room == "base" || source.path.string().ends_with("_test.cpp")) continue;
    EXPECT_FALSE(std::regex_search(read(source.path), forbidden)) << source.path;
  }
}

// Two types of one name are one to the linker: it keeps one of their destructors, and the other type is destroyed by
// it.
TEST(House, NoTwoTypesShareAName) {
  std::map<std::string, fs::path> home;
  const std::regex type(R"(^(?:struct|class) (\w+)(?: final)?(?: : .*)? ?\{.*)"),
      opening(R"(^namespace ?([\w:]*) ?\{.*)");
  for (const Source& source : read_sources()) {
    if (source.path.stem().string().ends_with("_test")) continue;  // test programs are linked one by one
    std::istringstream in(read(source.path));
    std::vector<std::string> spaces;
    for (std::string line; std::getline(in, line);) {
      std::smatch match;
      if (std::regex_match(line, match, opening)) {
        spaces.push_back(match[1]);
      } else if (line.starts_with("}") && line.find("namespace") != std::string::npos && !spaces.empty()) {
        spaces.pop_back();
      } else if (std::regex_match(line, match, type) && std::ranges::find(spaces, "") == spaces.end()) {
        std::string name;
        for (const std::string& space : spaces) name += space + "::";
        const auto [known, is_new] = home.emplace(name + match[1].str(), source.path);
        EXPECT_TRUE(is_new || known->second == source.path)
            << name << match[1] << " is a type of " << known->second << " and of " << source.path;
      }
    }
  }
  EXPECT_GT(home.size(), 300u);
}

}  // namespace
