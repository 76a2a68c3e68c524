// POSIX files behind the small interface of file.h.
#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/error.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

// Opens a regular file for reading and tells its size; says why when it cannot.
int open_regular(const fs::path& path, size_t& size) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // NONBLOCK: a FIFO must not hang us
  if (fd < 0) throw InputError(cat(path.string(), ": cannot open: ", std::strerror(errno)));
  struct stat info{};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    throw InputError(cat(path.string(), ": found ", S_ISDIR(info.st_mode) ? "a folder" : "a special file",
                         ", expected a regular file"));
  }
  size = static_cast<size_t>(info.st_size);
  return fd;
}

}  // namespace

std::string read_file(const fs::path& path, size_t limit_bytes) {
  size_t size = 0;
  const int fd = open_regular(path, size);
  if (size > limit_bytes) {
    ::close(fd);
    throw InputError(cat(path.string(), ": ", size, " bytes, at most ", limit_bytes, " are read"));
  }
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(fd, bytes.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<size_t>(got);
  }
  ::close(fd);
  if (done != size)
    throw InputError(cat(path.string(), ": read ", done, " of ", size, " bytes: ", std::strerror(errno)));
  return bytes;
}

std::string read_stdin() { return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()}; }

void write_file_atomic(const fs::path& path, std::string_view bytes) {
  const fs::path temporary = cat(path.string(), ".", ::getpid(), ".tmp");
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) {
      const int code = errno;
      std::error_code ignored;
      fs::remove(temporary, ignored);
      throw InputError(cat(path.string(), ": cannot write: ", std::strerror(code)));
    }
  }
  std::error_code error;
  fs::rename(temporary, path, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(temporary, ignored);
  throw InputError(cat(path.string(), ": cannot write: ", error.message()));
}

MappedFile::MappedFile(const fs::path& path) : path_(path) {
  const int fd = open_regular(path, size_);
  if (size_ > 0) {
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    if (address == MAP_FAILED) {
      ::close(fd);
      throw InputError(cat(path.string(), ": cannot map ", size_, " bytes: ", std::strerror(errno)));
    }
    data_ = static_cast<const std::byte*>(address);
  }
  ::close(fd);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

void release_mapped_pages(std::span<const std::byte> bytes) {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(bytes.data()) + page - 1) / page * page;
  const uintptr_t end = reinterpret_cast<uintptr_t>(bytes.data() + bytes.size()) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // only a hint: may fail
}

fs::path resolve_below(const fs::path& root, const fs::path& path) {
  std::error_code error;
  const fs::path real_root = fs::canonical(root.empty() ? fs::path(".") : root, error);
  if (error) throw InputError(cat(root.string(), ": cannot open folder: ", error.message()));
  const fs::path real = fs::canonical(path.is_absolute() ? path : real_root / path, error);
  if (error) throw InputError(cat(path.string(), ": cannot open: ", error.message()));
  const fs::path relative = real.lexically_relative(real_root);
  if (relative.empty() || *relative.begin() == "..") {
    throw InputError(
        cat(path.string(), ": lies outside ", real_root.string(), "; give --images-root to allow another folder"));
  }
  return real;
}

}  // namespace r1v
