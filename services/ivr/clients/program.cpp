#include "ivr/clients/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <sstream>
#include <vector>

extern char** environ;

namespace carillon::ivr::clients {
namespace {

constexpr int kTryAgain = 75;  // EX_TEMPFAIL of sysexits.h
constexpr std::size_t kLastWords = 300;

/// Both ends of a pipe, ours not blocking.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  explicit Pipe(int ours) {
    if (pipe2(ends.data(), O_CLOEXEC) == 0)
      (void)fcntl(ends[static_cast<std::size_t>(ours)], F_SETFL, O_NONBLOCK);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    Close(0);
    Close(1);
  }
  void Close(std::size_t end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
};

std::vector<std::string> Words(const std::string& command, const std::map<std::string, std::string>& values) {
  std::vector<std::string> words;
  std::istringstream in(command);
  for (std::string word; in >> word;) {
    for (const auto& [name, value] : values) {
      const std::string place = "{" + name + "}";
      if (const auto at = word.find(place); at != std::string::npos) word.replace(at, place.size(), value);
    }
    words.push_back(word);
  }
  return words;
}

/// Starts it with its own group, no signal blocked and nothing open but the three.
int Spawn(std::vector<std::string>& words, const Pipe& in, const Pipe& out, const Pipe& err, pid_t& pid) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, in.ends[0], 0);
  posix_spawn_file_actions_adddup2(&files, out.ends[1], 1);
  posix_spawn_file_actions_adddup2(&files, err.ends[1], 2);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int failed = posix_spawnp(&pid, arguments[0], &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return failed;
}

/// Takes what is there; false when there will be no more.
bool Take(int descriptor, std::string& into, std::size_t most) {
  std::array<char, 16384> piece{};
  while (true) {
    const auto count = read(descriptor, piece.data(), piece.size());
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    into.append(piece.data(), std::min(static_cast<std::size_t>(count), most - std::min(most, into.size())));
  }
}

}  // namespace

Result<std::string> Run(const std::string& command, const std::map<std::string, std::string>& values,
                        std::string_view input, std::chrono::milliseconds limit, std::size_t most) {
  std::vector<std::string> words = Words(command, values);
  if (words.empty()) return Unavailable("PROGRAM_MISSING", "no program is set");
  Pipe in(1);
  Pipe out(0);
  Pipe err(0);
  pid_t pid = 0;
  if (const int failed = Spawn(words, in, out, err, pid); failed != 0)
    return Unavailable("PROGRAM_MISSING", words[0] + ": " + std::strerror(failed));
  in.Close(0);
  out.Close(1);
  err.Close(1);
  const auto end = std::chrono::steady_clock::now() + limit;
  std::string written;
  std::string complaints;
  bool more = true;
  bool late = false;
  while (more && !late) {
    std::array<pollfd, 3> waits{
        {{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}, {in.ends[1], POLLOUT, 0}}};
    (void)poll(waits.data(), waits.size(), 50);
    if (in.ends[1] >= 0 && waits[2].revents != 0) {
      const auto count = write(in.ends[1], input.data(), input.size());
      if (count > 0) input.remove_prefix(static_cast<std::size_t>(count));
      if (input.empty() || (count < 0 && errno != EAGAIN && errno != EINTR)) in.Close(1);
    }
    if (err.ends[0] >= 0 && !Take(err.ends[0], complaints, 1U << 16)) err.Close(0);
    if (out.ends[0] >= 0 && !Take(out.ends[0], written, most)) out.Close(0);
    more = out.ends[0] >= 0 || err.ends[0] >= 0;
    late = std::chrono::steady_clock::now() > end;
  }
  int status = 0;
  pid_t ended = 0;
  while (!late && (ended = waitpid(pid, &status, WNOHANG)) == 0) {
    (void)poll(nullptr, 0, 5);
    late = std::chrono::steady_clock::now() > end;
  }
  if (ended == 0) {
    (void)kill(-pid, SIGKILL);
    (void)waitpid(pid, &status, 0);
  }
  if (late) return Unavailable("PROGRAM_BUSY", words[0] + " takes too long");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return written;
  if (complaints.size() > kLastWords) complaints = complaints.substr(complaints.size() - kLastWords);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kTryAgain) return Unavailable("PROGRAM_BUSY", complaints);
  return FailedPrecondition("PROGRAM_FAILED", words[0] + ": " + complaints);
}

}  // namespace carillon::ivr::clients
