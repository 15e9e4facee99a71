#include "simulator/files/lines.hpp"

#include <lzma.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

namespace carillon::simulator {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class Unpacker {
 public:
  Unpacker() { ok_ = lzma_stream_decoder(&stream_, UINT64_MAX, LZMA_CONCATENATED) == LZMA_OK; }
  ~Unpacker() { lzma_end(&stream_); }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  /// Appends what `packed` yields; false when it is no good xz.
  bool Feed(std::string_view packed, bool last, std::string& out) {
    if (!ok_) return false;
    std::array<std::uint8_t, 65536> buffer;
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
    stream_.avail_in = packed.size();
    for (;;) {
      stream_.next_out = buffer.data();
      stream_.avail_out = buffer.size();
      const auto code = lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
      out.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream_.avail_out);
      if (code == LZMA_STREAM_END) return true;
      if (code != LZMA_OK && code != LZMA_BUF_ERROR) return false;
      if (code == LZMA_BUF_ERROR && last && stream_.avail_out == buffer.size()) return false;
      if (stream_.avail_in == 0 && stream_.avail_out != 0) return !last;
    }
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ok_ = false;
};

}  // namespace

Result<void> ForEachLine(const std::string& path, const std::function<void(std::string_view)>& take) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return NotFound("FILE_UNREADABLE", "cannot open " + path, {{"file", path}});
  const bool packed = path.ends_with(".xz");
  Unpacker unpacker;
  std::string pending;
  std::array<char, 65536> chunk;
  for (bool last = false; !last;) {
    const auto got = std::fread(chunk.data(), 1, chunk.size(), file.get());
    last = got < chunk.size();
    const std::string_view bytes(chunk.data(), got);
    if (!packed)
      pending.append(bytes);
    else if (!unpacker.Feed(bytes, last, pending))
      return InvalidArgument("FILE_DAMAGED", path + " is no whole xz file");
    std::size_t start = 0;
    for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', start)) {
      take(std::string_view(pending).substr(start, end - start));
      start = end + 1;
    }
    pending.erase(0, start);
  }
  if (!pending.empty()) take(pending);
  return Ok();
}

Result<std::string> ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("FILE_UNREADABLE", "cannot open " + path, {{"file", path}});
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

Result<void> WriteText(const std::string& path, std::string_view text) {
  const std::string beside = path + ".new";
  {
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) return Internal("cannot write " + path);
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) return Internal("cannot write " + path);
  return Ok();
}

}  // namespace carillon::simulator
