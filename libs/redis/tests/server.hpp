#pragma once
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "redis/client.hpp"

/// The fixture's server, and one of the test's own that may die.
namespace carillon::redis {

inline Deadline In(int ms) { return std::chrono::steady_clock::now() + Millis{ms}; }

/// CARILLON_TEST_REDIS_URL, from the environment or from the file that CARILLON_SERVERS_ENV names.
inline Address FixtureAddress() {
  std::string url;
  if (const char* given = std::getenv("CARILLON_TEST_REDIS_URL")) url = given;
  if (const char* file = std::getenv("CARILLON_SERVERS_ENV"); url.empty() && file != nullptr) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("export ")) line.erase(0, 7);
      constexpr std::string_view kName = "CARILLON_TEST_REDIS_URL=";
      if (line.starts_with(kName)) url = line.substr(kName.size());
    }
  }
  if (url.empty())
    throw std::runtime_error("no Redis: neither CARILLON_TEST_REDIS_URL nor CARILLON_SERVERS_ENV names one");
  auto address = Address::Parse(url);
  if (!address) throw std::runtime_error(address.error().message);
  return *address;
}

/// A redis-server of this test alone, with a password and an append-only file, that can be killed and started
/// again.
class OwnServer {
 public:
  OwnServer() {
    char name[] = "/tmp/carillon-redis-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("mkdtemp");
    directory_ = name;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&any), size) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&any), &size) != 0) {
      throw std::runtime_error("no free port");
    }
    address_.port = ntohs(any.sin_port);
    address_.password = "a secret: 100%";
    close(fd);
    Start();
  }
  ~OwnServer() {
    Kill();
    std::filesystem::remove_all(directory_);
  }
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  void Start() {
    pid_ = fork();
    if (pid_ == 0) {
      const std::string port = std::to_string(address_.port);
      if (freopen("/dev/null", "w", stdout) == nullptr) _exit(126);
      execlp("redis-server", "redis-server", "--port", port.c_str(), "--bind", "127.0.0.1", "--dir",
             directory_.c_str(), "--requirepass", address_.password.c_str(), "--appendonly", "yes",
             "--appendfsync", "always", "--save", "", static_cast<char*>(nullptr));
      _exit(127);
    }
    Client client(address_);
    for (int i = 0; i < 200; ++i) {
      if (client.Ping(In(1000))) return;
      std::this_thread::sleep_for(Millis{25});
    }
    throw std::runtime_error("redis-server does not start");
  }
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGCONT);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void Hang() { kill(pid_, SIGSTOP); }
  void GoOn() { kill(pid_, SIGCONT); }
  const Address& address() const { return address_; }

 private:
  std::string directory_;
  Address address_;
  pid_t pid_ = 0;
};

}  // namespace carillon::redis
