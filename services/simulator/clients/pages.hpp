#pragma once
#include <string>

#include "simulator/clients/user.hpp"

namespace carillon::simulator {

/// Goes through all pages of a list.
template <class Response, class Request, class See>
Result<void> ForEachPage(User& user, const std::string& service, const std::string& method, Request request,
                         const See& see) {
  request.set_page_size(200);
  for (;;) {
    TRY(const Response page, user.Ask<Response>(service, method, request));
    see(page);
    if (page.next_page_token().empty()) return Ok();
    request.set_page_token(page.next_page_token());
  }
}

}  // namespace carillon::simulator
