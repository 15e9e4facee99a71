#include "rpc/pem.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace carillon::rpc {

std::string ReadPem(const std::string& path) {
  const std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || text.str().empty()) throw std::runtime_error("cannot read " + path);
  return text.str();
}

}  // namespace carillon::rpc
