// Reading and writing preference lines.
#include "recipes/pairs_lines.h"

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/log.h"

namespace r1v {
namespace {

void move_path(Json& path, const std::filesystem::path& from, const std::filesystem::path& to) {
  if (!path.is_string()) return;  // refused, with its place, by whoever reads the pictures
  const auto& text = path.get_ref<const std::string&>();
  if (text.starts_with("data:") || std::filesystem::path(text).is_absolute()) return;
  const auto absolute = [](const std::filesystem::path& one) { return std::filesystem::weakly_canonical(one); };
  path = absolute(from / text).lexically_relative(absolute(to)).generic_string();
}

void move_parts(Json& messages, const std::filesystem::path& from, const std::filesystem::path& to) {
  if (!messages.is_array()) return;
  for (Json& message : messages) {
    if (!message.is_object() || !message.contains("content") || !message["content"].is_array()) continue;
    for (Json& part : message["content"]) {
      if (part.is_object() && part.contains("path")) move_path(part["path"], from, to);
    }
  }
}

}  // namespace

std::filesystem::path folder_of(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.parent_path();
  return folder.empty() ? "." : folder;
}

PairsReader::PairsReader(const PairsFiles& files)
    : files_(files),
      lines_(files.data.empty() ? throw InputError("--data is missing: name files of preference lines") : files.data) {
  if (lines_.size() > 0) return;
  throw InputError(cat("--data: found no line in ", files.data.front().string(),
                       files.data.size() > 1 ? " and the other files" : "", ", expected preference lines"));
}

PairsLine PairsReader::read(int64_t index) const {
  PairsLine line{.where = lines_.where(index)};
  line.json = parse_json(lines_.text(index), line.where);
  line.parsed = parse_preference_line(line.json, line.where);
  line.root = files_.images_root ? std::filesystem::path(*files_.images_root) : folder_of(lines_.file(index));
  return line;
}

std::vector<PairsLine> PairsReader::next(size_t count) {
  std::vector<PairsLine> found;
  for (; found.size() < count && index_ < lines_.size(); ++index_) {
    try {
      found.push_back(read(index_));
      ++good_;
    } catch (const InputError& error) {
      if (!files_.skip_bad) throw;
      if (bad_++ == 0) first_error_ = error.what();
    }
    if ((index_ + 1) % 2048 == 0) log_info(cat("pairs: ", index_ + 1, " of ", lines_.size(), " lines read"));
  }
  return found;
}

void PairsReader::refuse(const PairsLine& line, const std::string& error) {
  const std::string placed = error.starts_with(line.where) ? error : cat(line.where, ": ", error);
  if (!files_.skip_bad) throw InputError(placed);
  --good_;
  if (bad_++ == 0) first_error_ = placed;
}

void PairsReader::expect_some(int64_t count, const std::string& what, const std::string& next) const {
  if (count > 0) return;
  throw InputError(cat(files_.data.front().string(), files_.data.size() > 1 ? " and the other files" : "",
                       ": not one of ", lines_.size(), " lines ", what, ", and nothing was written; ",
                       first_error_.empty() ? next : "the first bad one: " + first_error_));
}

void move_pictures(Json& line, const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::filesystem::weakly_canonical(from) == std::filesystem::weakly_canonical(to)) return;
  for (const char* key : {"image", "images"}) {
    if (!line.contains(key)) continue;
    if (line[key].is_array()) {
      for (Json& path : line[key]) move_path(path, from, to);
    } else {
      move_path(line[key], from, to);
    }
  }
  for (const char* key : {"messages", "prompt", "chosen", "rejected"}) {
    if (line.contains(key)) move_parts(line[key], from, to);
  }
}

LinesWriter::LinesWriter(std::filesystem::path path) : path_(std::move(path)) {
  if (path_.empty()) throw InputError("--out is missing: name the file to write");
  if (std::filesystem::is_directory(path_)) throw InputError(cat(path_.string(), ": found a folder, expected a file"));
  unfinished_ = path_.string() + ".part";
  out_.open(unfinished_, std::ios::binary | std::ios::trunc);
  if (!out_) throw InputError(cat(unfinished_.string(), ": cannot write: ", std::strerror(errno)));
}

LinesWriter::~LinesWriter() {
  if (!out_.is_open()) return;
  out_.close();
  std::error_code ignored;
  std::filesystem::remove(unfinished_, ignored);
}

void LinesWriter::write(const Json& line) {
  out_ << dump_json(line) << "\n";
  ++count_;
}

void LinesWriter::write(Json line, const std::filesystem::path& folder) {
  move_pictures(line, folder, folder_of(path_));
  write(line);
}

void write_pair(LinesWriter& writer, const PairsFiles& files, const PairsLine& line) {
  if (files.images_root) {
    writer.write(line.json);
  } else {
    writer.write(line.json, line.root);
  }
}

void LinesWriter::finish() {
  out_.flush();
  if (!out_) throw InputError(cat(unfinished_.string(), ": cannot write; is the disk full?"));
  out_.close();
  std::filesystem::rename(unfinished_, path_);
}

}  // namespace r1v
