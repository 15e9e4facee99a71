#include "base/ids.hpp"

#include <sys/random.h>

#include <array>
#include <cctype>
#include <cstdint>

namespace carillon {
namespace {

std::string Dashed(const std::array<unsigned char, 16>& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[bytes[i] >> 4U];
    text += kDigits[bytes[i] & 15U];
  }
  return text;
}

std::uint64_t Fnv(std::string_view text, std::uint64_t hash) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  hash ^= hash >> 32U;
  hash *= 0xd6e8feb86659fd93ULL;
  hash ^= hash >> 32U;
  return hash;
}

}  // namespace

std::string NewId(TimePoint now) {
  std::array<unsigned char, 16> bytes{};
  CARILLON_CHECK(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  const auto micros = now.time_since_epoch().count();
  const auto ms = static_cast<std::uint64_t>(micros / 1000);
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(ms >> (8 * (5 - i)));
  // The fraction of the millisecond in rand_a (RFC 9562 §6.2, method 3), so that ids of one moment stay in
  // order.
  const auto fraction = static_cast<unsigned>((micros % 1000) * 4096 / 1000);
  bytes[6] = static_cast<unsigned char>(0x70U | (fraction >> 8U));
  bytes[7] = static_cast<unsigned char>(fraction);
  bytes[8] = static_cast<unsigned char>(0x80U | (bytes[8] & 0x3fU));
  return Dashed(bytes);
}

std::string DerivedId(std::string_view scope, std::string_view part) {
  std::array<unsigned char, 16> bytes{};
  const auto high = Fnv(part, Fnv(scope, 0xcbf29ce484222325ULL) + 1);
  const auto low = Fnv(part, Fnv(scope, 0x9e3779b97f4a7c15ULL) + 2);
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<unsigned char>(high >> (8 * i));
    bytes[8 + i] = static_cast<unsigned char>(low >> (8 * i));
  }
  bytes[6] = static_cast<unsigned char>(0x80U | (bytes[6] & 0x0fU));  // version 8: our own
  bytes[8] = static_cast<unsigned char>(0x80U | (bytes[8] & 0x3fU));
  return Dashed(bytes);
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

Result<std::string> IdOfName(std::string_view name, std::string_view collection, std::string_view field) {
  const auto at = collection.size();
  if (name.starts_with(collection) && name.size() > at && name[at] == '/' && IsUuid(name.substr(at + 1)))
    return std::string(name.substr(at + 1));
  return InvalidArgument("NAME_MALFORMED",
                         "The name is not of the form " + std::string(collection) + "/{uuid}.",
                         {{std::string(field), "expected " + std::string(collection) + "/{uuid}"}});
}

std::string IdOf(std::string_view name) { return std::string(name.substr(name.find('/') + 1)); }

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(bytes.size() * 2, '\0');
  char* out = text.data();
  for (const char c : bytes) {
    *out++ = kDigits[static_cast<unsigned char>(c) >> 4U];
    *out++ = kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

}  // namespace carillon
