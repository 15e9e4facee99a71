#include "host/host.hpp"
#include "qa/service.hpp"

int main(int argc, char** argv) { return carillon::host::Main<carillon::qa::Service>(argc, argv); }
