#include "ivr/clients/basic_http.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

namespace carillon::ivr::clients {
namespace {

constexpr std::size_t kMaxMessage = 256U << 10;
constexpr std::chrono::seconds kPatience{2};
constexpr std::string_view kEventName = "_scxmleventname";

std::string Escaped(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

std::string Unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields FormFields(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const std::string_view one = text.substr(0, end);
    if (const auto equals = one.find('='); equals != std::string_view::npos) {
      fields.emplace_back(Unescaped(one.substr(0, equals)), Unescaped(one.substr(equals + 1)));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return fields;
}

std::string Told(const google::protobuf::Value& value) {
  if (value.kind_case() == google::protobuf::Value::kStringValue) return value.string_value();
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(value, &json);
  return json;
}

/// Path and body of the message that carries an effect.
std::pair<std::string, std::string> Composed(const Effect& effect) {
  google::protobuf::Value data;
  if (!effect.data.empty()) (void)google::protobuf::util::JsonStringToMessage(effect.data, &data);
  const std::string name = effect.event.empty() ? "" : std::string(kEventName) + "=" + Escaped(effect.event);
  if (effect.content) return {name.empty() ? "" : "?" + name, Escaped(Told(data))};
  std::string body = name;
  const auto& params = data.struct_value().fields();
  for (const auto& [key, value] : std::map(params.begin(), params.end())) {
    body += (body.empty() ? "" : "&") + Escaped(key) + "=" + Escaped(Told(value));
  }
  return {"", body};
}

/// An open descriptor.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

struct Place {
  std::uint16_t port = 0;
  std::string path;
};

/// Of "127.0.0.1:8080" or "localhost:8080".
std::optional<std::uint16_t> LocalPort(std::string_view authority) {
  const auto colon = authority.rfind(':');
  const std::string_view host = authority.substr(0, colon);
  if (host != "127.0.0.1" && host != "localhost") return std::nullopt;
  std::uint16_t port = 80;
  if (colon == std::string_view::npos) return port;
  const char* const end = authority.data() + authority.size();
  if (std::from_chars(authority.data() + colon + 1, end, port).ptr != end || port == 0) return std::nullopt;
  return port;
}

std::optional<Place> PlaceOf(std::string_view target) {
  if (!target.starts_with("http://")) return std::nullopt;
  target.remove_prefix(7);
  const auto slash = std::min(target.find('/'), target.size());
  const auto port = LocalPort(target.substr(0, slash));
  if (!port) return std::nullopt;
  std::string path(target.substr(slash));
  const bool printable = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 127; });
  if (!printable) return std::nullopt;
  return Place{*port, path.empty() ? "/" : path};
}

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// How long the whole of a request is, once its head is there.
std::optional<std::size_t> Length(std::string_view request) {
  const auto head = request.find("\r\n\r\n");
  if (head == std::string_view::npos) return std::nullopt;
  std::string lower(request.substr(0, head));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto found = lower.find("\r\ncontent-length:");
  if (found == std::string::npos) return head + 4;
  const auto digits = std::min(lower.find_first_not_of(' ', found + 17), lower.size());
  std::size_t length = 0;
  (void)std::from_chars(lower.data() + digits, lower.data() + lower.size(), length);
  return head + 4 + std::min(length, kMaxMessage);
}

class LoopbackHttp : public BasicHttp {
 public:
  LoopbackHttp(Socket door, std::uint16_t port, std::vector<std::uint16_t> allowed)
      : door_(std::move(door)), port_(port), allowed_(std::move(allowed)) {}

  std::string location() const override { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

  Result<std::vector<Received>> Post(const Effect& effect) override {
    const auto place = PlaceOf(effect.target);
    const bool known = place && (place->port == port_ ||
                                 std::find(allowed_.begin(), allowed_.end(), place->port) != allowed_.end());
    if (!known) return Unavailable("SEND_TARGET_UNREACHABLE", "nothing may be posted to " + effect.target);
    const auto [query, body] = Composed(effect);
    const std::string request = "POST " + place->path + query +
                                " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(place->port) +
                                "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
    TRY(const std::string answer, Exchange(place->port, request));
    if (!answer.starts_with("HTTP/1.1 2") && !answer.starts_with("HTTP/1.0 2")) {
      return Unavailable("SEND_TARGET_UNREACHABLE", effect.target + " refused the message");
    }
    return std::exchange(received_, {});
  }

 private:
  struct Guest {
    Socket socket;
    std::string request;
    bool done = false;
  };

  /// Sends a request and reads its answer, serving our own door meanwhile.
  Result<std::string> Exchange(std::uint16_t port, const std::string& request) {
    const auto lost = [&](const char* why) {
      return Unavailable("SEND_TARGET_UNREACHABLE", "port " + std::to_string(port) + " " + why);
    };
    Socket line(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const sockaddr_in address = Loopback(port);
    if (line.get() < 0 ||
        (connect(line.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno != EINPROGRESS)) {
      return lost("does not answer");
    }
    const auto end = std::chrono::steady_clock::now() + kPatience;
    std::string answer;
    std::size_t sent = 0;
    while (std::chrono::steady_clock::now() < end) {
      std::vector<pollfd> waits{{line.get(), static_cast<short>(sent < request.size() ? POLLOUT : POLLIN), 0},
                                {door_.get(), POLLIN, 0}};
      for (const Guest& guest : guests_) waits.push_back({guest.socket.get(), POLLIN, 0});
      (void)poll(waits.data(), waits.size(), 50);
      Serve();
      if (waits[0].revents == 0) continue;
      if (sent < request.size()) {
        const auto count = send(line.get(), request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN) return lost("does not answer");
        sent += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
        continue;
      }
      std::array<char, 4096> piece{};
      const auto count = recv(line.get(), piece.data(), piece.size(), 0);
      if (count > 0) answer.append(piece.data(), static_cast<std::size_t>(count));
      if (answer.size() > kMaxMessage) return lost("answers too much");
      if (count == 0 || (count < 0 && errno != EAGAIN)) break;
      if (const auto whole = Length(answer); whole && answer.size() >= *whole) break;
    }
    if (answer.empty()) return lost("does not answer");
    return answer;
  }

  /// Takes what waits at the door.
  void Serve() {
    while (guests_.size() < 16) {
      const int descriptor = accept4(door_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor < 0) break;
      guests_.push_back({Socket(descriptor), {}, false});
    }
    for (Guest& guest : guests_) {
      std::array<char, 4096> piece{};
      ssize_t count = 0;
      while ((count = recv(guest.socket.get(), piece.data(), piece.size(), 0)) > 0) {
        guest.request.append(piece.data(), static_cast<std::size_t>(count));
        if (guest.request.size() > kMaxMessage) break;
      }
      const auto whole = Length(guest.request);
      const bool complete = whole && guest.request.size() >= *whole;
      const bool gone = count == 0 || guest.request.size() > kMaxMessage;
      if (!complete && !gone) continue;
      guest.done = true;
      auto message = complete ? ReadMessage(guest.request) : InvalidArgument("HTTP_MALFORMED", "cut short");
      const std::string_view answer =
          message ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                  : "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      (void)send(guest.socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
      if (message) received_.push_back(std::move(*message));
    }
    std::erase_if(guests_, [](const Guest& guest) { return guest.done; });
  }

  Socket door_;
  std::uint16_t port_;
  std::vector<std::uint16_t> allowed_;
  std::vector<Guest> guests_;
  std::vector<Received> received_;
};

}  // namespace

Result<Received> ReadMessage(std::string_view request) {
  const auto bad = [](const char* why) { return InvalidArgument("HTTP_MALFORMED", why); };
  const auto line = request.find("\r\n");
  const auto head = request.find("\r\n\r\n");
  if (head == std::string_view::npos) return bad("there is no end of the head");
  std::string_view path = request.substr(0, line);
  if (!path.starts_with("POST /")) return bad("an event comes by POST");
  path.remove_prefix(6);
  path = path.substr(0, path.find(' '));
  const auto question = std::min(path.find('?'), path.size());
  const std::string_view body = request.substr(head + 4);
  Fields fields = FormFields(path.substr(std::min(question + 1, path.size())));
  const bool form = body.find('=') != std::string_view::npos;
  if (form) {
    for (auto& field : FormFields(body)) fields.push_back(std::move(field));
  }
  Received out;
  out.session = Unescaped(path.substr(0, question));
  out.event.set_name("HTTP.POST");
  out.event.set_kind(v1::Happening::EXTERNAL);
  out.event.set_origin_type("http://www.w3.org/TR/scxml/#BasicHTTPEventProcessor");
  std::string values;
  for (const auto& [key, value] : fields) {
    if (key == kEventName) {
      out.event.set_name(value);
    } else {
      values += (values.empty() ? "{" : ",") + JsonQuoted(key) + ":" + JsonQuoted(value);
    }
  }
  if (!values.empty()) values += "}";
  if (!form && !body.empty()) values = JsonQuoted(Unescaped(body));
  out.event.set_data(values);
  out.event.set_raw(std::string(request));
  return out;
}

Result<std::unique_ptr<BasicHttp>> BasicHttp::Listen(const std::vector<std::string>& allowed) {
  std::vector<std::uint16_t> ports;
  for (const std::string& place : allowed) {
    const auto port = LocalPort(place);
    if (!port) return InvalidArgument("ADDRESS_NOT_LOCAL", place + " is not on loopback");
    ports.push_back(*port);
  }
  Socket door(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (door.get() < 0 || bind(door.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(door.get(), 16) != 0 ||
      getsockname(door.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return Unavailable("PORT_TAKEN", std::string("cannot listen on loopback: ") + std::strerror(errno));
  }
  return std::unique_ptr<BasicHttp>(
      std::make_unique<LoopbackHttp>(std::move(door), ntohs(address.sin_port), std::move(ports)));
}

}  // namespace carillon::ivr::clients
