"""The demo: a day of calls through the whole platform, driven by carillon-simulator from outside."""

import os

import layout


def run(stack, arguments):
    """Becomes the simulator; the stack is up. Its exit code is the demo's."""
    simulator = layout.BIN / "carillon-simulator"
    os.execve(simulator, [str(simulator), "demo", *arguments], {**os.environ, **environment(stack)})


def environment(stack):
    """Where the public APIs are, and with what to log in; recounting reads the databases as the workers do."""
    certificate, key = stack.certificates.of("simulator")
    values = {
        "CARILLON_SIMULATOR_PEERS": ",".join(f"{s}=127.0.0.1:{stack.ports[s]}" for s in layout.SERVICES),
        "CARILLON_SIMULATOR_TLS_CA": str(stack.certificates.ca),
        "CARILLON_SIMULATOR_TLS_CERT": str(certificate),
        "CARILLON_SIMULATOR_TLS_KEY": str(key),
        "CARILLON_SIMULATOR_CLOCK_FILE": str(stack.clock),
        "CARILLON_SIMULATOR_LOGIN": "admin",
        "CARILLON_SIMULATOR_PASSWORD": stack.secrets.get("admin_password"),
    }
    for service in layout.SERVICES:
        values[f"CARILLON_SIMULATOR_{service.upper()}_DB_URL"] = stack.database_url(service, "worker")
    return values
