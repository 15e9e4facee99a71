#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.hpp"

/// Failure as a value.
///
/// Every function of ours that can fail for a reason its caller should handle returns Result<T>: a T or an
/// Error. Exceptions of libraries are caught in the adapter that called them; a broken invariant aborts
/// (base/check.hpp). The member names are those of std::expected, so that C++23 replaces this file by an
/// alias.
///
///   Result<Customer> Load(Tx& tx, std::string_view id);
///
///   Result<int> Age(Tx& tx, std::string_view id, Date today) {
///     TRY(const Customer customer, Load(tx, id));     // returns the error to the caller
///     return Years(customer.born(), today);
///   }
namespace carillon {

/// The canonical codes, shared with gRPC by value.
enum class Code {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

/// One bad field: its path as in the request ("customer.phones[2].number") and what is wrong with it.
struct Violation {
  std::string field;
  std::string description;
  bool operator==(const Violation&) const = default;
};

/// What went wrong, for a program (code, reason, metadata, violations) and for a person (message).
struct Error {
  Code code = Code::kUnknown;
  std::string reason;   ///< UPPER_SNAKE, at most 63 letters, what to fix: "CUSTOMER_FROZEN"
  std::string message;  ///< English, one sentence; its dynamic parts are repeated in metadata
  std::vector<Violation> violations;
  std::map<std::string, std::string> metadata;
};

/// A T, or the Error that explains why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return Checked(*this); }
  const T& value() const& { return Checked(*this); }
  T&& value() && { return std::move(Checked(*this)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T value_or(T other) const& { return has_value() ? value() : std::move(other); }
  const Error& error() const& {
    CARILLON_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    CARILLON_CHECK(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  template <class Self>
  static auto& Checked(Self& self) {
    CARILLON_CHECK(self.has_value());
    return *std::get_if<0>(&self.state_);
  }
  std::variant<T, Error> state_;
};

/// Success without a value: `return Ok();`
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose
  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const {
    CARILLON_CHECK(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

inline Result<void> Ok() { return {}; }

/// Constructors for the codes that services give; `reason` first, so that a call reads like the catalogue.
Error InvalidArgument(std::string reason, std::string message, std::vector<Violation> violations = {});
Error NotFound(std::string reason, std::string message, std::map<std::string, std::string> metadata = {});
Error AlreadyExists(std::string reason, std::string message,
                    std::map<std::string, std::string> metadata = {});
Error FailedPrecondition(std::string reason, std::string message,
                         std::map<std::string, std::string> metadata = {});
Error Aborted(std::string reason, std::string message);
Error PermissionDenied(std::string reason, std::string message);
Error Unauthenticated(std::string reason, std::string message);
Error Unavailable(std::string reason, std::string message);
Error ResourceExhausted(std::string reason, std::string message);
Error Internal(std::string message);

/// True for an error that a later try of the same call may not meet: UNAVAILABLE, RESOURCE_EXHAUSTED,
/// ABORTED, DEADLINE_EXCEEDED. A consumer pauses on these and dead-letters the rest.
bool IsTransient(const Error& error);

}  // namespace carillon

#define CARILLON_CONCAT_(a, b) a##b
#define CARILLON_CONCAT(a, b) CARILLON_CONCAT_(a, b)
#define CARILLON_TRY_(tmp, declaration, expression)      \
  auto tmp = (expression);                               \
  if (!(tmp).has_value()) return std::move(tmp).error(); \
  declaration = *std::move(tmp)  // NOLINT

/// `TRY(const auto x, F());` declares x from the value of F() or returns F()'s error.
#define TRY(declaration, ...) \
  CARILLON_TRY_(CARILLON_CONCAT(try_result_, __LINE__), declaration, (__VA_ARGS__))

/// `TRY_VOID(F());` returns F()'s error, if there is one.
#define TRY_VOID(...)                                                                  \
  do {                                                                                 \
    if (auto try_void = (__VA_ARGS__); !try_void.has_value()) return try_void.error(); \
  } while (false)
