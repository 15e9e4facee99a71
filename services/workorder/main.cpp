#include "host/host.hpp"
#include "workorder/service.hpp"

int main(int argc, char** argv) { return carillon::host::Main<carillon::workorder::Service>(argc, argv); }
