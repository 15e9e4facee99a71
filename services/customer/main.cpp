#include "customer/service.hpp"
#include "host/host.hpp"

int main(int argc, char** argv) { return carillon::host::Main<carillon::customer::Service>(argc, argv); }
