#pragma once
#include <google/protobuf/message.h>

#include <string>

#include "base/ids.hpp"
#include "rpc/page.hpp"

namespace carillon::campaign::api {

/// What selects the rows, whatever page is asked for.
template <class Request>
std::string FilterOf(const Request& in) {
  Request filter = in;
  filter.clear_page_size();
  filter.clear_page_token();
  return filter.SerializeAsString();
}

/// Moves up to `size` of `found` (one more was asked for) into `items`; the token that leads on, or "".
template <class Found, class Items>
std::string FillPage(Found found, int size, const std::string& filter, Items* items) {
  for (auto& one : found) {
    if (items->size() == size) {
      const auto& last = items->Get(size - 1).name();
      return rpc::PageToken(IdOf(last), filter);
    }
    *items->Add() = std::move(one);
  }
  return {};
}

}  // namespace carillon::campaign::api
