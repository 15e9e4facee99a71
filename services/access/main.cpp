#include <string_view>

#include "access/audit_command.hpp"
#include "access/service.hpp"
#include "host/host.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "audit")
    return carillon::access::AuditCommand(argc - 1, argv + 1);
  return carillon::host::Main<carillon::access::Service>(argc, argv);
}
